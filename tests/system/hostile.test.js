/*
 * Hostile input: tests/data/hostile.json, one line a request and its answer.
 *
 * A line is [method, query, body, status, code, words of the reason].  In
 * bodies ' stands for ", @id, @new, @customer and @seller for what this test
 * made, @x*9 for nine x; each character is sent as one byte.  Nothing may be
 * written by any of them, and the api must live on.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, test } from 'node:test';
import { BSON } from 'mongodb';
import { fresh, start } from './harness.js';
import { C, expect, meet, ok, put, read } from './talk.js';

const cases = JSON.parse(fs.readFileSync(
	new URL('../data/hostile.json', import.meta.url), 'utf8'));

let stack, customer, names, pid;
before(async () => {
	stack = await start();
	const met = await meet(stack);
	customer = met.customer;
	for (const one of [
		{ id: 'm-1', text: 'one' },
		{ id: 'offer-1', payload: { offerPrice: 5 } },
		{ id: 'drive-1', type: 'test_drive_request',
			payload: { date: '2030-12-01', time: '09:00' } },
	])
		ok(await put(customer, met.id, one));
	names = {
		'@id': met.id,
		'@new': fresh('conv_'),
		'@customer': customer.email,
		'@seller': met.seller.email,
	};
	pid = stack.pid('api');
});
after(() => stack.stop());

const spell = (text) => text
	.replace(/@(.)\*(\d+)/g, (_, char, n) => char.repeat(Number(n)))
	.replace(/@(id|new|customer|seller)\b/g, (name) => names[name]);

/** Every document of a client's, as text. */
async function stored() {
	const parts = await Promise.all(['conversations', 'archive'].map(
		(name) => stack.db.collection(name).find().sort({ _id: 1 })
			.toArray()));
	return BSON.EJSON.stringify(parts);
}

test('there are at least 150 of them, each once', () => {
	const lines = cases.map((one) => JSON.stringify(one.slice(0, 3)));
	assert.ok(lines.length >= 150);
	assert.equal(new Set(lines).size, lines.length);
});

for (const verb of ['PUT', 'PATCH', 'POST', 'DELETE', 'GET'])
	test(`each hostile ${verb} has its answer, and changes nothing`,
		async () => {
			const was = await stored();
			const wrong = [];
			for (const one of cases.filter(([v]) => v === verb)) {
				const error = await attempt(one, was);
				if (error)
					wrong.push(`${JSON.stringify(one)
						.slice(0, 200)}\n    ${error}`);
			}
			assert.equal(wrong.length, 0, wrong.join('\n'));
			assert.equal(stack.pid('api'), pid, 'the same api');
		});

/** Send one; gives what is wrong with the answer, or undefined. */
async function attempt([verb, query, body, status, code, words], was) {
	const reply = await customer.request(verb, C + spell(query), {
		body: body === null ? undefined :
			Buffer.from(spell(body).replaceAll("'", '"'), 'latin1'),
	});
	try {
		expect(reply, status, code);
		assert.equal(reply.body.written, false);
		assert.ok(reply.body.reason.includes(words),
			`${reply.body.reason} (not: ${words})`);
		assert.equal(await stored(), was, 'something was written');
	} catch (error) {
		return error.message;
	}
}

test('after all of them the conversation goes on', async () => {
	ok(await put(customer, names['@id'], { id: 'last', text: 'still' }));
	assert.equal((await read(customer, names['@id'])).seq, 4);
	assert.equal(stack.pid('api'), pid, 'the same api');
});
