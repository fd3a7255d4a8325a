/*
 * Scenarios 42 to 45: offers and test drives, and who may answer them once.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { crowd, fresh, start, until } from './harness.js';
import {
	C, answerDrive, answerOffer, everything, expect, fill, isWhole, list,
	meet, message, of, ok, put, read, say,
} from './talk.js';

let stack;
before(async () => { stack = await start(); });
after(() => stack.stop());

const offer = (offerPrice, payload = {}) =>
	message('', { type: 'offer', payload: { offerPrice, ...payload } });
const drive = (date = '2027-02-28', time = '09:30') =>
	message('', { type: 'test_drive_request', payload: { date, time } });

/** A conversation with one pending offer of the customer. */
async function offered(price = 9000) {
	const pair = await meet(stack);
	const sent = offer(price);
	ok(await put(pair.customer, pair.id, sent));
	return { ...pair, offerMessageId: sent.id };
}

const statusOf = async (client, id, messageId) =>
	(await everything(client, id)).find((one) => one.id === messageId)
		.payload.status;

test('scenario 42: an offer survives, by type or by its price', async () => {
	const { id, customer, seller } = await meet(stack);
	const inputs = [
		offer(9000.5),
		message('Offer: $9,000', { payload: { offerPrice: 9000 } }),
		offer(1, { status: 'accepted', counterPrice: 7,
		junk: { a: 1 } }),
		offer(0.1 + 0.2, { expiresAt: '2030-01-01T00:00:00+01:00' }),
	];
	for (const input of inputs) {
		const stored = (await put(customer, id, input)).body.message;
		assert.equal(stored.type, 'offer');
		assert.equal(stored.payload.offerPrice,
			input.payload.offerPrice);
		assert.equal(stored.payload.status, 'pending');
		assert.ok(!('junk' in stored.payload));
		assert.ok(!stored.payload.counterPrice);
	}
	const all = (await read(seller, id)).messages;
	assert.equal(all[3].payload.expiresAt, '2029-12-31T23:00:00.000Z');
	const raw = (await seller.get(C + of(id))).text;
	assert.ok(raw.includes('"offerPrice":0.30000000000000004'));
	assert.ok(raw.includes('"offerPrice":9000.5,'));
	assert.ok(raw.includes('"offerPrice":1,'));
	const plain = (await say(customer, id,
		'Offer: only words')).body.message;
	assert.equal(plain.type, 'text');
});

test('scenario 42: prices and shapes that are none are refused', async () => {
	const { id, customer } = await meet(stack);
	for (const bad of [0, -1, '9000', null, {}, undefined])
		expect(await put(customer, id, offer(bad)), 400, 'bad_field');
	const raw = (number) =>
		`{"conversationId":"${id}","message":{"id":"r",` +
		`"type":"offer","text":"","payload":{"offerPrice":${number}}}}`;
	for (const number of ['1e400', 'NaN', 'Infinity', '01', '1.', '-0'])
		expect(await customer.put(C, raw(number)), 400);
	const bad = [
		drive('2027-02-29'), drive('27-02-28'),
		drive('2027-02-28', '24:00'),
		drive('2027-02-28', '9:30'), drive(7), drive(null),
		message('', { type: 'image',
		payload: { imageUrl: 'http://a/b' } }),
		message('', { type: 'image',
		payload: { imageUrl: 'javascript:x' } }),
		message('', { type: 'image' }), message('', { type: 'voice' }),
		message('x', { type: 'system' }),
		message('x', { type: 'rocket' }),
		message('x', { payload: 'text' }),
		message('x', { payload: [1] }),
	];
	for (const one of bad)
		expect(await put(customer, id, one), 400, 'bad_field');
	assert.equal((await read(customer, id)).seq, 0);
	const good = [
		message('', { type: 'image',
			payload: { imageUrl: 'https://example.com/a.png' } }),
		message('', { type: 'voice', payload: {
			audioUrl: 'https://example.com/a.ogg',
			durationSeconds: 3.5 } }),
	];
	for (const one of good) {
		const { payload } = (await put(customer, id, one)).body.message;
		assert.deepEqual(payload, one.payload);
	}
});

test('scenario 42: only the other party can answer, only the maker withdraw',
	async () => {
		const { id, customer, seller,
			offerMessageId } = await offered();
		const say403or400 = (reply) => {
			assert.ok([400, 403, 404, 409].includes(reply.status),
				reply.text);
			assert.equal(reply.body.written, false);
		};
		for (const response of ['accepted', 'rejected', 'countered'])
			say403or400(await answerOffer(customer, id,
				{ offerMessageId, response, counterPrice: 1 }));
		say403or400(await answerOffer(seller, id,
			{ offerMessageId, response: 'withdrawn' }));
		for (const bad of ['pending', 'expired', 'maybe', 7, null])
			expect(await answerOffer(seller, id,
				{ offerMessageId, response: bad }), 400,
				'bad_field');
		expect(await answerOffer(seller, id,
			{ offerMessageId, response: 'countered' }), 400,
			'bad_field');
		expect(await answerOffer(seller, id, { response: 'accepted' }),
			400);
		const absent = { offerMessageId: 'absent',
			response: 'accepted' };
		say403or400(await answerOffer(seller, id, absent));
		assert.equal(await statusOf(seller, id, offerMessageId),
			'pending');
		ok(await answerOffer(customer, id,
			{ offerMessageId, response: 'withdrawn' }));
		assert.equal(await statusOf(seller, id, offerMessageId),
			'withdrawn');
		expect(await answerOffer(seller, id,
			{ offerMessageId, response: 'accepted' }), 409,
			'already_answered');
	});

test('scenario 43: accepting stores status and reply line at once',
	async () => {
	const { id, customer, seller, offerMessageId } = await offered();
	const answer = {
		offerMessageId, response: 'accepted', id: fresh('r'),
		responseMessage: 'Deal!',
	};
	const { rev } = await read(customer, id);
	ok(await answerOffer(seller, id, answer));
	const now = await read(customer, id);
	assert.equal(now.seq, 2);
	assert.equal(now.rev, rev + 1);
	const [first, reply] = now.messages;
	assert.equal(first.payload.status, 'accepted');
	assert.equal(first.rev, now.rev);
	assert.equal(reply.text, 'Deal!');
	assert.equal(reply.sender, 'seller');
	assert.equal(reply.id, answer.id);
	assert.deepEqual(now.pending, []);

	const again = await answerOffer(seller, id, answer);
	ok(again);
	assert.equal(again.body.duplicate, true);
	for (const [client, other] of [
		[seller, { ...answer, response: 'rejected' }],
		[seller, { ...answer, responseMessage: 'No deal!' }],
		[seller, { ...answer, response: 'countered', counterPrice: 1 }],
		[customer, { offerMessageId, response: 'withdrawn' }]]) {
		const refused = expect(await answerOffer(client, id, other),
			409,
			'already_answered');
		assert.equal(refused.body.data.id, id);
		assert.equal(refused.body.data.messages[0].payload.status,
			'accepted');
	}
	assert.deepEqual(await read(customer, id), now);
});

test('scenario 43: without responseMessage no line is added', async () => {
	const { id, customer, seller, offerMessageId } = await offered();
	const answer = { offerMessageId, response: 'rejected' };
	ok(await answerOffer(seller, id, answer));
	assert.equal((await answerOffer(seller, id, answer)).body.duplicate,
		true);
	const now = await read(customer, id);
	assert.equal(now.seq, 1);
	assert.equal(now.messages[0].payload.status, 'rejected');
});

test('scenario 43: of 40 answers at once one wins, and its repeats agree',
	async () => {
		for (let round = 0; round < 3; round++) {
			const { id, customer, seller,
				offerMessageId } = await offered();
			const responses = ['accepted', 'rejected', 'countered'];
			const replies = await crowd(40, (i) => {
				const response = responses[i % 3];
				if (i % 10 === 9)
					return answerOffer(customer, id,
						{ offerMessageId,
						response: 'withdrawn' });
				return answerOffer(seller, id, {
					offerMessageId, response,
					id: `r-${response}`,
					counterPrice: 9500,
					responseMessage: response,
				});
			});
			const won = replies.filter((one) => one.status === 200);
			const first = won.filter((one) => !one.body.duplicate);
			assert.equal(first.length, 1);
			const status = await statusOf(customer, id,
				offerMessageId);
			for (const [i, reply] of replies.entries()) {
				const mine = i % 10 === 9 ? 'withdrawn' :
					responses[i % 3];
				if (mine === status)
					ok(reply);
				else
					expect(reply, 409, 'already_answered');
			}
			isWhole(await everything(seller, id),
				status === 'withdrawn' ? 1 : 2);
		}
	});

test('scenario 44: a counter is a new offer, which the customer answers',
	async () => {
		const { id, customer, seller,
			offerMessageId } = await offered(9000);
		const counter = {
			offerMessageId, response: 'countered',
			counterPrice: 10500.25,
			id: fresh('c'),
		};
		ok(await answerOffer(seller, id, counter));
		const again = await answerOffer(seller, id, counter);
		assert.equal(again.body.duplicate, true);
		expect(await answerOffer(seller, id,
			{ ...counter, counterPrice: 10501 }), 409,
			'already_answered');
		const [old, fresher] = await everything(customer, id);
		assert.equal(old.payload.status, 'countered');
		assert.equal(fresher.id, counter.id);
		assert.equal(fresher.type, 'offer');
		assert.equal(fresher.sender, 'seller');
		assert.equal(fresher.text, 'Offer: 10500.25');
		assert.equal(fresher.payload.offerPrice, 10500.25);
		assert.equal(fresher.payload.counterPrice, 9000);
		assert.equal(fresher.payload.status, 'pending');
		ok(await answerOffer(customer, id, {
			offerMessageId: counter.id, response: 'countered',
			counterPrice: 10000, responseMessage: 'My last word',
		}));
		const last = (await everything(seller, id)).pop();
		assert.equal(last.text, 'My last word');
		assert.equal(last.payload.counterPrice, 10500.25);
		ok(await answerOffer(seller, id,
			{ offerMessageId: last.id, response: 'accepted' }));
		const all = await everything(customer, id);
		assert.deepEqual(all.map((one) => one.payload.status),
			['countered', 'countered', 'accepted']);
	});

test('scenario 45: a test drive is confirmed or declined for both',
	async () => {
		const { id, customer, seller } = await meet(stack);
		for (const response of ['confirmed', 'rejected']) {
			const asked = drive();
			const stored = (await put(customer, id,
				asked)).body.message;
			assert.deepEqual(stored.payload,
				{ date: '2027-02-28', time: '09:30',
				status: 'pending' });
			const answer = { messageId: asked.id, response };
			assert.ok((await answerDrive(customer, id,
				answer)).status >= 400);
			expect(await answerDrive(seller, id,
				{ messageId: asked.id, response: 'countered' }),
				400);
			ok(await answerDrive(seller, id, answer));
			const again = await answerDrive(seller, id, answer);
			assert.equal(again.body.duplicate, true);
			expect(await answerDrive(seller, id, {
				messageId: asked.id,
				response: response === 'rejected' ?
				'confirmed' : 'rejected',
			}), 409, 'already_answered');
			for (const client of [customer, seller])
				assert.equal(await statusOf(client, id,
					asked.id), response);
		}
		const price = offer(5);
		ok(await put(customer, id, price));
		const wrong = await answerDrive(seller, id,
			{ messageId: price.id, response: 'confirmed' });
		assert.ok(wrong.status >= 400 && wrong.status < 500,
			wrong.text);
		assert.equal(await statusOf(seller, id, price.id), 'pending');
	});

test('an offer past its expiresAt is expired, and cannot be answered',
	async () => {
		const { id, customer, seller } = await meet(stack);
		const soon = new Date(Date.now() + 1500).toISOString();
		const sent = offer(100, { expiresAt: soon });
		const stored = (await put(customer, id, sent)).body.message;
		assert.equal(stored.payload.status, 'pending');
		const { rev } = await read(seller, id);
		await until('it has expired', async () =>
			await statusOf(seller, id, sent.id) === 'expired');
		const refused = await answerOffer(seller, id,
			{ offerMessageId: sent.id, response: 'accepted' });
		expect(refused, 409);
		const now = await read(seller, id);
		assert.equal(now.rev, rev);
		assert.deepEqual(now.pending, []);
	});

test('a ninth pending offer of a party is a conflict, until one is answered',
	async () => {
		const { id, customer, seller } = await meet(stack);
		const offers = Array.from({ length: 8 },
			(_, i) => offer(100 + i));
		for (const one of offers.slice(0, 7))
			ok(await put(customer, id, one));
		ok(await put(customer, id, drive()));
		expect(await put(customer, id, offers[7]), 409, 'conflict');
		expect(await customer.post(C, { id, messages: [offers[7]] }),
			409,
			'conflict');
		ok(await put(customer, id, offers[0]));
		for (const one of offers)
			ok(await put(seller, id, { ...one, id: fresh('s') }));
		ok(await answerOffer(seller, id,
			{ offerMessageId: offers[0].id,
			response: 'rejected' }));
		ok(await put(customer, id, offers[7]));
		assert.equal((await read(customer, id)).seq, 17);
	});

test('pending offers behind the window are shown, and can be answered',
	async () => {
		const { id, customer, seller } = await meet(stack);
		const offers = [offer(1), offer(2)];
		for (const one of offers)
			ok(await put(customer, id, one));
		await fill(seller, id, 300);
		for (const query of [{ messages: 5 }, { messages: 0 }, {}]) {
			const now = await read(seller, id, query);
			assert.deepEqual(now.pending.map((one) => one.id),
				offers.map((one) => one.id));
		}
		const [row] = await list(seller);
		assert.equal(row.pending.length, 2);
		isWhole(await everything(seller, id), 302);

		ok(await answerOffer(seller, id, {
			offerMessageId: offers[0].id, response: 'accepted',
			responseMessage: 'late but yes',
		}));
		const now = await read(customer, id);
		assert.deepEqual(now.pending.map((one) => one.id),
			[offers[1].id]);
		assert.equal(now.seq, 303);
		await fill(seller, id, 100);
		assert.equal(await statusOf(customer, id, offers[0].id),
			'accepted');
		assert.equal(await statusOf(customer, id, offers[1].id),
			'pending');
		isWhole(await everything(customer, id), 403);
		const late = { offerMessageId: offers[0].id,
			response: 'accepted',
			responseMessage: 'late but yes' };
		assert.equal((await answerOffer(seller, id,
			late)).body.duplicate,
			true);
		expect(await answerOffer(seller, id,
			{ ...late, response: 'rejected' }),
			409, 'already_answered');
	});
