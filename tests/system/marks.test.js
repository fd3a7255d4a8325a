/*
 * Scenarios 34 to 39: read marks, unread counts, receipts.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, stackFor } from './harness.js';
import {
	C,
	everything,
	expect,
	list,
	meet,
	message,
	of,
	ok,
	patch,
	put,
	read,
	say,
	unreadOf,
} from './talk.js';

const stack = await stackFor();

test('scenario 34: who opens the thread has read it, and only he', async () => {
	const { id, customer, seller } = await meet(stack, { said: 3 });
	ok(await say(seller, id, 'hello'));
	ok(
		await say(customer, id, 'four', {
			timestamp: '2020-01-01T00:00:00Z',
		}),
	);
	const before = await read(seller, id);
	assert.equal(before.unreadBySeller, 1);
	const marked = ok(await patch(seller, id, { readSeq: 5 }));
	assert.equal(marked.isReadBySeller, true);
	assert.equal(marked.unreadBySeller, 0);
	assert.deepEqual(marked.readSeq, { customer: 5, seller: 5 });
	const device = await stack.as({ email: seller.email, role: 'seller' });
	for (const client of [seller, device, customer]) {
		const now = await read(client, id);
		assert.deepEqual(
			now.messages.map((one) => one.isRead),
			[true, true, true, true, true],
		);
		assert.deepEqual(
			now.messages.map((one) => one.rev),
			before.messages.map((one) => one.rev),
		);
		assert.equal(now.rev, before.rev + 1);
	}
});

test('scenario 35: a mark-read repeated 100 times is one write', async () => {
	const { id, customer, seller } = await meet(stack, { said: 3 });
	const [{ id: newest }] = (await read(seller, id, { messages: 1 }))
		.messages;
	const marks = [
		{ readSeq: 3 },
		{ markReadMessageIds: [newest] },
		{ threadReadBy: 'seller', threadReadState: true },
	];
	ok(await patch(seller, id, marks[0]));
	const stored = () =>
		stack.db.collection('conversations').findOne({ id });
	const [before, { rev, updatedAt }] = [
		await stored(),
		await read(seller, id),
	];
	const replies = await crowd(100, (i) =>
		patch(seller, id, marks[i % 3]),
	);
	replies.forEach((reply) => ok(reply));
	assert.deepEqual(await stored(), before);
	const now = await read(customer, id);
	assert.equal(now.rev, rev);
	assert.equal(now.updatedAt, updatedAt);
});

test('scenario 36: a message after reading turns the flag and the badge', async () => {
	const { id, customer, seller } = await meet(stack, { said: 2 });
	assert.equal(await unreadOf(seller), 1);
	ok(await patch(seller, id, { readSeq: 2 }));
	assert.equal(await unreadOf(seller), 0);
	for (let n = 1; n <= 3; n++) {
		ok(await say(customer, id, `more ${n}`));
		const now = await read(seller, id);
		assert.equal(now.isReadBySeller, false);
		assert.equal(now.unreadBySeller, n);
		assert.equal(await unreadOf(seller), 1);
		const rows = await list(seller, { filter: 'unread' });
		assert.deepEqual(
			rows.map((row) => row.id),
			[id],
		);
	}
	assert.equal(await unreadOf(customer), 0);
	assert.deepEqual(await list(customer, { filter: 'unread' }), []);
});

test("scenario 37: mark unread is a flag of one's own", async () => {
	const { id, customer, seller } = await meet(stack, { said: 2 });
	ok(await say(seller, id, 'yes'));
	const { rev, updatedAt } = await read(seller, id);
	const unread = { threadReadBy: 'seller', threadReadState: false };
	const now = ok(await patch(seller, id, unread));
	assert.equal(now.isReadBySeller, false);
	assert.equal(now.unreadBySeller, 0);
	assert.equal(now.isReadByCustomer, false);
	assert.equal(now.rev, rev);
	assert.equal(now.updatedAt, updatedAt);
	assert.equal(await unreadOf(seller), 1);
	assert.equal(await unreadOf(customer), 1);
	for (const state of [true, false])
		for (const [client, threadReadBy] of [
			[customer, 'seller'],
			[seller, 'customer'],
			[seller, 'user'],
		])
			expect(
				await patch(client, id, {
					threadReadBy,
					threadReadState: state,
				}),
				403,
				'forbidden',
			);
	ok(await patch(seller, id, { readSeq: 3 }));
	assert.equal(await unreadOf(seller), 0);
	ok(await patch(seller, id, unread));
	assert.equal(await unreadOf(seller), 1);
	ok(await say(seller, id, 'my own send ends it'));
	assert.equal(await unreadOf(seller), 0);
});

test('scenario 38: receipts cover all up to the highest listed', async () => {
	const { id, customer, seller } = await meet(stack);
	const ids = [];
	for (let n = 1; n <= 6; n++)
		ids.push((await say(customer, id, `${n}`)).body.message.id);
	const marks = [
		[[ids[1], 'unknown', 99], 2],
		[[ids[3], ids[0]], 4],
		[[ids[2]], 4],
		[[], 4],
		[[ids[5]], 6],
	];
	for (const [markReadMessageIds, seq] of marks) {
		ok(await patch(seller, id, { markReadMessageIds }));
		const now = await read(customer, id);
		assert.equal(now.readSeq.seller, seq);
		assert.equal(now.unreadBySeller, 6 - seq);
		assert.deepEqual(
			now.messages.map((one) => one.isRead),
			ids.map((_, i) => i < seq),
		);
	}
});

test("scenario 38: one's own ids mark nothing, archived ones do", async () => {
	const { id, customer, seller } = await meet(stack);
	const first = (await say(customer, id, 'first')).body.message.id;
	for (let n = 0; n < 4; n++)
		ok(
			await customer.post(C, {
				id,
				messages: Array.from({ length: 50 }, (_, i) =>
					message(`${n}.${i}`),
				),
			}),
		);
	ok(await patch(customer, id, { markReadMessageIds: [first] }));
	assert.equal((await read(customer, id)).readSeq.seller, 0);
	ok(await patch(seller, id, { markReadMessageIds: [first] }));
	const now = await read(seller, id);
	assert.equal(now.readSeq.seller, 1);
	assert.equal(now.unreadBySeller, 200);
});

test('marks only grow, and never pass the last message', async () => {
	const { id, customer, seller } = await meet(stack, { said: 4 });
	const steps = [
		[{ deliveredSeq: 2 }, 0, 2],
		[{ readSeq: 1 }, 1, 2],
		[{ readSeq: 3 }, 3, 3],
		[{ readSeq: 2, deliveredSeq: 1 }, 3, 3],
		[{ deliveredSeq: 4 }, 3, 4],
		[{ readSeq: 9007199254740991 }, 4, 4],
		[{ deliveredSeq: 1000 }, 4, 4],
		[{ readSeq: 0 }, 4, 4],
	];
	for (const [change, readSeq, deliveredSeq] of steps) {
		ok(await patch(seller, id, change));
		const now = await read(customer, id);
		assert.equal(
			now.readSeq.seller,
			readSeq,
			JSON.stringify(change),
		);
		assert.equal(now.deliveredSeq.seller, deliveredSeq);
	}
	for (const bad of [-1, 1.5, '3', 1e300, {}, [3], true])
		for (const field of ['readSeq', 'deliveredSeq'])
			expect(await patch(seller, id, { [field]: bad }), 400);
	ok(await say(customer, id, 'five'));
	assert.equal((await read(seller, id)).unreadBySeller, 1);
});

test('marks of both sides, sends and clears at once leave exact counts', async () => {
	const { id, customer, seller } = await meet(stack);
	await crowd(60, async (i) => {
		const client = i % 2 ? customer : seller;
		const sent = await put(client, id, message(`${i}`), {
			readSeq: i % 7,
		});
		ok(sent);
		const mark = Math.max(0, sent.body.message.seq - 2);
		ok(await patch(client, id, { readSeq: mark }));
		if (i % 20 === 0)
			ok(await patch(client, id, { clearMessages: true }));
	});
	const admin = await stack.as({ role: 'admin' });
	const all = await everything(admin, id);
	for (const [client, own, unread] of [
		[customer, 'customer', 'unreadByCustomer'],
		[seller, 'seller', 'unreadBySeller'],
	]) {
		const now = await read(client, id);
		const seen = Math.max(now.readSeq[own], now.clearedSeq);
		const sender = own === 'customer' ? 'user' : 'seller';
		const wanted = all.filter(
			(one) => one.sender !== sender && one.seq > seen,
		).length;
		assert.equal(now[unread], wanted);
	}
});

test('scenario 39: a conversation without messages is not unread', async () => {
	const { id, customer, seller } = await meet(stack);
	for (const client of [customer, seller]) {
		const now = await read(client, id);
		assert.equal(now.isReadBySeller, true);
		assert.equal(now.isReadByCustomer, true);
		assert.equal(await unreadOf(client), 0);
		assert.deepEqual(await list(client, { filter: 'unread' }), []);
	}
});
