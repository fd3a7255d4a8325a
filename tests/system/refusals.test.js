/*
 * Scenarios 6 and 7: requests that are wrong, and change nothing.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import { C, expect, meet, message, of, read, thread } from './talk.js';

const stack = await stackFor();

test('scenario 6: wrong requests have their own statuses', async () => {
	const { id, customer } = await meet(stack);
	const good = message('x');
	const big = 'x'.repeat(70 * 1024);
	const cases = [
		[
			'PUT',
			{ conversationId: 'none', message: good },
			404,
			'not_found',
		],
		['PUT', { message: good }, 400, 'bad_field'],
		['PUT', { conversationId: id }, 400, 'bad_field'],
		['PUT', '', 400, 'bad_json'],
		['PUT', '{"conversationId":', 400, 'bad_json'],
		['PUT', '[]', 400, 'bad_json'],
		['PUT', 'null', 400, 'bad_json'],
		[
			'PUT',
			{ conversationId: id, message: message(big) },
			413,
			'too_large',
		],
		[
			'PUT',
			{
				conversationId: id,
				message: message('x'.repeat(4001)),
			},
			400,
			'bad_field',
		],
		[
			'PUT',
			{ conversationId: id, message: message('') },
			400,
			'bad_field',
		],
		[
			'PUT',
			{ conversationId: id, message: message(' \n\t ') },
			400,
			'bad_field',
		],
		[
			'PUT',
			{ conversationId: id, message: message(7) },
			400,
			'bad_field',
		],
		[
			'PUT',
			{ conversationId: id, message: 'text' },
			400,
			'bad_field',
		],
		['PATCH', '{', 400, 'bad_json'],
		['PATCH', { archive: true }, 400, 'bad_field'],
		['PATCH', { conversationId: id }, 400, 'bad_field'],
		[
			'PATCH',
			{ conversationId: 'none', archive: true },
			404,
			'not_found',
		],
		['POST', '{"id"', 400, 'bad_json'],
		['POST', {}, 400, 'bad_field'],
		['DELETE', undefined, 400, 'bad_field'],
		['OPTIONS', undefined, 405, 'bad_method'],
		['TRACK', undefined, 405, 'bad_method'],
	];
	for (const [method, body, status, code] of cases) {
		const reply = await customer
			.request(method, C, { body })
			.catch((error) => {
				throw new Error(`${method}: ${error}`);
			});
		const what = `${method} ${JSON.stringify(body)?.slice(0, 80)}`;
		assert.equal(reply.status, status, `${what}: ${reply.text}`);
		assert.equal(reply.body.code, code, what);
		assert.equal(reply.body.written, false, what);
	}
	assert.equal((await read(customer, id)).seq, 0);
});

test('scenario 7: objects, arrays and repeated keys are 400, never more', async () => {
	const { id, customer, seller } = await meet(stack, { said: 1 });
	const before = await read(customer, id);
	const wild = [
		{ $ne: null },
		{ $gt: '' },
		[id],
		[],
		{},
		7,
		true,
		'',
		'with blank',
		'ä',
		'x'.repeat(129),
	];
	for (const one of wild) {
		const bodies = [
			['PUT', { conversationId: one, message: message('x') }],
			['PATCH', { conversationId: one, archive: true }],
			['DELETE', { conversationId: one }],
			['POST', thread(customer, seller, { id: one })],
		];
		for (const [method, body] of bodies)
			expect(
				await customer.request(method, C, { body }),
				400,
				'bad_field',
			);
	}
	const queries = [
		`?conversationId=${id}&conversationId=${id}`,
		`?conversationId[$ne]=x&limit=1&limit=1`,
		`?customerId=${customer.email}&customerId=x`,
		'?limit=1&limit=2',
		'?messages=1&messages=1',
		'?conversationId=',
		'?conversationId=%00',
		'?conversationId=a%20b',
		'?limit=%zz',
		'?q=%ff',
	];
	for (const query of queries)
		expect(await customer.get(C + query), 400, 'bad_field');
	assert.deepEqual(await read(customer, id), before);
});
