/*
 * Scenarios 13 to 21: duplicates, races, merging; many senders at once.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { crowd, fresh, start } from './harness.js';
import {
	C, answerOffer, everything, expect, isWhole, list, meet, message, of,
	ok, put, read, say, thread,
} from './talk.js';

let stack;
before(async () => { stack = await start(); });
after(() => stack.stop());

const ids = (messages) => messages.map((one) => one.id);

test('scenario 13: one Send by POST and PUT at once is one message',
	async () => {
		const { id, customer, asked } = await meet(stack);
		for (let round = 1; round <= 20; round++) {
			const one = message(`send ${round}`);
			const replies = await Promise.all([
				customer.post(C, { ...asked, messages: [one] }),
				put(customer, id, one),
				put(customer, id, one),
				customer.post(C, { ...asked, messages: [one] }),
			]);
			replies.forEach((reply) => ok(reply));
			const all = await everything(customer, id);
			isWhole(all, round);
			assert.equal(all.filter((m) => m.id === one.id).length,
				1);
		}
	});

test('scenario 13: creation itself may race with its first messages',
	async () => {
		const customer = await stack.as();
		const seller = await stack.as({ role: 'seller' });
		for (let round = 0; round < 10; round++) {
			const asked = thread(customer, seller,
				{ messages: [message('first')] });
			const replies = await crowd(8,
				() => customer.post(C, asked));
			const created = replies
				.filter((reply) => reply.status === 201);
			assert.equal(created.length, 1);
			replies.forEach((reply) =>
				assert.ok(reply.status <= 201));
			isWhole(await everything(seller, asked.id), 1);
		}
	});

test('scenario 14: a repeated PUT gives the same answer and one copy',
	async () => {
		const { id, customer, seller } = await meet(stack, { said: 2 });
		const one = message('with care',
			{ timestamp: '2024-01-01T00:00:00Z' });
		const first = await put(customer, id, one);
		assert.equal(first.body.duplicate, false);
		const { rev } = await read(seller, id);
		for (let i = 0; i < 3; i++) {
			const again = await put(customer, id, one);
			ok(again);
			assert.equal(again.body.duplicate, true);
			assert.deepEqual(again.body.message,
				first.body.message);
		}
		const now = await read(seller, id);
		assert.equal(now.seq, 3);
		assert.equal(now.rev, rev);
	});

test('the same id with other content is 409 id_reused, nothing written',
	async () => {
		const { id, customer } = await meet(stack);
		const one = message('a');
		const offer = message('', { payload: { offerPrice: 5 } });
		ok(await put(customer, id, one));
		ok(await put(customer, id, offer));
		const before = await read(customer, id);
		for (const other of [{ ...one, text: 'b' },
			{ ...one, text: 'a ' },
			{ ...one, payload: { offerPrice: 5 } },
			{ ...one, type: 'offer', payload: { offerPrice: 5 } },
			{ ...offer, payload: { offerPrice: 6 } },
			{ ...offer, text: 'x' },
			{ id: offer.id, text: 'x', type: 'text' }]) {
			const reply = expect(await put(customer, id, other),
				409,
				'id_reused');
			assert.equal(reply.body.written, false);
		}
		for (const same of [{ ...one,
			timestamp: '2020-01-01T00:00:00Z' },
			{ ...one, type: 'text' },
			{ ...one, isRead: true, junk: [1] },
			{ ...offer, payload: { offerPrice: 5,
			status: 'accepted' } },
			{ ...offer, payload: { offerPrice: 5,
			counterPrice: 9 } }])
			assert.equal((await put(customer, id,
			same)).body.duplicate, true);
		assert.deepEqual(await read(customer, id), before);
	});

test('scenario 15: a queued snapshot and a reply stored meanwhile both stay',
	async () => {
		const { id, customer, seller, asked } = await meet(stack);
		const old = message('before the tunnel');
		ok(await put(customer, id, old));
		ok(await say(seller, id, 'are you there?'));
		const queued = [message('in the tunnel'),
			message('still in it')];
		ok(await customer.post(C, {
			...asked, messages: [old, ...queued],
			lastMessageAt: '2020-01-01T00:00:00Z',
			isReadBySeller: true,
		}));
		ok(await put(customer, id, queued[0]));
		ok(await put(customer, id, queued[1]));
		const all = await everything(seller, id);
		isWhole(all, 4);
		assert.deepEqual(all.map((one) => one.text),
			['before the tunnel',
			'are you there?', 'in the tunnel', 'still in it']);
	});

test('scenario 16: POST without messages leaves history, flags and offers',
	async () => {
		const { id, customer, seller, asked } = await meet(stack);
		ok(await put(customer, id, message('', {
			type: 'offer', payload: { offerPrice: 9000 },
		})));
		ok(await say(seller, id, 'let me think'));
		const before = await read(customer, id);
		const body = { ...asked };
		for (const messages of [undefined, [], null]) {
			ok(await customer.post(C, { ...body, messages }));
			assert.deepEqual(await read(customer, id), before);
		}
	});

test('scenario 17: an older snapshot removes nothing and reopens no offer',
	async () => {
		const { id, customer, seller, asked } = await meet(stack);
		const offer = message('Offer: 9000', {
			type: 'offer', payload: { offerPrice: 9000,
				status: 'pending' },
		});
		ok(await put(customer, id, offer));
		const snapshot = (await read(customer, id)).messages;
		ok(await answerOffer(seller, id,
			{ offerMessageId: offer.id, response: 'accepted' }));
		ok(await say(customer, id, 'thank you'));
		const before = await read(customer, id);
		ok(await customer.post(C, {
			...asked, messages: snapshot, isReadByCustomer: false,
			isFlagged: true, seq: 1, rev: 1,
		}));
		const now = await read(customer, id);
		assert.deepEqual(now, before);
		assert.equal(now.messages[0].payload.status, 'accepted');
	});

test('a merge ignores the other party\'s lines, and checks all of its own',
	async () => {
		const { id, customer, asked } = await meet(stack);
		ok(await customer.post(C, { ...asked, messages: [
			message('mine', { sender: 'user' }),
			message('put into his mouth', { sender: 'seller' }),
			{ sender: 'seller', text: 7 },
		] }));
		const bad = [
			[{ text: 'no id' }], [message('')],
			[message('x'.repeat(4001))],
			[{ id: {}, text: 'x' }], [7], ['text'],
			[message('x'), null],
			[message('ok'), message('x', { type: 'rocket' })],
		];
		for (const messages of bad) {
			const all = [message('would be good'), ...messages];
			expect(await customer.post(C,
				{ ...asked, messages: all }), 400);
		}
		expect(await customer.post(C, { ...asked, messages: {} }), 400);
		const texts = (await read(customer, id)).messages
			.map((one) => one.text);
		assert.deepEqual(texts, ['mine']);
	});

test('scenario 18: 50 concurrent PUTs from both sides are 50 messages',
	async () => {
		const { id, customer, seller } = await meet(stack);
		const replies = await crowd(50, (i) => {
			const timestamp =
				new Date(Date.now() - 1000 * i).toISOString();
			return say(i % 2 ? customer : seller, id, `line ${i}`,
				{ timestamp });
		});
		replies.forEach((reply) => ok(reply));
		const all = await everything(customer, id);
		isWhole(all, 50);
		assert.equal(new Set(ids(all)).size, 50);
		const newest = all.map((one) => one.receivedAt).sort().pop();
		const { lastMessageAt } = await read(seller, id);
		assert.ok(lastMessageAt >= newest);
		for (const reply of replies) {
			const stored = all.find((one) =>
				one.id === reply.body.message.id);
			assert.equal(stored.seq, reply.body.message.seq);
		}
	});

test('64 concurrent senders to one conversation: numbers without holes',
	async () => {
		const { id, customer, seller } = await meet(stack);
		const mine = await crowd(64, async (i) => {
			const client = i % 2 ? customer : seller;
			const seqs = [];
			for (let n = 0; n < 8; n++) {
				const reply = await say(client, id,
					`${i}.${n}`);
				ok(reply);
				seqs.push(reply.body.message.seq);
			}
			return seqs;
		});
		for (const seqs of mine)
			assert.deepEqual(seqs, [...seqs].sort((a, b) => a - b));
		isWhole(await everything(customer, id), 64 * 8);
		assert.deepEqual(mine.flat().sort((a, b) => a - b),
			Array.from({ length: 512 }, (_, i) => i + 1));
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

test('scenario 19: devices with own ids share one thread; all ids resolve',
	async () => {
		const customer = await stack.as();
		const seller = await stack.as({ role: 'seller' });
		for (const vehicleId of [Date.now(), fresh('v'),
			fresh('listing é ')]) {
			const same = thread(customer, seller, { vehicleId });
			const bodies = Array.from({ length: 8 }, (_, i) => ({
				...same, id: fresh('conv_'),
				messages: [message(`d${i}`)],
			}));
			const replies = await Promise.all(
				bodies.map((body) => customer.post(C, body)));
			const made = replies
				.filter((reply) => reply.status === 201);
			assert.equal(made.length, 1);
			const [{ id }] = made.map((reply) => reply.body.data);
			for (const reply of replies)
				assert.equal(reply.body.data.id, id,
					reply.text);
			for (const [i, body] of bodies.entries()) {
				const found = await read(seller, body.id);
				assert.equal(found.id, id);
				assert.equal(found.vehicleId, vehicleId);
				assert.equal(found.seq, 8 + i);
				ok(await say(seller, body.id, 'by this id'));
			}
			isWhole(await everything(seller, bodies[7].id), 16);
			assert.equal((await list(customer,
				{ vehicleId })).length, 1);
		}
	});

test('scenario 19: 7 and "7" are one listing, kept in the first\'s type',
	async () => {
		const customer = await stack.as();
		const seller = await stack.as({ role: 'seller' });
		const n = Math.floor(Math.random() * 1e12);
		const first = thread(customer, seller, { vehicleId: n });
		const second = thread(customer, seller,
			{ vehicleId: String(n) });
		ok(await customer.post(C, first), 201);
		const merged = ok(await customer.post(C, second));
		assert.equal(merged.id, first.id);
		assert.equal(merged.vehicleId, n);
		for (const vehicleId of [n, String(n)])
			assert.equal((await list(customer,
				{ vehicleId })).length, 1);
		assert.equal((await list(customer,
			{ vehicleId: 'none' })).length, 0);
	});

test('at most 16 further ids become aliases', async () => {
	const { customer, seller, asked } = await meet(stack);
	const aliases = Array.from({ length: 16 }, () => fresh('alias_'));
	for (const id of aliases)
		assert.equal(ok(await customer.post(C, { ...asked, id })).id,
			asked.id);
	const tooMany = fresh('alias_');
	const reply = await customer.post(C, { ...asked, id: tooMany });
	assert.ok(reply.status === 200 || reply.status === 409, reply.text);
	for (const id of aliases)
		assert.equal((await read(seller, id)).id, asked.id);
	expect(await seller.get(C + of(tooMany)), 404, 'not_found');
});

test('an id of strangers is not touched; the new one gets another',
	async () => {
		const theirs = await meet(stack, { said: 1 });
		const customer = await stack.as();
		const seller = await stack.as({ role: 'seller' });
		const asked = thread(customer, seller,
			{ id: theirs.id,
			messages: [message('for my seller')] });
		const before = await read(theirs.customer, theirs.id);
		const made = ok(await customer.post(C, asked), 201);
		assert.notEqual(made.id, theirs.id);
		assert.equal((await read(seller, made.id)).seq, 1);
		const again = ok(await customer.post(C, asked));
		assert.equal(again.id, made.id);
		assert.equal(again.seq, 1);
		expect(await say(customer, theirs.id, 'x'), 404, 'not_found');
		assert.deepEqual(await read(theirs.customer, theirs.id),
			before);
	});

test('a known id of the caller decides before the triple', async () => {
	const { id, customer, seller } = await meet(stack);
	const other = ok(await customer.post(C, thread(customer, seller)), 201);
	const merged = ok(await customer.post(C, {
		...thread(customer, seller), id,
		vehicleId: other.vehicleId, messages: [message('to the first')],
	}));
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
		assert.deepEqual(all.map((m) => [m.id, m.sender]),
			[[one.id, 'user'], [one.id, 'seller']]);
	}
});

test('scenario 21: no clock decides order', async () => {
	const { id, customer, seller } = await meet(stack);
	const ahead = new Date(Date.now() + 3600e3).toISOString();
	let last = (await read(seller, id)).lastMessageAt;
	const stamps = ['2031-01-01T00:00:00Z', '1999-12-31T23:59:59.5Z', ahead,
		'2024-02-30T00:00:00Z', 'yesterday', 17, null, '1990-01-01',
		'2020-06-01T10:00:00+05:30'];
	const shown = [];
	for (const timestamp of stamps) {
		const reply = await say(customer, id, String(timestamp),
			{ timestamp });
		const { lastMessageAt } = ok(reply);
		assert.ok(lastMessageAt >= last);
		last = lastMessageAt;
		shown.push(reply.body.message.timestamp);
	}
	const all = await everything(seller, id);
	isWhole(all, stamps.length);
	assert.deepEqual(all.map((one) => one.text), stamps.map(String));
	assert.equal(shown[1], '1999-12-31T23:59:59.500Z');
	assert.equal(shown[8], '2020-06-01T04:30:00.000Z');
	for (const i of [0, 2, 3, 4, 5, 6, 7])
		assert.ok(Math.abs(new Date(shown[i]) - Date.now()) < 60000,
			`${stamps[i]} became ${shown[i]}`);
});
