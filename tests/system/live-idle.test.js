/*
 * Scenario 31: heartbeats, with short intervals: who answers stays, who is
 * silent is told so and dropped, and a stock client that hears nothing more
 * reconnects.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor, until } from './harness.js';
import { raw } from './live.js';
import { open, SOCKET_IO, succeed } from './scene.js';
import { meet, message } from './talk.js';

const HEARTBEAT_MS = 300;
const SILENCE_MS = 900;
const SEND = 'conversation:message';

const stack = await stackFor({
	env: {
		PARLEY_RELAY_ARGS: `--heartbeat-ms=${HEARTBEAT_MS} --silence-ms=${SILENCE_MS} --pong-ms=1500 --proof-ms=60000`,
	},
});

const bearer = ({ token }) => ({ authorization: `Bearer ${token}` });
const count = (socket, frame) =>
	socket.frames.filter((one) => one === frame).length;

test('31: a stock client idles for many intervals and stays connected', async (t) => {
	const { id, customer } = await meet(stack);
	const tab = await open(customer, 'socketio');
	t.after(() => tab.close());
	const reasons = [];
	tab.socket.on('disconnect', (reason) => reasons.push(reason));
	let pings = 0;
	tab.socket.io.on('ping', () => pings++);
	await until('ten pings', () => pings >= 10);
	assert.deepEqual(reasons, []);
	await succeed(tab, SEND, { conversationId: id, message: message('x') });
});

test('31: the open packet says the interval that is kept', async (t) => {
	const { customer } = await meet(stack);
	const socket = raw(stack, SOCKET_IO, bearer(customer));
	t.after(() => socket.close());
	const open = await socket.next((frame) => frame.startsWith('0{'));
	const { pingInterval, pingTimeout } = JSON.parse(open.slice(1));
	assert.equal(pingInterval, HEARTBEAT_MS);
	assert.ok(pingTimeout > 0);
	socket.send('40');
	const began = performance.now();
	socket.onFrame = (frame) => frame === '2' && socket.send('3');
	await until('ten pings', () => count(socket, '2') >= 10);
	const lasted = performance.now() - began;
	assert.ok(lasted > 8 * HEARTBEAT_MS, `ten pings in ${lasted} ms`);
	assert.equal(socket.isOpen, true);
});

for (const [dialect, path, last] of [
	['native', '/ws', /^\{"event":"error","data":\{"code":"idle"/],
	['Socket.IO', SOCKET_IO, /^42\["error",\{"code":"idle"/],
]) {
	test(`31: who answers nothing is told idle and dropped: ${dialect}`, async (t) => {
		const { customer } = await meet(stack);
		const socket = raw(stack, path, bearer(customer));
		t.after(() => socket.close());
		if (path !== '/ws') socket.send('40');
		await socket.next((frame) => /hello|^40/.test(frame));
		const began = performance.now();
		await socket.end();
		const lasted = performance.now() - began;
		assert.ok(lasted > SILENCE_MS - 200, `${lasted} ms`);
		assert.match(socket.frames.at(-1), last);
	});
}

test('31: any frame of a native client counts as its answer', async (t) => {
	const { customer } = await meet(stack);
	const socket = raw(stack, '/ws', bearer(customer));
	t.after(() => socket.close());
	const frames = ['{"event":"pong"}', '{"event":"ping"}', '{}', 'x', ''];
	socket.onFrame = (frame) =>
		/"ping"/.test(frame) &&
		socket.send(frames[count(socket, frame) % 5]);
	await until('ten pings', () => count(socket, '{"event":"ping"}') >= 10);
	assert.equal(socket.isOpen, true);
});

test('31: /chat is pinged, and needs no answer', async (t) => {
	const socket = raw(stack, '/chat', { origin: stack.url });
	t.after(() => socket.close());
	await until('ten pings', () => count(socket, '{"type":"ping"}') >= 10);
	assert.equal(socket.isOpen, true);
});

test('31: a stock client whose server falls silent reconnects', async (t) => {
	const { id, customer } = await meet(stack);
	const before = new Set(stack.relays());
	const tab = await open(customer, 'socketio');
	t.after(() => tab.close());
	const [relay] = stack.relays().filter((pid) => !before.has(pid));
	const reasons = [];
	tab.socket.on('disconnect', (reason) => reasons.push(reason));
	process.kill(relay, 'SIGSTOP');
	t.after(() => {
		try {
			process.kill(relay, 'SIGKILL');
		} catch {
			// websocketd has ended it
		}
	});
	await until(
		'another connection',
		() => reasons.length && tab.socket.connected,
		60000,
	);
	assert.deepEqual(reasons, ['ping timeout']);
	await succeed(tab, SEND, { conversationId: id, message: message('x') });
});
