/*
 * Scenarios 1, 2 and 5: what is stored, and who may store it.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import {
	C,
	expect,
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

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

test('scenario 1: a first POST is 201 with defaults, and both list it', async () => {
	const customer = await stack.as({ name: 'Asha' });
	const seller = await stack.as({ role: 'seller', name: 'Ravi' });
	const asked = thread(customer, seller, {
		messages: [message('Is it still there?', { sender: 'user' })],
	});
	const reply = await customer.post(C, asked);
	const made = ok(reply, 201);
	assert.match(reply.body.epoch, /^\S+$/);
	for (const field of [
		'id',
		'customerId',
		'customerName',
		'sellerId',
		'sellerName',
		'vehicleId',
		'vehicleName',
		'vehiclePrice',
	])
		assert.equal(made[field], asked[field], field);
	const wanted = {
		isReadByCustomer: true,
		isReadBySeller: false,
		unreadByCustomer: 0,
		unreadBySeller: 1,
		isFlagged: false,
		archived: false,
		clearedSeq: 0,
		seq: 1,
		pending: [],
	};
	for (const [field, value] of Object.entries(wanted))
		assert.deepEqual(made[field], value, field);
	for (const field of ['lastMessageAt', 'createdAt', 'updatedAt'])
		assert.match(made[field], ISO, field);
	assert.ok(Number.isInteger(made.rev));

	const [one] = made.messages;
	assert.equal(one.id, asked.messages[0].id);
	assert.equal(one.text, 'Is it still there?');
	assert.equal(one.sender, 'user');
	assert.equal(one.type, 'text');
	assert.equal(one.seq, 1);
	assert.equal(one.isRead, false);
	assert.match(one.timestamp, ISO);
	assert.match(one.receivedAt, ISO);

	for (const [client, query] of [
		[customer, { customerId: customer.email }],
		[seller, { sellerId: seller.email }],
		[customer, {}],
		[seller, {}],
		[
			seller,
			{ sellerId: seller.email, customerId: customer.email },
		],
	]) {
		const rows = await list(client, query);
		assert.deepEqual(
			rows.map((row) => row.id),
			[made.id],
		);
		assert.deepEqual(rows[0].messages, made.messages);
	}
});

test('scenario 1: a conversation needs its fields, and its customer', async () => {
	const { customer, seller, asked } = await meet(stack);
	const other = await stack.as();
	const admin = await stack.as({ role: 'admin' });
	const without = (field) => {
		const body = thread(customer, seller);
		delete body[field];
		return body;
	};
	for (const field of ['id', 'customerId', 'sellerId', 'vehicleId']) {
		const reply = await customer.post(C, without(field));
		expect(reply, 400, 'bad_field');
		assert.match(reply.body.reason, new RegExp(field));
	}
	expect(
		await seller.post(C, thread(customer, seller)),
		403,
		'forbidden',
	);
	expect(await other.post(C, thread(customer, seller)), 403, 'forbidden');
	expect(
		await customer.post(C, thread(customer, customer)),
		400,
		'bad_field',
	);
	ok(await admin.post(C, thread(customer, seller)), 201);
	assert.equal((await list(customer)).length, 2);
	assert.equal((await read(customer, asked.id)).seq, 0);
});

test("scenario 2: newest first, whatever the clients' timestamps", async () => {
	const customer = await stack.as();
	const seller = await stack.as({ role: 'seller' });
	const ids = [];
	for (const timestamp of [
		'2024-05-01T10:00:00Z',
		'2024-05-01T09:00:00.250Z',
		'2024-05-01T18:00:00+09:00',
	]) {
		const asked = thread(customer, seller, {
			messages: [message('hello', { timestamp })],
		});
		ids.push(ok(await customer.post(C, asked), 201).id);
	}
	const order = async () => {
		const rows = await list(seller);
		const times = rows.map((row) => row.lastMessageAt);
		assert.deepEqual(times, [...times].sort().reverse());
		return rows.map((row) => row.id);
	};
	assert.deepEqual(await order(), [...ids].reverse());
	ok(await say(seller, ids[0], 'a reply brings it up'));
	assert.deepEqual(await order(), [ids[0], ids[2], ids[1]]);
});

test('scenario 5: the flags follow the sender; the sender is the caller', async () => {
	const { id, customer, seller } = await meet(stack);
	const flags = (data) => [data.isReadByCustomer, data.isReadBySeller];
	assert.deepEqual(flags(ok(await say(customer, id, 'one'))), [
		true,
		false,
	]);
	assert.deepEqual(flags(ok(await say(seller, id, 'two'))), [
		false,
		true,
	]);
	const unseen = await put(customer, id, message('three'), {
		readSeq: 1,
	});
	assert.deepEqual(flags(ok(unseen)), [false, false]);
	const seen = await put(customer, id, message('four'), { readSeq: 3 });
	assert.deepEqual(flags(ok(seen)), [true, false]);

	const { seq } = await read(customer, id);
	for (const [client, sender] of [
		[customer, 'seller'],
		[customer, 'system'],
		[seller, 'user'],
		[seller, 'system'],
	])
		expect(
			await say(client, id, 'forged', { sender }),
			403,
			'forbidden',
		);
	ok(await say(customer, id, 'mine', { sender: 'user' }));
	ok(await say(seller, id, 'mine', { sender: 'seller' }));
	assert.equal((await read(customer, id)).seq, seq + 2);
});

test("each party refreshes its own name; the listing is the seller's", async () => {
	const { id, customer, seller } = await meet(stack);
	const plain = await stack.as({ email: customer.email });
	ok(
		await plain.post(C, {
			id,
			customerName: 'Asha K',
			sellerName: 'Mallory',
			vehicleName: 'Stolen',
			vehiclePrice: 1,
			vehicleId: 99,
		}),
	);
	let now = await read(customer, id);
	assert.equal(now.customerName, 'Asha K');
	assert.equal(now.sellerName, 'Ravi');
	assert.equal(now.vehicleName, 'A small car');
	assert.equal(now.vehiclePrice, 12500);
	ok(
		await seller.post(C, {
			id,
			customerName: 'Mallory',
			sellerName: 'ignored',
			vehicleName: 'A smaller car',
			vehiclePrice: 11000.5,
		}),
	);
	now = await read(customer, id);
	assert.equal(now.customerName, 'Asha K');
	assert.equal(now.sellerName, 'Ravi');
	assert.equal(now.vehicleName, 'A smaller car');
	assert.equal(now.vehiclePrice, 11000.5);
});
