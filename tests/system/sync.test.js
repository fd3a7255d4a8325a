/*
 * since=, of one conversation and of lists: never misses, may repeat.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, stackFor } from './harness.js';
import {
	C,
	answerOffer,
	offer,
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
	thread,
} from './talk.js';

const stack = await stackFor();

/** Follow since= of one conversation to its end. */
async function changes(client, id, since, limit = 50) {
	let query = { since, limit };
	const found = [];
	for (;;) {
		const reply = await client.get(C + of(id, query));
		const { messages } = ok(reply);
		assert.ok(messages.length <= limit);
		found.push(...messages);
		if (!reply.body.next) return found;
		query = { since, limit, cursor: reply.body.next };
	}
}

/** One walk of a list by since= (or the first list): {rows, sync}. */
async function pull(client, sync, limit = 200) {
	const rows = [];
	let query = { limit, ...(sync && { since: sync }) };
	let first;
	for (;;) {
		const reply = expect(
			await client.get(C + of(null, query)),
			200,
		);
		rows.push(...reply.body.data);
		first ??= reply.body.sync;
		assert.equal(reply.body.sync, first);
		assert.equal(typeof first, 'string');
		if (!reply.body.next) return { rows, sync: first };
		query = { ...query, cursor: reply.body.next };
	}
}

test('since= of a conversation gives what changed after that revision', async () => {
	const { id, customer, seller } = await meet(stack, { said: 5 });
	const price = offer(10);
	ok(await put(customer, id, price));
	const { rev } = await read(seller, id);
	assert.deepEqual(await changes(seller, id, rev), []);
	ok(await say(seller, id, 'seven'));
	ok(await answerOffer(seller, id, price.id, 'rejected'));
	const changed = await changes(customer, id, rev);
	assert.deepEqual(changed.map((one) => one.seq).sort(), [6, 7]);
	assert.equal(
		changed.find((one) => one.seq === 6).payload.status,
		'rejected',
	);
	const now = await read(customer, id, { since: rev });
	assert.equal(now.seq, 7);
	assert.equal(now.rev, rev + 2);
	assert.equal((await changes(customer, id, 0)).length, 7);
	assert.deepEqual(await changes(customer, id, now.rev + 1000), []);
});

test('since= reaches into the archive, and pages', async () => {
	const { id, customer, seller } = await meet(stack);
	const price = offer(10);
	ok(await put(customer, id, price));
	ok(
		await customer.post(C, {
			id,
			messages: Array.from({ length: 400 }, (_, i) =>
				message(`${i}`),
			),
		}),
	);
	const { rev } = await read(customer, id);
	ok(await answerOffer(seller, id, price.id, 'accepted'));
	const [one] = await changes(customer, id, rev);
	assert.equal(one.id, price.id);
	assert.equal(one.payload.status, 'accepted');
	ok(
		await customer.post(C, {
			id,
			messages: Array.from({ length: 200 }, (_, i) =>
				message(`more ${i}`),
			),
		}),
	);
	for (const limit of [7, 200]) {
		const found = await changes(seller, id, rev, limit);
		const seqs = [...new Set(found.map((m) => m.seq))];
		assert.equal(seqs.length, 201);
		const all = await changes(seller, id, 0, limit);
		assert.equal(new Set(all.map((m) => m.seq)).size, 601);
	}
});

test('since= of a conversation never misses under concurrent writes', async () => {
	const { id, customer, seller } = await meet(stack);
	let writing = true;
	const writers = crowd(8, async (i) => {
		for (let n = 0; n < 30; n++) {
			const client = i % 2 ? customer : seller;
			if (n % 10 === 5) {
				const price = offer(n + 1);
				ok(await put(client, id, price));
				ok(
					await answerOffer(
						i % 2 ? seller : customer,
						id,
						price.id,
						'rejected',
					),
				);
			} else {
				ok(await say(client, id, `${i}.${n}`));
			}
		}
	}).finally(() => {
		writing = false;
	});
	const copies = await crowd(4, async (i) => {
		const copy = new Map();
		const client = i % 2 ? customer : seller;
		let rev = 0;
		for (let last = false; !last; ) {
			last = !writing;
			const { rev: next } = await read(client, id, {
				messages: 0,
			});
			for (const one of await changes(client, id, rev, 20))
				copy.set(one.seq, one);
			rev = Math.max(rev, next);
		}
		return copy;
	});
	await writers;
	const all = await everything(customer, id);
	assert.equal(all.length, 240);
	const visible = ({ seq, text, rev, payload }) => [
		seq,
		text,
		rev,
		payload?.status,
	];
	for (const copy of copies)
		assert.deepEqual(
			all.map((one) => visible(copy.get(one.seq) ?? {})),
			all.map(visible),
		);
});

test('list sync gives rows that changed, and what left as removed', async () => {
	const pairs = [];
	const { customer, seller, id } = await meet(stack, { said: 1 });
	for (let i = 0; i < 4; i++)
		pairs.push(
			ok(
				await customer.post(
					C,
					thread(customer, seller),
				),
				201,
			).id,
		);
	const [mine, theirs] = [await pull(customer), await pull(seller)];
	assert.equal(mine.rows.length, 5);
	const admin = await stack.as({ role: 'admin' });
	ok(await say(seller, pairs[0], 'hi'));
	ok(await customer.del(C + of(pairs[1])));
	ok(await admin.del(C + of(pairs[2], { purge: 1 })));
	ok(await patch(seller, pairs[3], { archive: true }));
	const rows = async (client, sync) => {
		const answer = await pull(client, sync, 2);
		return new Map(answer.rows.map((row) => [row.id, row]));
	};
	const atCustomer = await rows(customer, mine.sync);
	assert.equal(atCustomer.get(pairs[0]).seq, 1);
	assert.equal(atCustomer.get(pairs[0]).messages.length, 1);
	assert.deepEqual(atCustomer.get(pairs[1]), {
		id: pairs[1],
		removed: true,
	});
	assert.deepEqual(atCustomer.get(pairs[2]), {
		id: pairs[2],
		removed: true,
	});
	const atSeller = await rows(seller, theirs.sync);
	assert.deepEqual(atSeller.get(pairs[2]), {
		id: pairs[2],
		removed: true,
	});
	assert.equal(atSeller.get(pairs[3]).archived, true);
	if (atSeller.has(pairs[1]))
		assert.equal(atSeller.get(pairs[1]).removed, undefined);
	assert.ok(!('removed' in (atCustomer.get(id) ?? {})));
	assert.equal((await list(customer)).length, 3);
});

test('list sync never misses under concurrent writes', async () => {
	const customer = await stack.as();
	const sellers = await crowd(3, () => stack.as({ role: 'seller' }));
	const ids = await crowd(
		12,
		async (i) =>
			ok(
				await customer.post(
					C,
					thread(customer, sellers[i % 3]),
				),
				201,
			).id,
	);
	let writing = true;
	const writers = crowd(6, async (i) => {
		for (let n = 0; n < 30; n++) {
			const at = (i * 7 + n * 5) % 12;
			ok(
				await say(
					n % 2 ? customer : sellers[at % 3],
					ids[at],
					`${i}.${n}`,
				),
			);
			if (n % 6 === 0)
				ok(
					await patch(customer, ids[at], {
						archive: true,
					}),
				);
		}
	}).finally(() => {
		writing = false;
	});
	const copies = await crowd(3, async (i) => {
		const copy = new Map();
		let sync;
		for (let last = false; !last; ) {
			last = !writing;
			const answer = await pull(customer, sync, 2 + i * 50);
			answer.rows.forEach((row) => copy.set(row.id, row));
			({ sync } = answer);
		}
		return copy;
	});
	await writers;
	const rows = await list(customer);
	const visible = ({ seq, rev, unreadByCustomer, archived }) => [
		seq,
		rev,
		unreadByCustomer,
		archived,
	];
	for (const copy of copies)
		for (const row of rows)
			assert.deepEqual(
				visible(copy.get(row.id)),
				visible(row),
			);
});

test('list sync is per party, and survives a restart of the api', async () => {
	const { id, customer, seller } = await meet(stack, { said: 1 });
	const { sync } = await pull(customer);
	ok(await say(seller, id, 'while he is away'));
	await stack.restart('api');
	const { rows } = await pull(customer, sync);
	assert.equal(rows.find((row) => row.id === id).seq, 2);
	for (const bad of ['', '-1', 'x', '1e9', '9'.repeat(40)])
		expect(
			await customer.get(C + of(null, { since: bad })),
			400,
			'bad_field',
		);
});
