/*
 * Scenario 45, and what is pending: test drives, expiry, eight at most, and
 * offers that are older than the window.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fresh, stackFor, until } from './harness.js';
import {
	C,
	answerDrive,
	answerOffer,
	drive,
	everything,
	expect,
	fill,
	isWhole,
	list,
	meet,
	offer,
	ok,
	put,
	read,
	statusOf,
} from './talk.js';

const stack = await stackFor();

for (const [response, other] of [
	['confirmed', 'rejected'],
	['rejected', 'confirmed'],
])
	test(`scenario 45: a test drive is ${response} for both`, async () => {
		const { id, customer, seller } = await meet(stack);
		const asked = drive();
		const answer = (client, word) =>
			answerDrive(client, id, asked.id, word);
		const stored = (await put(customer, id, asked)).body.message;
		assert.deepEqual(stored.payload, {
			date: '2027-02-28',
			time: '09:30',
			status: 'pending',
		});
		expect(await answer(customer, response), 404, 'not_found');
		expect(await answer(seller, 'countered'), 400, 'bad_field');
		ok(await answer(seller, response));
		const again = await answer(seller, response);
		assert.equal(again.body.duplicate, true);
		expect(await answer(seller, other), 409, 'already_answered');
		for (const client of [customer, seller])
			assert.equal(
				await statusOf(client, id, asked.id),
				response,
			);
	});

test('an offer is not answered as a test drive, nor a drive as an offer', async () => {
	const { id, customer, seller } = await meet(stack);
	const [price, ride] = [offer(5), drive()];
	ok(await put(customer, id, price));
	ok(await put(customer, id, ride));
	for (const reply of [
		await answerDrive(seller, id, price.id, 'confirmed'),
		await answerOffer(seller, id, ride.id, 'accepted'),
	])
		assert.ok([400, 404, 409].includes(reply.status));
	for (const one of [price, ride])
		assert.equal(await statusOf(seller, id, one.id), 'pending');
});

test('an offer past its expiresAt is expired, and not answered', async () => {
	const { id, customer, seller } = await meet(stack);
	const expiresAt = new Date(Date.now() + 1500).toISOString();
	const sent = offer(100, { expiresAt });
	const stored = (await put(customer, id, sent)).body.message;
	assert.equal(stored.payload.status, 'pending');
	const { rev } = await read(seller, id);
	await until(
		'it has expired',
		async () => (await statusOf(seller, id, sent.id)) === 'expired',
	);
	expect(await answerOffer(seller, id, sent.id, 'accepted'), 409);
	const now = await read(seller, id);
	assert.equal(now.rev, rev);
	assert.deepEqual(now.pending, []);
});

test('a ninth pending of a party is a conflict, until one is answered', async () => {
	const { id, customer, seller } = await meet(stack);
	const offers = Array.from({ length: 8 }, (_, i) => offer(100 + i));
	const ninth = offers[7];
	for (const one of offers.slice(0, 7)) ok(await put(customer, id, one));
	ok(await put(customer, id, drive()));
	for (const refused of [
		await put(customer, id, ninth),
		await customer.post(C, { id, messages: [ninth] }),
	])
		expect(refused, 409, 'conflict');
	ok(await put(customer, id, offers[0]));
	for (const one of offers)
		ok(await put(seller, id, { ...one, id: fresh('s') }));
	ok(await answerOffer(seller, id, offers[0].id, 'rejected'));
	ok(await put(customer, id, ninth));
	assert.equal((await read(customer, id)).seq, 17);
});

test('pending offers behind the window are shown, and answered', async () => {
	const { id, customer, seller } = await meet(stack);
	const ids = (messages) => messages.map((one) => one.id);
	const [first, second] = [offer(1), offer(2)];
	ok(await put(customer, id, first));
	ok(await put(customer, id, second));
	await fill(seller, id, 300);
	for (const query of [{ messages: 5 }, { messages: 0 }, {}]) {
		const { pending } = await read(seller, id, query);
		assert.deepEqual(ids(pending), [first.id, second.id]);
	}
	const [row] = await list(seller);
	assert.deepEqual(ids(row.pending), [first.id, second.id]);
	isWhole(await everything(seller, id), 302);

	const yes = { responseMessage: 'late but yes' };
	ok(await answerOffer(seller, id, first.id, 'accepted', yes));
	const now = await read(customer, id);
	assert.deepEqual(ids(now.pending), [second.id]);
	assert.equal(now.seq, 303);

	await fill(seller, id, 100);
	assert.equal(await statusOf(customer, id, first.id), 'accepted');
	assert.equal(await statusOf(customer, id, second.id), 'pending');
	isWhole(await everything(customer, id), 403);
	const again = await answerOffer(seller, id, first.id, 'accepted', yes);
	assert.equal(again.body.duplicate, true);
	const other = await answerOffer(seller, id, first.id, 'rejected', yes);
	expect(other, 409, 'already_answered');
});
