/*
 * Limits with small or real values, the order of refusals, nginx's own words.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, stackFor, start, until } from './harness.js';
import {
	C,
	expect,
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

const stack = await stackFor({
	env: {
		PARLEY_RATE_MESSAGES: undefined,
		PARLEY_RATE_BURST: undefined,
	},
});

/** Send until the bucket is empty; gives how many went through. */
async function drain(client, id) {
	for (let n = 0; n < 200; n++) {
		const reply = await say(client, id, `line ${n}`);
		if (reply.status === 429) return { n, reply };
		ok(reply);
	}
	throw new Error('no limit at 200');
}

test('60 at once and 3 a second per account, then 429 with Retry-After', async () => {
	const { id, customer, seller } = await meet(stack);
	const began = Date.now();
	const { n, reply } = await drain(customer, id);
	const refilled = Math.ceil(((Date.now() - began) / 1000) * 3);
	assert.ok(n >= 60 && n <= 61 + refilled, `${n} went through`);
	expect(reply, 429, 'rate_limited');
	assert.equal(reply.body.written, false);
	const wait = Number(reply.headers['retry-after']);
	assert.ok(wait >= 1 && wait <= 10, `Retry-After: ${wait}`);
	assert.equal((await read(customer, id)).seq, n);
	ok(await say(seller, id, 'the other has a bucket of his own'));
	ok(await customer.get(C + of(id)));
	ok(await patch(customer, id, { readSeq: 1 }));
	await until(
		'a token again',
		async () => (await say(customer, id, 'later')).status === 200,
		12000,
		200,
	);
});

test('duplicates cost a tenth', async () => {
	const { id, customer } = await meet(stack);
	const one = message('again and again');
	ok(await put(customer, id, one));
	for (let n = 0; n < 200; n++) {
		const reply = await put(customer, id, one);
		assert.equal(reply.body.duplicate, true, reply.text);
	}
	const { n } = await drain(customer, id);
	assert.ok(n >= 35 && n <= 75, `${n} new ones after 200 duplicates`);
});

test('a merge passes while the bucket holds anything, and may overdraw it', async () => {
	const { id, customer, seller, asked } = await meet(stack);
	const messages = Array.from({ length: 200 }, (_, i) => message(`${i}`));
	ok(await customer.post(C, { ...asked, messages }));
	assert.equal((await read(seller, id)).seq, 200);
	for (const body of [
		{ ...asked, messages: [message('x')] },
		thread(customer, seller),
	])
		expect(await customer.post(C, body), 429, 'rate_limited');
	expect(await say(customer, id, 'x'), 429, 'rate_limited');
});

test("what is refused comes in the contract's order", async () => {
	const { id, customer, seller } = await meet(stack);
	const { token } = customer;
	const used = message('used');
	ok(await put(customer, id, used));
	const cookie = { cookie: `parley_token=${token}` };
	const bearer = { authorization: `Bearer ${token}` };
	const text = { 'content-type': 'text/plain' };
	const huge = 'x'.repeat(70000);
	const steps = [
		[404, 'not_found', 'PUT', '/api/absent?a&a', { ...text }, huge],
		[
			401,
			'unauthorized',
			'PUT',
			'/api/session?a&a',
			{ ...text },
			huge,
		],
		[
			403,
			'origin',
			'PUT',
			'/api/session?a&a',
			{ ...cookie, ...text },
			huge,
		],
		[
			405,
			'bad_method',
			'PUT',
			'/api/session?a&a',
			{ ...bearer, ...text },
			huge,
		],
		[
			415,
			'bad_type',
			'PUT',
			`${C}?a&a`,
			{ ...bearer, ...text },
			huge,
		],
		[413, 'too_large', 'PUT', `${C}?a&a`, bearer, huge],
		[429, 'rate_limited', 'PUT', `${C}?a&a`, bearer, '{'],
		[400, 'bad_field', 'PATCH', `${C}?a&a`, bearer, '{'],
		[400, 'bad_json', 'PATCH', C, bearer, '{'],
		[
			400,
			'bad_field',
			'PATCH',
			C,
			bearer,
			JSON.stringify({
				conversationId: 'absent',
				archive: 'yes',
			}),
		],
		[
			404,
			'not_found',
			'PATCH',
			C,
			bearer,
			JSON.stringify({
				conversationId: 'absent',
				archive: true,
				userEmail: customer.email,
			}),
		],
		[
			404,
			'not_found',
			'PUT',
			C,
			{ authorization: `Bearer ${seller.token}` },
			JSON.stringify({
				conversationId: 'absent',
				message: message('x', { sender: 'user' }),
			}),
		],
		[
			403,
			'forbidden',
			'PUT',
			C,
			{ authorization: `Bearer ${seller.token}` },
			JSON.stringify({
				conversationId: id,
				message: { ...used, sender: 'user' },
			}),
		],
	];
	for (const [status, code, method, target, headers, body] of steps) {
		if (status === 429) await drain(customer, id);
		const reply = await stack.anyone.request(method, target, {
			headers,
			body,
		});
		assert.equal(
			`${reply.status} ${reply.body.code}`,
			`${status} ${code}`,
			`${method} ${target} ${body.slice(0, 40)}`,
		);
		assert.equal(reply.body.written, false);
	}
});

test('bodies: 64 KiB, 1 MiB for a POST of a whole conversation', async () => {
	const { id, customer, asked } = await meet(stack);
	const padded = (body, bytes) => {
		const text = JSON.stringify(body);
		return text + ' '.repeat(bytes - Buffer.byteLength(text));
	};
	const one = { conversationId: id, message: message('x') };
	const KiB = 1024;
	ok(await customer.put(C, padded(one, 64 * KiB)));
	expect(
		await customer.put(C, padded(one, 64 * KiB + 1)),
		413,
		'too_large',
	);
	expect(
		await customer.patch(
			C,
			padded(
				{ conversationId: id, archive: true },
				64 * KiB + 1,
			),
		),
		413,
		'too_large',
	);
	ok(await customer.post(C, padded(asked, 1024 * KiB)));
	assert.equal((await read(customer, id)).seq, 1);
});

const wears = (reply, status, code, written) => {
	expect(reply, status, code);
	assert.equal(reply.body.written, written);
	assert.equal(
		reply.headers['content-type'],
		'application/json; charset=utf-8',
	);
	assert.equal(reply.headers['cache-control'], 'no-store');
	assert.ok(reply.headers['x-request-id']);
	assert.equal(
		Number(reply.headers['content-length']),
		Buffer.byteLength(reply.text),
	);
	assert.ok(reply.text.endsWith('\n'));
	if (status !== 413)
		assert.ok(Number(reply.headers['retry-after']) >= 1);
};

test("nginx's own 413 wears the envelope", async () => {
	const { customer } = await meet(stack);
	for (const target of [C, '/api/absent']) {
		const reply = await customer.post(target, '{', {
			headers: {
				'content-length': 2 * 1024 * 1024,
				connection: 'close',
			},
		});
		wears(reply, 413, 'too_large', false);
	}
});

test("nginx's own 502 wears the envelope, and ends by itself", async () => {
	const { id, customer } = await meet(stack);
	await stack.sv('down', 'api');
	wears(await customer.get(C), 502, 'unavailable', false);
	wears(await say(customer, id, 'x'), 502, 'unavailable', 'unknown');
	await stack.sv('up', 'api');
	await stack.healthy();
	ok(await say(customer, id, 'y'));
});

test("nginx's own 504 wears the envelope; the repeat is safe", async () => {
	const { id, customer } = await meet(stack);
	const one = message('through the pause');
	stack.kill('api', 'SIGSTOP');
	const [got, sent] = await Promise.all([
		customer.get(C, { within: 25000 }),
		put(customer, id, one).catch((error) => error),
	]);
	stack.kill('api', 'SIGCONT');
	wears(got, 504, 'unavailable', false);
	if (!(sent instanceof Error))
		wears(sent, 504, 'unavailable', 'unknown');
	ok(await put(customer, id, one));
	const now = await read(customer, id);
	assert.equal(now.seq, 1);
});

test("nginx's own 429: more than 100 a second from one address", async () => {
	const real = await start({
		env: {
			PARLEY_NGINX_RATE: undefined,
			PARLEY_NGINX_BURST: undefined,
		},
	});
	try {
		const replies = await crowd(600, () =>
			real.anyone.get('/api/absent'),
		);
		const refused = replies.filter((reply) => reply.status === 429);
		assert.ok(refused.length >= 100, `${refused.length} of 600`);
		assert.ok(replies.length - refused.length >= 200);
		wears(refused[0], 429, 'rate_limited', false);
	} finally {
		await real.stop();
	}
});
