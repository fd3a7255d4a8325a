/*
 * Scenarios 42 to 44: offers, and who may answer them once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, fresh, stackFor } from './harness.js';
import {
	C,
	answerOffer,
	drive,
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
	statusOf,
} from './talk.js';

const stack = await stackFor();

/** A conversation with one pending offer of the customer. */
async function offered(price = 9000) {
	const pair = await meet(stack);
	const sent = offer(price);
	ok(await put(pair.customer, pair.id, sent));
	return { ...pair, offerId: sent.id };
}

test('scenario 42: an offer survives, by type or by its price', async () => {
	const { id, customer, seller } = await meet(stack);
	const inputs = [
		offer(9000.5),
		message('Offer: $9,000', { payload: { offerPrice: 9000 } }),
		offer(1, { status: 'accepted', counterPrice: 7, junk: {} }),
		offer(0.1 + 0.2, { expiresAt: '2030-01-01T00:00:00+01:00' }),
	];
	for (const input of inputs) {
		const stored = (await put(customer, id, input)).body.message;
		const { payload } = stored;
		assert.equal(stored.type, 'offer');
		assert.equal(payload.offerPrice, input.payload.offerPrice);
		assert.equal(payload.status, 'pending');
		assert.ok(!('junk' in payload));
		assert.ok(!payload.counterPrice);
	}
	const last = (await read(seller, id)).messages[3];
	assert.equal(last.payload.expiresAt, '2029-12-31T23:00:00.000Z');
	const raw = (await seller.get(C + of(id))).text;
	for (const price of ['0.30000000000000004', '9000.5', '1'])
		assert.ok(raw.includes(`"offerPrice":${price},`), price);
	const plain = await say(customer, id, 'Offer: only words');
	assert.equal(plain.body.message.type, 'text');
});

const image = (imageUrl) =>
	message('', { type: 'image', payload: { imageUrl } });
const wrong = [
	drive('2027-02-29'),
	drive('27-02-28'),
	drive(7),
	drive(null),
	drive('2027-02-28', '24:00'),
	drive('2027-02-28', '9:30'),
	image('http://a/b'),
	image('javascript:x'),
	image(undefined),
	message('', { type: 'voice' }),
	message('x', { type: 'system' }),
	message('x', { type: 'rocket' }),
	message('x', { payload: 'text' }),
	message('x', { payload: [1] }),
	...[0, -1, '9000', null, {}, undefined].map((price) => offer(price)),
];

test('scenario 42: prices and shapes that are none are refused', async () => {
	const { id, customer } = await meet(stack);
	for (const one of wrong)
		expect(await put(customer, id, one), 400, 'bad_field');
	const raw = (number) =>
		`{"conversationId":"${id}","message":{"id":"r",` +
		`"type":"offer","text":"","payload":{"offerPrice":${number}}}}`;
	for (const number of ['1e400', 'NaN', 'Infinity', '01', '1.', '-0'])
		expect(await customer.put(C, raw(number)), 400);
	assert.equal((await read(customer, id)).seq, 0);
});

test('scenario 42: an image and a voice message keep their links', async () => {
	const { id, customer } = await meet(stack);
	const audio = {
		audioUrl: 'https://example.com/a.ogg',
		durationSeconds: 3.5,
	};
	for (const one of [
		image('https://example.com/a.png'),
		message('', { type: 'voice', payload: audio }),
	]) {
		const stored = (await put(customer, id, one)).body.message;
		assert.deepEqual(stored.payload, one.payload);
	}
});

test('scenario 42: the other party answers, the maker withdraws', async () => {
	const { id, customer, seller, offerId } = await offered();
	const answer = (client, response, more) =>
		answerOffer(client, id, offerId, response, more);
	const counter = { counterPrice: 1 };
	const absent = await answerOffer(seller, id, 'absent', 'accepted');
	for (const reply of [
		absent,
		await answer(customer, 'accepted'),
		await answer(customer, 'rejected'),
		await answer(customer, 'countered', counter),
		await answer(seller, 'withdrawn'),
	])
		expect(reply, 404, 'not_found');
	for (const bad of ['pending', 'expired', 'maybe', 7, null, 'countered'])
		expect(await answer(seller, bad), 400, 'bad_field');
	expect(await answerOffer(seller, id, undefined, 'accepted'), 400);
	assert.equal(await statusOf(seller, id, offerId), 'pending');
	ok(await answer(customer, 'withdrawn'));
	assert.equal(await statusOf(seller, id, offerId), 'withdrawn');
	expect(await answer(seller, 'accepted'), 409, 'already_answered');
});

test('scenario 43: accepting stores status and reply at once', async () => {
	const { id, customer, seller, offerId } = await offered();
	const answer = (client, response, more) =>
		answerOffer(client, id, offerId, response, more);
	const deal = { id: fresh('r'), responseMessage: 'Deal!' };
	const { rev } = await read(customer, id);
	ok(await answer(seller, 'accepted', deal));
	const now = await read(customer, id);
	assert.equal(now.seq, 2);
	assert.equal(now.rev, rev + 1);
	const [first, reply] = now.messages;
	assert.equal(first.payload.status, 'accepted');
	assert.equal(first.rev, now.rev);
	assert.equal(reply.text, 'Deal!');
	assert.equal(reply.sender, 'seller');
	assert.equal(reply.id, deal.id);
	assert.deepEqual(now.pending, []);

	const again = await answer(seller, 'accepted', deal);
	ok(again);
	assert.equal(again.body.duplicate, true);
	for (const other of [
		await answer(seller, 'rejected', deal),
		await answer(seller, 'accepted', { responseMessage: 'No!' }),
		await answer(seller, 'countered', { counterPrice: 1 }),
		await answer(customer, 'withdrawn'),
	]) {
		const { data } = expect(other, 409, 'already_answered').body;
		assert.equal(data.id, id);
		assert.equal(data.messages[0].payload.status, 'accepted');
	}
	assert.deepEqual(await read(customer, id), now);
});

test('scenario 43: without responseMessage no line is added', async () => {
	const { id, customer, seller, offerId } = await offered();
	ok(await answerOffer(seller, id, offerId, 'rejected'));
	const again = await answerOffer(seller, id, offerId, 'rejected');
	assert.equal(again.body.duplicate, true);
	const now = await read(customer, id);
	assert.equal(now.seq, 1);
	assert.equal(now.messages[0].payload.status, 'rejected');
});

test('scenario 43: of 40 answers at once one wins', async () => {
	const responses = ['accepted', 'rejected', 'countered'];
	for (let round = 0; round < 3; round++) {
		const { id, customer, seller, offerId } = await offered();
		const mine = (i) =>
			i % 10 === 9 ? 'withdrawn' : responses[i % 3];
		const replies = await crowd(40, (i) =>
			mine(i) === 'withdrawn'
				? answerOffer(customer, id, offerId, mine(i))
				: answerOffer(seller, id, offerId, mine(i), {
						id: `r-${mine(i)}`,
						counterPrice: 9500,
						responseMessage: mine(i),
					}),
		);
		const first = replies.filter(
			(reply) =>
				reply.status === 200 && !reply.body.duplicate,
		);
		assert.equal(first.length, 1);
		const status = await statusOf(customer, id, offerId);
		for (const [i, reply] of replies.entries())
			if (mine(i) === status) ok(reply);
			else expect(reply, 409, 'already_answered');
		const lines = status === 'withdrawn' ? 1 : 2;
		isWhole(await everything(seller, id), lines);
	}
});

test('scenario 44: a counter is a new offer, for the customer', async () => {
	const { id, customer, seller, offerId } = await offered(9000);
	const counter = (client, target, counterPrice, more) =>
		answerOffer(client, id, target, 'countered', {
			counterPrice,
			...more,
		});
	const reply = { id: fresh('c') };
	ok(await counter(seller, offerId, 10500.25, reply));
	const again = await counter(seller, offerId, 10500.25, reply);
	assert.equal(again.body.duplicate, true);
	expect(
		await counter(seller, offerId, 10501, reply),
		409,
		'already_answered',
	);
	const [old, fresher] = await everything(customer, id);
	assert.equal(old.payload.status, 'countered');
	assert.equal(fresher.id, reply.id);
	assert.equal(fresher.type, 'offer');
	assert.equal(fresher.sender, 'seller');
	assert.equal(fresher.text, 'Offer: 10500.25');
	assert.equal(fresher.payload.offerPrice, 10500.25);
	assert.equal(fresher.payload.counterPrice, 9000);
	assert.equal(fresher.payload.status, 'pending');

	const words = { responseMessage: 'My last word' };
	ok(await counter(customer, reply.id, 10000, words));
	const last = (await everything(seller, id)).pop();
	assert.equal(last.text, 'My last word');
	assert.equal(last.payload.counterPrice, 10500.25);
	ok(await answerOffer(seller, id, last.id, 'accepted'));
	const all = await everything(customer, id);
	assert.deepEqual(
		all.map((one) => one.payload.status),
		['countered', 'countered', 'accepted'],
	);
});
