/*
 * Long conversations: the window, the archive, and what rolls between.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, stackFor, until } from './harness.js';
import {
	C,
	everything,
	expect,
	fill,
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

const conversations = () => stack.db.collection('conversations');
const archive = () => stack.db.collection('archive');
const stored = (id) => conversations().findOne({ ids: id });

/** The rolls run after the answer: wait until none is due. */
const rolled = (id) =>
	until('the window is rolled', async () => {
		const { seq, archivedSeq } = await stored(id);
		return seq - archivedSeq < 64;
	});

/** Buckets are whole, window and buckets meet, nothing is in neither. */
async function isSound(id) {
	const doc = await stored(id);
	const buckets = await archive()
		.find({ '_id.c': doc._id })
		.sort({ '_id.k': 1 })
		.toArray();
	const kept = new Set();
	for (const bucket of buckets) {
		const first = 32 * Number(bucket._id.k) + 1;
		assert.deepEqual(
			bucket.messages.map((one) => Number(one.seq)),
			Array.from({ length: 32 }, (_, i) => first + i),
		);
		bucket.messages.forEach((one) => kept.add(Number(one.seq)));
	}
	doc.messages.forEach((one) => kept.add(Number(one.seq)));
	assert.equal(kept.size, Number(doc.seq));
	assert.ok(doc.messages.length < 128 + 16);
	return { doc, buckets };
}

test('the window rolls at 64, and paging does not show where', async () => {
	const { id, customer, seller } = await meet(stack);
	for (let n = 1; n <= 200; n++) {
		ok(await say(n % 3 ? customer : seller, id, `line ${n}`));
		if ([63, 64, 65, 96, 127, 128, 129].includes(n))
			isWhole(await everything(seller, id, 50), n);
	}
	await rolled(id);
	const { buckets } = await isSound(id);
	assert.ok(buckets.length >= 4);
	const all = await everything(customer, id);
	isWhole(all, 200);
	assert.deepEqual(
		all.map((one) => one.text),
		all.map((one) => `line ${one.seq}`),
	);
});

test('rolling while 16 send and 4 read loses and hides nothing', async () => {
	const { id, customer, seller } = await meet(stack);
	let sending = true;
	const senders = crowd(16, async (i) => {
		for (let n = 0; n < 40; n++)
			ok(
				await say(
					i % 2 ? customer : seller,
					id,
					`${i}.${n}`,
				),
			);
	}).finally(() => {
		sending = false;
	});
	await crowd(4, async () => {
		let seen = 0;
		while (sending) {
			const all = await everything(seller, id);
			assert.ok(all.length >= seen);
			isWhole(all, all.length);
			seen = all.length;
		}
	});
	await senders;
	isWhole(await everything(customer, id), 640);
	await rolled(id);
	await isSound(id);
});

test('duplicates of archived ids are answered or refused, for ever', async () => {
	const { id, customer, seller } = await meet(stack);
	const old = message('the very first', {
		payload: { offerPrice: 7 },
		timestamp: '2024-01-01T00:00:00Z',
	});
	const number = { id: 42, text: 'a number' };
	const first = (await put(customer, id, old)).body.message;
	ok(await put(customer, id, number));
	await fill(customer, id, 300);
	await rolled(id);
	const before = await read(customer, id);
	const again = await put(customer, id, old);
	ok(again);
	assert.equal(again.body.duplicate, true);
	assert.equal(again.body.message.seq, 1);
	assert.equal(again.body.message.receivedAt, first.receivedAt);
	for (const same of [42, '42']) {
		const reply = await put(customer, id, { ...number, id: same });
		assert.equal(reply.body.duplicate, true);
		assert.equal(reply.body.message.seq, 2);
		expect(
			await put(customer, id, { id: same, text: 'other' }),
			409,
			'id_reused',
		);
	}
	expect(
		await put(customer, id, { ...old, text: 'changed' }),
		409,
		'id_reused',
	);
	ok(await customer.post(C, { id, messages: [old, number] }));
	assert.deepEqual(await read(customer, id), before);
	ok(await put(seller, id, number));
	assert.equal((await read(customer, id)).seq, before.seq + 1);
});

test('a roll cut between bucket and window leaves nothing double', async () => {
	const { id, customer, seller } = await meet(stack, { said: 63 });
	for (let round = 0; round < 6; round++) {
		ok(await say(customer, id, 'rolls what is due'));
		await rolled(id);
		const { seq, archivedSeq } = await stored(id);
		const missing = 64 - Number(seq - archivedSeq);
		for (let n = 1; n < missing; n++)
			ok(await say(customer, id, 'up to the edge'));
		// First the send, then the bucket, then the window.
		await stack.failCommand(
			{ skip: 1 + (round % 3) },
			{
				failCommands: [
					'findAndModify',
					'update',
					'insert',
				],
				closeConnection: true,
			},
		);
		const last = message(`over the edge ${round}`);
		const reply = await put(customer, id, last).catch(() => null);
		assert.ok(!reply || [200, 503].includes(reply.status));
		const old = stack.kill('api');
		await stack.failCommand('off');
		await stack.replaced('api', old);
		ok(await put(customer, id, last));
		const all = await everything(seller, id);
		isWhole(all, all.length);
		assert.equal(all.filter((one) => one.id === last.id).length, 1);
	}
	ok(await say(customer, id, 'rolls what is due'));
	await rolled(id);
	await isSound(id);
});

test('api killed while it rolls: the next one goes on', async () => {
	const { id, customer, seller } = await meet(stack);
	let done = 0;
	for (let round = 0; round < 4; round++) {
		const messages = Array.from({ length: 150 }, (_, i) =>
			message(`${round}.${i}`),
		);
		const sent = customer
			.post(C, { id, messages })
			.catch(() => null);
		await until(
			'some of it is stored',
			async () =>
				Number((await stored(id)).seq) > done + 64 ||
				'later',
			2000,
		);
		await stack.restart('api');
		await sent;
		ok(await customer.post(C, { id, messages }));
		done += 150;
		isWhole(await everything(seller, id), done);
	}
	await isSound(id);
});
