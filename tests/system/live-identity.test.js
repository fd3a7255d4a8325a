/*
 * Who a socket is: cookie and Origin, bearer, or a token in the first message.
 * What becomes of an open socket's proof is live-session.test.js.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import { native, raw, socketio } from './live.js';
import { heard, SOCKET_IO } from './scene.js';
import { C, message, ok, patch, read, say, thread } from './talk.js';
import { account, mint, SECRET } from './tokens.js';

const NEW = 'conversation:new-message';
const SEND = 'conversation:message';

const stack = await stackFor({
	env: {
		PARLEY_JWT_SECRET: SECRET,
		PARLEY_RELAY_ARGS: '--proof-ms=2000',
	},
});

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
		const { client, email } = await account(stack);
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
	const { client } = await account(stack);
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
	const [one, two] = [await account(stack), await account(stack)];
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
	const { client } = await account(stack);
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
	const { client, email, id } = await account(stack);
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

test('an account of several identities is told once, as customer where it is both', async (t) => {
	const [one, two] = [await account(stack), await account(stack)];
	const asked = thread(one.client, { email: two.email });
	const { id } = ok(await one.client.post(C, asked), 201);
	const both = { token: mint({ sub: two.email, email: one.email }) };
	const tabs = [native(stack, both), socketio(stack, both)];
	t.after(() => tabs.forEach((tab) => tab.close()));
	for (const tab of tabs) await tab.ready;
	assert.deepEqual(tabs[0].hello.ids, [two.email, one.email]);
	ok(await patch(two.client, id, { archive: true }));
	ok(await say(one.client, id, 'a'));
	ok(await say(two.client, id, 'b'));
	ok(await say(one.client, id, 'c'));
	for (const tab of tabs) {
		await tab.next(NEW, (data) => data.message.text === 'c');
		const all = heard(tab, id).filter((each) => each.event === NEW);
		assert.deepEqual(
			all.map(({ data }) => data.message.text),
			['a', 'b', 'c'],
		);
		// the customer has read his own, the seller has not
		const [{ data }] = all;
		assert.equal(data.conversation.unreadByCustomer, 0);
		assert.equal(data.conversation.archived, false);
	}
});
