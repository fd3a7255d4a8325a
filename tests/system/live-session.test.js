/*
 * What becomes of the proof of an open socket: renewal in place, another
 * account, log-out, expiry; each ends with its reason in the last frame.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Client } from './client.js';
import { fresh, stackFor } from './harness.js';
import { raw } from './live.js';
import { dialects, fail, open, succeed } from './scene.js';
import { message, ok, read } from './talk.js';
import { account, mint, now, SECRET } from './tokens.js';

const SEND = 'conversation:message';
const LEEWAY_S = 60;

const stack = await stackFor({
	env: {
		PARLEY_JWT_SECRET: SECRET,
		PARLEY_RELAY_ARGS: '--proof-ms=2000',
	},
});

/** The last frame of a socket that the server ended: {code, ...}. */
async function ending(tab, within = 5000) {
	await tab.end(within);
	const last = tab.events.at(-1);
	assert.equal(last.event, 'error');
	return last.data.code;
}

test('a token that expires ends its socket; one renewed in time does not', async () => {
	const exp = now() - LEEWAY_S + 4;
	const { client, keeper, id } = await account(stack, { exp });
	const expiring = [];
	const renewed = [];
	for (const dialect of Object.keys(dialects)) {
		expiring.push(await open(client, dialect));
		renewed.push(await open(client, dialect));
	}
	for (const tab of renewed)
		await succeed(tab, 'auth', { token: keeper.token });
	for (const tab of expiring)
		assert.equal(await ending(tab, 12000), 'auth_failed');
	const over = Date.now() / 1000 - (exp + LEEWAY_S);
	assert.ok(over > -1.5 && over < 6, `ended ${over} s after the end`);
	for (const tab of renewed)
		await succeed(tab, SEND, {
			conversationId: id,
			message: message('by the new token'),
		});
	assert.equal((await read(keeper, id)).seq, 2);
	[...expiring, ...renewed].forEach((tab) => tab.close());
});

test("another account's token on an open socket is auth_failed", async () => {
	const [one, two] = [await account(stack), await account(stack)];
	const tab = await open(one.client);
	tab.send('auth', { token: two.client.token });
	assert.equal(await ending(tab), 'auth_failed');
});

test('a token that proves nothing does not undo the one that did', async () => {
	const { client, id } = await account(stack);
	const tab = await open(client);
	await fail(tab, 'auth', { token: 'junk' }, 'unauthorized');
	await succeed(tab, SEND, {
		conversationId: id,
		message: message('still here'),
	});
	tab.close();
});

test('log-out ends the open sockets of that session within 5 s, and no other', async (t) => {
	const { client, keeper, id } = await account(stack, {
		sid: fresh('sid'),
	});
	const tabs = [];
	for (const dialect of Object.keys(dialects))
		tabs.push(await open(client, dialect));
	const staying = await open(keeper);
	t.after(() => staying.close());
	const began = Date.now();
	ok(await client.del('/api/session'));
	for (const tab of tabs) assert.equal(await ending(tab), 'revoked');
	assert.ok(Date.now() - began < 5000);
	const again = raw(stack, '/ws', {
		authorization: `Bearer ${client.token}`,
	});
	t.after(() => again.close());
	await again.end();
	assert.equal(JSON.parse(again.frames.at(-1)).data.code, 'auth_failed');
	await succeed(staying, SEND, {
		conversationId: id,
		message: message('I stay'),
	});
});

test('a log-out ends the sockets of every token of its session', async () => {
	const sid = fresh('sid');
	const { client, email } = await account(stack, { sid });
	const other = new Client(stack, {
		email,
		token: mint({ sub: email, sid, name: 'the refreshed token' }),
	});
	const tab = await open(other);
	ok(await client.del('/api/session'));
	assert.equal(await ending(tab), 'revoked');
});

test('a log-out by cookie is that of the page: its socket ends', async (t) => {
	const { client } = await account(stack);
	const headers = {
		cookie: `parley_token=${client.token}`,
		origin: stack.url,
	};
	const tab = raw(stack, '/ws', headers);
	t.after(() => tab.close());
	await tab.next((frame) => /hello/.test(frame));
	ok(await stack.anyone.del('/api/session', undefined, { headers }));
	await tab.end();
	const { event, data } = JSON.parse(tab.frames.at(-1));
	assert.equal(event, 'error');
	assert.equal(data.code, 'revoked');
});
