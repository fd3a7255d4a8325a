/*
 * Scenario 56 on the socket: a guest is his cookie, which the upgrade gives
 * him; a session's id alone opens nothing; at login it all becomes his
 * account's, once.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Browser, GUEST } from './browser.js';
import {
	agentOf,
	bystanders,
	enter,
	fence,
	HISTORY,
	lines,
	says,
	speak,
} from './desk.js';
import { crowd, fresh, stackFor, until } from './harness.js';
import { chat, raw } from './live.js';
import { roomy } from './scene.js';
import { expect } from './talk.js';

const VALUE = /^[0-9a-f]{32}$/;

const stack = await stackFor({ env: roomy });
const others = await bystanders(stack);

/** A guest who has said one line, and its tab: {who, sessionId}. */
async function known(t) {
	const tab = await enter(t, stack);
	const { sessionId } = tab.session;
	const id = speak(tab, 'private');
	await tab.next('message');
	return { who: tab.who, tab, sessionId, id };
}

/** The texts of the lines that an init showed. */
const shown = (tab) => tab.of('history')[0].messages.map((one) => one.text);

test('56: the upgrade gives a guest his cookie, once, which no script reads', async (t) => {
	const { who, tab } = await known(t);
	assert.match(who.guest, VALUE);
	assert.equal(who.set.length, 1);
	const [line] = who.set;
	assert.match(line, /; ?HttpOnly/i);
	assert.match(line, /; ?SameSite=Lax/i);
	assert.match(line, /; ?Path=\//i);
	assert.match(line, /; ?Max-Age=\d{6}|; ?Expires=/i);
	assert.equal(tab.upgrade['x-request-id'], undefined);
	await enter(t, stack, who);
	assert.equal(who.set.length, 1, 'a second cookie');
});

test('56: what is stored, or logged, of a cookie opens nothing', async (t) => {
	const { who, sessionId } = await known(t);
	const hash = createHash('sha256').update(who.guest).digest('hex');
	const stored = await stack.db
		.collection('chatsessions')
		.findOne({ sessionId });
	const text = JSON.stringify(stored);
	assert.ok(text.includes(hash));
	assert.ok(!text.includes(who.guest));
	const log = path.join(stack.run, 'log');
	for (const entry of fs.readdirSync(log, {
		recursive: true,
		withFileTypes: true,
	})) {
		if (!entry.isFile()) continue;
		const file = path.join(entry.path, entry.name);
		const all = fs.readFileSync(file, 'utf8');
		assert.ok(!all.includes(who.guest), file);
		assert.ok(!all.includes(hash), file);
	}
});

test('56: who comes back with his cookie finds his session and its history', async (t) => {
	const { who, tab, sessionId } = await known(t);
	tab.close();
	await tab.raw.closed;
	for (const init of [
		{},
		{ sessionId },
		{ userId: sessionId, sessionId },
		{ userId: fresh('guest_'), sessionId: 'chat_of_my_own' },
	]) {
		const again = await enter(t, stack, who, init);
		assert.equal(again.session.sessionId, sessionId);
		assert.equal(shown(again)[0], 'private');
	}
	assert.equal((await lines(who, sessionId))[0].text, 'private');
});

test('56: one that began over REST goes on over the socket, and the other way', async (t) => {
	const who = new Browser(stack);
	const { sessionId } = await says(who, 'over REST');
	const tab = await enter(t, stack, who);
	assert.equal(tab.session.sessionId, sessionId);
	assert.equal(who.set.length, 1);
	const other = await known(t);
	assert.equal(
		(await says(other.who, 'over REST')).sessionId,
		other.sessionId,
	);
});

test("56: a guessed session id opens a session of one's own, and nothing of the other's", async (t) => {
	const victim = await known(t);
	const { sessionId } = victim;
	const spies = [
		new Browser(stack),
		await stack.as(),
		new Browser(stack, { [GUEST]: 'f'.repeat(32) }),
		new Browser(stack, { [GUEST]: victim.who.guest.slice(1) }),
		new Browser(stack, { [GUEST]: `${victim.who.guest}0` }),
		new Browser(stack, {
			[GUEST]: victim.who.guest
				.toUpperCase()
				.replace(/^/, 'A'),
		}),
		new Browser(stack, {
			[GUEST]: createHash('sha256')
				.update(victim.who.guest)
				.digest('hex'),
		}),
	];
	for (const spy of spies) {
		const tab = await enter(t, stack, spy, {
			sessionId,
			userId: sessionId,
		});
		assert.notEqual(tab.session.sessionId, sessionId);
		assert.deepEqual(shown(tab), []);
		await says(victim.who, 'still private');
		tab.send('typing', { isTyping: true, sessionId });
		const id = speak(tab, 'mine', { sessionId });
		await until('it is stored', async () => {
			const { messages } = expect(
				await spy.get(
					`${HISTORY}?sessionId=${tab.session.sessionId}`,
				),
				200,
			).body;
			return messages.some((one) => one.id === id);
		});
		assert.ok(
			!tab
				.of('message')
				.some(({ text }) => /private/.test(text)),
		);
		tab.close();
	}
	await fence(victim.tab);
	assert.deepEqual(victim.tab.of('typing'), []);
	assert.ok(!victim.tab.of('message').some((one) => one.text === 'mine'));
});

test('no client says by a header whose guest it is', async (t) => {
	const victim = await known(t);
	for (const name of [
		'x-parley-guest',
		'live-guest',
		'LIVE_GUEST',
		'x-request-id',
	]) {
		const who = new Browser(stack);
		const tab = chat(stack, who, {
			headers: {
				origin: stack.url,
				[name]: victim.who.guest,
			},
		});
		t.after(() => tab.close());
		await tab.init({ sessionId: victim.sessionId });
		assert.notEqual(tab.session.sessionId, victim.sessionId);
		assert.notEqual(who.guest, victim.who.guest);
	}
});

for (const [what, cookie] of [
	['none of ours', 'junk'],
	['empty', ''],
	['too long', 'f'.repeat(5000)],
])
	test(`a cookie that is ${what}: the chat works all the same, and lasts`, async (t) => {
		const who = new Browser(stack, { [GUEST]: cookie });
		const tab = await enter(t, stack, who);
		const { sessionId } = tab.session;
		speak(tab, 'hello');
		await tab.next('message');
		assert.match(who.guest, VALUE);
		const again = await enter(t, stack, who);
		assert.equal(again.session.sessionId, sessionId);
		assert.equal(shown(again)[0], 'hello');
	});

test('two cookies of that name are one guest at most, and never both', async (t) => {
	const [one, two] = [await known(t), await known(t)];
	const who = new Browser(stack);
	const tab = chat(stack, who, {
		headers: {
			origin: stack.url,
			cookie: `${GUEST}=${one.who.guest}; ${GUEST}=${two.who.guest}`,
		},
	});
	t.after(() => tab.close());
	await tab.init();
	assert.ok(shown(tab).filter((text) => text === 'private').length <= 1);
});

test('a page of another origin gets no socket with the cookies of ours', async (t) => {
	const { who, sessionId } = await known(t);
	const account = await stack.as();
	for (const cookie of [
		`${GUEST}=${who.guest}`,
		`parley_token=${account.token}`,
		`${GUEST}=${who.guest}; parley_token=${account.token}`,
	])
		for (const origin of [
			'http://evil.example',
			'null',
			undefined,
		]) {
			const tab = chat(stack, account, {
				headers: { cookie, ...(origin && { origin }) },
			});
			t.after(() => tab.close());
			tab.send('init', { sessionId });
			speak(tab, 'forged');
			await tab.next('error');
			assert.deepEqual(tab.of('history'), []);
			assert.deepEqual(tab.of('session'), []);
		}
	const stored = await lines(who, sessionId);
	assert.ok(!stored.some((one) => one.text === 'forged'));
});

test("at login his session and its lines become his account's, on every device", async (t) => {
	const { who, sessionId } = await known(t);
	const guest = who.guest;
	await who.login({ email: `${fresh('asha')}@example.com` });
	const tab = await enter(t, stack, who);
	assert.equal(tab.session.sessionId, sessionId);
	assert.equal(shown(tab)[0], 'private');
	speak(tab, 'signed in');
	await tab.next('message', ({ id }) => id === 'bot-3');
	const phone = await enter(t, stack, await stack.as(who));
	assert.equal(phone.session.sessionId, sessionId);
	assert.deepEqual(
		shown(phone).filter((_, i) => i % 2 === 0),
		['private', 'signed in'],
	);
	// and the cookie alone opens nothing of it any more
	const left = new Browser(stack, { [GUEST]: guest });
	const later = await enter(t, stack, left, { sessionId });
	assert.notEqual(later.session.sessionId, sessionId);
	assert.deepEqual(shown(later), []);
	expect(
		await left.get(`${HISTORY}?sessionId=${sessionId}`),
		404,
		'not_found',
	);
});

test("where the account has a session, the guest's is a closed one of it", async (t) => {
	const account = await stack.as();
	const own = await says(account, 'on the phone');
	const { who, sessionId } = await known(t);
	await who.login(account);
	const tab = await enter(t, stack, who, { sessionId });
	assert.equal(tab.session.sessionId, own.sessionId);
	assert.equal(shown(tab)[0], 'on the phone');
	assert.equal((await lines(account, sessionId))[0].text, 'private');
	const agent = await agentOf(stack);
	const { sessions } = expect(
		await agent.get('/api/chat/sessions?limit=200&status=closed'),
		200,
	).body;
	assert.ok(sessions.some((one) => one.sessionId === sessionId));
});

test('tabs that connect at once after the login hand it over once', async (t) => {
	for (let round = 0; round < 5; round++) {
		const { who, sessionId } = await known(t);
		await who.login({ email: `${fresh('asha')}@example.com` });
		const tabs = await crowd(4, () => enter(t, stack, who));
		for (const tab of tabs) {
			assert.equal(tab.session.sessionId, sessionId);
			assert.equal(shown(tab)[0], 'private');
		}
		speak(tabs[0], 'one answer');
		await tabs[0].next('message', ({ id }) => id === 'bot-3');
		await fence(...tabs);
		for (const tab of tabs) {
			const ids = tab.of('message').map((one) => one.id);
			assert.equal(new Set(ids).size, ids.length);
		}
		const found = await stack.db
			.collection('chatsessions')
			.find({ owner: { $regex: who.email } })
			.toArray();
		assert.deepEqual(
			found.map((one) => one.sessionId),
			[sessionId],
		);
	}
});

test("guests' tabs that connect at once are one session, each of his own cookie's", async (t) => {
	const who = new Browser(stack);
	await enter(t, stack, who);
	const tabs = await crowd(8, () => enter(t, stack, who));
	assert.equal(new Set(tabs.map((tab) => tab.session.sessionId)).size, 1);
	const strangers = await crowd(8, () => enter(t, stack));
	assert.equal(
		new Set(strangers.map((tab) => tab.session.sessionId)).size,
		8,
	);
	assert.equal(new Set(strangers.map((tab) => tab.who.guest)).size, 8);
});

test('the other sockets set no cookie', async (t) => {
	for (const target of ['/ws', '/socket.io/?EIO=4&transport=websocket']) {
		const socket = raw(stack, target, { origin: stack.url });
		t.after(() => socket.close());
		const upgrade = new Promise((tell) =>
			socket.ws.on('upgrade', (response) =>
				tell(response.headers),
			),
		);
		assert.equal((await upgrade)['set-cookie'], undefined);
	}
});

test('nobody else heard any of it', async () => {
	await others.heardNothing();
	others.close();
});
