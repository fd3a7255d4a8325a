/*
 * Whose a session is: the guest's cookie, what a session's id alone opens
 * (scenario 56), origins, and when a guest's session goes.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Browser, GUEST, TOKEN } from './browser.js';
import { agentOf, CHAT, HISTORY, lines, says } from './desk.js';
import { stackFor, until } from './harness.js';
import { expect, isWhole } from './talk.js';
import { guest, history, opensNothing, own, secret } from './visitors.js';

const DAY_MS = 24 * 60 * 60 * 1000;

const stack = await stackFor();
const sessions = () => stack.db.collection('chatsessions');
const chatlines = () => stack.db.collection('chatmessages');
const sessionOf = (sessionId) => sessions().findOne({ sessionId });

const sha256 = (text) => createHash('sha256').update(text).digest('hex');

test('the first line sets the cookie, once', async () => {
	const who = await guest(stack, 3);
	assert.equal(who.set.length, 1);
	const [first, ...attributes] = who.set[0].split('; ');
	assert.match(first, /^parley_chat=[0-9a-f]{32}$/);
	assert.ok(attributes.includes('HttpOnly'));
	assert.ok(attributes.includes('SameSite=Lax'));
	assert.ok(attributes.includes('Path=/'));
	assert.ok(!attributes.some((one) => /^domain/i.test(one)));
	const age = attributes.find((one) => one.startsWith('Max-Age='));
	assert.ok(Number(age.slice(8)) >= 30 * 24 * 3600);
	await history(who);
	assert.equal(who.set.length, 1);
	const other = await guest(stack);
	assert.notEqual(other.guest, who.guest);
});

test('an account needs no cookie and gets none', async () => {
	const who = await stack.as();
	const reply = await who.post(CHAT, { message: 'x' });
	assert.equal(expect(reply, 200).headers['set-cookie'], undefined);
	const read = await who.get(HISTORY);
	assert.equal(read.headers['set-cookie'], undefined);
});

test('only the hash of it is stored', async () => {
	const who = await guest(stack, 2);
	for (const { name } of await stack.db.listCollections().toArray()) {
		const all = await stack.db.collection(name).find().toArray();
		assert.ok(!JSON.stringify(all).includes(who.guest), name);
	}
	const { owner } = await sessionOf(who.sessionId);
	assert.equal(owner, `guest:${sha256(who.guest)}`);
	const forger = new Browser(stack, { [GUEST]: sha256(who.guest) });
	await opensNothing(forger, who.sessionId);
	const half = sha256(who.guest).slice(0, 32);
	await opensNothing(
		new Browser(stack, { [GUEST]: half }),
		who.sessionId,
	);
});

test('56: a guest comes back to his history with his session id, or without', async () => {
	const who = await guest(stack, 2);
	const again = new Browser(stack, { [GUEST]: who.guest });
	for (const query of [
		'',
		`?sessionId=${who.sessionId}`,
		`?userId=${who.sessionId}`,
		'?userId=user_1767400000000_ab12',
	]) {
		const { sessionId, messages } = await history(again, query);
		assert.equal(sessionId, who.sessionId, query);
		assert.deepEqual(own(messages), ['guest 1', 'guest 2']);
	}
	for (const more of [{}, { sessionId: who.sessionId }, { userId: 'x' }])
		assert.equal(
			(await says(again, 'again', more)).sessionId,
			who.sessionId,
		);
	isWhole(await lines(again, who.sessionId), 10);
	assert.deepEqual(again.set, []);
});

test('56: another visitor with the guessed id is refused', async () => {
	const who = await guest(stack, 2);
	const account = await stack.as();
	const { sessionId } = await says(account, 'of an account');
	const others = [
		stack.anyone,
		new Browser(stack),
		await guest(stack),
		await stack.as(),
		await stack.as({ role: 'seller' }),
	];
	for (const other of others) {
		await opensNothing(other, who.sessionId);
		await opensNothing(other, sessionId);
		const absent = await other.get(
			`${HISTORY}?sessionId=chat_${secret()}`,
		);
		const foreign = await other.get(
			`${HISTORY}?sessionId=${who.sessionId}`,
		);
		assert.deepEqual(foreign.body, absent.body);
		assert.equal(foreign.headers['set-cookie'], undefined);
		assert.equal(foreign.headers.etag, undefined);
	}
	await opensNothing(who, sessionId);
	await opensNothing(account, who.sessionId);
	isWhole(await lines(who, who.sessionId), 4);
});

test("another's account named by userId opens nothing", async () => {
	const account = await stack.as();
	const { sessionId } = await says(account, 'x');
	const userId = encodeURIComponent(account.email);
	for (const own of [userId, userId.toUpperCase(), `%20${userId}`]) {
		const mine = await history(account, `?userId=${own}`);
		assert.equal(mine.sessionId, sessionId);
	}
	expect(
		await (await stack.as()).get(`${HISTORY}?userId=${userId}`),
		404,
		'not_found',
	);
	for (const who of [stack.anyone, await guest(stack)]) {
		const { messages } = await history(who, `?userId=${userId}`);
		assert.ok(!messages.some((one) => one.text === 'x'));
		const reply = await who.post(
			CHAT,
			{ message: 'y', userId: account.email },
			{ headers: who.headers },
		);
		assert.notEqual(expect(reply, 200).body.sessionId, sessionId);
	}
	isWhole(await lines(account, sessionId), 2);
});

test("a swapped cookie is the other's, with his session alone", async () => {
	const [a, b] = [await guest(stack, 1), await guest(stack, 2)];
	const [was, is] = [a.guest, b.guest];
	a.jar.set(GUEST, is);
	await opensNothing(a, a.sessionId);
	assert.equal((await history(a)).sessionId, b.sessionId);
	a.jar.set(GUEST, was);
	assert.equal((await history(a)).sessionId, a.sessionId);
});

test('a cookie that was cut, changed or made up opens nothing', async () => {
	const who = await guest(stack);
	const real = who.guest;
	const last = real.endsWith('0') ? '1' : '0';
	for (const [what, value] of Object.entries({
		cut: real.slice(0, -1),
		half: real.slice(0, 16),
		longer: `${real}0`,
		'another digit': real.slice(0, -1) + last,
		'upper case': real.toUpperCase().replace(/^[0-9]*$/, 'AB'),
		'half in quotes': `"${real}`,
		twice: real + real,
		encoded: `%${real.charCodeAt(0).toString(16)}${real.slice(1)}`,
		empty: '',
		other: secret(),
		hostile: "' || 1==1 //",
		'an object': '{"$ne":""}',
		'very long': real.repeat(100),
	})) {
		const liar = new Browser(stack, { [GUEST]: value });
		await opensNothing(liar, who.sessionId);
		const empty = await history(liar);
		assert.deepEqual(empty.messages, [], what);
		const { sessionId } = await says(liar, 'hello');
		assert.notEqual(sessionId, who.sessionId);
		if (!/^[0-9a-f]{32}$/.test(value)) {
			assert.match(liar.guest, /^[0-9a-f]{32}$/, what);
			assert.notEqual(liar.guest, value, what);
		}
	}
	isWhole(await lines(who, who.sessionId), 2);
});

test('of two cookies of the name only one counts, and two never mix', async () => {
	const [a, b] = [await guest(stack, 1), await guest(stack, 1)];
	const headers = {
		cookie: `${GUEST}=${a.guest}; x=y; ${GUEST}=${b.guest}`,
		origin: stack.url,
	};
	const both = (method, target, body) =>
		stack.anyone.request(method, target, { headers, body });
	const first = expect(await both('GET', HISTORY), 200).body.sessionId;
	assert.equal(first, a.sessionId);
	for (let n = 0; n < 3; n++) {
		const reply = await both('POST', CHAT, {
			message: `both ${n}`,
		});
		assert.equal(expect(reply, 200).body.sessionId, first);
	}
	expect(
		await both('GET', `${HISTORY}?sessionId=${b.sessionId}`),
		404,
		'not_found',
	);
	isWhole(await lines(b, b.sessionId), 2);
});

test('a token that is refused is 401, whatever cookie comes with it', async () => {
	const who = await guest(stack);
	for (const headers of [
		{ authorization: 'Bearer junk' },
		{ cookie: `${GUEST}=${who.guest}; ${TOKEN}=junk` },
	]) {
		expect(
			await who.post(CHAT, { message: 'x' }, { headers }),
			401,
			'unauthorized',
		);
		expect(await who.get(HISTORY, { headers }), 401);
	}
	assert.equal((await history(who)).count, 2);
});

/* --- origins --- */

test("a guest's cookie speaks from an allowed origin only", async () => {
	const who = await guest(stack);
	const cookie = `${GUEST}=${who.guest}`;
	const before = await chatlines().countDocuments();
	for (const headers of [
		{},
		{ origin: 'https://evil.example' },
		{ origin: 'null' },
		{ 'sec-fetch-site': 'cross-site' },
		{ 'sec-fetch-site': 'same-site' },
		{ referer: `${stack.url}/` },
	]) {
		const options = { headers: { cookie, ...headers } };
		for (const more of [{}, { sessionId: who.sessionId }]) {
			const reply = await stack.anyone.post(
				CHAT,
				{ message: 'x', ...more },
				options,
			);
			expect(reply, 403, 'origin');
			assert.equal(reply.body.written, false);
		}
		expect(await stack.anyone.get(HISTORY, options), 200);
	}
	assert.equal(await chatlines().countDocuments(), before);
	for (const headers of [
		{ origin: stack.url },
		{ 'sec-fetch-site': 'same-origin' },
	])
		expect(
			await stack.anyone.post(
				CHAT,
				{ message: 'x' },
				{ headers: { cookie, ...headers } },
			),
			200,
		);
});

test("an account's cookie likewise, an agent's too; a bearer needs none", async () => {
	const account = await stack.as();
	const agent = await agentOf(stack);
	const { sessionId } = await says(account, 'x');
	const evil = { origin: 'https://evil.example' };
	const by = ({ token }) => ({
		headers: { cookie: `${TOKEN}=${token}`, ...evil },
	});
	expect(
		await stack.anyone.post(CHAT, { message: 'x' }, by(account)),
		403,
		'origin',
	);
	for (const body of [
		{ sessionId, claim: true },
		{ sessionId, status: 'closed' },
	])
		expect(
			await stack.anyone.patch(
				`${CHAT}/sessions`,
				body,
				by(agent),
			),
			403,
			'origin',
		);
	const bearer = {
		headers: { authorization: `Bearer ${account.token}`, ...evil },
	};
	expect(await stack.anyone.post(CHAT, { message: 'x' }, bearer), 200);
	assert.equal((await sessionOf(sessionId)).status, 'active');
});

test('who has no cookie has nothing to protect: he is a new guest', async () => {
	for (const headers of [{}, { origin: 'https://other.example' }]) {
		const reply = await stack.anyone.post(
			CHAT,
			{ message: 'x' },
			{ headers },
		);
		assert.equal(expect(reply, 200).body.seq, 1);
		assert.match(reply.headers['set-cookie'][0], /^parley_chat=/);
	}
});

/* --- how long a guest's session lasts --- */

const daysLeft = ({ expiresAt }) => (expiresAt - Date.now()) / DAY_MS;

test("a guest's session goes 30 days after its last word", async () => {
	const who = await guest(stack, 1);
	const { sessionId } = who;
	assert.ok(Math.abs(daysLeft(await sessionOf(sessionId)) - 30) < 0.01);
	const soon = new Date(Date.now() + DAY_MS);
	const age = () =>
		sessions().updateOne(
			{ sessionId },
			{ $set: { expiresAt: soon } },
		);
	await age();
	await says(who, 'again');
	assert.ok(Math.abs(daysLeft(await sessionOf(sessionId)) - 30) < 0.01);
	await age();
	await says(await agentOf(stack), 'answer', { sessionId });
	assert.ok(Math.abs(daysLeft(await sessionOf(sessionId)) - 30) < 0.01);
	await age();
	await history(who);
	assert.deepEqual((await sessionOf(sessionId)).expiresAt, soon);
	const account = await stack.as();
	const of = await says(account, 'x');
	assert.equal((await sessionOf(of.sessionId)).expiresAt, undefined);
});

test('one that has expired goes with its lines, and no other does', async () => {
	const expires = (sessionId, ms) =>
		sessions().updateOne(
			{ sessionId },
			{ $set: { expiresAt: new Date(Date.now() + ms) } },
		);
	const [gone, back, stays] = [
		await guest(stack, 2),
		await guest(stack, 2),
		await guest(stack, 2),
	];
	const account = await stack.as();
	const { sessionId } = await says(account, 'x');
	await expires(gone.sessionId, -1000);
	await expires(back.sessionId, -1000);
	await says(back, 'just in time');
	await expires(stays.sessionId, 60000);
	await stack.restart('api');
	await until(
		'it is swept',
		async () => !(await sessionOf(gone.sessionId)),
	);
	assert.deepEqual(
		await chatlines().find({ sessionId: gone.sessionId }).toArray(),
		[],
	);
	assert.equal((await history(gone)).count, 0);
	expect(await gone.get(`${HISTORY}?sessionId=${gone.sessionId}`), 404);
	assert.equal((await history(back)).count, 6);
	assert.equal((await history(stays)).count, 4);
	assert.equal((await lines(account, sessionId)).length, 2);
	const anew = await says(gone, 'here again');
	assert.notEqual(anew.sessionId, gone.sessionId);
	assert.equal(anew.seq, 1);
});
