/*
 * The export: all of a conversation as NDJSON, streamed.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import net from 'node:net';
import { after, before, test } from 'node:test';
import { crowd, start, until } from './harness.js';
import {
	C,
	expect,
	fill,
	isWhole,
	meet,
	of,
	ok,
	patch,
	read,
	say,
} from './talk.js';

let stack;
/** 20,000 messages: more than all buffers on the way hold. */
let pair;
let target;
before(async () => {
	stack = await start();
	pair = await meet(stack);
	const { id, customer, seller } = pair;
	target = `${C}/export${of(id)}`;
	await crowd(4, (i) =>
		fill(i % 2 ? customer : seller, id, 5000, 'é'.repeat(450)),
	);
});
after(() => stack.stop());

const lines = (reply) =>
	reply.text
		.trimEnd()
		.split('\n')
		.map((line) => JSON.parse(line));

/** Resident memory of the api in KiB. */
function resident() {
	const status = fs.readFileSync(
		`/proc/${stack.pid('api')}/status`,
		'utf8',
	);
	return Number(status.match(/VmRSS:\s*(\d+)/)[1]);
}

test('an export is all that its caller may see, and streamed', async () => {
	const admin = await stack.as({ role: 'admin' });
	const { id, customer, seller } = pair;
	const before = resident();
	for (const client of [customer, seller, admin, customer, seller]) {
		const reply = await client.get(target);
		assert.equal(reply.status, 200);
		assert.match(reply.headers['content-type'], /ndjson/);
		assert.ok(reply.text.endsWith('\n'));
		const [first, ...rest] = lines(reply);
		assert.equal(first.id, id);
		assert.deepEqual(rest.pop(), { end: true, messages: 20000 });
		isWhole(rest, 20000);
	}
	const grown = resident() - before;
	assert.ok(grown < 8 * 1024, `grew by ${grown} KiB`);
});

test('an export leaves out what its caller cleared', async () => {
	const { id, customer, seller } = await meet(stack, { said: 70 });
	ok(await patch(customer, id, { clearMessages: true }));
	ok(await say(seller, id, 'afterwards'));
	const mine = lines(await customer.get(`${C}/export${of(id)}`));
	assert.equal(mine.length, 3);
	assert.equal(mine[1].text, 'afterwards');
	assert.deepEqual(mine[2], { end: true, messages: 1 });
	const all = lines(await seller.get(`${C}/export${of(id)}`));
	assert.equal(all.length, 73);
});

test('an export is refused like any other read', async () => {
	const outsider = await stack.as();
	expect(await outsider.get(target), 404, 'not_found');
	expect(await stack.anyone.get(target), 401, 'unauthorized');
	expect(await pair.customer.get(`${C}/export`), 400, 'bad_field');
});

/** A request for the export whose answer is never read. */
function stall() {
	const socket = net.connect(stack.port, '127.0.0.1');
	socket.on('error', () => null);
	socket.pause();
	socket.write(
		`GET ${target} HTTP/1.1\r\nHost: x\r\n` +
			`Authorization: Bearer ${pair.seller.token}\r\n\r\n`,
	);
	return socket;
}

test('exports to readers that leave or stall keep no worker from others', async () => {
	const { id, customer } = pair;
	await crowd(40, () =>
		customer.get(target, { within: 5 }).catch(() => null),
	);
	const stalled = [];
	const refused = () =>
		until('exports are refused', async () => {
			stalled.push(stall());
			const reply = await customer.get(target);
			return reply.status === 503 && reply;
		});
	const { headers } = expect(await refused(), 503, 'unavailable');
	assert.ok(Number(headers['retry-after']) >= 1);
	const began = Date.now();
	for (let n = 0; n < 20; n++)
		ok(await say(customer, id, `still served ${n}`));
	assert.ok(Date.now() - began < 3000);
	expect(await customer.get(target), 503, 'unavailable');
	stalled.forEach((socket) => socket.destroy());
	await until(
		'exports are served again',
		async () => (await customer.get(target)).status === 200,
	);
});
