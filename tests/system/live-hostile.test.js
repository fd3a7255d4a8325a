/*
 * Hostile clients of the live socket.  Whatever they send, no program of ours
 * ends or grows, and others are served; each connection is either answered in
 * band or ended with a reason.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { fresh, pause, start } from './harness.js';
import { meet, ok, say } from './talk.js';
import { BINARY, CLOSE, TEXT, frame, greeted } from './wire.js';

const CONTINUATION = 0;
const MiB = 1024 * 1024;

let stack;
let pair;
let witness;
let pids;
const programs = ['hub', 'api', 'live', 'nginx', 'mongod'];
before(async () => {
	stack = await start({
		env: {
			PARLEY_NGINX_CONNECTIONS: '10000',
			PARLEY_RELAY_ARGS:
				'--events-burst=1000 --proof-ms=5000',
		},
	});
	pair = await meet(stack, { said: 1 });
	witness = await greeted(stack, pair.customer);
	pids = programs.map((name) => stack.pid(name));
});
after(() => stack.stop());

/* After each of them the others are served, by the same programs. */
afterEach(async () => {
	const stored = ok(await say(pair.seller, pair.id, 'still here'));
	await witness.next(
		'the witness hears it',
		(e) => e.data?.message?.seq === stored.seq,
		1000,
	);
	assert.deepEqual(
		programs.map((name) => stack.pid(name)),
		pids,
	);
});

const read = (ack) =>
	JSON.stringify({
		event: 'conversation:mark-read',
		data: { conversationId: pair.id, seq: 1 },
		ack,
	});

const deep = (n) => `${'['.repeat(n)}${']'.repeat(n)}`;

/* Texts that are answered by an error event; the connection survives. */
const bad = [
	['no JSON', '{'],
	['an empty object', '{}'],
	['an array', '[]'],
	['a scalar', '7'],
	['an event that is no text', '{"event":7}'],
	['an unknown event', '{"event":"conversation:purge","data":{}}'],
	[
		'a name of the server',
		'{"event":"conversation:new-message","data":{}}',
	],
	['data that is no object', '{"event":"conversation:join","data":[]}'],
	['a key twice', '{"event":"a","event":"conversation:join"}'],
	['deep nesting', `{"event":"a","data":${deep(2000)}}`],
	['a raw control', '{"event":"a\u0001"}'],
	['a NUL', '{"event":"a\u0000b"}'],
	['an escaped NUL', '{"event":"a\\u0000b"}'],
	['half a surrogate', '{"event":"a\\ud800"}'],
	['invalid UTF-8', Buffer.from('{"event":"a\xc0\x80"}', 'latin1')],
	['a cut UTF-8 character', Buffer.from('{"event":"\xe2\x82', 'latin1')],
	['a number that fits nowhere', '{"event":"a","data":{"n":1e999}}'],
	['tabs and lines of the bus', '{"event":"a\\tb\\nc","data":{}}'],
	[
		'an id with a tab',
		'{"event":"conversation:leave",' +
			'"data":{"conversationId":"a\\tb"}}',
	],
	[
		'an id that is an object',
		'{"event":"conversation:join",' +
			'"data":{"conversationId":{"$ne":""}}}',
	],
	[
		'an id too long',
		'{"event":"conversation:typing","data":' +
			`{"conversationId":"${'x'.repeat(129)}","isTyping":true}}`,
	],
];

test('each bad text is one error, and the connection survives', async () => {
	const client = await greeted(stack, pair.seller);
	const wrong = [];
	for (const [what, text] of bad) {
		const before = client.events.length;
		client.send(text);
		const ack = fresh('ack');
		client.send(read(ack));
		await client.answer(ack).catch(() => {});
		const said = client.events
			.slice(before)
			.filter((e) => e.ack !== ack);
		if (said.length !== 1 || said[0].event !== 'error')
			wrong.push(`${what}: ${JSON.stringify(said)}`);
	}
	assert.deepEqual(wrong, []);
	client.destroy();
});

test('lines inside one text are that many events', async () => {
	const client = await greeted(stack, pair.seller);
	client.send(`${read(1)}\n${read(2)}\r\n\n${read(3)}`);
	for (const ack of [1, 2, 3]) await client.answer(ack);
	client.destroy();
});

test('one event in ten fragments, with a ping between', async () => {
	const client = await greeted(stack, pair.seller);
	const text = read(1);
	for (let i = 0; i < 10; i++) {
		const part = text.slice(
			Math.floor((text.length * i) / 10),
			Math.floor((text.length * (i + 1)) / 10),
		);
		client.send(part, {
			opcode: i ? CONTINUATION : TEXT,
			fin: i === 9,
		});
		await pause(5);
	}
	await client.answer(1);
	client.destroy();
});

test('bytes that come one by one, and frames glued together', async () => {
	const client = await greeted(stack, pair.seller);
	for (const byte of frame(read(1))) {
		client.write(Buffer.from([byte]));
		await pause(0);
	}
	await client.answer(1);
	client.write(Buffer.concat([frame(read(2)), frame(read(3))]));
	await client.answer(3);
	client.destroy();
});

test('binary glues to the next text: one error, and it goes on', async () => {
	const client = await greeted(stack, pair.seller);
	client.send(Buffer.from([0, 255, 1, 128]), { opcode: BINARY });
	client.send(read(1));
	await client.next('an error', (e) => e.event === 'error');
	client.send(read(2));
	await client.answer(2);
	client.destroy();
});

/* What ends the connection, with this code in band or by nobody's. */
const endings = [
	['a frame of 10 MB', 'too_large', (c) => c.send('x'.repeat(10 * MiB))],
	[
		'10 MB in one fragmented text',
		'too_large',
		(c) => {
			const part = 'x'.repeat(MiB);
			for (let i = 0; i < 10; i++)
				c.send(part, {
					opcode: i ? CONTINUATION : TEXT,
					fin: i === 9,
				});
		},
	],
	[
		'10 MB of binary, which never ends a line',
		'too_large',
		(c) => {
			for (let i = 0; i < 160; i++)
				c.send('x'.repeat(MiB / 16), {
					opcode: BINARY,
				});
		},
	],
	['an unmasked frame', null, (c) => c.send(read(1), { mask: false })],
	['a reserved opcode', null, (c) => c.send('x', { opcode: 5 })],
	['a reserved bit', null, (c) => c.write(Buffer.from([0xf1, 0x80]))],
	[
		'a ping too long',
		null,
		(c) => c.send('x'.repeat(126), { opcode: 9 }),
	],
	[
		'a fragmented ping',
		null,
		(c) => c.send('x', { opcode: 9, fin: false }),
	],
	['a continuation of nothing', null, (c) => c.send('x', { opcode: 0 })],
	[
		'HTTP in place of frames',
		null,
		(c) =>
			c.write(
				Buffer.from(
					'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
				),
			),
	],
	[
		'a close with a bad code',
		null,
		(c) => c.send(Buffer.from([0, 1]), { opcode: CLOSE }),
	],
];

for (const [what, code, hit] of endings)
	test(`${what} ends the connection, and that alone`, async () => {
		const client = await greeted(stack, pair.seller);
		hit(client);
		const last = await client.ended(20000);
		if (code) assert.equal(last, code);
	});
