/*
 * Scenarios 19 and 20: one conversation a triple, and all of its ids.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, fresh, stackFor } from './harness.js';
import {
	C,
	everything,
	expect,
	isWhole,
	list,
	meet,
	message,
	of,
	ok,
	put,
	read,
	say,
	thread,
} from './talk.js';

const stack = await stackFor();

test('scenario 13: creation itself may race with its first messages', async () => {
	const customer = await stack.as();
	const seller = await stack.as({ role: 'seller' });
	for (let round = 0; round < 10; round++) {
		const asked = thread(customer, seller, {
			messages: [message('first')],
		});
		const replies = await crowd(8, () => customer.post(C, asked));
		const created = replies.filter((reply) => reply.status === 201);
		assert.equal(created.length, 1);
		replies.forEach((reply) => assert.ok(reply.status <= 201));
		isWhole(await everything(seller, asked.id), 1);
	}
});

test('scenario 19: devices with own ids share one thread; all ids resolve', async () => {
	const customer = await stack.as();
	const seller = await stack.as({ role: 'seller' });
	for (const vehicleId of [Date.now(), fresh('v'), fresh('listing é ')]) {
		const same = thread(customer, seller, { vehicleId });
		const bodies = Array.from({ length: 8 }, (_, i) => ({
			...same,
			id: fresh('conv_'),
			messages: [message(`d${i}`)],
		}));
		const replies = await Promise.all(
			bodies.map((body) => customer.post(C, body)),
		);
		const made = replies.filter((reply) => reply.status === 201);
		assert.equal(made.length, 1);
		const [{ id }] = made.map((reply) => reply.body.data);
		for (const reply of replies)
			assert.equal(reply.body.data.id, id, reply.text);
		for (const [i, body] of bodies.entries()) {
			const found = await read(seller, body.id);
			assert.equal(found.id, id);
			assert.equal(found.vehicleId, vehicleId);
			assert.equal(found.seq, 8 + i);
			ok(await say(seller, body.id, 'by this id'));
		}
		isWhole(await everything(seller, bodies[7].id), 16);
		assert.equal((await list(customer, { vehicleId })).length, 1);
	}
});

test('scenario 19: 7 and "7" are one listing, kept in the first\'s type', async () => {
	const customer = await stack.as();
	const seller = await stack.as({ role: 'seller' });
	const n = Math.floor(Math.random() * 1e12);
	const first = thread(customer, seller, { vehicleId: n });
	const second = thread(customer, seller, { vehicleId: String(n) });
	ok(await customer.post(C, first), 201);
	const merged = ok(await customer.post(C, second));
	assert.equal(merged.id, first.id);
	assert.equal(merged.vehicleId, n);
	for (const vehicleId of [n, String(n)])
		assert.equal((await list(customer, { vehicleId })).length, 1);
	assert.equal((await list(customer, { vehicleId: 'none' })).length, 0);
});

test('at most 16 further ids become aliases', async () => {
	const { customer, seller, asked } = await meet(stack);
	const aliases = Array.from({ length: 16 }, () => fresh('alias_'));
	for (const id of aliases)
		assert.equal(
			ok(await customer.post(C, { ...asked, id })).id,
			asked.id,
		);
	const tooMany = fresh('alias_');
	const reply = await customer.post(C, { ...asked, id: tooMany });
	assert.ok(reply.status === 200 || reply.status === 409, reply.text);
	for (const id of aliases)
		assert.equal((await read(seller, id)).id, asked.id);
	expect(await seller.get(C + of(tooMany)), 404, 'not_found');
});

test('an id of strangers is not touched; the new one gets another', async () => {
	const theirs = await meet(stack, { said: 1 });
	const customer = await stack.as();
	const seller = await stack.as({ role: 'seller' });
	const asked = thread(customer, seller, {
		id: theirs.id,
		messages: [message('for my seller')],
	});
	const before = await read(theirs.customer, theirs.id);
	const made = ok(await customer.post(C, asked), 201);
	assert.notEqual(made.id, theirs.id);
	assert.equal((await read(seller, made.id)).seq, 1);
	const again = ok(await customer.post(C, asked));
	assert.equal(again.id, made.id);
	assert.equal(again.seq, 1);
	expect(await say(customer, theirs.id, 'x'), 404, 'not_found');
	assert.deepEqual(await read(theirs.customer, theirs.id), before);
});

test('a known id of the caller decides before the triple', async () => {
	const { id, customer, seller } = await meet(stack);
	const other = ok(await customer.post(C, thread(customer, seller)), 201);
	const merged = ok(
		await customer.post(C, {
			...thread(customer, seller),
			id,
			vehicleId: other.vehicleId,
			messages: [message('to the first')],
		}),
	);
	assert.equal(merged.id, id);
	assert.equal(merged.seq, 1);
	assert.equal((await read(customer, other.id)).seq, 0);
});

test('scenario 20: two threads may use one message id', async () => {
	const one = message('the same words');
	const [a, b] = [await meet(stack), await meet(stack)];
	for (const { id, customer, seller } of [a, b]) {
		ok(await put(customer, id, one));
		ok(await put(seller, id, one));
		const all = await everything(customer, id);
		assert.deepEqual(
			all.map((m) => [m.id, m.sender]),
			[
				[one.id, 'user'],
				[one.id, 'seller'],
			],
		);
	}
});
