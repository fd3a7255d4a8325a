/*
 * The support chat with a database that fails in every way: what failed is
 * unknown or not written, never a half, and the retry is the same line.
 */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { Browser } from './browser.js';
import { agentOf, CHAT, claim, HISTORY, says, SESSIONS } from './desk.js';
import { crowd, fresh, stackFor, until } from './harness.js';
import { everyLine, guest, history, isAnswered } from './visitors.js';

const stack = await stackFor();
const documents = () => stack.db.collection('chatsessions');
const chatlines = () => stack.db.collection('chatmessages');
afterEach(() => stack.failCommand('off'));

/** Insist on a 503 that promises nothing. */
function isOut({ status, body, headers, text }) {
	assert.equal(status, 503, text);
	assert.equal(body.success, false);
	assert.equal(body.code, 'unavailable');
	assert.ok([false, 'unknown'].includes(body.written), text);
	assert.ok(headers['retry-after']);
}

/** Repeat until it is answered; gives the answer. */
const insist = (who, line) =>
	until('an answer', async () => {
		const { status, body, text } = await who.post(CHAT, line);
		if (status === 503) return null;
		assert.equal(status, 200, text);
		return body;
	});

const line = (message = 'help', more = {}) => ({
	message,
	messageId: fresh('line'),
	...more,
});

test('without a database everything is 503, and comes back', async () => {
	const who = await guest(stack);
	const agent = await agentOf(stack);
	const { sessionId } = who;
	const later = line('later');
	await stack.sv('down', 'mongod');
	for (const reply of await Promise.all([
		who.post(CHAT, later),
		who.post(CHAT, { ...later, sessionId }),
		new Browser(stack).post(CHAT, later),
		agent.post(CHAT, line('answer', { sessionId })),
		who.get(HISTORY),
		who.get(`${HISTORY}?sessionId=${sessionId}`),
		who.get(HISTORY, { headers: { 'if-none-match': '*' } }),
		agent.get(SESSIONS),
		agent.patch(SESSIONS, { sessionId, claim: true }),
		agent.patch(SESSIONS, { sessionId, status: 'closed' }),
	]))
		isOut(reply);
	await stack.sv('up', 'mongod');
	await stack.healthy();
	assert.equal((await insist(who, later)).seq, 3);
	isAnswered(await everyLine(who, sessionId));
});

const faults = {
	'a refused statement': { errorCode: 11600 },
	'a closed connection': { closeConnection: true },
	'a write whose journal is unsure': {
		writeConcernError: {
			code: 64,
			errmsg: 'waiting for replication timed out',
		},
	},
	'a statement that takes too long': {
		blockConnection: true,
		blockTimeMS: 5500,
	},
};
/* The writes of a line: its session where it is new, the line, the session. */
const writes = {
	'the first insert': ['insert', 1],
	'the second insert': ['insert', { skip: 1 }],
	'the change of the session': ['findAndModify', 1],
};
const visitors = {
	'a new guest': async () => new Browser(stack),
	'a guest with a session': () => guest(stack),
	'an account': () => stack.as({ name: 'Asha' }),
};

for (const [fault, data] of Object.entries(faults))
	test(`${fault}: unknown or done, and the retry is one line, answered once`, async () => {
		for (const [what, make] of Object.entries(visitors))
			for (const [where, [command, mode]] of Object.entries(
				writes,
			)) {
				const who = await make();
				const one = line();
				await stack.failCommand(mode, {
					failCommands: [command],
					...data,
				});
				const reply = await who.post(CHAT, one);
				if (reply.status !== 200) isOut(reply);
				await stack.failCommand('off');
				const told = `${what}, ${where}`;
				await insist(who, one);
				const again = await insist(who, one);
				assert.equal(again.duplicate, true, told);
				assert.ok(again.response, told);
				const { sessionId } = again;
				const whole = await everyLine(who, sessionId);
				isAnswered(whole);
				assert.equal(
					whole.filter(
						(l) => l.id === one.messageId,
					).length,
					1,
					told,
				);
				assert.equal(
					await chatlines().countDocuments({
						sessionId,
					}),
					whole.length,
					told,
				);
				const { owner } = await documents().findOne({
					sessionId,
				});
				assert.equal(
					await documents().countDocuments({
						owner,
					}),
					1,
					told,
				);
			}
	});

test('a claim and a hand-over whose writes fail are done by the next request', async () => {
	for (const data of Object.values(faults)) {
		const fail = () =>
			stack.failCommand(1, {
				failCommands: ['findAndModify'],
				...data,
			});
		const agent = await agentOf(stack);
		const who = await guest(stack);
		const { sessionId } = who;
		const body = { sessionId, claim: true };
		await fail();
		const reply = await agent.patch(SESSIONS, body);
		if (reply.status !== 200) isOut(reply);
		await stack.failCommand('off');
		assert.equal(
			(await claim(agent, sessionId)).agent,
			agent.email,
		);
		await who.login({ email: `${fresh('a')}@example.com` });
		await fail();
		const first = await who.get(HISTORY);
		if (first.status !== 200) {
			isOut(first);
			assert.ok(who.guest, 'the cookie is not lost');
		}
		await stack.failCommand('off');
		assert.equal((await history(who)).sessionId, sessionId);
		assert.equal(who.guest, undefined);
	}
});

test('a failing find is 503, never an empty success', async () => {
	const who = await guest(stack);
	const agent = await agentOf(stack);
	const { sessionId } = who;
	for (const data of [{ errorCode: 11600 }, { closeConnection: true }]) {
		await stack.failCommand('alwaysOn', {
			failCommands: ['find', 'getMore', 'aggregate', 'count'],
			...data,
		});
		for (const [reader, target] of [
			[who, HISTORY],
			[who, `${HISTORY}?sessionId=${sessionId}`],
			[agent, `${HISTORY}?sessionId=${sessionId}`],
			[agent, SESSIONS],
			[agent, `${SESSIONS}?claimed=1`],
		])
			isOut(await reader.get(target));
		await stack.failCommand('off');
		assert.equal((await history(who)).count, 2);
	}
});

test('mongod paused: definite answers in time, and nothing doubled after', async () => {
	const who = await guest(stack);
	const { sessionId } = who;
	const sent = Array.from({ length: 6 }, (_, i) => line(`paused ${i}`));
	stack.kill('mongod', 'SIGSTOP');
	const began = Date.now();
	const replies = await Promise.all([
		...sent.map((one) => who.post(CHAT, one)),
		who.get(HISTORY),
	]).finally(() => stack.kill('mongod', 'SIGCONT'));
	assert.ok(Date.now() - began < 14000);
	replies.forEach(isOut);
	await crowd(sent.length, (i) => insist(who, sent[i]));
	const whole = await everyLine(who, sessionId);
	isAnswered(whole);
	assert.equal(whole.length, 14);
	await says(who, 'and on');
});
