/*
 * Scenarios 13 to 17: one effect for each id, and merges that only add.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import {
	C,
	answerOffer,
	everything,
	expect,
	isWhole,
	meet,
	message,
	of,
	offer,
	ok,
	put,
	read,
	say,
} from './talk.js';

const stack = await stackFor();

test('scenario 13: one Send by POST and PUT at once is one message', async () => {
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
		assert.equal(all.filter((m) => m.id === one.id).length, 1);
	}
});

test('scenario 14: a repeated PUT gives the same answer and one copy', async () => {
	const { id, customer, seller } = await meet(stack, { said: 2 });
	const one = message('with care', { timestamp: '2024-01-01T00:00:00Z' });
	const first = await put(customer, id, one);
	assert.equal(first.body.duplicate, false);
	const { rev } = await read(seller, id);
	for (let i = 0; i < 3; i++) {
		const again = await put(customer, id, one);
		ok(again);
		assert.equal(again.body.duplicate, true);
		assert.deepEqual(again.body.message, first.body.message);
	}
	const now = await read(seller, id);
	assert.equal(now.seq, 3);
	assert.equal(now.rev, rev);
});

test('the same id with other content is 409 id_reused, nothing written', async () => {
	const { id, customer } = await meet(stack);
	const one = message('a');
	const offer = message('', { payload: { offerPrice: 5 } });
	ok(await put(customer, id, one));
	ok(await put(customer, id, offer));
	const before = await read(customer, id);
	for (const other of [
		{ ...one, text: 'b' },
		{ ...one, text: 'a ' },
		{ ...one, payload: { offerPrice: 5 } },
		{ ...one, type: 'offer', payload: { offerPrice: 5 } },
		{ ...offer, payload: { offerPrice: 6 } },
		{ ...offer, text: 'x' },
		{ id: offer.id, text: 'x', type: 'text' },
	]) {
		const reply = expect(
			await put(customer, id, other),
			409,
			'id_reused',
		);
		assert.equal(reply.body.written, false);
	}
	for (const same of [
		{ ...one, timestamp: '2020-01-01T00:00:00Z' },
		{ ...one, type: 'text' },
		{ ...one, isRead: true, junk: [1] },
		{ ...offer, payload: { offerPrice: 5, status: 'accepted' } },
		{ ...offer, payload: { offerPrice: 5, counterPrice: 9 } },
	])
		assert.equal(
			(await put(customer, id, same)).body.duplicate,
			true,
		);
	assert.deepEqual(await read(customer, id), before);
});

test('scenario 15: a queued snapshot and a reply stored meanwhile both stay', async () => {
	const { id, customer, seller, asked } = await meet(stack);
	const old = message('before the tunnel');
	ok(await put(customer, id, old));
	ok(await say(seller, id, 'are you there?'));
	const queued = [message('in the tunnel'), message('still in it')];
	ok(
		await customer.post(C, {
			...asked,
			messages: [old, ...queued],
			lastMessageAt: '2020-01-01T00:00:00Z',
			isReadBySeller: true,
		}),
	);
	ok(await put(customer, id, queued[0]));
	ok(await put(customer, id, queued[1]));
	const all = await everything(seller, id);
	isWhole(all, 4);
	assert.deepEqual(
		all.map((one) => one.text),
		[
			'before the tunnel',
			'are you there?',
			'in the tunnel',
			'still in it',
		],
	);
});

test('scenario 16: POST without messages leaves history, flags and offers', async () => {
	const { id, customer, seller, asked } = await meet(stack);
	ok(
		await put(
			customer,
			id,
			message('', {
				type: 'offer',
				payload: { offerPrice: 9000 },
			}),
		),
	);
	ok(await say(seller, id, 'let me think'));
	const before = await read(customer, id);
	const body = { ...asked };
	for (const messages of [undefined, [], null]) {
		ok(await customer.post(C, { ...body, messages }));
		assert.deepEqual(await read(customer, id), before);
	}
});

test('scenario 17: an older snapshot removes nothing and reopens no offer', async () => {
	const { id, customer, seller, asked } = await meet(stack);
	const offer = message('Offer: 9000', {
		type: 'offer',
		payload: { offerPrice: 9000, status: 'pending' },
	});
	ok(await put(customer, id, offer));
	const snapshot = (await read(customer, id)).messages;
	ok(await answerOffer(seller, id, offer.id, 'accepted'));
	ok(await say(customer, id, 'thank you'));
	const before = await read(customer, id);
	ok(
		await customer.post(C, {
			...asked,
			messages: snapshot,
			isReadByCustomer: false,
			isFlagged: true,
			seq: 1,
			rev: 1,
		}),
	);
	const now = await read(customer, id);
	assert.deepEqual(now, before);
	assert.equal(now.messages[0].payload.status, 'accepted');
});

test("a merge ignores the other party's lines, and checks all of its own", async () => {
	const { id, customer, asked } = await meet(stack);
	ok(
		await customer.post(C, {
			...asked,
			messages: [
				message('mine', { sender: 'user' }),
				message('put into his mouth', {
					sender: 'seller',
				}),
				{ sender: 'seller', text: 7 },
			],
		}),
	);
	const bad = [
		[{ text: 'no id' }],
		[message('')],
		[message('x'.repeat(4001))],
		[{ id: {}, text: 'x' }],
		[7],
		['text'],
		[message('x'), null],
		[message('ok'), message('x', { type: 'rocket' })],
	];
	for (const messages of bad) {
		const all = [message('would be good'), ...messages];
		expect(
			await customer.post(C, { ...asked, messages: all }),
			400,
		);
	}
	expect(await customer.post(C, { ...asked, messages: {} }), 400);
	const texts = (await read(customer, id)).messages.map(
		(one) => one.text,
	);
	assert.deepEqual(texts, ['mine']);
});
