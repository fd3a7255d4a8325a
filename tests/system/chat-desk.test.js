/*
 * The desk of those who answer, over REST: lists, filters, pages and counts.
 *
 * Claims and answers are in chat-claims.test.js; who may do what is told by
 * chat-matrix.test.js.
 */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Browser } from './browser.js';
import { agentOf, change, claim, lines, says, SESSIONS } from './desk.js';
import { crowd, stackFor } from './harness.js';
import { expect } from './talk.js';

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

const stack = await stackFor();
const documents = () => stack.db.collection('chatsessions');
const set = (sessionId, fields) =>
	documents().updateOne({ sessionId }, { $set: fields });

let agent;
beforeEach(async () => {
	agent = await agentOf(stack);
});

/** A visitor with one line, and its session. */
async function visitor(text = 'hello', more = {}) {
	const who = new Browser(stack);
	({ sessionId: who.sessionId } = await says(who, text, more));
	return who;
}

const list = async (query = '') =>
	expect(await agent.get(SESSIONS + query), 200).body;
const ids = ({ sessions }) => sessions.map((one) => one.sessionId);
const row = async (sessionId, query = '?limit=200') =>
	(await list(query)).sessions.find((one) => one.sessionId === sessionId);

/** His lease ends now. */
const expire = (sessionId) =>
	set(sessionId, { claimedUntil: new Date(Date.now() - 1) });

test('only agents and admins see the desk', async () => {
	const { sessionId } = await visitor();
	const body = { sessionId, claim: true };
	for (const who of [stack.anyone, await visitor()]) {
		expect(await who.get(SESSIONS), 401, 'unauthorized');
		const { headers } = who;
		expect(
			await who.patch(SESSIONS, body, headers && { headers }),
			401,
			'unauthorized',
		);
	}
	for (const role of ['customer', 'seller']) {
		const who = await stack.as({ role });
		expect(await who.get(SESSIONS), 403, 'forbidden');
		expect(await who.patch(SESSIONS, body), 403, 'forbidden');
	}
	for (const role of ['agent', 'admin']) {
		const who = await stack.as({ role });
		expect(await who.get(SESSIONS), 200);
		assert.equal((await lines(who, sessionId)).length, 2);
	}
	assert.equal((await row(sessionId)).agent, null);
});

test('a session is listed with its last line, whole', async () => {
	const began = Date.now();
	const who = await visitor('hello', { userName: 'Zoë' });
	const second = await says(who, 'price');
	const shown = await row(who.sessionId);
	const { lastMessage, lastMessageAt, createdAt, ...rest } = shown;
	assert.deepEqual(rest, {
		sessionId: who.sessionId,
		userId: who.sessionId,
		userName: 'Zoë',
		status: 'active',
		messageCount: 4,
		unread: 4,
		waiting: true,
		agent: null,
		claimedUntil: null,
	});
	assert.deepEqual(lastMessage, {
		text: second.response,
		sender: 'bot',
		timestamp: lastMessageAt,
	});
	for (const time of [lastMessageAt, createdAt]) {
		assert.match(time, TIME);
		assert.ok(Date.parse(time) >= began - 1000);
	}
	assert.ok(!JSON.stringify(shown).includes(who.guest));
	const account = await stack.as({ name: 'Asha' });
	const { sessionId } = await says(account, 'x', { userName: 'Zoë' });
	const his = await row(sessionId);
	assert.equal(his.userId, account.email);
	assert.equal(his.userName, 'Asha');
});

test('what support has fetched is no longer unread', async () => {
	const { sessionId } = await visitor();
	assert.equal((await row(sessionId)).unread, 2);
	await lines(agent, sessionId);
	assert.equal((await row(sessionId)).unread, 0);
});

test('the newest last word comes first', async () => {
	const three = [await visitor(), await visitor(), await visitor()];
	const order = async () =>
		ids(await list('?limit=3')).map((id) =>
			three.findIndex((one) => one.sessionId === id),
		);
	assert.deepEqual(await order(), [2, 1, 0]);
	await says(three[0], 'again');
	assert.deepEqual(await order(), [0, 2, 1]);
	await says(agent, 'hello', { sessionId: three[1].sessionId });
	assert.deepEqual(await order(), [1, 0, 2]);
	await claim(agent, three[2].sessionId);
	await lines(agent, three[2].sessionId);
	assert.deepEqual(await order(), [1, 0, 2], 'a claim is no word');
});

test('filters: status, waiting, claimed, and all of them together', async () => {
	const colleague = await agentOf(stack);
	const made = {};
	for (const name of [
		'fresh',
		'mine',
		'his',
		'lapsed',
		'answered',
		'closed',
		'archived',
	])
		made[name] = (await visitor()).sessionId;
	await claim(agent, made.mine);
	await claim(colleague, made.his);
	await claim(colleague, made.lapsed);
	await expire(made.lapsed);
	await says(agent, 'yes?', { sessionId: made.answered });
	await change(agent, made.closed, { status: 'closed' });
	await change(agent, made.archived, { status: 'archived' });
	const names = Object.keys(made);
	for (const [query, expected] of [
		['', names],
		[
			'status=active',
			['fresh', 'mine', 'his', 'lapsed', 'answered'],
		],
		['status=closed', ['closed']],
		['status=archived', ['archived']],
		['waiting=1&status=active', ['fresh', 'mine', 'his', 'lapsed']],
		['waiting=0&status=active', ['answered']],
		['claimed=1', ['mine', 'his', 'answered']],
		['claimed=me', ['mine', 'answered']],
		['claimed=0&status=active', ['fresh', 'lapsed']],
		['claimed=0&waiting=1&status=active', ['fresh', 'lapsed']],
		['claimed=me&waiting=1', ['mine']],
		['claimed=1&waiting=0', ['answered']],
		['claimed=1&status=closed', []],
	]) {
		const got = ids(await list(`?limit=200&${query}`));
		assert.deepEqual(
			names.filter((name) => got.includes(made[name])),
			expected,
			query,
		);
	}
	for (const query of [
		'status=open',
		'status=',
		'status=Active',
		'waiting=2',
		'waiting=true',
		'claimed=you',
		'limit=0',
		'limit=201',
		'limit=x',
		'cursor=x',
		'cursor=',
		'status=active&status=closed',
		'status[$ne]=active',
	])
		expect(
			await agent.get(`${SESSIONS}?${query}`),
			400,
			'bad_field',
		);
	await list('?unknown=1');
});

test('pages hold every session once, also while others are said to', async () => {
	const mine = await crowd(25, async () => (await visitor()).sessionId);
	for (const query of ['status=active', '', 'waiting=1&status=active']) {
		const seen = [];
		let next = '';
		do {
			const page = await agent.get(
				`${SESSIONS}?${query}&limit=7${next}`,
			);
			const { body } = expect(page, 200);
			assert.ok(body.sessions.length <= 7);
			assert.equal(body.count, body.sessions.length);
			seen.push(...ids(body));
			if (body.next)
				assert.match(page.headers.link, /rel="next"$/);
			else assert.equal(page.headers.link, undefined);
			next = body.next && `&cursor=${body.next}`;
			await visitor('in between');
		} while (next);
		assert.equal(new Set(seen).size, seen.length);
		for (const id of mine) assert.ok(seen.includes(id), query);
	}
	assert.equal((await list()).sessions.length, 50, 'the default');
	assert.equal((await list('?limit=200')).next, null);
});

test('sessions of one millisecond are paged without a loss', async () => {
	const mine = await crowd(9, async () => (await visitor()).sessionId);
	const lastAt = new Date(Date.now() + 3600000);
	await documents().updateMany(
		{ sessionId: { $in: mine } },
		{ $set: { lastAt } },
	);
	const seen = [];
	for (let next = '', n = 0; n < 5; n++) {
		const page = await list(`?limit=2${next}`);
		seen.push(...ids(page));
		next = `&cursor=${page.next}`;
	}
	assert.deepEqual(seen.slice(0, 9).sort(), mine.sort());
	await documents().updateMany(
		{ sessionId: { $in: mine } },
		{ $set: { lastAt: new Date() } },
	);
});

test('counts: active, those that wait, and those that nobody has claimed', async () => {
	const counts = async () => (await list('?limit=1')).counts;
	const before = await counts();
	const differs = async (active, waiting, unclaimed, what) =>
		assert.deepEqual(
			await counts(),
			{
				active: before.active + active,
				waiting: before.waiting + waiting,
				unclaimed: before.unclaimed + unclaimed,
			},
			what,
		);
	const a = await visitor();
	const b = await visitor();
	await differs(2, 2, 2, 'two new ones');
	await claim(agent, a.sessionId);
	await differs(2, 2, 1, 'a claim');
	await says(agent, 'yes?', { sessionId: a.sessionId });
	await differs(2, 1, 1, 'an answer');
	await says(a, 'well');
	await differs(2, 2, 1, 'the visitor again');
	await expire(a.sessionId);
	await differs(2, 2, 2, 'the end of the lease');
	await change(agent, b.sessionId, { status: 'closed' });
	await differs(1, 1, 1, 'a close');
	await change(agent, a.sessionId, { status: 'archived' });
	await differs(0, 0, 0, 'an archive');
	await change(agent, b.sessionId, { status: 'active' });
	await differs(1, 1, 1, 'reopened');
	assert.deepEqual(
		(await list('?status=archived')).counts,
		await counts(),
	);
});
