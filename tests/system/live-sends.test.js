/*
 * Scenarios 13, 14 and 26: sends over sockets are sends: one effect, one
 * push, definite answers; and the first clients' way of sending.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { crowd, pause, stackFor, until } from './harness.js';
import {
	dialects,
	heard,
	outsiders,
	roomy,
	scene,
	SIDES,
	succeed,
} from './scene.js';
import { C, isWhole, message, ok, put, read } from './talk.js';

const NEW = 'conversation:new-message';
const SEND = 'conversation:message';

const stack = await stackFor({ env: roomy });
const others = await outsiders(stack);

/** What a page of ours sends along. */
const asBrowser = (client) => ({
	cookie: `parley_token=${client.token}`,
	origin: client.stack.url,
});

/** The first clients' socket: opened for one send, dropped 100 ms later. */
async function emitAndLeave(client, id, one) {
	const socket = io(client.stack.url, {
		transports: ['websocket'],
		extraHeaders: asBrowser(client),
		forceNew: true,
		reconnection: false,
	});
	await new Promise((done, failed) => {
		socket.on('connect', done);
		socket.on('connect_error', failed);
	});
	socket.emit(SEND, {
		conversationId: id,
		message: one,
		userEmail: client.email,
		userRole: client.role,
	});
	await pause(100); // as they do
	socket.disconnect();
}

/** One press of Send in a first client. */
const pressSend = (client, asked, one) => {
	const headers = asBrowser(client);
	return Promise.all([
		client.post(C, { ...asked, messages: [one] }, { headers }),
		client.put(
			C,
			{ conversationId: asked.id, message: one },
			{ headers },
		),
		emitAndLeave(client, asked.id, one),
	]);
};

/** The messages that a tab showed, in its order. */
const shows = (tab, id) =>
	heard(tab, id)
		.filter((one) => one.event === NEW)
		.map((one) => one.data.message.id);

test('13: one press of Send, by POST, PUT and a socket at once, is one message', async (t) => {
	const s = await scene(t, stack);
	const ids = [];
	for (let n = 0; n < 10; n++) {
		const one = {
			id: 1767400000000123 + n,
			text: `press ${n}`,
			sender: 'user',
			timestamp: new Date().toISOString(),
			isRead: false,
			type: 'text',
			status: 'sending',
			localOnly: true,
		};
		ids.push(one.id);
		const [posted, sent] = await pressSend(
			s.customer,
			s.asked,
			one,
		);
		ok(posted);
		ok(sent);
	}
	await until('the last', () =>
		shows(s.tabs.seller.native, s.id).includes(ids.at(-1)),
	);
	await s.fence();
	const { messages } = await read(s.seller, s.id);
	isWhole(messages, 10);
	assert.deepEqual(
		messages.map((one) => one.id),
		ids,
	);
	for (const tab of s.of()) assert.deepEqual(shows(tab, s.id), ids);
});

test('26: a socket that connects, emits, and leaves after 100 ms loses nothing', async (t) => {
	const s = await scene(t, stack);
	const all = [];
	await crowd(8, async (n) => {
		const one = message(`leaving ${n}`);
		all.push(one.id);
		await emitAndLeave(s[SIDES[n % 2]], s.id, one);
	});
	for (const tab of s.of())
		await until(
			'all eight',
			() => shows(tab, s.id).length === all.length,
		);
	const { messages } = await read(s.customer, s.id);
	isWhole(messages, 8);
	for (const tab of s.of())
		assert.deepEqual(
			shows(tab, s.id),
			messages.map((one) => one.id),
		);
});

test('26: natively also before it was greeted', async (t) => {
	const s = await scene(t, stack);
	await crowd(8, async (n) => {
		const ws = new WebSocket(
			`${stack.url.replace('http', 'ws')}/ws`,
			{
				headers: {
					authorization: `Bearer ${s.customer.token}`,
				},
			},
		);
		await new Promise((done, failed) => {
			ws.on('open', done);
			ws.on('error', failed);
		});
		ws.send(
			JSON.stringify({
				event: SEND,
				data: {
					conversationId: s.id,
					message: message(`early ${n}`),
				},
			}),
		);
		await pause(100); // as scenario 26 says
		ws.close();
	});
	await until(
		'all eight',
		() => shows(s.tabs.seller.native, s.id).length === 8,
	);
	isWhole((await read(s.customer, s.id)).messages, 8);
});

test('14: a repeat over any mix of PUT, POST and sockets is quiet, and says duplicate', async (t) => {
	const s = await scene(t, stack);
	const one = message('once');
	const first = await succeed(s.tabs.customer.native, SEND, {
		conversationId: s.id,
		message: one,
	});
	const { rev } = await read(s.customer, s.id);
	for (const [what, act] of [
		['PUT', () => put(s.customer, s.id, one)],
		[
			'POST',
			() =>
				s.customer.post(C, {
					...s.asked,
					messages: [one],
				}),
		],
	])
		ok(await s.expect(act, [], [], what));
	for (const dialect of Object.keys(dialects)) {
		const tab = s.tabs.customer[dialect];
		const heards = await s.hears(() =>
			succeed(tab, SEND, {
				conversationId: s.id,
				message: one,
			}),
		);
		assert.deepEqual(s.reply, { ...first, duplicate: true });
		const want = {
			customer: { native: [], socketio: [] },
			seller: { native: [], socketio: [] },
		};
		want.customer[dialect] = ['message:status'];
		assert.deepEqual(heards, want);
	}
	assert.equal((await read(s.customer, s.id)).rev, rev);
	for (const tab of s.of()) assert.deepEqual(shows(tab, s.id), [one.id]);
});

test("one connection's sends keep their order, without waiting for answers", async (t) => {
	const s = await scene(t, stack);
	const all = Array.from({ length: 30 }, (_, n) => message(`${n}`));
	for (const one of all)
		s.tabs.seller.socketio.send(SEND, {
			conversationId: s.id,
			message: one,
		});
	const ids = all.map((one) => one.id);
	for (const tab of s.of())
		await until('all thirty', () => shows(tab, s.id).length === 30);
	for (const tab of s.of()) assert.deepEqual(shows(tab, s.id), ids);
	const { messages } = await read(s.customer, s.id);
	assert.deepEqual(
		messages.map((one) => one.id),
		ids,
	);
});

test('nobody else heard any of it', () => others.heardNothing());
