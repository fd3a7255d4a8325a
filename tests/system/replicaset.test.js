/*
 * A database that is a replica set: other hosts may write too, so answers
 * rest on majority reads and barriers, and ETags on the bodies.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Client } from './client.js';
import { crowd, start, until } from './harness.js';
import { replicaSet } from './replica.js';
import { C, everything, expect, isWhole, meet, message, of, ok, put, read,
	say } from './talk.js';

let stack;
const replica = replicaSet();

before(async () => {
	await replica.start();
	stack = await start(replica.options());
});

after(async () => {
	await stack?.stop();
	await replica.stop();
});

test('what was sent is read by both, at once, and a retry is a duplicate',
	async () => {
		const { customer, seller, id } = await meet(stack);
		const one = message('hello');

		assert.equal(ok(await put(customer, id, one)).seq, 1);
		assert.equal((await read(seller, id)).messages[0].text, 'hello');
		const again = await put(customer, id, one);
		assert.equal(ok(again).seq, 1);
		assert.equal(again.body.duplicate, true);
	});

test('refusals are as definite as on a standalone', async () => {
	const { customer, seller, id } = await meet(stack);
	const stranger = await stack.as();
	const one = message('mine');

	ok(await put(customer, id, one));
	expect(await stranger.get(C + of(id)), 404, 'not_found');
	expect(await put(customer, id, { ...one, text: 'other' }),
		409, 'id_reused');
	expect(await say(seller, id, 'x', { sender: 'user' }),
		403, 'forbidden');
});

test('an unchanged answer is 304, a changed one is not', async () => {
	const { customer, seller, id } = await meet(stack);
	const first = await seller.get(C + of(id));
	const headers = { 'if-none-match': first.headers.etag };

	expect(await seller.get(C + of(id), { headers }), 304);
	ok(await say(customer, id, 'news'));
	expect(await seller.get(C + of(id), { headers }), 200);
});

test('another host that writes is seen: there is no version in memory',
	async () => {
		const { seller, id } = await meet(stack);
		const first = await seller.get(C + of(id));

		const { client } = replica;
		await client.db('parley').collection('conversations').updateOne(
			{ id }, { $set: { vehicleName: 'written elsewhere' } },
			{ writeConcern: { w: 'majority' } });
		const next = await seller.get(C + of(id), { headers:
			{ 'if-none-match': first.headers.etag } });
		assert.equal(ok(next).vehicleName, 'written elsewhere');
	});

test('64 senders at once make numbers without holes', async () => {
	const { customer, seller, id } = await meet(stack);

	await crowd(64, async (i) =>
		ok(await say(i % 2 ? customer : seller, id, `n${i}`)));
	isWhole(await everything(seller, id), 64);
});

test('two hosts on one replica set: messages and ended sessions of one are '
	+ 'known to the other', async () => {
	const { customer, seller, id } = await meet(stack);
	const other = await start(replica.options(stack));
	const there = new Client(other, seller);

	await crowd(32, async (i) => ok(i % 2 ?
		await say(customer, id, `here ${i}`) :
		await say(there, id, `there ${i}`)));
	isWhole(await everything(seller, id), 32);
	expect(await there.del('/api/session'), 200);
	await until('the session has ended here too', async () =>
		(await seller.get('/api/session')).status === 401);
	expect(await customer.get('/api/session'), 200);
	await other.stop();
});
