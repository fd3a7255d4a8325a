/*
 * Documents of the original application: a database of 100,000 of them is
 * upgraded at start, killed in the middle, started again, and served.
 *
 * What becomes of each field is told by tests/test_store_upgrade.c.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { ObjectId } from 'mongodb';
import { fresh, start, until } from './harness.js';
import {
	C, answerOffer, everything, expect, isWhole, list, message, of, ok,
	patch, put, read, say,
} from './talk.js';

const CROWD = 100000;
const EARLY = Date.parse('2026-01-03T00:00:00Z');
const UPGRADED_WITHIN_MS = 240000;

let stack;
const conversations = () => stack.db.collection('conversations');
const archive = () => stack.db.collection('archive');
const iso = (ms) => new Date(EARLY + ms).toISOString();
const asha = { email: 'asha@example.com', role: 'customer' };
const ravi = { email: 'ravi@example.com', role: 'seller' };

/** A message as the original application's client and model wrote it. */
const original = (n, sender, text, more = {}) => ({
	id: 1767400000000000 + n, sender, text, timestamp: iso(n * 1000),
	isRead: false, type: 'text', _id: new ObjectId(), ...more,
});

/** A conversation likewise. */
const document = (id, more = {}) => ({
	id, customerId: 'Asha@Example.com', customerName: 'Asha',
	sellerId: 'ravi@example.com', sellerName: 'Ravi', vehicleId: 7,
	vehicleName: 'Swift', vehiclePrice: 450000, messages: [],
	lastMessageAt: iso(0), isReadBySeller: true, isReadByCustomer: true,
	isFlagged: false, createdAt: new Date(EARLY),
	updatedAt: new Date(EARLY), __v: 0, ...more,
});

/** Every message three times: POST, PUT and socket each stored it. */
const thrice = (messages) => messages.flatMap((one) =>
	[one, { ...one, _id: new ObjectId() }, { ...one, _id: new ObjectId() }]);

const known = [
	document('copies', {
		vehicleId: 1,
		messages: thrice([
			original(1, 'user', 'is it still there?'),
			original(2, 'seller', 'it is'),
		]),
	}),
	document('offers', {
		vehicleId: 2,
		messages: [
			original(1, 'user', 'Offer: Rs. 4,20,000', { type: undefined }),
			original(2, 'seller', 'no', { type: undefined }),
			original(3, 'user', 'then', {
				type: undefined, payload: { offerPrice: 430000 },
			}),
		],
	}),
	document('twin-a', { vehicleId: 3 }),
	document('twin-b', { vehicleId: 3, customerId: 'ASHA@example.com ' }),
	document('long', {
		vehicleId: 4,
		messages: Array.from({ length: 5000 }, (_, i) => original(
			i, i % 2 ? 'seller' : 'user', `line ${i + 1}`,
			i === 6 && { payload: { offerPrice: 400000 } })),
	}),
	document('unread', {
		vehicleId: 5, isReadBySeller: false,
		messages: [
			original(1, 'user', 'one', { isRead: true }),
			original(2, 'user', 'two'),
			original(3, 'user', 'three'),
		],
	}),
	document('foreign', { vehicleId: 6, color: 'red', _id: 5 }),
];

async function insertCrowd() {
	for (let done = 0; done < CROWD; done += 2000) {
		await conversations().insertMany(
			Array.from({ length: 2000 }, (_, i) => one(done + i)),
			{ ordered: false });
	}
	function one(i) {
		return document(`crowd_${i}`, {
			customerId: `Customer${i % 5000}@Example.com`,
			sellerId: `seller${i % 500}@example.com`, vehicleId: 1000 + i,
			messages: thrice([original(1, 'user', `hello ${i}`)]),
			lastMessageAt: iso(i * 1000),
		});
	}
}

const log = () => fs.readFileSync(`${stack.run}/log/api.log`, 'utf8');
const upgradedNow = () => conversations().countDocuments({ v: 1 });
let whenKilled;
let killedLog;

before(async () => {
	stack = await start();
	await stack.sv('down', 'api');
	await conversations().createIndex({ id: 1 }, { unique: true });
	await conversations().insertMany(known);
	await insertCrowd();
	await stack.sv('up', 'api');
	await until('a part is upgraded',
		async () => await upgradedNow() > CROWD / 10, UPGRADED_WITHIN_MS);
	stack.kill('api');
	whenKilled = await upgradedNow();
	killedLog = log();
	await stack.healthy(UPGRADED_WITHIN_MS);
});
after(() => stack.stop());

test('100,000 documents are upgraded, killed in the middle', async () => {
	assert.ok(whenKilled < CROWD, `${whenKilled} when it was killed`);
	assert.match(killedLog, /upgraded \d+ conversations so far/);
	assert.match(log(), /upgraded \d+ conversations, dropped \d+ repeated/);
	assert.equal(await conversations().countDocuments({ v: null }), 1);
	assert.equal(await upgradedNow(), CROWD + known.length - 1);
	const odd = await conversations().countDocuments({
		id: /^crowd_/, $nor: [{
			seq: 1, rev: 1, archivedSeq: 0, messages: { $size: 1 },
			'messages.0.seq': 1, 'marks.seller.seq': 1,
			'messages.0._id': null, ids: { $size: 1 },
			customerId: /^customer\d+@example\.com$/,
		}],
	});
	assert.equal(odd, 0);
});

test('a document that is none of the original stays as it was', async () => {
	assert.deepEqual(await conversations().findOne({ _id: 5 }), known.at(-1));
	assert.match(log(), /conversation foreign stays as it was/);
});

test('parties in mixed case find their conversations in any', async () => {
	const customer = await stack.as({ email: 'CUSTOMER7@example.com' });
	const rows = await list(customer, { customerId: ' cuSTomer7@Example.com' });
	assert.equal(rows.length, CROWD / 5000);
	for (const row of rows)
		assert.equal(row.customerId, 'customer7@example.com');
	const times = rows.map((row) => row.lastMessageAt);
	assert.deepEqual(times, [...times].sort().reverse());
});

test('three copies of a message are one', async () => {
	const { messages, seq } = await read(await stack.as(asha), 'copies');
	assert.equal(seq, 2);
	assert.deepEqual(messages.map(({ id, text }) => [id, text]), [
		[1767400000000001, 'is it still there?'],
		[1767400000000002, 'it is'],
	]);
});

test('the first clients may send an upgraded message again', async () => {
	const customer = await stack.as(asha);
	const again = { id: 1767400000000001, text: 'is it still there?' };
	const reply = await put(customer, 'copies', again);
	ok(reply);
	assert.equal(reply.body.duplicate, true);
	assert.equal(reply.body.message.seq, 1);
	expect(await put(customer, 'copies', { ...again, text: 'other' }),
		409, 'id_reused');
});

test('scenario 42: an offer stored without type can be answered', async () => {
	const seller = await stack.as(ravi);
	const { messages } = await read(seller, 'offers');
	assert.deepEqual(messages.map((one) => one.type),
		['offer', 'text', 'offer']);
	assert.deepEqual(messages[0].payload,
		{ offerPrice: 420000, status: 'pending' });
	assert.deepEqual(messages[2].payload,
		{ offerPrice: 430000, status: 'pending' });
	const own = await answerOffer(await stack.as(asha), 'offers',
		messages[0].id, 'accepted');
	assert.ok([403, 404].includes(own.status), own.text);
	ok(await answerOffer(seller, 'offers', messages[0].id, 'accepted'));
	const after = await read(await stack.as(asha), 'offers');
	assert.equal(after.messages[0].payload.status, 'accepted');
});

test('two conversations of one triple stay two, and are reported',
	async () => {
		const customer = await stack.as(asha);
		for (const id of ['twin-a', 'twin-b'])
			assert.equal((await read(customer, id)).id, id);
		const keys = await conversations()
			.find({ id: /^twin-/ }).sort({ id: 1 }).toArray();
		assert.deepEqual(keys.map((one) => typeof one.key),
			['string', 'undefined']);
		assert.match(log() + killedLog, /conversation twin-b has the vehicle/);
		ok(await say(customer, 'twin-b', 'here'));
		const merged = ok(await customer.post(C, {
			id: fresh('conv_'), customerId: asha.email,
			sellerId: ravi.email, vehicleId: '3',
		}));
		assert.equal(merged.id, 'twin-a');
	});

test('a thread of 5,000 messages pages, repeats and goes on', async () => {
	const customer = await stack.as(asha);
	const stored = await conversations().findOne({ id: 'long' });
	const buckets = await archive().countDocuments({ '_id.c': stored._id });
	assert.ok(stored.messages.length <= 64);
	assert.equal(buckets, stored.archivedSeq / 32);
	const all = await everything(customer, 'long');
	isWhole(all, 5000);
	assert.deepEqual(all.map((one) => one.text),
		all.map((one) => `line ${one.seq}`));
	const { pending } = await read(customer, 'long', { messages: 10 });
	assert.deepEqual(pending.map((one) => one.seq), [7]);
	const again = await put(customer, 'long',
		{ id: 1767400000000000, text: 'line 1' });
	ok(again);
	assert.equal(again.body.duplicate, true);
	const next = await say(customer, 'long', 'line 5001');
	ok(next);
	assert.equal(next.body.message.seq, 5001);
});

test('what was unread is counted, and can be read', async () => {
	const seller = await stack.as(ravi);
	const before = await read(seller, 'unread');
	assert.equal(before.unreadBySeller, 2);
	assert.equal(before.isReadBySeller, false);
	assert.deepEqual(before.messages.map((one) => one.isRead),
		[true, false, false]);
	const after = ok(await patch(seller, 'unread', { readSeq: 3 }));
	assert.equal(after.unreadBySeller, 0);
});

test('a document that arrives later is upgraded when it is asked for',
	async () => {
		const customer = await stack.as(asha);
		await conversations().insertMany([
			document('late-read', { vehicleId: 11,
				messages: thrice([original(1, 'user', 'hi')]) }),
			document('late-write', { vehicleId: 12,
				messages: [original(1, 'seller', 'hi')] }),
		]);
		assert.equal((await read(customer, 'late-read')).seq, 1);
		const { body } = await put(customer, 'late-write', message('yes'));
		assert.equal(body.message.seq, 2);
		const stranger = await stack.as();
		expect(await stranger.get(C + of('late-read')), 404, 'not_found');
	});

test('a second start changes nothing', async () => {
	const digest = () => conversations().aggregate([
		{ $match: { v: 1 } },
		{ $group: { _id: null, rev: { $sum: '$rev' },
			changed: { $sum: '$changed.customer' } } },
	]).toArray();
	const was = await digest();
	const lines = log().length;
	await stack.restart('api');
	assert.deepEqual(await digest(), was);
	assert.doesNotMatch(log().slice(lines), /upgraded [1-9]/);
});
