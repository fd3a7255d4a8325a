/*
 * Support chat traffic with blind retries, while api and mongod are killed.
 * Afterwards nothing acknowledged is missing, doubled or renumbered, each line
 * of a visitor has its answer right behind it, and what was seen has stayed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser, GUEST } from './browser.js';
import { agentOf, CHAT, claim, HISTORY, lines } from './desk.js';
import { crowd, fresh, pause, stackFor, until } from './harness.js';
import { isWhole } from './talk.js';
import { everyLine, secret } from './visitors.js';

const LINES = 2400;
const SESSIONS = 6;
const ANSWERED = 2; // of these by an agent
const VICTIMS = ['api', 'mongod'];

const stack = await stackFor();

/** Repeat until acknowledged; gives the answer. */
const deliver = (who, line) =>
	until(
		`${line.message} is stored`,
		async () => {
			const reply = await who
				.post(CHAT, line)
				.catch(() => null);
			if (!reply || reply.status >= 500) return null;
			assert.equal(reply.status, 200, reply.text);
			return reply.body;
		},
		60000,
		30,
	);

/** Kill one after another while lines are said; waits until each is felt. */
async function mayhem(state) {
	for (let kills = 0; state.talking; kills++) {
		await pause(200 + Math.random() * 600);
		stack.kill(VICTIMS[kills % VICTIMS.length]);
		state.kills = kills + 1;
		const { acknowledged } = state;
		await until(
			'lines go on',
			() =>
				!state.talking ||
				state.acknowledged > acknowledged + 10,
			60000,
		);
	}
}

/** Read all the time: what was seen never goes away or changes. */
async function watch(state, who, sessionId) {
	const seen = new Map();
	while (state.talking) {
		const reply = await who
			.get(`${HISTORY}?sessionId=${sessionId}`)
			.catch(() => null);
		if (reply?.status === 200) {
			const { messages } = reply.body;
			const newest = messages.at(-1)?.seq ?? 0;
			assert.ok(newest >= (seen.newest ?? 0), 'went back');
			seen.newest = newest;
			for (const { seq, id, text } of messages) {
				const was = seen.get(seq) ?? { id, text };
				assert.deepEqual({ id, text }, was);
				seen.set(seq, was);
			}
		}
		await pause(40);
	}
	return seen;
}

/** One who says his lines one after the other, some again. */
async function talk(state, { who, name, more }, count) {
	const said = [];
	for (let n = 0; n < count; n++) {
		const message = `${name} ${n}`;
		const messageId = fresh('line');
		const line = { message, messageId, ...more };
		const reply = await deliver(who, line);
		state.acknowledged++;
		said.push({ line, ...reply });
		if (n % 20 !== 19) continue;
		const old = said[Math.floor(Math.random() * said.length)];
		const again = await deliver(who, old.line);
		assert.equal(again.duplicate, true);
		assert.equal(again.seq, old.seq, 'renumbered');
		assert.equal(again.response, old.response);
	}
	return said;
}

/** Visitors of both kinds; an agent has claimed the first sessions. */
async function begin() {
	const agent = await agentOf(stack);
	return crowd(SESSIONS, async (i) => {
		const who =
			i % 2
				? new Browser(stack)
				: await stack.as({ name: 'Asha' });
		const first = { message: 'first', messageId: fresh('line') };
		const { sessionId } = await deliver(who, first);
		const other =
			i % 2
				? new Browser(stack, { [GUEST]: who.guest })
				: await stack.as(who);
		const talkers = [
			{ who, name: 'phone', more: {} },
			{ who: other, name: 'desktop', more: { sessionId } },
		];
		if (i < ANSWERED) {
			await claim(agent, sessionId);
			const more = { sessionId };
			talkers.push({ who: agent, name: 'agent', more });
		}
		return { who, agent, sessionId, talkers };
	});
}

test('lines of visitors and agents while processes are killed', async (t) => {
	const talks = await begin();
	const state = { talking: true, acknowledged: 0, kills: 0 };
	const talkers = talks.flatMap((one) => one.talkers);
	const each = Math.ceil(LINES / talkers.length);
	const killer = mayhem(state);
	const watchers = talks.map(({ agent, who, sessionId }, i) =>
		watch(state, i % 3 ? who : agent, sessionId),
	);
	const said = await Promise.all(
		talkers.map((one) => talk(state, one, each)),
	).finally(() => {
		state.talking = false;
	});
	await killer;
	const seen = await Promise.all(watchers);
	await stack.healthy();

	t.diagnostic(`${state.acknowledged} lines, ${state.kills} kills`);
	assert.ok(state.kills >= 4, `only ${state.kills} kills`);
	for (const [i, { who, sessionId, talkers: its }] of talks.entries()) {
		const whole = await everyLine(who, sessionId);
		isWhole(whole, whole.length);
		const count = its.length * each + 1;
		assert.equal(
			whole.filter((one) => one.sender !== 'bot').length,
			count,
			'a line is doubled, or missing',
		);
		const bots = whole.filter((one) => one.sender === 'bot');
		assert.equal(bots.length, i < ANSWERED ? 1 : count);
		for (const { id, seq } of bots) {
			assert.equal(id, `bot-${seq - 1}`);
			assert.equal(whole[seq - 2].sender, 'user');
		}
		for (const one of its) {
			let last = 0;
			for (const { line, seq } of said[
				talkers.indexOf(one)
			]) {
				const stored = whole[seq - 1];
				assert.equal(stored.id, line.messageId);
				assert.equal(stored.text, line.message);
				assert.ok(
					seq > last,
					'his lines keep their order',
				);
				last = seq;
			}
		}
		for (const [seq, { id, text }] of seen[i]) {
			assert.equal(whole[seq - 1].id, id);
			assert.equal(whole[seq - 1].text, text);
		}
		assert.equal(
			await stack.db
				.collection('chatmessages')
				.countDocuments({ sessionId }),
			whole.length,
			'nothing is left over',
		);
	}
});

test('a guest whose first answer was cut: his retries are one line', async () => {
	const cookie = { [GUEST]: secret() };
	for (let round = 0; round < 3; round++) {
		const who = new Browser(stack, cookie);
		const line = { message: 'first', messageId: `first-${round}` };
		const sent = crowd(5, () =>
			who.post(CHAT, line).catch(() => null),
		);
		stack.kill(round % 2 ? 'mongod' : 'api');
		await sent;
		const reply = await deliver(who, line);
		assert.equal(reply.seq, 2 * round + 1);
	}
	const who = new Browser(stack, cookie);
	const { messages } = (await who.get(HISTORY)).body;
	isWhole(messages, 6);
});
