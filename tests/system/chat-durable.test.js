/*
 * Visible implies durable in the support chat: what mongod shows and its
 * journal does not hold yet is told to nobody, in doubt (just after a start)
 * and out of it.
 */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Browser } from './browser.js';
import { agentOf, CHAT, HISTORY, lines, says, SESSIONS } from './desk.js';
import { fresh, pause, stackFor, until } from './harness.js';
import { expect, isWhole, settled } from './talk.js';

const stack = await stackFor({ env: { PARLEY_DOUBT_MS: '1000' } });
const admin = (command) => stack.db.admin().command(command);

const moods = [
	['in doubt', () => null],
	['out of doubt', (who) => settled(who, HISTORY)],
];

/** Writes stay visible and unflushed, until mongod ends (or mode is 'off'). */
const holdJournal = (mode = 'alwaysOn') =>
	admin({
		configureFailPoint: 'pauseJournalFlusherBeforeFlush',
		mode,
	});
afterEach(async () => {
	await holdJournal('off');
	await stack.failCommand('off');
});

/** Let the next change of a session wait a second, and tell when it does. */
async function slowChange() {
	const { count } = await admin({
		configureFailPoint: 'failCommand',
		mode: { times: 1 },
		data: {
			failCommands: ['findAndModify'],
			blockConnection: true,
			blockTimeMS: 1000,
		},
	});
	return () =>
		admin({
			waitForFailPoint: 'failCommand',
			timesEntered: count + 1,
			maxTimeMS: 10000,
		});
}

/** Wait until mongod itself shows this of the session to whoever reads there. */
const shows = (sessionId, what) =>
	until(
		'mongod shows it',
		() =>
			stack.db
				.collection('chatsessions')
				.findOne({ sessionId, ...what }),
		8000,
		1,
	);

/**
 * Ask, with the journal held; none of the answers may tell until it is known
 * that it was stored.  Gives those that told, and kills mongod.
 */
async function judge(asked, tells) {
	const told = [];
	const all = Promise.all(
		asked.map((question) =>
			question.then(
				(reply) => told.push(reply),
				() => null,
			),
		),
	);
	await Promise.race([pause(500), all]);
	for (const reply of told) assert.ok(!tells(reply), reply.text);
	const old = stack.kill('mongod');
	await all;
	await stack.replaced('mongod', old);
	return told.filter(tells);
}

for (const [mood, ready] of moods) {
	test(`a line that is not in the journal is told to nobody, ${mood}`, async () => {
		const who = new Browser(stack);
		const agent = await agentOf(stack);
		const { sessionId } = await says(who, 'first');
		await lines(agent, sessionId);
		await ready(who);
		const waits = await slowChange();
		const message = fresh('not yet durable');
		const line = { message, messageId: fresh('line') };
		const asked = [who.post(CHAT, line)];
		await waits();
		await holdJournal();
		await shows(sessionId, { last: 4 });
		asked.push(
			who.get(HISTORY),
			who.get(`${HISTORY}?sessionId=${sessionId}`),
			agent.get(`${HISTORY}?sessionId=${sessionId}`),
			agent.get(SESSIONS),
			who.post(CHAT, line),
			who.post(CHAT, { ...line, message: 'other' }),
			agent.post(CHAT, { message: 'x', sessionId }),
			agent.patch(SESSIONS, { sessionId, claim: true }),
		);
		const told = await judge(
			asked,
			({ status, text }) =>
				status < 500 &&
				(status === 409 ||
					text.includes(message) ||
					text.includes(line.messageId)),
		);
		const { last } = await stack.db
			.collection('chatsessions')
			.findOne({ sessionId });
		assert.ok(last >= 4 || told.length === 0, told[0]?.text);
		expect(await who.post(CHAT, line), 200);
		const whole = await lines(who, sessionId);
		isWhole(whole, whole.length);
		assert.equal(
			whole.filter((one) => one.text === message).length,
			1,
		);
	});

	test(`a claim that is not in the journal is told to nobody, ${mood}`, async () => {
		const who = new Browser(stack);
		const [agent, other] = [
			await agentOf(stack),
			await agentOf(stack),
		];
		const { sessionId } = await says(who, 'first');
		await ready(who);
		await holdJournal();
		const body = { sessionId, claim: true };
		const asked = [agent.patch(SESSIONS, body)];
		await shows(sessionId, { agent: agent.email });
		asked.push(
			agent.get(SESSIONS),
			agent.get(`${SESSIONS}?claimed=1`),
			other.patch(SESSIONS, body),
			other.post(CHAT, { message: 'x', sessionId }),
		);
		const told = await judge(
			asked,
			({ status, text }) =>
				status === 409 || text.includes(agent.email),
		);
		const stored = await stack.db
			.collection('chatsessions')
			.findOne({ sessionId });
		assert.ok(
			stored.agent === agent.email || told.length === 0,
			told[0]?.text,
		);
	});

	test(`a hand-over that is not in the journal is told to nobody, ${mood}`, async () => {
		const who = new Browser(stack);
		const { sessionId } = await says(who, 'first');
		await ready(who);
		const account = { email: `${fresh('new')}@example.com` };
		const old = new Browser(stack, Object.fromEntries(who.jar));
		await who.login(account);
		const bearer = await stack.as(account);
		await holdJournal();
		const asked = [who.get(HISTORY)];
		await shows(sessionId, { owner: `account:${account.email}` });
		const target = `${HISTORY}?sessionId=${sessionId}`;
		asked.push(bearer.get(target), bearer.get(HISTORY));
		const refused = old.get(target);
		asked.push(refused);
		const told = await judge(
			asked,
			({ status, text }) =>
				status === 404 || text.includes(sessionId),
		);
		const { owner } = await stack.db
			.collection('chatsessions')
			.findOne({ sessionId });
		assert.ok(
			owner.startsWith('account:') || told.length === 0,
			told[0]?.text,
		);
	});
}
