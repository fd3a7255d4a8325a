/*
 * HTTP's own rules: headers, epoch, HEAD, Allow, paths, types.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import { C, expect, meet, message, of, ok, patch, read, say } from './talk.js';

const stack = await stackFor();

const JSON_TYPE = 'application/json; charset=utf-8';

test('every answer has its headers, and a newline at the end', async () => {
	const { id, customer } = await meet(stack, { said: 1 });
	const { anyone } = stack;
	const answers = [
		[200, await customer.get(C)],
		[200, await customer.get(C + of(id))],
		[200, await say(customer, id, 'é😀')],
		[200, await patch(customer, id, { archive: true })],
		[200, await customer.get('/api/session')],
		[200, await anyone.get('/api/health')],
		[200, await anyone.get('/api/openapi.json')],
		[400, await customer.get(`${C}?limit=0`)],
		[401, await anyone.get(C)],
		[
			403,
			await customer.get(
				`${C}?customerId=another@example.com`,
			),
		],
		[404, await customer.get(C + of('absent'))],
		[404, await anyone.get('/api/absent')],
		[404, await customer.get('/api/conversations/absent')],
		[405, await customer.post('/api/session', {})],
		[413, await customer.put(C, 'x'.repeat(70000))],
		[
			415,
			await customer.put(C, '{}', {
				headers: { 'content-type': 'text/plain' },
			}),
		],
		[200, await customer.del(C + of(id))],
	];
	const seen = new Set();
	for (const [status, reply] of answers) {
		expect(reply, status);
		const { headers, text } = reply;
		assert.equal(headers['content-type'], JSON_TYPE);
		assert.equal(
			Number(headers['content-length']),
			Buffer.byteLength(text),
		);
		assert.equal(headers['transfer-encoding'], undefined);
		assert.ok(text.endsWith('}\n'), text.slice(-20));
		assert.ok(headers['x-request-id']);
		assert.ok(
			!seen.has(headers['x-request-id']),
			'an id of its own',
		);
		seen.add(headers['x-request-id']);
		assert.equal(
			headers['cache-control'],
			headers.etag ? 'private, no-cache' : 'no-store',
		);
		assert.ok(!headers['access-control-allow-origin']);
		if (status >= 400) {
			assert.deepEqual(Object.keys(reply.body), [
				'success',
				'reason',
				'error',
				'code',
				'written',
			]);
			assert.equal(reply.body.written, false);
		}
	}
	assert.match(
		(await anyone.get(C)).headers['www-authenticate'],
		/Bearer/,
	);
});

test('every 2xx of a conversation carries one epoch', async () => {
	const { id, customer, asked } = await meet(stack, { said: 1 });
	const answers = [
		await customer.get(C),
		await customer.get(C + of(id)),
		await customer.post(C, asked),
		await say(customer, id, 'x'),
		await patch(customer, id, { readSeq: 1 }),
		await customer.del(C + of(id)),
	];
	const epochs = answers.map((reply) => {
		ok(reply);
		return reply.body.epoch;
	});
	assert.equal(new Set(epochs).size, 1);
	assert.equal(typeof epochs[0], 'string');
	await stack.restart('api');
	assert.equal((await customer.get(C)).body.epoch, epochs[0]);
	await stack.sv('down', 'api');
	stack.api('--new-epoch');
	await stack.sv('up', 'api');
	await stack.healthy();
	assert.notEqual((await customer.get(C)).body.epoch, epochs[0]);
});

test('HEAD answers as GET, without the body', async () => {
	const { id, customer } = await meet(stack, { said: 3 });
	for (const target of [
		C,
		C + of(id),
		C + of('absent'),
		'/api/session',
		'/api/openapi.json',
		'/api/absent',
		`${C}?limit=0`,
	]) {
		const [get, head] = [
			await customer.get(target),
			await customer.head(target),
		];
		assert.equal(head.status, get.status, target);
		assert.equal(head.text, '');
		for (const name of [
			'content-type',
			'content-length',
			'cache-control',
			'etag',
		])
			assert.equal(
				head.headers[name],
				get.headers[name],
				name,
			);
	}
	expect(await stack.anyone.head(C), 401);
});

test('a wrong method is 405, with the right ones in Allow', async () => {
	const { customer } = await meet(stack);
	const allowed = {
		[C]: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
		[`${C}/export`]: ['GET', 'HEAD'],
		'/api/chat': ['POST'],
		'/api/chat/history': ['GET', 'HEAD'],
		'/api/chat/sessions': ['GET', 'HEAD', 'PATCH'],
		'/api/session': ['GET', 'HEAD', 'DELETE'],
		'/api/demo/login': ['POST'],
		'/api/health': ['GET', 'HEAD'],
		'/api/metrics': ['GET', 'HEAD'],
		'/api/openapi.json': ['GET', 'HEAD'],
	};
	const methods = [
		'GET',
		'HEAD',
		'POST',
		'PUT',
		'PATCH',
		'DELETE',
		'OPTIONS',
		'PROPFIND',
	];
	for (const [target, right] of Object.entries(allowed))
		for (const method of methods.filter(
			(one) => !right.includes(one),
		)) {
			const reply = await customer.request(method, target);
			const what = `${method} ${target}: ${reply.text}`;
			assert.equal(reply.status, 405, what);
			const allow = reply.headers.allow.split(/, */);
			assert.deepEqual(allow.sort(), [...right].sort(), what);
		}
});

test('paths are matched exactly', async () => {
	const { customer } = await meet(stack);
	for (const target of [
		'/api/conversationsX',
		'/api/conversations/',
		'/api/conversations/x',
		'/api/Conversations',
		'/api/',
		'/api/chatX',
		'/api/conversations/export/',
		'/api/conversations%00',
	])
		assert.ok(
			[400, 404].includes(
				(await customer.get(target)).status,
			),
			target,
		);
});

test('a body needs the type application/json', async () => {
	const { id, customer } = await meet(stack);
	const body = () =>
		JSON.stringify({ conversationId: id, message: message('x') });
	for (const type of [
		'text/plain',
		'application/jsonx',
		'application/xml',
		'application/x-www-form-urlencoded',
		'',
		'json',
	]) {
		const reply = await customer.put(C, body(), {
			headers: { 'content-type': type },
		});
		expect(reply, 415, 'bad_type');
	}
	assert.equal((await read(customer, id)).seq, 0);
	for (const type of [
		'application/json',
		'Application/JSON',
		'application/json; charset=utf-8',
		'application/json;charset=UTF-8',
	])
		ok(
			await customer.put(C, body(), {
				headers: { 'content-type': type },
			}),
		);
	assert.equal((await read(customer, id)).seq, 4);
});

test('health, metrics and session answer what they say', async () => {
	const { customer } = await meet(stack);
	assert.equal(ok(await stack.anyone.get('/api/health')).status, 'ok');
	const metrics = await stack.anyone.get('/api/metrics');
	assert.equal(metrics.status, 200);
	assert.match(metrics.headers['content-type'], /^text\/plain/);
	for (const line of [
		/^# TYPE parley_\w+ histogram$/m,
		/^parley_requests_total\{.*\} \d+$/m,
		/^parley_\w+_bucket\{.*le="\+Inf".*\} \d+$/m,
		/^parley_sends_total \d+$/m,
		/^parley_duplicates_total \d+$/m,
	])
		assert.match(metrics.text, line);
	const session = ok(await customer.get('/api/session'));
	assert.deepEqual(session.ids, [customer.email]);
	assert.equal(session.role, 'customer');
	assert.equal(session.name, 'Asha');
	assert.ok(Date.parse(session.expiresAt) > Date.now());
});
