/*
 * Limits of the support chat with their real values: lines of a session, new
 * sessions of an address, and how long a session may get.
 */
import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { Browser } from './browser.js';
import { agentOf, change, CHAT, HISTORY, lines, says } from './desk.js';
import { crowd, fresh, stackFor, until } from './harness.js';
import { expect, isWhole, meet, ok, say } from './talk.js';

const LINES_MAX = 10000;

/* The limits of lines are real in the one, those of sessions in the other. */
const stack = await stackFor({
	env: {
		PARLEY_CHAT_RATE_MESSAGES: undefined,
		PARLEY_CHAT_RATE_BURST: undefined,
	},
});
const strict = await stackFor({
	env: { PARLEY_CHAT_RATE_SESSIONS: undefined },
});

/** Say lines until one is refused: how many went through, and the refusal. */
async function drain(who, more = {}) {
	const began = Date.now();
	for (let n = 0; n < 100; n++) {
		const message = `line ${n}`;
		const reply = await who.post(CHAT, { message, ...more });
		if (reply.status === 429) {
			const refilled = (Date.now() - began) / 1000;
			return { n, reply, refilled: Math.ceil(refilled) };
		}
		expect(reply, 200);
	}
	throw new Error('no limit at 100');
}

/** Insist on a 429 that says when to come again, within so many seconds. */
function isLimited(reply, within) {
	expect(reply, 429, 'rate_limited');
	assert.equal(reply.body.written, false);
	const wait = Number(reply.headers['retry-after']);
	assert.ok(wait >= 1 && wait <= within, `Retry-After: ${wait}`);
}

const sides = {
	'a guest': async () => [new Browser(stack)],
	'an account': async () => [await stack.as()],
	'an agent': async () => {
		const { sessionId } = await says(new Browser(stack), 'hello');
		return [await agentOf(stack), { sessionId }];
	},
};
for (const [what, make] of Object.entries(sides))
	test(`${what} may say 10 lines in 10 s in a session`, async () => {
		const [who, more] = await make();
		const { n, reply, refilled } = await drain(who, more);
		assert.ok(n >= 10 && n <= 10 + refilled, `${n} went through`);
		isLimited(reply, 10);
		expect(await who.get(`${HISTORY}?limit=1`), 200);
		await says(
			new Browser(stack),
			'others have buckets of their own',
		);
		await until(
			'a token again',
			async () => {
				const next = await who.post(CHAT, {
					message: 'later',
					...more,
				});
				return next.status === 200;
			},
			5000,
			200,
		);
	});

test('what was refused was not stored', async () => {
	const who = new Browser(stack);
	const { n } = await drain(who);
	const { messages } = expect(await who.get(HISTORY), 200).body;
	isWhole(messages, 2 * n);
});

test('duplicates and refusals cost a tenth', async () => {
	const who = await stack.as();
	const messageId = fresh('same');
	for (let i = 0; i < 40; i++) await says(who, 'same', { messageId });
	for (let i = 0; i < 20; i++)
		expect(await who.post(CHAT, { message: '' }), 400);
	const { n, refilled } = await drain(who);
	assert.ok(n >= 3 && n <= 5 + refilled, `${n} went through`);
});

test("an agent's lines in one session cost nothing in another", async () => {
	const agent = await agentOf(stack);
	const [one, two] = [
		await says(new Browser(stack), 'x'),
		await says(new Browser(stack), 'x'),
	];
	await drain(agent, { sessionId: one.sessionId });
	await says(agent, 'y', { sessionId: two.sessionId });
});

test("an agent's haste costs the visitor nothing, nor the other way round", async () => {
	const who = new Browser(stack);
	const agent = await agentOf(stack);
	const { sessionId } = await says(who, 'x');
	await drain(agent, { sessionId });
	await says(who, 'y');
	const { n } = await drain(who);
	assert.ok(n >= 8, `${n} went through`);
});

test('the chat does not empty the bucket of conversations', async () => {
	const { id, customer } = await meet(stack);
	await drain(customer);
	for (let i = 0; i < 30; i++) ok(await say(customer, id, `line ${i}`));
});

/* --- sessions --- */

/** The same Parley, as seen from another address. */
const from = (address) =>
	Object.create(strict, {
		agent: {
			value: new http.Agent({
				keepAlive: false,
				localAddress: address,
			}),
		},
	});

test('an address may begin 5 sessions in a minute', async () => {
	const here = from('127.0.0.21');
	const guests = [];
	let reply;
	for (let i = 0; i < 7; i++) {
		const who = new Browser(here);
		reply = await who.post(CHAT, { message: 'hello' });
		if (reply.status !== 200) break;
		guests.push(who);
	}
	assert.equal(guests.length, 5);
	isLimited(reply, 60);
	assert.equal(reply.headers['set-cookie'], undefined);
	const before = await strict.db
		.collection('chatsessions')
		.countDocuments();
	for (const who of [new Browser(here), await here.as()])
		isLimited(await who.post(CHAT, { message: 'hello' }), 60);
	assert.equal(
		await strict.db.collection('chatsessions').countDocuments(),
		before,
	);
	for (const who of guests) await says(who, 'those that are there go on');
	await says(new Browser(from('127.0.0.22')), 'and other addresses');
});

test('also when they are begun at once', async () => {
	const here = from('127.0.0.27');
	const replies = await crowd(20, () =>
		new Browser(here).post(CHAT, { message: 'hello' }),
	);
	const made = replies.filter((one) => one.status === 200);
	assert.equal(made.length, 5);
	for (const one of replies) if (one.status !== 200) isLimited(one, 60);
});

test('who comes back to his session begins none', async () => {
	const here = from('127.0.0.23');
	const who = new Browser(here);
	const { sessionId } = await says(who, 'hello');
	const agent = await agentOf(here);
	for (let i = 0; i < 10; i++) {
		await says(who, `line ${i}`);
		expect(await who.get(HISTORY), 200);
		await change(agent, sessionId, { status: 'closed' });
		await says(who, 'reopened', { sessionId });
	}
});

test('what is refused as a line begins no session', async () => {
	const here = from('127.0.0.24');
	for (let i = 0; i < 10; i++)
		expect(await new Browser(here).post(CHAT, {}), 400);
	await says(new Browser(here), 'hello');
});

test('an address that a client names is not believed', async () => {
	const here = from('127.0.0.25');
	let refused;
	for (let i = 0; i < 6; i++)
		refused = await new Browser(here).post(
			CHAT,
			{ message: 'hello' },
			{
				headers: {
					'x-forwarded-for': `10.0.0.${i}`,
					'x-real-ip': `10.0.0.${i}`,
					'x-parley-address': `10.0.0.${i}`,
				},
			},
		);
	isLimited(refused, 60);
});

/* --- 10,000 lines --- */

/** A session whose last line has this number. */
async function grown(who, last) {
	const { sessionId } = await says(who, 'first');
	const many = [];
	for (let n = 3; n <= last; n++)
		many.push({
			sessionId,
			n,
			id: `seed-${n}`,
			key: `seed-${n}`,
			sender: 'user',
			text: `line ${n}`,
			timestamp: new Date(),
		});
	await strict.db.collection('chatmessages').insertMany(many);
	await strict.db
		.collection('chatsessions')
		.updateOne({ sessionId }, { $set: { last } });
	return sessionId;
}

test('a session takes 10,000 lines, and then says clearly that it is full', async () => {
	const who = new Browser(from('127.0.0.26'));
	const agent = await agentOf(strict);
	const sessionId = await grown(who, LINES_MAX - 3);
	const two = await says(who, 'and answered');
	assert.equal(two.seq, LINES_MAX - 2);
	assert.ok(two.response);
	const messageId = fresh('last');
	const last = await says(who, 'the last', { messageId });
	assert.equal(last.seq, LINES_MAX);
	assert.equal(last.response, '', 'there is no room for an answer');
	for (const [from_, more] of [
		[who, {}],
		[who, { sessionId }],
		[agent, { sessionId }],
	]) {
		const reply = await from_.post(CHAT, {
			message: 'one more',
			...more,
		});
		expect(reply, 409, 'conflict');
		assert.equal(reply.body.written, false);
		assert.match(reply.body.reason, /full/);
		assert.match(reply.body.reason, /10,?000/);
	}
	assert.deepEqual(await says(who, 'the last', { messageId }), {
		...last,
		duplicate: true,
	});
	const newest = await lines(who, sessionId);
	assert.equal(newest.length, 100);
	assert.equal(newest.at(-1).seq, LINES_MAX);
	const oldest = await lines(who, sessionId, '&before=101');
	isWhole(oldest, 100);
	await change(agent, sessionId, { status: 'closed' });
	assert.equal((await says(who, 'a new session')).seq, 1);
});
