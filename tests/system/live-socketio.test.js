/*
 * Frames of /ws and /socket.io/ to the letter: greetings, acks, pings, what
 * is refused and survived, and what is no upgrade at all.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import { raw } from './live.js';
import { roomy, SOCKET_IO } from './scene.js';
import { meet, message, read } from './talk.js';

const stack = await stackFor({ env: roomy });

const SEND = 'conversation:message';

/** A raw socket of this account, greeted. */
async function greeted(t, client, path) {
	const socket = raw(stack, path, {
		authorization: `Bearer ${client.token}`,
	});
	t.after(() => socket.close());
	if (path === SOCKET_IO) socket.send('40');
	await socket.next((frame) => /^40|"hello"/.test(frame));
	return socket;
}

/** The next frame after what is there, of those that match. */
async function answerTo(socket, text, pattern = /^/) {
	const from = socket.frames.length;
	socket.send(text);
	return socket.next(
		(frame) =>
			socket.frames.indexOf(frame, from) >= from &&
			pattern.test(frame),
	);
}

test('Socket.IO opens at once with intervals and an id of its own', async (t) => {
	const { customer } = await meet(stack);
	const sockets = [
		await greeted(t, customer, SOCKET_IO),
		await greeted(t, customer, SOCKET_IO),
	];
	const opens = sockets.map(({ frames }) => {
		assert.match(frames[0], /^0\{/);
		assert.match(frames[1], /^40\{"sid":"[A-Za-z0-9_-]{16,64}"\}$/);
		return JSON.parse(frames[0].slice(1));
	});
	for (const open of opens) {
		const { sid, ...rest } = open;
		assert.match(sid, /^[A-Za-z0-9_-]{16,64}$/);
		assert.deepEqual(rest, {
			upgrades: [],
			pingInterval: 25000,
			pingTimeout: 20000,
			maxPayload: 65536,
		});
	}
	assert.notEqual(opens[0].sid, opens[1].sid);
});

test('Socket.IO to the letter: what is answered, and with what', async (t) => {
	const { id, customer } = await meet(stack);
	const socket = await greeted(t, customer, SOCKET_IO);
	const event = (name, data, n = '') =>
		`42${n}${JSON.stringify([name, data])}`;
	const send = { conversationId: id, message: { id: 1, text: 'é' } };
	for (const [frame, answer] of [
		['2', /^3$/],
		['2probe', /^3probe$/],
		['40/admin,', /^44\/admin,\{"message":"Invalid namespace"\}$/],
		[
			'40/admin,{"token":"x"}',
			/^44\/admin,\{"message":"Invalid nam/,
		],
		[event(SEND, send, 0), /^430\[\{"success": ?true,.*"seq": ?1/],
		[
			event(SEND, send, 4294967295),
			/^434294967295\[.*"duplicate": ?true/,
		],
		['427["conversation:leave",{"conversationId":"x"}]', /^437\[/],
		['421["nonsense",{}]', /^431\[\{"success": ?false/],
		['422["disconnect"]', /^432\[\{"success": ?false/],
		['423["conversation:message"]', /^433\[\{"success": ?false/],
		[
			'424["conversation:message",null]',
			/^434\[\{"success": ?false/,
		],
		['42[]', /^42\["error",\{/],
		['42{}', /^42\["error",\{/],
		['42[7]', /^42\["error",\{/],
		['42["x"', /^42\["error",\{/],
		['42["x",{"a":1,"a":2}]', /^42\["error",\{/],
		['42["x",NaN]', /^42\["error",\{/],
		['4', /^42\["error",\{/],
		['49', /^42\["error",\{/],
		['x', /^42\["error",\{/],
		['{"event":"auth"}', /^42\["error",\{/],
		['451-["x",{"_placeholder":true,"num":0}]', /^42\["error",\{/],
		['bAAEC', /^42\["error",\{/],
		['42999999999999["x",{}]', /^42\["error",\{/],
	])
		await answerTo(socket, frame, answer).catch((error) => {
			throw new Error(`${frame}: ${error.message}`);
		});
	// what is not answered: pongs, noops, answers, events elsewhere
	for (const frame of ['3', '6', '430[{}]', '']) socket.send(frame);
	await answerTo(socket, '2probe', /^3probe$/);
	assert.equal((await read(customer, id)).seq, 1);
	assert.equal(socket.isOpen, true);
});

for (const frame of ['41', '1'])
	test(`Socket.IO ${frame} leaves`, async (t) => {
		const { customer } = await meet(stack);
		const socket = await greeted(t, customer, SOCKET_IO);
		socket.send(frame);
		await socket.end();
	});

test('natively to the letter: acks of any kind, pings, errors that are survived', async (t) => {
	const { id, customer } = await meet(stack);
	const socket = await greeted(t, customer, '/ws');
	assert.equal(JSON.parse(socket.frames[0]).event, 'hello');
	for (const ack of [
		1,
		'a"\u{1f600}',
		null,
		{ n: [1, 2] },
		[],
		1.5,
		'',
	]) {
		const one = message('x');
		const data = { conversationId: id, message: one };
		const frame = await answerTo(
			socket,
			JSON.stringify({ ack, data, event: SEND, more: 1 }),
			/"ack"/,
		);
		const answer = JSON.parse(frame);
		assert.deepEqual(Object.keys(answer).sort(), ['ack', 'data']);
		assert.deepEqual(answer.ack, ack);
		assert.equal(answer.data.message.id, one.id);
		const refused = JSON.parse(
			await answerTo(
				socket,
				JSON.stringify({ event: SEND, ack, data: {} }),
				/"ack"/,
			),
		);
		assert.deepEqual(Object.keys(refused).sort(), ['ack', 'error']);
		assert.equal(refused.error.success, false);
		assert.deepEqual(refused.ack, ack);
	}
	for (const [frame, code] of [
		['{', 'bad_json'],
		['[]', 'bad_json'],
		['7', 'bad_json'],
		['{"event":"x",}', 'bad_json'],
		['{"event":"x","event":"y"}', 'bad_field'],
		['{"event":"\\ud800"}', 'bad_field'],
		['{"event":7}', 'bad_field'],
		['{}', 'bad_field'],
		['{"event":"nonsense"}', 'bad_field'],
		['{"event":"conversation:join","data":[]}', 'bad_field'],
	]) {
		const answer = JSON.parse(
			await answerTo(socket, frame, /"event": ?"error"/),
		).data;
		assert.deepEqual(answer.message, answer.reason, frame);
		assert.equal(answer.code, code, frame);
	}
	await answerTo(socket, '{"event":"ping"}', /pong/);
	assert.equal(socket.isOpen, true);
});

test('what is no upgrade, or none of ours, is refused over HTTP', async () => {
	const { anyone } = stack;
	const polling = await anyone.get('/socket.io/?EIO=4&transport=polling');
	assert.equal(polling.status, 400);
	assert.deepEqual(polling.body, {
		code: 0,
		message: 'Transport unknown',
	});
	const posted = await anyone.post(
		'/socket.io/?EIO=4&transport=polling',
		'40',
	);
	assert.equal(posted.status, 400);
	for (const query of [
		'EIO=3&transport=websocket',
		'transport=websocket',
	]) {
		const refused = raw(stack, `/socket.io/?${query}`);
		assert.equal(await refused.refusal, 400);
	}
	for (const path of ['/ws', '/chat']) {
		const { status, body } = await anyone.get(path);
		assert.equal(status, 426, path);
		assert.equal(body.success, false);
	}
	for (const path of ['/ws/', '/wsx', '/chat/x', '/socket.io/x'])
		assert.ok((await raw(stack, path).refusal) >= 400, path);
});
