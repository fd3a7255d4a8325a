/*
 * Scenario 10: hiding a conversation from oneself, and the purge.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import {
	C,
	everything,
	expect,
	list,
	meet,
	of,
	ok,
	patch,
	read,
	say,
} from './talk.js';

const stack = await stackFor();

test('scenario 10: DELETE hides it from its caller alone', async () => {
	const { id, customer, seller } = await meet(stack, { said: 3 });
	const { rev } = await read(seller, id);
	ok(await customer.del(C + of(id)));
	assert.deepEqual(await list(customer), []);
	expect(await customer.get(C + of(id)), 404, 'not_found');
	const [row] = await list(seller);
	assert.equal(row.seq, 3);
	assert.equal(row.messages.length, 3);
	assert.equal(row.rev, rev);
	ok(await customer.del(C + of(id)));
	ok(await customer.del(C, { conversationId: id }));
	expect(await customer.del(C), 400, 'bad_field');
	expect(await customer.del(C + of('absent')), 404, 'not_found');

	ok(await say(seller, id, 'still there?'));
	const [back] = await list(customer);
	assert.equal(back.id, id);
	assert.deepEqual(
		back.messages.map((one) => one.text),
		['still there?'],
	);
	assert.equal(back.clearedSeq, 3);
	assert.equal(back.unreadByCustomer, 1);
});

test("scenario 10: the caller's own PUT or POST brings it back", async () => {
	const { id, customer, seller, asked } = await meet(stack, { said: 2 });
	for (const back of [
		() => say(customer, id, 'I am back'),
		() => customer.post(C, asked),
	]) {
		ok(await customer.del(C + of(id)));
		ok(await back());
		assert.deepEqual(
			(await list(customer)).map((row) => row.id),
			[id],
		);
	}
	const mine = await read(customer, id);
	assert.deepEqual(mine.messages, []);
	assert.equal((await everything(seller, id)).length, 3);
});

test('a purge by an admin erases it for both, and its ids stay blocked', async () => {
	const { id, customer, seller, asked } = await meet(stack, { said: 70 });
	const admin = await stack.as({ role: 'admin' });
	const purge = C + of(id, { purge: 1 });
	for (const client of [customer, seller])
		expect(await client.del(purge), 403, 'forbidden');
	ok(await admin.del(purge));
	ok(await admin.del(purge));
	for (const client of [customer, seller, admin]) {
		expect(await client.get(C + of(id)), 404, 'not_found');
		expect(await client.get(`${C}/export${of(id)}`), 404);
	}
	for (const client of [customer, seller]) {
		assert.deepEqual(await list(client), []);
		expect(await say(client, id, 'anyone?'), 404, 'not_found');
		expect(await patch(client, id, { archive: true }), 404);
	}
	const traces = await stack.db
		.collection('conversations')
		.find({ ids: id })
		.toArray();
	assert.equal(traces.length, 1);
	assert.ok(!('messages' in traces[0]));
	const buckets = stack.db
		.collection('archive')
		.countDocuments({ '_id.c': traces[0]._id });
	assert.equal(await buckets, 0);

	const again = ok(await customer.post(C, asked), 201);
	assert.notEqual(again.id, id);
	assert.equal(again.seq, 0);
});
