/*
 * Scenario 11 and paging: cursor, Link, limits, before and after.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, stackFor } from './harness.js';
import {
	C,
	everything,
	expect,
	inbox,
	isWhole,
	list,
	meet,
	message,
	of,
	ok,
	put,
	read,
	say,
	walk,
} from './talk.js';

const stack = await stackFor();

test('scenario 11: 5,000 messages: a bounded list, and pages through all', async () => {
	const { id, customer, seller } = await meet(stack, { said: 5000 });
	const reply = await seller.get(C + of(null));
	const [row] = reply.body.data;
	assert.equal(row.seq, 5000);
	assert.equal(row.messages.length, 30);
	assert.ok(reply.text.length < 32 * 1024);
	isWhole(await everything(seller, id), 5000);
	isWhole(await everything(customer, id, 77), 5000);
	let forth = [];
	for (;;) {
		const page = await read(seller, id, {
			after: forth.length,
			limit: 199,
		});
		if (!page.messages.length) break;
		forth = [...forth, ...page.messages];
	}
	isWhole(forth, 5000);
});

test('a list is walked by cursor and by Link, each row once', async () => {
	const { customer, seller, ids } = await inbox(stack, 25);
	for (const limit of [1, 7, 25, 200])
		for (const client of [customer, seller]) {
			const pages = await walk(client, { limit });
			assert.equal(pages.length, Math.ceil(25 / limit));
			const rows = pages.flatMap((page) => page.data);
			assert.deepEqual(
				rows.map((row) => row.id),
				[...ids].reverse(),
			);
			for (const page of pages)
				assert.equal(
					page.unread,
					client === seller ? 25 : 0,
				);
		}
	const narrow = await walk(customer, {
		limit: 10,
		customerId: customer.email,
		messages: 0,
	});
	const rows = narrow.flatMap((page) => page.data);
	assert.equal(rows.length, 25);
	assert.ok(rows.every((row) => row.messages.length === 0));
});

test('what moves during a walk is found by the sync of its first page', async () => {
	const { customer, seller, ids } = await inbox(stack, 30);
	const seen = new Map();
	const take = (row) => seen.set(row.id, row.seq);
	let query = { limit: 4 };
	let sync;
	for (let page = 0; query; page++) {
		const reply = await seller.get(C + of(null, query));
		ok(reply).forEach(take);
		sync ??= reply.body.sync;
		assert.equal(reply.body.sync, sync);
		query = reply.body.next && {
			limit: 4,
			cursor: reply.body.next,
		};
		ok(await say(customer, ids[page], 'to the front'));
	}
	assert.ok(seen.size < 30, 'some moved out of its way');
	(await walk(seller, { since: sync })).forEach((page) =>
		page.data.forEach(take),
	);
	assert.deepEqual([...seen.keys()].sort(), [...ids].sort());
	for (const row of await list(seller))
		assert.equal(seen.get(row.id), row.seq);
});

test('equal lastMessageAt neither hides nor repeats a row', async () => {
	const { seller, ids } = await inbox(stack, 12);
	await stack.db
		.collection('conversations')
		.updateMany(
			{ id: { $in: ids } },
			{ $set: { lastMessageAt: '2026-01-01T00:00:00.000Z' } },
		);
	const pages = await walk(seller, { limit: 5 });
	const rows = pages.flatMap((page) => page.data.map((row) => row.id));
	assert.equal(rows.length, 12);
	assert.equal(new Set(rows).size, 12);
});

test('a list answer ends at 4 MiB, and goes on with the next page', async () => {
	const text = '長'.repeat(4000);
	const { customer, seller, ids } = await inbox(stack, 16, () => ({
		messages: Array.from({ length: 32 }, () => message(text)),
	}));
	const pages = await walk(seller, { messages: 32 });
	assert.ok(pages.length >= 2);
	const rows = pages.flatMap((page) => page.data);
	assert.deepEqual(
		rows.map((row) => row.id),
		[...ids].reverse(),
	);
	assert.ok(rows.every((row) => row.messages.length === 32));
	const first = await customer.get(C + of(null, { messages: 32 }));
	assert.ok(first.text.length > 0);
	assert.ok(Buffer.byteLength(first.text) < 5 * 1024 * 1024);
});

test('messages=N is the newest N, contiguous and ascending', async () => {
	const { id, customer, seller } = await meet(stack, { said: 250 });
	const seqs = (data) => data.messages.map((one) => one.seq);
	const newest = (n) => Array.from({ length: n }, (_, i) => 251 - n + i);
	for (const n of [
		0, 1, 2, 31, 32, 33, 50, 63, 64, 65, 100, 127, 128, 199, 200,
	])
		assert.deepEqual(
			seqs(await read(seller, id, { messages: n })),
			newest(n),
		);
	assert.deepEqual(seqs(await read(seller, id)), newest(50));
	for (const n of [0, 1, 30, 32])
		assert.deepEqual(
			seqs((await list(seller, { messages: n }))[0]),
			newest(n),
		);
	assert.deepEqual(seqs((await list(seller))[0]), newest(30));
	const reply = await customer.put(`${C}?messages=0`, {
		conversationId: id,
		message: message('x'),
	});
	assert.deepEqual(ok(reply).messages, []);
	assert.equal(reply.body.message.seq, 251);
	const sent = ok(await say(customer, id, 'y'));
	assert.equal(sent.messages.length, 50);
	assert.equal(sent.messages.pop().seq, 252);
	const patched = await customer.patch(`${C}?messages=2`, {
		conversationId: id,
		archive: true,
	});
	assert.equal(ok(patched).messages.length, 2);
});

test('before and after give the messages next to them', async () => {
	const { id, seller } = await meet(stack, { said: 200 });
	const seqs = async (query) =>
		(await read(seller, id, query)).messages.map((one) => one.seq);
	const range = (from, to) =>
		Array.from(
			{ length: Math.max(0, to - from + 1) },
			(_, i) => from + i,
		);
	const cases = [
		[{ before: 201 }, 151, 200],
		[{ before: 1 }, 1, 0],
		[{ before: 2 }, 1, 1],
		[{ before: 33, limit: 10 }, 23, 32],
		[{ before: 100, limit: 200 }, 1, 99],
		[{ before: 9999 }, 151, 200],
		[{ before: 65, limit: 64 }, 1, 64],
		[{ after: 0 }, 1, 50],
		[{ after: 0, limit: 200 }, 1, 200],
		[{ after: 199 }, 200, 200],
		[{ after: 200 }, 1, 0],
		[{ after: 5000 }, 1, 0],
		[{ after: 31, limit: 2 }, 32, 33],
		[{ after: 130, limit: 60 }, 131, 190],
	];
	for (const [query, from, to] of cases)
		assert.deepEqual(
			await seqs(query),
			range(from, to),
			JSON.stringify(query),
		);
});

test('numbers out of range and words that are none are 400', async () => {
	const { id, customer } = await meet(stack);
	const single = [
		{ messages: 201 },
		{ messages: -1 },
		{ messages: 'all' },
		{ before: -1 },
		{ before: 'x' },
		{ after: -1 },
		{ after: 1.5 },
		{ before: 5, limit: 0 },
		{ before: 5, limit: 201 },
		{ before: 5, after: 1 },
		{ since: -1 },
		{ since: 'x' },
		{ before: '99999999999999999999' },
		{ since: 1, limit: 201 },
		{ after: '0x10' },
		{ after: ' 1' },
		{ after: '' },
	];
	for (const query of single)
		expect(await customer.get(C + of(id, query)), 400, 'bad_field');
	const lists = [
		{ limit: 0 },
		{ limit: 201 },
		{ limit: 'x' },
		{ messages: 33 },
		{ messages: -1 },
		{ filter: 'all' },
		{ filter: '' },
		{ cursor: 'x' },
		{ cursor: '' },
		{ since: 'x' },
		{ since: '1', filter: 'unread' },
		{ since: '1', q: 'x' },
	];
	for (const query of lists)
		expect(
			await customer.get(C + of(null, query)),
			400,
			'bad_field',
		);
	expect(
		await customer.put(`${C}?messages=201`, {
			conversationId: id,
			message: message('x'),
		}),
		400,
		'bad_field',
	);
	assert.equal((await read(customer, id)).seq, 0);
});

test('40 readers page while 8 write: every page is contiguous', async () => {
	const { id, customer, seller } = await meet(stack, { said: 60 });
	let writing = true;
	const writers = crowd(8, async (i) => {
		for (let n = 0; n < 25; n++)
			ok(
				await put(
					i % 2 ? customer : seller,
					id,
					message(`${i}.${n}`),
				),
			);
	}).finally(() => {
		writing = false;
	});
	await crowd(12, async (i) => {
		let seen = 0;
		while (writing) {
			const page = await read(
				seller,
				id,
				i % 2
					? { messages: 100 }
					: { after: seen, limit: 200 },
			);
			const seqs = page.messages.map((one) => one.seq);
			seqs.forEach((seq, n) =>
				assert.equal(seq, seqs[0] + n, 'contiguous'),
			);
			const last = seqs.at(-1) ?? seen;
			assert.ok(last >= seen, 'reads never go back');
			assert.ok(page.seq >= last);
			seen = last;
		}
	});
	await writers;
	isWhole(await everything(customer, id), 260);
});
