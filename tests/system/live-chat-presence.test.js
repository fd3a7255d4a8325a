/*
 * Support is there while any desk is; visitors see no more of it than that.
 * And what ends a socket of the chat: log-out, expiry, the end of Parley.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.js';
import { Client } from './client.js';
import { agentOf, enter, keepsSecret, says, sit } from './desk.js';
import { fresh, stackFor, until } from './harness.js';
import { chat } from './live.js';
import { roomy } from './scene.js';
import { ok } from './talk.js';
import { mint, now, SECRET } from './tokens.js';

const LEEWAY_S = 60;

const stack = await stackFor({
	env: { ...roomy, PARLEY_JWT_SECRET: SECRET },
});

const told = (tab) => tab.of('presence').map((one) => one.isOnline);
const isTold = (tab, n) =>
	until(`presence ${n}`, () => told(tab).length >= n, 9000, 2);

/** An account with a token of these claims. */
const person = (claims) =>
	new Client(stack, {
		email: claims.sub,
		name: claims.name,
		token: mint(claims),
	});

test('presence of support: the first desk comes, and the last is gone for 3 s', async (t) => {
	const guest = await enter(t, stack);
	const account = await enter(t, stack, await stack.as());
	for (const tab of [guest, account]) {
		await isTold(tab, 1);
		assert.deepEqual(told(tab), [false]);
	}
	const who = await agentOf(stack);
	const desks = [await sit(t, stack, who)];
	for (const tab of [guest, account]) await isTold(tab, 2);
	desks.push(await sit(t, stack, who), await sit(t, stack));
	const late = await enter(t, stack);
	await isTold(late, 1);
	assert.deepEqual(told(late), [true]);
	// who leaves is not missed while another is there
	for (const desk of desks.slice(0, 2)) desk.close();
	await Promise.all(desks.slice(0, 2).map((desk) => desk.raw.closed));
	const began = Date.now();
	desks[2].close();
	for (const tab of [guest, account, late]) {
		await until('it is gone', () => told(tab).at(-1) === false);
	}
	const ms = Date.now() - began;
	assert.ok(ms > 2800 && ms < 6000, `told after ${ms} ms`);
	const back = await sit(t, stack, who);
	for (const tab of [guest, account]) {
		await isTold(tab, 4);
		assert.deepEqual(told(tab), [false, true, false, true]);
		for (const frame of tab.of('presence'))
			assert.deepEqual(Object.keys(frame).sort(), [
				'isOnline',
				'type',
			]);
		keepsSecret(tab, ...desks);
	}
	back.close();
});

test('log-out ends the sockets of that session, of visitors and of desks, and no other', async (t) => {
	for (const role of ['customer', 'agent']) {
		const claims = { sub: `${fresh(role)}@example.com`, role };
		const client = person({ ...claims, sid: fresh('sid') });
		const keeper = person(claims);
		const init = role === 'agent' ? { role } : {};
		const tab = await enter(t, stack, client, init);
		const staying = await enter(t, stack, keeper, init);
		const began = Date.now();
		ok(await client.del('/api/session'));
		await tab.end(5000);
		assert.ok(Date.now() - began < 5000);
		const last = tab.frames.at(-1);
		assert.equal(last.type, 'error');
		assert.equal(last.code, 'revoked');
		assert.ok(last.message.length > 2);
		assert.ok(staying.isOpen);
		// and its token opens no other
		const again = chat(stack, client);
		t.after(() => again.close());
		again.send('init', init);
		await again.next('error');
		assert.deepEqual(again.of('session'), []);
		assert.deepEqual(again.of('history'), []);
	}
});

test('a log-out at the page ends its chat; the guest that he is then has another session', async (t) => {
	const who = new Browser(stack);
	const { sessionId } = await says(who, 'before login');
	const claims = { sub: `${fresh('asha')}@example.com` };
	who.jar.set('parley_token', mint({ ...claims, sid: fresh('sid') }));
	const tab = await enter(t, stack, who);
	assert.equal(tab.session.sessionId, sessionId);
	ok(await who.del('/api/session'));
	await tab.end(5000);
	assert.equal(tab.frames.at(-1).code, 'revoked');
	const guest = await enter(t, stack, who, { sessionId });
	assert.notEqual(guest.session.sessionId, sessionId);
	assert.deepEqual(guest.of('history')[0].messages, []);
});

test('a token that expires ends its chat, a guest stays', async (t) => {
	const exp = now() - LEEWAY_S + 4;
	const client = person({ sub: `${fresh('x')}@example.com`, exp });
	const tab = await enter(t, stack, client);
	const guest = await enter(t, stack);
	await tab.end(12000);
	assert.equal(tab.frames.at(-1).type, 'error');
	assert.equal(tab.frames.at(-1).code, 'auth_failed');
	assert.ok(guest.isOpen);
});

test('a chat that has begun with nothing is not asked for a proof', async (t) => {
	const tab = chat(stack, new Browser(stack));
	t.after(() => tab.close());
	await tab.raw.opened;
	await tab.init();
	assert.deepEqual(tab.of('error'), []);
});

/* The last: it ends the Parley of all above. */
test('at the end of Parley visitors and desks are told', async (t) => {
	const tabs = [
		await enter(t, stack),
		await enter(t, stack, await stack.as()),
		await sit(t, stack),
	];
	stack.child.kill('SIGTERM');
	for (const tab of tabs) {
		await tab.end(10000);
		assert.equal(tab.frames.at(-1).type, 'error');
		assert.equal(tab.frames.at(-1).code, 'server_restart');
	}
});
