/*
 * Odd but legal: ids and identities of any allowed characters and lengths,
 * long tokens, clients that do not wait to be greeted or leave at once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, fresh, stackFor, until } from './harness.js';
import { Client } from './client.js';
import { native, raw, socketio } from './live.js';
import {
	dialects,
	open,
	outsiders,
	roomy,
	SOCKET_IO,
	succeed,
} from './scene.js';
import { C, isWhole, meet, message, ok, read, thread } from './talk.js';
import { mint, SECRET } from './tokens.js';

const NEW = 'conversation:new-message';
const SEND = 'conversation:message';
const SENT_AT_ONCE = 10;

const stack = await stackFor({
	env: { ...roomy, PARLEY_JWT_SECRET: SECRET },
});
const others = await outsiders(stack);

/** An account of these identities. */
const person = (email, more = {}) =>
	new Client(stack, { email, token: mint({ sub: email, ...more }) });

for (const [what, odd] of [
	['quotes', 'o"\\\'`<>&%2F%00+=?#;{}[]|~$'],
	['letters of four bytes', '\u{1f600}'.repeat(320 - 30)],
	['a path', '../../../etc/passwd'],
])
	test(`identities and ids of ${what} pass through every event`, async (t) => {
		const customer = person(`${fresh('c')}${odd}`.toLowerCase());
		const seller = person(`${fresh('s')}${odd}`.toLowerCase());
		const id = /^[\x21-\x7e]*$/.test(odd) ? fresh(odd) : fresh('x');
		ok(
			await customer.post(C, {
				...thread(customer, seller),
				id,
			}),
			201,
		);
		const [from, to] = [
			await open(customer),
			await open(seller, 'socketio'),
		];
		t.after(() => [from, to].forEach((tab) => tab.close()));
		assert.deepEqual(from.hello.ids, [customer.email]);
		const of = (more) => ({ conversationId: id, ...more });
		for (const tab of [from, to])
			await succeed(tab, 'conversation:join', of());
		const there = await to.next(
			'user:presence',
			(one) => one.isOnline,
		);
		assert.equal(there.userEmail, customer.email);
		assert.equal(there.conversationId, id);
		from.send('conversation:typing', of({ isTyping: true }));
		assert.equal(
			(await to.next('conversation:typing')).isTyping,
			true,
		);
		const one = message(odd);
		await succeed(from, SEND, of({ message: one }));
		assert.equal((await to.next(NEW)).message.text, odd);
		await succeed(
			to,
			'conversation:mark-read',
			of({
				messageIds: [one.id],
			}),
		);
		const { readBy } = await from.next('conversation:read');
		assert.equal(readBy, seller.email);
		await succeed(to, 'conversation:leave', of());
	});

for (const [what, claims] of [
	['padding of 4,000 characters', { pad: 'x'.repeat(4000) }],
	['an expiry far away', { exp: 253402300000 }],
	['a fraction of a second', { exp: Date.now() / 1000 + 3600.5 }],
	['three identities', { userId: 7, email: 'B@example.com' }],
])
	test(`a token with ${what} proves the same over sockets as over REST`, async (t) => {
		const client = person(`${fresh('p')}@example.com`, claims);
		const reply = await client.get('/api/session');
		const tabs = [native(stack, client), socketio(stack, client)];
		const inBand = raw(stack, '/ws');
		t.after(() => [...tabs, inBand].forEach((one) => one.close()));
		inBand.send(
			JSON.stringify({
				event: 'auth',
				data: { token: client.token },
			}),
		);
		const { ids } = ok(reply);
		for (const tab of tabs) await tab.ready;
		assert.deepEqual(tabs[0].hello.ids, ids);
		const hello = await inBand.next((frame) => /hello/.test(frame));
		assert.deepEqual(JSON.parse(hello).data.ids, ids);
	});

test('Socket.IO events behind the connect packet do not wait to be greeted', async (t) => {
	const { id, customer } = await meet(stack);
	const socket = raw(stack, SOCKET_IO, {
		authorization: `Bearer ${customer.token}`,
	});
	t.after(() => socket.close());
	const send = [SEND, { conversationId: id, message: message('x') }];
	socket.send('40');
	socket.send(`427${JSON.stringify(send)}`);
	assert.match(
		await socket.next((frame) => frame.startsWith('437')),
		/"success": ?true/,
	);
});

for (const path of ['/ws', SOCKET_IO])
	test(`who sends and leaves at once, without a pause, loses nothing either: ${path}`, async () => {
		const { id, customer } = await meet(stack);
		await crowd(SENT_AT_ONCE, async (n) => {
			const socket = raw(stack, path, {
				authorization: `Bearer ${customer.token}`,
			});
			await socket.opened;
			const data = {
				conversationId: id,
				message: message(`${n}`),
			};
			if (path === '/ws')
				socket.send(
					JSON.stringify({ event: SEND, data }),
				);
			else {
				socket.send('40');
				socket.send(
					`42${JSON.stringify([SEND, data])}`,
				);
			}
			socket.close();
		});
		await until(
			'all',
			async () =>
				(await read(customer, id)).seq === SENT_AT_ONCE,
		);
		isWhole((await read(customer, id)).messages, SENT_AT_ONCE);
	});

test('two tabs that send one message at once: one of them is told duplicate', async (t) => {
	const { id, customer } = await meet(stack);
	const tabs = [];
	for (const dialect of Object.keys(dialects))
		tabs.push(await open(customer, dialect));
	t.after(() => tabs.forEach((tab) => tab.close()));
	for (let n = 0; n < 10; n++) {
		const data = { conversationId: id, message: message(`${n}`) };
		const answers = await Promise.all(
			tabs.map((tab) => succeed(tab, SEND, data)),
		);
		assert.deepEqual(answers.map((one) => one.duplicate).sort(), [
			false,
			true,
		]);
		assert.equal(answers[0].seq, n + 1);
		assert.equal(answers[1].seq, n + 1);
	}
	for (const tab of tabs) {
		await tab.next(NEW, (data) => data.message.seq === 10);
		assert.equal(
			tab.events.filter((one) => one.event === NEW).length,
			10,
		);
	}
});

test('websocket first and polling second is what stock clients may say too', async (t) => {
	const { customer } = await meet(stack);
	const tab = socketio(stack, customer, {
		transports: ['websocket', 'polling'],
	});
	t.after(() => tab.close());
	await tab.ready;
	assert.equal(tab.socket.io.engine.transport.name, 'websocket');
});

test('nobody else heard any of it', () => others.heardNothing());
