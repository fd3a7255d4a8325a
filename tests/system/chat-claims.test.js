/*
 * Those who answer, over REST: claims, of which there is one winner; answers;
 * closing, archiving, reopening.
 */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import {
	agentOf,
	change,
	CHAT,
	claim,
	HISTORY,
	lines,
	says,
	SESSIONS,
} from './desk.js';
import { crowd, fresh, stackFor } from './harness.js';
import { expect, isWhole } from './talk.js';
import { guest } from './visitors.js';

const LEASE_MS = 5 * 60 * 1000;

const stack = await stackFor();
const documents = () => stack.db.collection('chatsessions');
const set = (sessionId, fields) =>
	documents().updateOne({ sessionId }, { $set: fields });

let agent;
beforeEach(async () => {
	agent = await agentOf(stack);
});

/** A session, as the desk shows it. */
const row = async (sessionId) =>
	expect(
		await agent.get(`${SESSIONS}?limit=200`),
		200,
	).body.sessions.find((one) => one.sessionId === sessionId);

/** His lease ends now. */
const expire = (sessionId) =>
	set(sessionId, { claimedUntil: new Date(Date.now() - 1) });

/* --- claims --- */

test('of 20 agents who claim at once one wins', async () => {
	const agents = await crowd(20, () => agentOf(stack));
	for (let round = 0; round < 5; round++) {
		const { sessionId } = await guest(stack);
		const replies = await Promise.all(
			agents.map((one) =>
				one.patch(SESSIONS, { sessionId, claim: true }),
			),
		);
		const won = replies.filter((one) => one.status === 200);
		assert.equal(won.length, 1);
		for (const one of replies)
			if (one.status !== 200) {
				expect(one, 409, 'conflict');
				assert.equal(one.body.written, false);
			}
		const winner = agents[replies.indexOf(won[0])].email;
		assert.equal(won[0].body.session.agent, winner);
		assert.equal((await row(sessionId)).agent, winner);
	}
});

test('of 20 agents who answer at once one has the session', async () => {
	const agents = await crowd(20, () => agentOf(stack));
	const { sessionId } = await guest(stack);
	const replies = await Promise.all(
		agents.map((one) =>
			one.post(CHAT, { message: one.email, sessionId }),
		),
	);
	const won = replies.filter((one) => one.status === 200);
	assert.equal(won.length, 1);
	for (const one of replies)
		if (one.status !== 200) expect(one, 409, 'conflict');
	const whole = await lines(agent, sessionId);
	isWhole(whole, 3);
	assert.equal(whole[2].text, (await row(sessionId)).agent);
});

const left = (session) => Date.parse(session.claimedUntil) - Date.now();
const isFull = (session) => {
	const ms = left(session);
	assert.ok(ms > LEASE_MS - 20000 && ms <= LEASE_MS + 1000, `${ms} ms`);
};

test('a claim holds for 5 minutes, and his activity renews it', async () => {
	const who = await guest(stack);
	const { sessionId } = who;
	isFull(await claim(agent, sessionId));
	const renewals = {
		'another claim': () => claim(agent, sessionId),
		'his line': () => says(agent, 'x', { sessionId }),
	};
	for (const [what, act] of Object.entries(renewals)) {
		await set(sessionId, {
			claimedUntil: new Date(Date.now() + 10000),
		});
		assert.ok(left(await row(sessionId)) < 11000, what);
		await act();
		isFull(await row(sessionId));
	}
	await set(sessionId, { claimedUntil: new Date(Date.now() + 10000) });
	await says(who, 'the visitor renews nothing');
	await lines(agent, sessionId);
	assert.ok(left(await row(sessionId)) < 11000);
});

test('while a lease holds others are refused; afterwards the next one has it', async () => {
	const { sessionId } = await guest(stack);
	const [one, two] = [agent, await agentOf(stack)];
	await claim(one, sessionId);
	for (const role of ['agent', 'admin']) {
		const other = await stack.as({ role });
		for (const reply of [
			await other.patch(SESSIONS, { sessionId, claim: true }),
			await other.post(CHAT, {
				message: 'me too',
				sessionId,
			}),
		]) {
			expect(reply, 409, 'conflict');
			assert.equal(reply.body.written, false);
		}
	}
	assert.equal((await lines(one, sessionId)).length, 2);
	await expire(sessionId);
	const free = await row(sessionId);
	assert.equal(free.agent, null);
	assert.equal(free.claimedUntil, null);
	assert.equal((await claim(two, sessionId)).agent, two.email);
	expect(
		await one.post(CHAT, { message: 'still me', sessionId }),
		409,
		'conflict',
	);
	await expire(sessionId);
	await says(one, 'me again', { sessionId });
	assert.equal((await row(sessionId)).agent, one.email);
});

test('a retry is not refused because the lease has passed on', async () => {
	const { sessionId } = await guest(stack);
	const other = await agentOf(stack);
	const messageId = fresh('answer');
	const first = await says(agent, 'answer', { sessionId, messageId });
	await expire(sessionId);
	await claim(other, sessionId);
	assert.deepEqual(
		await says(agent, 'answer', { sessionId, messageId }),
		{
			...first,
			duplicate: true,
		},
	);
	assert.equal((await row(sessionId)).agent, other.email);
});

/* --- answers --- */

test('an agent answers as admin, and the visitor never learns who he is', async () => {
	for (const role of ['agent', 'admin']) {
		const who = await guest(stack);
		const { sessionId } = who;
		const one = await agentOf(stack, role);
		const messageId = fresh('answer');
		const body = {
			message: 'Hello!',
			messageId,
			sessionId,
			userName: 'x',
			userId: one.email,
		};
		const reply = expect(await one.post(CHAT, body), 200).body;
		assert.deepEqual(reply, {
			success: true,
			response: '',
			sessionId,
			messageId,
			seq: 3,
			duplicate: false,
		});
		assert.deepEqual(expect(await one.post(CHAT, body), 200).body, {
			...reply,
			duplicate: true,
		});
		expect(
			await one.post(CHAT, { ...body, message: 'other' }),
			409,
			'id_reused',
		);
		const read = await who.get(HISTORY);
		assert.equal(read.body.messages[2].sender, 'admin');
		for (const secret of [one.email, one.name])
			assert.ok(!read.text.includes(secret), secret);
		const shown = await row(sessionId);
		assert.equal(shown.agent, one.email);
		assert.equal(shown.waiting, false);
		assert.equal(shown.lastMessage.sender, 'admin');
		assert.notEqual(shown.userName, 'x');
	}
});

test('an agent names the session; he has none of his own', async () => {
	const before = await documents().countDocuments();
	expect(await agent.post(CHAT, { message: 'x' }), 400, 'bad_field');
	expect(
		await agent.post(CHAT, { message: 'x', sessionId: 'absent' }),
		404,
		'not_found',
	);
	expect(await agent.get(`${HISTORY}?sessionId=absent`), 404);
	assert.equal(await documents().countDocuments(), before);
	const who = await guest(stack);
	const read = await agent.get(`${HISTORY}?userId=${who.sessionId}`);
	assert.equal(expect(read, 200).body.count, 2);
});

test("a visitor's line and an agent's may have one id", async () => {
	const who = await guest(stack);
	const { sessionId } = who;
	const messageId = 7;
	const one = await says(who, 'same', { messageId });
	const two = await says(agent, 'other', { messageId, sessionId });
	assert.equal(one.duplicate, false);
	assert.equal(two.duplicate, false);
	isWhole(await lines(who, sessionId), 5);
});

/* --- closing --- */

test('a closed session: his next line by its id reopens it, without one begins anew', async () => {
	for (const status of ['closed', 'archived']) {
		const who = await guest(stack);
		const { sessionId } = who;
		await claim(agent, sessionId);
		const closed = await change(agent, sessionId, { status });
		assert.equal(closed.status, status);
		assert.equal(closed.agent, null, 'the claim has ended');
		assert.equal((await lines(who, sessionId)).length, 2);
		assert.equal(
			(await says(who, 'x', { sessionId })).sessionId,
			sessionId,
		);
		assert.equal((await row(sessionId)).status, 'active');
		await change(agent, sessionId, { status });
		const next = await says(who, 'y');
		assert.notEqual(next.sessionId, sessionId);
		assert.equal(next.seq, 1);
		const late = await says(who, 'z', { sessionId });
		assert.equal(late.sessionId, next.sessionId, 'the active one');
		assert.equal(late.seq, 3);
		assert.equal((await row(sessionId)).status, status);
		const two = await documents().countDocuments({
			owner: (await documents().findOne({ sessionId })).owner,
		});
		assert.equal(two, 2);
	}
});

test('an agent reopens one, unless its visitor has another', async () => {
	const who = await guest(stack);
	const { sessionId } = who;
	await change(agent, sessionId, { status: 'closed' });
	const again = await change(agent, sessionId, { status: 'active' });
	assert.equal(again.status, 'active');
	await change(agent, sessionId, { status: 'closed' });
	await says(who, 'new');
	const reply = await agent.patch(SESSIONS, {
		sessionId,
		status: 'active',
	});
	expect(reply, 409, 'conflict');
	assert.equal(reply.body.written, false);
	assert.equal((await row(sessionId)).status, 'closed');
	const moved = await change(agent, sessionId, { status: 'archived' });
	assert.equal(moved.status, 'archived');
});

test('ten who write into a closed session at once reopen one', async () => {
	const who = await guest(stack);
	const { sessionId } = who;
	await change(agent, sessionId, { status: 'closed' });
	const replies = await crowd(10, (i) =>
		says(who, `line ${i}`, i % 2 ? { sessionId } : {}),
	);
	const { owner } = await documents().findOne({ sessionId });
	const all = await documents().find({ owner }).toArray();
	const active = all.filter((one) => one.status === 'active');
	assert.equal(active.length, 1);
	let total = 0;
	for (const one of all) {
		const whole = await lines(who, one.sessionId);
		isWhole(whole, whole.length);
		total += whole.length;
	}
	assert.equal(total, 22);
	for (const { seq, sessionId: id, messageId } of replies)
		assert.equal((await lines(who, id))[seq - 1].id, messageId);
});

test('repeats change nothing', async () => {
	const { sessionId } = await guest(stack);
	const state = () => documents().findOne({ sessionId });
	for (const [act, what] of [
		[{ status: 'active' }, 'active'],
		[{ status: 'closed' }, 'closed'],
		[{ status: 'archived' }, 'archived'],
	]) {
		await change(agent, sessionId, act);
		const before = await state();
		await change(agent, sessionId, act);
		assert.deepEqual(await state(), before, what);
	}
});

test('what is no change is refused, and names the field', async () => {
	const { sessionId } = await guest(stack);
	const before = await documents().findOne({ sessionId });
	for (const [body, code, field] of [
		[{}, 'bad_field', 'sessionId'],
		[{ sessionId }, 'bad_field', 'status'],
		[{ status: 'closed' }, 'bad_field', 'sessionId'],
		[{ sessionId: 7, status: 'closed' }, 'bad_field', 'sessionId'],
		[{ sessionId: '', status: 'closed' }, 'bad_field', 'sessionId'],
		[
			{ sessionId: { $ne: '' }, status: 'closed' },
			'bad_field',
			'sessionId',
		],
		[{ sessionId, status: 'open' }, 'bad_field', 'status'],
		[{ sessionId, status: 1 }, 'bad_field', 'status'],
		[{ sessionId, claim: false }, 'bad_field', 'claim'],
		[{ sessionId, claim: 'true' }, 'bad_field', 'claim'],
		[
			{ sessionId, claim: true, status: 'closed' },
			'bad_field',
			'claim',
		],
		[
			{ sessionId, claim: true, agent: 'x' },
			'unknown_field',
			'agent',
		],
	]) {
		const reply = await agent.patch(SESSIONS, body);
		expect(reply, 400, code);
		assert.match(reply.body.reason, new RegExp(`\\b${field}\\b`));
	}
	for (const body of ['', '{', '[]', '"x"'])
		expect(await agent.patch(SESSIONS, body), 400);
	for (const body of [
		{ sessionId: 'chat_absent', claim: true },
		{ sessionId: 'chat_absent', status: 'closed' },
	])
		expect(await agent.patch(SESSIONS, body), 404, 'not_found');
	assert.deepEqual(await documents().findOne({ sessionId }), before);
});
