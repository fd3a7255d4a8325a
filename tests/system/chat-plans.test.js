/*
 * The statements that the support chat really sends use an index, and read
 * only what they need, among many sessions and many lines; uniqueness is the
 * store's.  mongod's profiler tells.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ObjectId } from 'mongodb';
import { Browser } from './browser.js';
import { agentOf, CHAT, HISTORY, says, SESSIONS } from './desk.js';
import { fresh, stackFor } from './harness.js';
import { expect } from './talk.js';
import { guest } from './visitors.js';

const MANY = 3000;
const LINES = 5000;

const stack = await stackFor();
const documents = () => stack.db.collection('chatsessions');
const chatlines = () => stack.db.collection('chatmessages');
const agent = await agentOf(stack);

/* Many others; all but a few of them are closed and answered. */
async function seed() {
	const { _id, activeFor, ...model } = await documents().findOne({
		sessionId: (await guest(stack)).sessionId,
	});
	await documents().insertMany(
		Array.from({ length: MANY }, (_, i) => ({
			...model,
			_id: new ObjectId(),
			sessionId: fresh('chat_'),
			owner: `account:${fresh('a')}`,
			status: i % 100 ? 'closed' : 'active',
			waiting: i % 100 === 0,
			lastAt: new Date(Date.now() - i * 1000),
		})),
	);
}

/** A guest with a session of many lines. */
async function talkative() {
	const who = await guest(stack);
	const { sessionId } = who;
	await chatlines().insertMany(
		Array.from({ length: LINES }, (_, i) => ({
			sessionId,
			n: i + 3,
			id: `seed-${i}`,
			key: `seed-${i}`,
			sender: 'user',
			text: `line ${i}`,
			timestamp: new Date(),
		})),
	);
	await documents().updateOne(
		{ sessionId },
		{ $set: { last: LINES + 2 } },
	);
	return who;
}

await seed();
const who = await talkative();
const { sessionId } = who;

/** The statements on our collections that mongod ran while it was done. */
async function statements(run) {
	await stack.db.command({ profile: 2 });
	try {
		await run();
	} finally {
		await stack.db.command({ profile: 0 });
	}
	const profile = stack.db.collection('system.profile');
	const all = await profile
		.find({
			ns: {
				$in: [
					'parley.chatsessions',
					'parley.chatmessages',
				],
			},
			planSummary: { $exists: true },
		})
		.toArray();
	await profile.drop();
	return all;
}

/* Leases that hold are few, and so are sessions of one owner. */
const MAY_SORT = /"hint":"(claimed|owner)"/;
const repeated = { message: 'again', messageId: 'again' };

/* [what, run, the most documents or keys one statement may examine] */
const calls = [
	['history', () => who.get(HISTORY), 105],
	[
		'history by id',
		() => who.get(`${HISTORY}?sessionId=${sessionId}`),
		105,
	],
	[
		'a page of it',
		() => who.get(`${HISTORY}?sessionId=${sessionId}&before=500`),
		105,
	],
	['a line', () => who.post(CHAT, { message: 'x' }), 3],
	['a repeated line', () => who.post(CHAT, repeated), 3],
	[
		'a new guest',
		() => new Browser(stack).post(CHAT, { message: 'x' }),
		3,
	],
	['a stranger', () => stack.anyone.get(`${HISTORY}?userId=user_1`), 3],
	['an answer', () => agent.post(CHAT, { message: 'x', sessionId }), 3],
	['a claim', () => agent.patch(SESSIONS, { sessionId, claim: true }), 3],
	[
		'the same status',
		() => agent.patch(SESSIONS, { sessionId, status: 'active' }),
		3,
	],
	[
		'a hand-over',
		async () => {
			const other = await guest(stack);
			await other.login({
				email: `${fresh('a')}@example.com`,
			});
			return other.get(HISTORY);
		},
		3,
	],
	['list', () => agent.get(`${SESSIONS}?limit=10`), 60],
	[
		'list of active ones',
		() => agent.get(`${SESSIONS}?status=active`),
		60,
	],
	[
		'list of those that wait',
		() => agent.get(`${SESSIONS}?status=active&waiting=1`),
		60,
	],
	['list of claimed ones', () => agent.get(`${SESSIONS}?claimed=1`), 60],
	['list of mine', () => agent.get(`${SESSIONS}?claimed=me`), 60],
];

test('every call uses an index, and reads only what it needs', async () => {
	await says(who, repeated.message, repeated);
	for (const [what, run, most] of calls) {
		const done = await statements(async () =>
			expect(await run(), 200),
		);
		assert.ok(done.length > 0, `${what}: no statement was seen`);
		for (const one of done) {
			const told =
				`${what}: ${one.planSummary} ` +
				JSON.stringify(one.command).slice(0, 500);
			assert.doesNotMatch(one.planSummary, /COLLSCAN/, told);
			for (const n of [one.docsExamined, one.keysExamined])
				assert.ok(
					(n ?? 0) <= most,
					`examined ${n}: ${told}`,
				);
			assert.ok(
				!one.hasSortStage || MAY_SORT.test(told),
				told,
			);
		}
	}
});

test('the store itself refuses a second number, id or active session', async () => {
	const line = await chatlines().findOne({ sessionId, n: 5 });
	const found = await documents().findOne({ sessionId });
	const twins = [
		[chatlines(), { ...line, key: 'other', id: 'other' }],
		[chatlines(), { ...line, n: 1e6 }],
		[documents(), { ...found, activeFor: 'other' }],
		[documents(), { ...found, sessionId: 'other' }],
	];
	for (const [collection, twin] of twins)
		await assert.rejects(
			collection.insertOne({ ...twin, _id: new ObjectId() }),
			(error) => error.code === 11000,
		);
});
