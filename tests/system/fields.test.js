/*
 * Fields that are unknown, identities that are named, Idempotency-Key.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fresh, stackFor } from './harness.js';
import {
	C,
	everything,
	expect,
	isWhole,
	meet,
	message,
	of,
	ok,
	patch,
	put,
	read,
} from './talk.js';

const stack = await stackFor();

test('unknown fields: refused on top of PUT and PATCH, else ignored', async () => {
	const { id, customer, asked } = await meet(stack);
	const junk = { junk: { deep: [1, { $ne: 1 }] }, __proto: 1 };
	for (const extra of [
		{ junk: 1 },
		{ $set: {} },
		{ Message: {} },
		{ readBy: 'user' },
	])
		expect(
			await put(customer, id, message('x'), extra),
			400,
			'unknown_field',
		);
	for (const extra of [{ junk: 1 }, { seq: 5 }, { message: {} }])
		expect(
			await patch(customer, id, { archive: true, ...extra }),
			400,
			'unknown_field',
		);
	ok(await put(customer, id, message('x', junk)));
	ok(
		await customer.post(C, {
			...asked,
			...junk,
			messages: [message('y', junk)],
		}),
	);
	const reply = await customer.get(C + of(id));
	assert.ok(!reply.text.includes('junk'));
	assert.equal(reply.body.data.seq, 2);
	const both = {
		message: message('x'),
		offerResponse: {
			offerMessageId: 1,
			response: 'accepted',
		},
	};
	expect(
		await customer.put(C, { conversationId: id, ...both }),
		400,
		'bad_field',
	);
	expect(
		await patch(customer, id, { archive: true, readSeq: 1 }),
		400,
		'bad_field',
	);
});

test('identities that a client names must be its own', async () => {
	const { id, customer, seller } = await meet(stack, { said: 1 });
	const own = {
		userEmail: customer.email.toUpperCase(),
		userRole: 'customer',
	};
	ok(await put(customer, id, message('x'), own));
	ok(
		await patch(seller, id, {
			readSeq: 1,
			readBy: 'seller',
			userEmail: seller.email,
		}),
	);
	const others = [{ userEmail: seller.email }, { userRole: 'seller' }];
	for (const other of others)
		expect(
			await put(customer, id, message('x'), other),
			403,
			'forbidden',
		);
	for (const other of [...others, { readBy: 'seller' }])
		expect(
			await patch(customer, id, { readSeq: 1, ...other }),
			403,
			'forbidden',
		);
	for (const bad of [
		{ userEmail: 7 },
		{ userRole: {} },
		{ userRole: 'emperor' },
	])
		expect(
			await put(customer, id, message('x'), bad),
			400,
			'bad_field',
		);
	assert.equal((await read(customer, id)).seq, 2);
});

test('Idempotency-Key is the id of a PUT without one', async () => {
	const { id, customer, seller } = await meet(stack);
	const bare = (text, key, more = {}) =>
		customer.put(
			C,
			{ conversationId: id, message: { text, ...more } },
			{
				headers:
					key === undefined
						? {}
						: { 'idempotency-key': key },
			},
		);
	const key = fresh('key-');
	const first = await bare('once', key);
	ok(first);
	assert.equal(first.body.message.id, key);
	const again = await bare('once', key);
	assert.equal(again.body.duplicate, true);
	assert.deepEqual(again.body.message, first.body.message);
	expect(await bare('twice', key), 409, 'id_reused');
	const own = await bare('named', key, { id: 'its-own' });
	assert.equal(own.body.message.id, 'its-own');
	for (const bad of ['', 'x'.repeat(65), 'a b', 'parley-1', 'ä'])
		expect(await bare('x', bad), 400, 'bad_field');
	const made = [await bare('same'), await bare('same')];
	made.forEach((reply) => ok(reply));
	assert.notEqual(made[0].body.message.id, made[1].body.message.id);
	assert.match(made[0].body.message.id, /^parley-/);
	expect(
		await bare('x', undefined, { id: made[0].body.message.id }),
		400,
		'bad_field',
	);

	const price = message('', { payload: { offerPrice: 5 } });
	ok(await put(customer, id, price));
	const answer = () =>
		seller.put(
			C,
			{
				conversationId: id,
				offerResponse: {
					offerMessageId: price.id,
					response: 'accepted',
					responseMessage: 'yes',
				},
			},
			{ headers: { 'idempotency-key': 'a-1' } },
		);
	ok(await answer());
	assert.equal((await answer()).body.duplicate, true);
	const all = await everything(customer, id);
	assert.equal(all.at(-1).id, 'a-1');
	isWhole(all, 6);
});
