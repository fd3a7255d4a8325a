/*
 * Sessions and lines that the original application wrote: found at start and
 * when they come late; numbered by time, all else of them left as it was.
 */
import assert from 'node:assert/strict';
import { before, after, test } from 'node:test';
import { ObjectId } from 'mongodb';
import { Browser } from './browser.js';
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
import { expect, isWhole } from './talk.js';

const EARLY = Date.parse('2026-01-03T00:00:00Z');
const MANY = 2500;
const time = (s) => new Date(EARLY + s * 1000);

let stack;
let agent;
const sessions = () => stack.db.collection('chatsessions');
const chatlines = () => stack.db.collection('chatmessages');

/** A session as the original's model wrote it. */
const session = (userId, more = {}) => ({
	_id: new ObjectId(),
	sessionId: fresh('session_'),
	userId,
	userName: 'Old Name',
	status: 'active',
	createdAt: time(0),
	updatedAt: time(0),
	__v: 0,
	...more,
});

/** A line of it, s seconds later. */
const line = ({ sessionId, userId }, s, sender, text, more = {}) => ({
	_id: new ObjectId(),
	sessionId,
	userId,
	sender,
	message: text,
	timestamp: time(s),
	isRead: false,
	__v: 0,
	...more,
});

const account = () => `${fresh('old')}@example.com`;
const insert = async (one, all) => {
	await sessions().insertOne(one);
	if (all.length) await chatlines().insertMany(all);
	return one;
};

/** Four lines, stored in another order than they were said. */
const four = (one) => [
	line(one, 4, 'bot', 'four', { isRead: true }),
	line(one, 1, 'user', 'one', { isRead: true, id: 'old-1' }),
	line(one, 3, 'user', '<b>three</b> $x \u{1f600}'),
	line(one, 2, 'bot', 'two', { message: undefined, text: 'two' }),
];

const asUser = (email) => stack.as({ email, name: 'Asha' });

/* Before the start: these are adopted by it. */
const known = {};

before(async () => {
	stack = await start();
	agent = await agentOf(stack);
	await stack.sv('down', 'api');
	known.plain = session(account());
	known.mixed = session(account().replace('old', ' OLD'));
	known.long = session(account());
	known.closed = session(account(), { status: 'closed' });
	known.odd = session(account(), {
		createdAt: undefined,
		updatedAt: undefined,
		startedAt: time(5),
		lastActivity: time(9),
		userName: undefined,
	});
	known.nobody = session('', {});
	known.empty = session(account());
	for (const name of ['plain', 'mixed', 'closed', 'odd', 'nobody'])
		await insert(known[name], four(known[name]));
	await insert(known.empty, []);
	await insert(
		known.long,
		Array.from({ length: MANY }, (_, i) =>
			line(
				known.long,
				i,
				i % 2 ? 'bot' : 'user',
				`l ${i + 1}`,
			),
		),
	);
	const email = account();
	known.older = session(email, { _id: new ObjectId(1000) });
	known.newer = session(email);
	await insert(known.older, four(known.older));
	await insert(known.newer, four(known.newer));
	known.twin = session(account(), { sessionId: known.plain.sessionId });
	await sessions().insertMany([
		{ _id: new ObjectId(), color: 'red' },
		{ _id: new ObjectId(), sessionId: 7, userId: { a: 1 } },
		{ _id: new ObjectId(), sessionId: '' },
	]);
	await stack.sv('up', 'api');
	await stack.healthy();
});
after(() => stack.stop());

const texts = (all) => all.map((one) => one.text);
const FOUR = ['one', 'two', '<b>three</b> $x \u{1f600}', 'four'];

test('lines come by their times, numbered, with the text of either field', async () => {
	const { sessionId, userId } = known.plain;
	const who = await asUser(userId);
	const { messages, count } = expect(
		await who.get(`${HISTORY}?sessionId=${sessionId}`),
		200,
	).body;
	assert.equal(count, 4);
	isWhole(messages, 4);
	assert.deepEqual(texts(messages), FOUR);
	assert.deepEqual(
		messages.map((one) => one.sender),
		['user', 'bot', 'user', 'bot'],
	);
	assert.equal(messages[0].id, 'old-1');
	assert.equal(messages[0].timestamp, time(1).toISOString());
	assert.equal(messages[0].isRead, true);
	for (const { id } of messages) assert.equal(typeof id, 'string');
	assert.equal(new Set(messages.map((one) => one.id)).size, 4);
});

test('what the original wrote is left as it was', async () => {
	const { sessionId } = known.plain;
	const stored = await chatlines()
		.find({ sessionId })
		.sort({ timestamp: 1 })
		.toArray();
	for (const [i, one] of four(known.plain)
		.sort((a, b) => a.timestamp - b.timestamp)
		.entries()) {
		const { n, id, key, ...rest } = stored[i];
		assert.equal(n, i + 1);
		const { _id, id: own, ...was } = one;
		for (const [name, value] of Object.entries(was))
			if (value !== undefined)
				assert.deepEqual(rest[name], value, name);
	}
});

test('it goes on where it ended, for the account that its userId names', async () => {
	for (const name of ['plain', 'mixed', 'odd']) {
		const { sessionId, userId } = known[name];
		const who = await asUser(userId.trim().toLowerCase());
		const first = await says(who, 'hello');
		assert.equal(first.sessionId, sessionId, name);
		assert.equal(first.seq, 5);
		assert.match(first.response, /Asha/);
		const whole = await lines(who, sessionId);
		isWhole(whole, 6);
		assert.deepEqual(texts(whole).slice(0, 4), FOUR);
		assert.equal(whole[5].id, 'bot-5');
	}
});

test('a long one pages back to its first line', async () => {
	const { sessionId, userId } = known.long;
	const who = await asUser(userId);
	let page = await lines(who, sessionId);
	let whole = page;
	while (page[0].seq > 1) {
		page = await lines(who, sessionId, `&before=${page[0].seq}`);
		whole = [...page, ...whole];
	}
	isWhole(whole, MANY);
	assert.deepEqual(
		texts(whole),
		Array.from({ length: MANY }, (_, i) => `l ${i + 1}`),
	);
});

test('a closed one stays closed, until it is written to', async () => {
	const { sessionId, userId } = known.closed;
	const who = await asUser(userId);
	assert.equal((await lines(who, sessionId)).length, 4);
	assert.equal((await says(who, 'x', { sessionId })).seq, 5);
});

test('of two active ones of an account the newer stays so', async () => {
	const who = await asUser(known.newer.userId);
	assert.equal((await says(who, 'x')).sessionId, known.newer.sessionId);
	assert.equal((await lines(who, known.older.sessionId)).length, 4);
	const { status } = await sessions().findOne({
		sessionId: known.older.sessionId,
	});
	assert.equal(status, 'closed');
});

test('they open to nobody else', async () => {
	const others = [stack.anyone, new Browser(stack), await stack.as()];
	for (const { sessionId } of [known.plain, known.nobody, known.long])
		for (const who of others) {
			expect(
				await who.get(
					`${HISTORY}?sessionId=${sessionId}`,
				),
				404,
			);
			expect(
				await who.post(CHAT, {
					message: 'x',
					sessionId,
				}),
				404,
			);
		}
});

test('agents see all of them, and may answer, close and reopen', async () => {
	const { sessions: all } = expect(
		await agent.get(`${SESSIONS}?limit=200`),
		200,
	).body;
	const row = (one) => all.find((s) => s.sessionId === one.sessionId);
	for (const name of ['older', 'nobody', 'closed'])
		assert.ok(row(known[name]), name);
	assert.equal(row(known.empty), undefined, 'it has no line');
	const shown = row(known.nobody);
	assert.equal(shown.messageCount, 4);
	assert.equal(shown.lastMessage.text, 'four');
	assert.equal(shown.lastMessageAt, time(4).toISOString());
	assert.equal(shown.createdAt, time(0).toISOString());
	const { sessionId } = known.nobody;
	assert.equal((await says(agent, 'yes?', { sessionId })).seq, 5);
	assert.equal(
		(await change(agent, sessionId, { status: 'closed' })).status,
		'closed',
	);
	await change(agent, sessionId, { status: 'active' });
	isWhole(await lines(agent, sessionId), 5);
});

test('one that comes late is found, by its id and by its account', async () => {
	for (const by of ['id', 'account']) {
		const one = session(account());
		await insert(one, four(one));
		const who = await asUser(one.userId);
		const query = by === 'id' ? `?sessionId=${one.sessionId}` : '';
		const { sessionId, messages } = expect(
			await who.get(HISTORY + query),
			200,
		).body;
		assert.equal(sessionId, one.sessionId, by);
		assert.deepEqual(texts(messages), FOUR);
	}
});

test('20 who touch a late one at once number it once', async () => {
	for (let round = 0; round < 10; round++) {
		const one = session(account());
		await insert(one, four(one));
		const who = await asUser(one.userId);
		const { sessionId } = one;
		const replies = await crowd(20, (i) =>
			i % 2
				? who.get(HISTORY)
				: says(who, `late ${i}`, { sessionId }),
		);
		for (const reply of replies)
			assert.equal(
				(reply.body ?? reply).sessionId,
				sessionId,
			);
		const whole = await lines(who, sessionId);
		isWhole(whole, 24);
		assert.deepEqual(texts(whole).slice(0, 4), FOUR);
		assert.equal(new Set(whole.map((l) => l.id)).size, 24);
	}
});

test('a start cut in the middle goes on where it was', async () => {
	const one = session(account());
	const all = Array.from({ length: MANY }, (_, i) =>
		line(one, i, 'user', `l ${i + 1}`, i < 700 ? { n: i + 1 } : {}),
	);
	await insert(one, all);
	await stack.restart('api');
	const who = await asUser(one.userId);
	const { seq } = await says(who, 'after');
	assert.equal(seq, MANY + 1);
	const page = await lines(who, one.sessionId, `&before=${MANY + 1}`);
	assert.equal(page.at(-1).text, `l ${MANY}`);
	assert.equal(page[0].text, `l ${MANY - 99}`);
	const stored = await chatlines()
		.find({ sessionId: one.sessionId })
		.sort({ n: 1 })
		.toArray();
	assert.deepEqual(
		stored.map(({ n }) => Number(n)),
		Array.from({ length: MANY + 2 }, (_, i) => i + 1),
	);
});

test('restarts change nothing', async () => {
	const look = async () => [
		await lines(agent, known.plain.sessionId),
		await lines(agent, known.long.sessionId),
		expect(await agent.get(`${SESSIONS}?limit=200`), 200).body,
	];
	await look(); // fetched: no longer unread
	const before_ = await look();
	await stack.restart('api');
	assert.deepEqual(await look(), before_);
});

test('documents that are no sessions stop nothing, and stay', async () => {
	assert.equal(await sessions().countDocuments({ color: 'red' }), 1);
	assert.equal(await sessions().countDocuments({ sessionId: 7 }), 1);
});
