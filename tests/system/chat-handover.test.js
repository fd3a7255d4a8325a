/*
 * A guest signs in: his sessions and their lines move to the account, once,
 * whoever asks at the same time; his cookie is cleared and opens nothing more.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser, GUEST } from './browser.js';
import { agentOf, change, lines, says } from './desk.js';
import { crowd, fresh, stackFor } from './harness.js';
import { isWhole } from './talk.js';
import { guest, history, opensNothing, own } from './visitors.js';

const stack = await stackFor();
const sessions = () => stack.db.collection('chatsessions');
const chatlines = () => stack.db.collection('chatmessages');
const sessionOf = (sessionId) => sessions().findOne({ sessionId });

/** An account that is nobody yet. */
const nobody = () => ({ email: `${fresh('new')}@example.com`, name: 'Asha' });

/** All lines of each of a guest's sessions, before and after. */
const whole = (sessionId) =>
	chatlines().find({ sessionId }).sort({ n: 1 }).toArray();

test('at login the session and its lines move to the account, and the cookie goes', async () => {
	const firsts = {
		'GET history': (who) => history(who),
		'POST a line': (who) => says(who, 'signed in'),
		'POST with his session id': (who) =>
			says(who, 'signed in', { sessionId: who.sessionId }),
		'GET with his session id': (who) =>
			history(who, `?sessionId=${who.sessionId}`),
		'GET with his old user id': (who) =>
			history(who, `?userId=${who.sessionId}`),
	};
	for (const [what, first] of Object.entries(firsts)) {
		const who = await guest(stack, 2);
		const old = new Browser(stack, { [GUEST]: who.guest });
		const before = await whole(who.sessionId);
		await who.login(nobody());
		assert.ok(who.guest, 'the login itself is not ours');
		assert.equal((await first(who)).sessionId, who.sessionId, what);
		assert.equal(who.guest, undefined, 'the cookie is cleared');
		assert.match(who.set.at(-1), /HttpOnly/);
		assert.match(who.set.at(-1), /Path=\//);
		const account = await stack.as(who);
		const { messages } = await history(account);
		isWhole(messages, messages.length);
		assert.deepEqual(own(messages).slice(0, 2), [
			'guest 1',
			'guest 2',
		]);
		assert.deepEqual(
			(await whole(who.sessionId)).slice(0, 4),
			before,
			'the lines are those that were',
		);
		const stored = await sessionOf(who.sessionId);
		assert.equal(stored.owner, `account:${who.email}`);
		assert.equal(stored.userId, who.email);
		assert.equal(stored.status, 'active');
		assert.equal(
			stored.expiresAt,
			undefined,
			'accounts keep theirs',
		);
		assert.ok(!JSON.stringify(stored).includes('guest:'));
		await opensNothing(old, who.sessionId);
		assert.deepEqual((await history(old)).messages, []);
	}
});

test('a cookie reused after the hand-over begins anew, and takes nothing back', async () => {
	const who = await guest(stack, 2);
	const old = new Browser(stack, { [GUEST]: who.guest });
	await who.login(nobody());
	await history(who);
	const later = await says(old, 'still here');
	assert.notEqual(later.sessionId, who.sessionId);
	assert.equal(later.seq, 1);
	await opensNothing(who, later.sessionId);
	/* Another account's login with it takes the new session alone. */
	const thief = new Browser(stack, { [GUEST]: old.guest });
	await thief.login(nobody());
	const taken = await history(thief);
	assert.equal(taken.sessionId, later.sessionId);
	await opensNothing(thief, who.sessionId);
	assert.equal((await history(who)).sessionId, who.sessionId);
	assert.equal(
		(await sessionOf(who.sessionId)).owner,
		`account:${who.email}`,
	);
});

test("an account with an active session keeps it; the guest's becomes a closed one of it", async () => {
	for (const firstly of [
		(who) => history(who),
		(who) => says(who, 'signed in'),
	]) {
		const account = await stack.as({ name: 'Asha' });
		const kept = await says(account, 'account 1');
		const who = await guest(stack, 2);
		await who.login(account);
		assert.equal((await firstly(who)).sessionId, kept.sessionId);
		assert.equal(who.guest, undefined);
		const closed = await sessionOf(who.sessionId);
		assert.equal(closed.status, 'closed');
		assert.equal(closed.owner, `account:${account.email}`);
		assert.equal(closed.activeFor, undefined);
		assert.equal(closed.expiresAt, undefined);
		assert.deepEqual(own(await lines(account, who.sessionId)), [
			'guest 1',
			'guest 2',
		]);
		const next = await says(account, 'x', {
			sessionId: who.sessionId,
		});
		assert.equal(next.sessionId, kept.sessionId);
		assert.equal(
			(await sessionOf(kept.sessionId)).status,
			'active',
		);
	}
});

test('all sessions of a guest move, closed ones too', async () => {
	const agent = await agentOf(stack);
	const who = await guest(stack, 1);
	const first = who.sessionId;
	await change(agent, first, { status: 'closed' });
	const second = (await says(who, 'once more')).sessionId;
	assert.notEqual(second, first);
	await change(agent, second, { status: 'archived' });
	const third = (await says(who, 'and again')).sessionId;
	await who.login(nobody());
	assert.equal((await history(who)).sessionId, third);
	for (const [sessionId, status] of [
		[first, 'closed'],
		[second, 'archived'],
		[third, 'active'],
	]) {
		const stored = await sessionOf(sessionId);
		assert.equal(stored.owner, `account:${who.email}`);
		assert.equal(stored.status, status);
		assert.equal((await lines(who, sessionId)).length, 2);
	}
});

test('who answers goes on answering, and the bot stays silent', async () => {
	const agent = await agentOf(stack);
	const who = await guest(stack);
	const { sessionId } = who;
	await says(agent, 'Hello!', { sessionId });
	await who.login(nobody());
	const { response } = await says(who, 'help');
	assert.equal(response, '');
	assert.equal((await says(agent, 'yes?', { sessionId })).seq, 5);
	const stored = await sessionOf(sessionId);
	assert.equal(stored.agent, agent.email);
	assert.equal(stored.userName, 'Asha');
});

test('tabs that log in together hand over once, without a refusal', async () => {
	for (const has of [false, true]) {
		const account = await stack.as();
		const kept = has && (await says(account, 'account'));
		const who = await guest(stack, 3);
		const tabs = await crowd(12, async () => {
			const tab = new Browser(stack, { [GUEST]: who.guest });
			await tab.login(account);
			return tab;
		});
		const ids = await Promise.all(
			tabs.map(async (tab, i) =>
				i % 2
					? (await history(tab)).sessionId
					: (await says(tab, `tab ${i}`))
							.sessionId,
			),
		);
		const active = has ? kept.sessionId : who.sessionId;
		for (const id of ids) assert.equal(id, active);
		const owner = `account:${account.email}`;
		const all = await sessions().find({ owner }).toArray();
		assert.equal(all.length, has ? 2 : 1);
		assert.equal(
			all.filter((one) => one.status === 'active').length,
			1,
		);
		const got = await lines(account, active);
		isWhole(got, (has ? 2 : 6) + 12);
		assert.deepEqual(
			own(await lines(account, who.sessionId)).slice(0, 3),
			['guest 1', 'guest 2', 'guest 3'],
		);
	}
});

test('two accounts that log in together with one cookie: one of them gets all', async () => {
	const who = await guest(stack, 2);
	const tabs = await crowd(2, async () => {
		const tab = new Browser(stack, { [GUEST]: who.guest });
		await tab.login(nobody());
		return tab;
	});
	const got = await Promise.all(
		tabs.map(async (tab) => (await history(tab)).sessionId),
	);
	assert.deepEqual(got.sort(), [who.sessionId, null].sort());
});

test('lines in flight at the login are stored once, and none is lost', async () => {
	const who = await guest(stack, 1);
	const account = nobody();
	const old = new Browser(stack, { [GUEST]: who.guest });
	const signed = new Browser(stack, { [GUEST]: who.guest });
	await signed.login(account);
	const said = Array.from({ length: 30 }, (_, i) => ({
		messageId: fresh('flight'),
		text: `flight ${i}`,
		from: i % 3 ? old : signed,
	}));
	const replies = await Promise.all(
		said.map(({ from, text, messageId }) =>
			says(from, text, { messageId }),
		),
	);
	for (const [i, { sessionId, seq }] of replies.entries()) {
		const found = await chatlines()
			.find({ key: said[i].messageId, sender: 'user' })
			.toArray();
		assert.equal(found.length, 1);
		assert.equal(found[0].sessionId, sessionId);
		assert.equal(Number(found[0].n), seq);
	}
	isWhole(
		await lines(signed, who.sessionId),
		(await whole(who.sessionId)).length,
	);
});

test('a retry over the login is the same line', async () => {
	const who = await guest(stack, 1);
	const messageId = fresh('retry');
	const first = await says(who, 'price', { messageId });
	await who.login(nobody());
	for (const more of [{}, { sessionId: first.sessionId }])
		assert.deepEqual(
			await says(who, 'price', { messageId, ...more }),
			{
				...first,
				duplicate: true,
			},
		);
	assert.equal((await history(who)).count, 4);
});

test('a retry of a line of a session that was closed since is the same line', async () => {
	const agent = await agentOf(stack);
	const who = await guest(stack, 1);
	const messageId = fresh('retry');
	const first = await says(who, 'price', { messageId });
	await change(agent, first.sessionId, { status: 'closed' });
	for (const more of [{ sessionId: first.sessionId }, {}])
		assert.deepEqual(
			await says(who, 'price', { messageId, ...more }),
			{
				...first,
				duplicate: true,
			},
		);
	assert.equal((await lines(who, first.sessionId)).length, 4);
});
