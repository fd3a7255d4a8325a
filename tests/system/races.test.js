/*
 * Scenarios 18 and 21: many senders at once, and clocks that lie.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, stackFor } from './harness.js';
import {
	everything,
	isWhole,
	meet,
	message,
	of,
	ok,
	put,
	read,
	say,
} from './talk.js';

const stack = await stackFor();

const ids = (messages) => messages.map((one) => one.id);

test('scenario 18: 50 concurrent PUTs from both sides are 50 messages', async () => {
	const { id, customer, seller } = await meet(stack);
	const replies = await crowd(50, (i) => {
		const timestamp = new Date(Date.now() - 1000 * i).toISOString();
		return say(i % 2 ? customer : seller, id, `line ${i}`, {
			timestamp,
		});
	});
	replies.forEach((reply) => ok(reply));
	const all = await everything(customer, id);
	isWhole(all, 50);
	assert.equal(new Set(ids(all)).size, 50);
	const newest = all
		.map((one) => one.receivedAt)
		.sort()
		.pop();
	const { lastMessageAt } = await read(seller, id);
	assert.ok(lastMessageAt >= newest);
	for (const reply of replies) {
		const stored = all.find(
			(one) => one.id === reply.body.message.id,
		);
		assert.equal(stored.seq, reply.body.message.seq);
	}
});

test('64 concurrent senders to one conversation: numbers without holes', async () => {
	const { id, customer, seller } = await meet(stack);
	const mine = await crowd(64, async (i) => {
		const client = i % 2 ? customer : seller;
		const seqs = [];
		for (let n = 0; n < 8; n++) {
			const reply = await say(client, id, `${i}.${n}`);
			ok(reply);
			seqs.push(reply.body.message.seq);
		}
		return seqs;
	});
	for (const seqs of mine)
		assert.deepEqual(
			seqs,
			[...seqs].sort((a, b) => a - b),
		);
	isWhole(await everything(customer, id), 64 * 8);
	assert.deepEqual(
		mine.flat().sort((a, b) => a - b),
		Array.from({ length: 512 }, (_, i) => i + 1),
	);
});

test('100 parallel attempts with one id are one message', async () => {
	const { id, customer, seller } = await meet(stack);
	const one = message('only once');
	const replies = await crowd(100, () => put(customer, id, one));
	const seqs = replies.map((reply) => {
		ok(reply);
		return reply.body.message.seq;
	});
	assert.deepEqual([...new Set(seqs)], [1]);
	const first = replies.filter((reply) => !reply.body.duplicate);
	assert.equal(first.length, 1);
	isWhole(await everything(seller, id), 1);
});

test('scenario 21: no clock decides order', async () => {
	const { id, customer, seller } = await meet(stack);
	const ahead = new Date(Date.now() + 3600e3).toISOString();
	let last = (await read(seller, id)).lastMessageAt;
	const stamps = [
		'2031-01-01T00:00:00Z',
		'1999-12-31T23:59:59.5Z',
		ahead,
		'2024-02-30T00:00:00Z',
		'yesterday',
		17,
		null,
		'1990-01-01',
		'2020-06-01T10:00:00+05:30',
	];
	const shown = [];
	for (const timestamp of stamps) {
		const reply = await say(customer, id, String(timestamp), {
			timestamp,
		});
		const { lastMessageAt } = ok(reply);
		assert.ok(lastMessageAt >= last);
		last = lastMessageAt;
		shown.push(reply.body.message.timestamp);
	}
	const all = await everything(seller, id);
	isWhole(all, stamps.length);
	assert.deepEqual(
		all.map((one) => one.text),
		stamps.map(String),
	);
	assert.equal(shown[1], '1999-12-31T23:59:59.500Z');
	assert.equal(shown[8], '2020-06-01T04:30:00.000Z');
	for (const i of [0, 2, 3, 4, 5, 6, 7])
		assert.ok(
			Math.abs(new Date(shown[i]) - Date.now()) < 60000,
			`${stamps[i]} became ${shown[i]}`,
		);
});
