/*
 * Who a socket is: cookie and Origin, bearer, in band; renewal, another
 * account, log-out, expiry.  Tokens are made here, as a host would make them.
 */
import assert from 'node:assert/strict';
import { createHmac, randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import { fresh, start } from './harness.js';
import { Client } from './client.js';
import { dialects, fail, open, SOCKET_IO, succeed } from './scene.js';
import { raw, socketio } from './live.js';
import { C, message, ok, read, thread } from './talk.js';

const SECRET = randomBytes(24).toString('hex');
const SEND = 'conversation:message';
const LEEWAY_S = 60;

const now = () => Math.floor(Date.now() / 1000);
const part = (value) =>
	Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of these claims, valid for an hour unless they say otherwise. */
function mint(claims) {
	const head = part({ alg: 'HS256', typ: 'JWT' });
	const text = `${head}.${part({ exp: now() + 3600, ...claims })}`;
	const mac = createHmac('sha256', SECRET).update(text);
	return `${text}.${mac.digest('base64url')}`;
}

let stack;
before(async () => {
	stack = await start({
		env: {
			PARLEY_JWT_SECRET: SECRET,
			PARLEY_RELAY_ARGS: '--proof-ms=2000',
		},
	});
});
after(() => stack.stop());

/** An account with this token, and a conversation of his to talk in. */
async function account(more = {}) {
	const email = `${fresh('who')}@example.com`;
	const client = new Client(stack, {
		email,
		token: mint({ sub: email, ...more }),
	});
	const other = { email: `${fresh('other')}@example.com` };
	const keeper = new Client(stack, {
		email,
		token: mint({ sub: email }),
	});
	const { id } = ok(await keeper.post(C, thread(keeper, other)), 201);
	return { client, keeper, email, id };
}

/** The last frame of a socket that the server ended: {code, ...}. */
async function ending(tab, within = 5000) {
	await tab.end(within);
	const last = tab.events.at(-1);
	assert.equal(last.event, 'error');
	return last.data.code;
}

const auth = (token) => JSON.stringify({ event: 'auth', data: { token } });

/** Insist that a native socket was greeted as this account. */
async function isGreeted(socket, email) {
	const hello = await socket.next((frame) =>
		/"event": ?"hello"/.test(frame),
	);
	const { data } = JSON.parse(hello);
	assert.deepEqual(data.ids, [email]);
	assert.equal(typeof data.epoch, 'string');
	assert.equal(data.heartbeat, 25);
	return data;
}

/* Headers of an upgrade, and whether they prove who it is. */
const upgrades = {
	'a bearer': [(token) => ({ authorization: `Bearer ${token}` }), true],
	'a cookie from our origin': [
		(token) => ({
			cookie: `parley_token=${token}`,
			origin: stack.url,
		}),
		true,
	],
	'a cookie and same-origin': [
		(token) => ({
			cookie: `x=1; parley_token=${token}`,
			'sec-fetch-site': 'same-origin',
		}),
		true,
	],
	'a cookie from elsewhere': [
		(token) => ({
			cookie: `parley_token=${token}`,
			origin: 'https://evil.example',
		}),
		false,
	],
	'a cookie from nowhere': [
		(token) => ({ cookie: `parley_token=${token}` }),
		false,
	],
	'a cookie, cross-site': [
		(token) => ({
			cookie: `parley_token=${token}`,
			'sec-fetch-site': 'cross-site',
		}),
		false,
	],
	'a token that is cut': [
		(token) => ({ authorization: `Bearer ${token.slice(0, -2)}` }),
		false,
	],
	nothing: [() => ({}), false],
};

for (const [what, [headers, proves]] of Object.entries(upgrades))
	test(`${what} ${proves ? 'proves' : 'does not prove'} who it is, in both dialects`, async (t) => {
		const { client, email } = await account();
		const ws = raw(stack, '/ws', headers(client.token));
		const sio = raw(stack, SOCKET_IO, headers(client.token));
		t.after(() => [ws, sio].forEach((one) => one.close()));
		await sio.next((frame) => frame.startsWith('0{'));
		sio.send('40');
		if (proves) {
			await isGreeted(ws, email);
			const frame = await sio.next((one) =>
				/^4[04]/.test(one),
			);
			assert.match(frame, /^40\{"sid":"[^"]+"\}$/);
			return;
		}
		assert.equal(
			await sio.next((one) => /^4[04]/.test(one)),
			'44{"message":"unauthorized"}',
		);
		await ws.end();
		assert.equal(ws.frames.length, 1);
		const { event, data } = JSON.parse(ws.frames[0]);
		assert.equal(event, 'error');
		assert.equal(data.code, 'auth_failed');
		assert.ok(data.reason && data.message === data.reason);
	});

test('a token never counts in a query', async (t) => {
	const { client } = await account();
	const query = `token=${client.token}&parley_token=${client.token}`;
	const ws = raw(stack, `/ws?${query}`);
	const sio = raw(stack, `${SOCKET_IO}&${query}`);
	t.after(() => [ws, sio].forEach((one) => one.close()));
	sio.send('40');
	await sio.next((one) => one === '44{"message":"unauthorized"}');
	await ws.end();
	assert.equal(ws.frames.length, 1);
});

test('a token in the first message proves it, and outranks the cookie', async (t) => {
	const [one, two] = [await account(), await account()];
	for (const headers of [
		{},
		upgrades['a cookie from our origin'][0](two.client.token),
	]) {
		const sio = raw(stack, SOCKET_IO, headers);
		t.after(() => sio.close());
		sio.send(`40{"token":"${one.client.token}"}`);
		await sio.next((frame) => frame.startsWith('40{"sid"'));
		sio.send(
			`420${JSON.stringify([
				SEND,
				{
					conversationId: one.id,
					message: message('as one'),
				},
			])}`,
		);
		const answer = await sio.next((frame) =>
			frame.startsWith('430'),
		);
		assert.match(answer, /"success": ?true/);
	}
	const ws = raw(stack, '/ws');
	t.after(() => ws.close());
	ws.send(auth(one.client.token));
	const { epoch } = await isGreeted(ws, one.email);
	const list = await one.client.get(C);
	assert.equal(list.body.epoch, epoch);
	const bad = raw(stack, SOCKET_IO);
	t.after(() => bad.close());
	bad.send('40{"token":"junk"}');
	await bad.next((frame) => frame === '44{"message":"unauthorized"}');
});

test('stock clients: auth payload, cookie, and a refusal that is not retried', async (t) => {
	const { client } = await account();
	for (const options of [
		{ auth: { token: client.token } },
		{
			auth: null,
			headers: upgrades['a cookie from our origin'][0](
				client.token,
			),
		},
	]) {
		const tab = socketio(stack, client, options);
		t.after(() => tab.close());
		await tab.ready;
	}
	const refused = socketio(stack, client, { auth: { token: 'junk' } });
	t.after(() => refused.close());
	const error = await new Promise((tell) =>
		refused.socket.on('connect_error', tell),
	);
	refused.ready.catch(() => {});
	assert.equal(error.message, 'unauthorized');
	assert.equal(refused.socket.active, false);
});

test('without a credential an event is refused, and the connection waits on', async (t) => {
	const { client, email, id } = await account();
	const ws = raw(stack, '/ws');
	t.after(() => ws.close());
	ws.send(
		JSON.stringify({
			event: SEND,
			ack: 1,
			data: { conversationId: id, message: message('x') },
		}),
	);
	const refusal = await ws.next((frame) => /"ack"/.test(frame));
	assert.equal(JSON.parse(refusal).error.code, 'unauthorized');
	ws.send(auth(client.token));
	await isGreeted(ws, email);
	assert.deepEqual((await read(client, id)).messages, []);
});

test('a token that expires ends its socket; one renewed in time does not', async () => {
	const exp = now() - LEEWAY_S + 4;
	const [lost, kept] = [await account({ exp }), await account({ exp })];
	const tabs = [];
	for (const { client } of [lost, kept])
		for (const dialect of Object.keys(dialects))
			tabs.push(await open(client, dialect));
	const [a, b, renewed, expiring] = tabs;
	await succeed(renewed, 'auth', { token: kept.keeper.token });
	for (const tab of [a, b, expiring])
		assert.equal(await ending(tab, 12000), 'auth_failed');
	const over = Date.now() / 1000 - (exp + LEEWAY_S);
	assert.ok(over > -1.5 && over < 6, `ended ${over} s after the end`);
	await succeed(renewed, SEND, {
		conversationId: kept.id,
		message: message('by the new token'),
	});
	assert.equal((await read(kept.keeper, kept.id)).seq, 1);
	renewed.close();
});

test("another account's token on an open socket is auth_failed", async () => {
	const [one, two] = [await account(), await account()];
	const tab = await open(one.client);
	tab.send('auth', { token: two.client.token });
	assert.equal(await ending(tab), 'auth_failed');
});

test('a token that proves nothing does not undo the one that did', async () => {
	const { client, id } = await account();
	const tab = await open(client);
	const answer = await tab.ask('auth', { token: 'junk' });
	if (answer.success === false && tab.isOpen)
		await succeed(tab, SEND, {
			conversationId: id,
			message: message('still here'),
		});
	else assert.equal(await ending(tab), 'auth_failed');
	tab.close();
});

test('log-out ends the open sockets of that session within 5 s, and no other', async (t) => {
	const { client, keeper, id } = await account({ sid: fresh('sid') });
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

test('a log-out by cookie is that of the page: its socket ends', async (t) => {
	const { client } = await account();
	const headers = upgrades['a cookie from our origin'][0](client.token);
	const tab = raw(stack, '/ws', headers);
	t.after(() => tab.close());
	await tab.next((frame) => /hello/.test(frame));
	ok(await stack.anyone.del('/api/session', undefined, { headers }));
	await tab.end();
	const { event, data } = JSON.parse(tab.frames.at(-1));
	assert.equal(event, 'error');
	assert.equal(data.code, 'revoked');
});
