/*
 * Every limit of the live socket: what is too much is refused in band, what
 * ends a connection says so in its last frame, an upgrade too many is 429.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { crowd, pause, start, until } from './harness.js';
import { everything, isWhole, meet, message } from './talk.js';
import { SOCKETIO, connected, greeted, wire } from './wire.js';

const PROOF_MS = 1500;
const LINE_BYTES = 65536;

let stack;
let pair;
before(async () => {
	stack = await start({
		env: {
			PARLEY_NGINX_CONNECTIONS: undefined,
			PARLEY_RATE_MESSAGES: '10',
			PARLEY_RATE_BURST: '10',
			PARLEY_RELAY_ARGS: `--proof-ms=${PROOF_MS}`,
		},
	});
	pair = await meet(stack, { said: 1 });
});
after(() => stack.stop());

/** How often this code was said by events, not by answers. */
const errors = (client, code) =>
	client.events.filter((e) => e.event === 'error' && e.data.code === code)
		.length;

const leave = (client) =>
	client.emit('conversation:leave', { conversationId: pair.id });

/** Insist that it still answers. */
async function answers(client, more = {}) {
	const data = { conversationId: pair.id, seq: 1, ...more };
	const answer = await client.ask('conversation:mark-read', data);
	assert.ok(answer.data?.success, JSON.stringify(answer));
}

test('a line over 64 KiB is too_large, in the last frame', async () => {
	const client = await greeted(stack, pair.seller);
	const text = 'x'.repeat(LINE_BYTES);
	client.emit('conversation:message', { text });
	assert.equal(await client.ended(), 'too_large');
});

test('a line over 64 KiB ends Socket.IO too, and says why', async () => {
	const client = await connected(stack, pair.seller);
	client.send(`42["x","${'x'.repeat(LINE_BYTES)}"]`);
	assert.equal(await client.ended(), 'too_large');
});

test('a line just under 64 KiB passes', async () => {
	const client = await greeted(stack, pair.seller);
	await answers(client, { padding: 'x'.repeat(LINE_BYTES - 200) });
	client.destroy();
});

test('40 events at once pass, the next are refused in band', async () => {
	const client = await greeted(stack, pair.seller);
	for (let i = 1; i <= 60; i++) leave(client);
	await until('refusals', () => errors(client, 'rate_limited') >= 15);
	await pause(500); // ten events' worth comes back
	await answers(client);
	assert.ok(errors(client, 'rate_limited') <= 20);
	client.destroy();
});

test('10 s of too much ends the connection', async () => {
	const client = await greeted(stack, pair.seller);
	const began = Date.now();
	while (!client.closed && Date.now() - began < 20000) {
		for (let i = 0; i < 10; i++) leave(client);
		await pause(100);
	}
	const ms = Date.now() - began;
	assert.equal(await client.ended(), 'rate_limited');
	assert.ok(ms > 8000 && ms < 16000, `after ${ms} ms`);
});

test('256 joins at once pass, the next are refused', async () => {
	const client = await greeted(stack, pair.seller);
	const data = { conversationId: pair.id };
	const answers = await crowd(320, () =>
		client.ask('conversation:join', data),
	);
	const passed = answers.filter((one) => one.data?.success).length;
	assert.ok(passed >= 256 && passed < 320, `${passed} passed`);
	client.destroy();
});

test('the 33rd connection of an account is rate_limited', async () => {
	const all = await crowd(32, () => greeted(stack, pair.customer));
	const more = await wire(stack, { token: pair.customer.token });
	assert.equal(await more.ended(), 'rate_limited');
	all.pop().destroy();
	await until('there is room again', async () => {
		const next = await wire(stack, { token: pair.customer.token });
		all.push(next);
		await until('an answer', () => next.texts.length);
		return next.events[0].event === 'hello';
	});
	for (const one of all) one.destroy();
});

test('the 51st connection of an address is 429, in the envelope', async () => {
	const all = await crowd(50, () => wire(stack));
	assert.ok(all.every((one) => one.status === 101));
	const more = await wire(stack);
	assert.equal(more.status, 429);
	assert.match(more.head, /Retry-After: \d/i);
	const body = JSON.parse(more.bytes);
	assert.equal(body.code, 'rate_limited');
	assert.equal(body.success, false);
	for (const one of [...all, more]) one.destroy();
	await until('there is room again', async () => {
		const one = await wire(stack);
		one.destroy();
		return one.status === 101;
	});
});

test('who proves nothing in time is auth_failed', async () => {
	const began = Date.now();
	const clients = [
		await wire(stack),
		await wire(stack, { token: 'not.a.token' }),
	];
	for (const one of clients)
		assert.equal(await one.ended(), 'auth_failed');
	const ms = Date.now() - began;
	assert.ok(ms >= PROOF_MS && ms < PROOF_MS + 2000, `${ms} ms`);
});

test('who proves nothing by Socket.IO in time gets 44', async () => {
	const client = await wire(stack, { path: SOCKETIO });
	await until('the connection ends', () => client.closed);
	assert.match(client.texts.at(-1), /^44/);
});

test('what REST limits is refused on sockets too, as ack and error', async () => {
	const { id, customer } = await meet(stack);
	const client = await greeted(stack, customer);
	const answers = await crowd(30, (i) =>
		client.ask('conversation:message', {
			conversationId: id,
			message: message(`m${i}`),
		}),
	);
	const refused = answers.filter((one) => one.error);
	assert.ok(refused.length >= 15 && refused.length <= 22);
	for (const { error } of refused) {
		assert.equal(error.code, 'rate_limited');
		assert.equal(error.written, false);
	}
	await until(
		'an error for each',
		() => errors(client, 'rate_limited') === refused.length,
	);
	isWhole(await everything(customer, id), 30 - refused.length);
	client.destroy();
});

test('what websocketd has no room for is 429, in the envelope', async () => {
	const small = await start({ env: { PARLEY_LIVE_CONNECTIONS: '3' } });
	const all = await crowd(3, () => wire(small));
	assert.ok(all.every((one) => one.status === 101));
	const more = await wire(small);
	assert.equal(more.status, 429);
	assert.equal(JSON.parse(more.bytes).code, 'rate_limited');
	all[0].destroy();
	await until('there is room again', async () => {
		const one = await wire(small);
		one.destroy();
		return one.status === 101;
	});
	await small.stop();
});
