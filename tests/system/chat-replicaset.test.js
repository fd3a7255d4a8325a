/*
 * Two hosts on one replica set: the support chat of one is the other's, also
 * where both write into one session at the same time.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser, GUEST } from './browser.js';
import { Client } from './client.js';
import {
	agentOf,
	change,
	CHAT,
	HISTORY,
	lines,
	says,
	SESSIONS,
} from './desk.js';
import { crowd, fresh, start } from './harness.js';
import { replicaSet } from './replica.js';
import { expect, isWhole } from './talk.js';
import { everyLine, guest, history, isAnswered, secret } from './visitors.js';

const LINES = 60;

const replica = replicaSet();
/** Both hosts; and the documents that they share. */
const hosts = [];
const documents = () => replica.client.db('parley').collection('chatsessions');
const ownerOf = async (sessionId) =>
	(await documents().findOne({ sessionId })).owner;

before(async () => {
	await replica.start();
	hosts.push(await start(replica.options()));
	hosts.push(await start(replica.options(hosts[0])));
});
after(async () => {
	for (const host of hosts) await host.stop();
	await replica.stop();
});

/** One guest, one account, at both hosts. */
const twice = {
	'a guest': async () => {
		const cookie = { [GUEST]: secret() };
		return hosts.map((host) => new Browser(host, cookie));
	},
	'an account': async () => {
		const here = await hosts[0].as({ name: 'Asha' });
		return [here, new Client(hosts[1], here)];
	},
};
/** An agent at both. */
async function agents() {
	const here = await agentOf(hosts[0]);
	return [here, new Client(hosts[1], here)];
}

for (const [what, make] of Object.entries(twice)) {
	test(`first lines of ${what} at both hosts at once are one session`, async () => {
		const both = await make();
		const replies = await crowd(LINES, (i) =>
			says(both[i % 2], `line ${i}`),
		);
		const [{ sessionId }] = replies;
		for (const one of replies)
			assert.equal(one.sessionId, sessionId);
		const whole = await everyLine(both[0], sessionId);
		assert.equal(whole.length, 2 * LINES);
		isAnswered(whole);
		for (const [i, { seq, response }] of replies.entries()) {
			assert.equal(whole[seq - 1].text, `line ${i}`);
			assert.equal(whole[seq].text, response);
		}
		assert.deepEqual(await everyLine(both[1], sessionId), whole);
		const owner = await ownerOf(sessionId);
		assert.equal(await documents().countDocuments({ owner }), 1);
	});

	test(`one line of ${what} at both at once is one line, answered once`, async () => {
		const both = await make();
		for (let round = 0; round < 10; round++) {
			const messageId = fresh('same');
			const replies = await crowd(8, (i) =>
				says(both[i % 2], 'hello', { messageId }),
			);
			for (const one of replies) {
				assert.equal(one.seq, 2 * round + 1);
				assert.equal(one.response, replies[0].response);
			}
		}
		isAnswered((await history(both[1])).messages);
	});
}

test('a visitor and his agent at different hosts: numbers without holes', async () => {
	const who = await guest(hosts[0]);
	const [, agent] = await agents();
	const { sessionId } = who;
	const said = await crowd(LINES, (i) =>
		i % 2
			? says(who, `visitor ${i}`, { sessionId })
			: says(agent, `agent ${i}`, { sessionId }),
	);
	const whole = await everyLine(agent, sessionId);
	isWhole(whole, whole.length);
	for (const [i, { seq }] of said.entries())
		assert.equal(
			whole[seq - 1].text,
			`${i % 2 ? 'visitor' : 'agent'} ${i}`,
		);
	assert.equal(
		whole.filter((one) => one.sender !== 'bot').length,
		LINES + 1,
	);
	for (const { sender, id, seq } of whole)
		if (sender === 'bot') {
			assert.equal(id, `bot-${seq - 1}`);
			assert.equal(whole[seq - 2].sender, 'user');
		}
});

test('of agents who claim at both hosts at once one wins', async () => {
	const crowds = await crowd(12, (i) => agentOf(hosts[i % 2]));
	for (let round = 0; round < 5; round++) {
		const { sessionId } = await guest(hosts[round % 2]);
		const replies = await Promise.all(
			crowds.map((one) =>
				one.patch(SESSIONS, { sessionId, claim: true }),
			),
		);
		const won = replies.filter((one) => one.status === 200);
		assert.equal(won.length, 1);
		for (const one of replies)
			if (one !== won[0]) expect(one, 409, 'conflict');
	}
});

test('a login at both hosts at once hands over once', async () => {
	for (const has of [false, true]) {
		const email = `${fresh('new')}@example.com`;
		const account = await hosts[0].as({ email });
		const kept = has && (await says(account, 'account'));
		const who = await guest(hosts[0], 2);
		const tabs = await crowd(8, async (i) => {
			const tab = new Browser(hosts[i % 2], {
				[GUEST]: who.guest,
			});
			await tab.login(account);
			return tab;
		});
		const got = await Promise.all(
			tabs.map(async (tab) => (await history(tab)).sessionId),
		);
		for (const id of got)
			assert.equal(id, has ? kept.sessionId : who.sessionId);
		const owner = `account:${email}`;
		const all = await documents().find({ owner }).toArray();
		assert.equal(all.length, has ? 2 : 1);
		isAnswered(await lines(account, who.sessionId));
	}
});

test('a close at one host while lines are said at the other loses none', async () => {
	const who = await guest(hosts[0]);
	const [, agent] = await agents();
	const { sessionId } = who;
	const owner = await ownerOf(sessionId);
	const [said] = await Promise.all([
		crowd(30, (i) => says(who, `line ${i}`, { sessionId })),
		(async () => {
			for (let n = 0; n < 5; n++)
				await change(agent, sessionId, {
					status: 'closed',
				});
		})(),
	]);
	assert.equal(await documents().countDocuments({ owner }), 1);
	const whole = await everyLine(agent, sessionId);
	isAnswered(whole);
	assert.equal(whole.length, 62);
	for (const [i, { seq }] of said.entries())
		assert.equal(whole[seq - 1].text, `line ${i}`);
});

test('an unchanged answer is 304; what the other host writes is seen', async () => {
	const who = await guest(hosts[0]);
	const there = new Browser(hosts[1], { [GUEST]: who.guest });
	const [here, agent] = await agents();
	const { sessionId } = who;
	await history(who);
	await here.get(`${HISTORY}?sessionId=${sessionId}`);
	for (const [reader, target] of [
		[who, HISTORY],
		[here, SESSIONS],
	]) {
		const { etag } = (await reader.get(target)).headers;
		const headers = { 'if-none-match': etag };
		expect(await reader.get(target, { headers }), 304);
		await says(there, 'news');
		expect(await reader.get(target, { headers }), 200);
	}
	await says(agent, 'hello', { sessionId });
	const quiet = await who.post(CHAT, { message: 'and now?' });
	assert.equal(quiet.body.response, '');
});
