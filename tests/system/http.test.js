/*
 * HTTP's own rules: headers, HEAD, ETag, Allow, types, keys, epoch.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { crowd, fresh, start, until } from './harness.js';
import {
	C, everything, expect, isWhole, meet, message, of, ok, patch, put, read,
	say,
} from './talk.js';

let stack;
before(async () => {
	stack = await start({ env: { PARLEY_DOUBT_MS: '1000' } });
});
after(() => stack.stop());

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
		[403, await customer.get(
			`${C}?customerId=another@example.com`)],
		[404, await customer.get(C + of('absent'))],
		[404, await anyone.get('/api/absent')],
		[404, await customer.get('/api/conversations/absent')],
		[405, await customer.post('/api/session', {})],
		[413, await customer.put(C, 'x'.repeat(70000))],
		[415, await customer.put(C, '{}',
			{ headers: { 'content-type': 'text/plain' } })],
		[200, await customer.del(C + of(id))],
	];
	const seen = new Set();
	for (const [status, reply] of answers) {
		expect(reply, status);
		const { headers, text } = reply;
		assert.equal(headers['content-type'], JSON_TYPE);
		assert.equal(Number(headers['content-length']),
			Buffer.byteLength(text));
		assert.equal(headers['transfer-encoding'], undefined);
		assert.ok(text.endsWith('}\n'), text.slice(-20));
		assert.ok(headers['x-request-id']);
		assert.ok(!seen.has(headers['x-request-id']),
			'an id of its own');
		seen.add(headers['x-request-id']);
		assert.equal(headers['cache-control'],
			headers.etag ? 'private, no-cache' : 'no-store');
		assert.ok(!headers['access-control-allow-origin']);
		if (status >= 400) {
			assert.deepEqual(Object.keys(reply.body),
				['success', 'reason', 'error', 'code',
					'written']);
			assert.equal(reply.body.written, false);
		}
	}
	assert.match((await anyone.get(C)).headers['www-authenticate'],
		/Bearer/);
});

test('every 2xx of a conversation carries one epoch', async () => {
	const { id, customer, asked } = await meet(stack, { said: 1 });
	const answers = [
		await customer.get(C), await customer.get(C + of(id)),
		await customer.post(C, asked), await say(customer, id, 'x'),
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
	for (const target of [C, C + of(id), C + of('absent'), '/api/session',
		'/api/openapi.json', '/api/absent', `${C}?limit=0`]) {
		const [get, head] = [await customer.get(target),
			await customer.head(target)];
		assert.equal(head.status, get.status, target);
		assert.equal(head.text, '');
		for (const name of ['content-type', 'content-length',
			'cache-control',
			'etag'])
			assert.equal(head.headers[name], get.headers[name],
			name);
	}
	expect(await stack.anyone.head(C), 401);
});

test('a wrong method is 405, with the right ones in Allow', async () => {
	const { customer } = await meet(stack);
	const allowed = {
		[C]: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
		[`${C}/export`]: ['GET', 'HEAD'],
		'/api/session': ['GET', 'HEAD', 'DELETE'],
		'/api/demo/login': ['POST'],
		'/api/health': ['GET', 'HEAD'],
		'/api/metrics': ['GET', 'HEAD'],
		'/api/openapi.json': ['GET', 'HEAD'],
	};
	const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE',
		'OPTIONS', 'PROPFIND'];
	for (const [target, right] of Object.entries(allowed))
		for (const method of methods
			.filter((one) => !right.includes(one))) {
			const reply = await customer.request(method, target);
			const what = `${method} ${target}: ${reply.text}`;
			assert.equal(reply.status, 405, what);
			const allow = reply.headers.allow.split(/, */);
			assert.deepEqual(allow.sort(), [...right].sort(), what);
		}
});

test('paths are matched exactly', async () => {
	const { customer } = await meet(stack);
	for (const target of ['/api/conversationsX', '/api/conversations/',
		'/api/conversations/x', '/api/Conversations', '/api/',
		'/api/chatX',
		'/api/conversations/export/', '/api/conversations%00'])
		assert.ok([400, 404].includes(
		(await customer.get(target)).status),
			target);
});

test('a body needs the type application/json', async () => {
	const { id, customer } = await meet(stack);
	const body = () => JSON.stringify(
		{ conversationId: id, message: message('x') });
	for (const type of ['text/plain', 'application/jsonx',
		'application/xml',
		'application/x-www-form-urlencoded', '', 'json']) {
		const reply = await customer.put(C, body(),
			{ headers: { 'content-type': type } });
		expect(reply, 415, 'bad_type');
	}
	assert.equal((await read(customer, id)).seq, 0);
	for (const type of ['application/json', 'Application/JSON',
		'application/json; charset=utf-8',
		'application/json;charset=UTF-8'])
		ok(await customer.put(C, body(),
		{ headers: { 'content-type': type } }));
	assert.equal((await read(customer, id)).seq, 4);
});

/** Wait until the api is out of doubt: an unchanged GET is 304. */
const settled = (client, target = C) => until('304', async () => {
	const { headers: { etag } } = await client.get(target);
	if (!etag)
		return null;
	const reply = await client.get(target,
		{ headers: { 'if-none-match': etag } });
	return reply.status === 304 && etag;
});

test('an unchanged GET is 304, a changed one is not', async () => {
	const { id, customer, seller, asked } = await meet(stack, { said: 2 });
	const changes = [
		() => say(seller, id, 'x'), () => say(customer, id, 'x'),
		() => patch(seller, id, { readSeq: 1e6 }),
		() => patch(customer, id, { archive: true }),
		() => patch(customer, id, { archive: false }),
		() => patch(customer, id, { threadReadBy: 'customer',
			threadReadState: false }),
		() => patch(customer, id, { flag: { reason: fresh() } }),
		() => customer.post(C, { ...asked, messages: [message('y')] }),
		() => patch(customer, id, { clearMessages: true }),
	];
	for (const target of [C, C + of(id), `${C}?messages=0`,
		C + of(null, { customerId: customer.email })]) {
		for (const [i, change] of changes.entries()) {
			const etag = await settled(customer, target);
			for (const condition of [etag, `W/${etag}`,
				`"x", ${etag}`, '*']) {
				const headers = { 'if-none-match': condition };
				const reply = await customer.get(target, { headers });
				assert.equal(reply.status, 304, condition);
				assert.equal(reply.text, '');
				assert.equal(reply.headers.etag, etag);
			}
			ok(await change());
			const reply = await customer.get(target,
				{ headers: { 'if-none-match': etag } });
			assert.equal(reply.status, 200,
				`${target} change ${i}`);
			assert.notEqual(reply.headers.etag, etag);
		}
	}
});

test('an ETag is its caller\'s and its query\'s own', async () => {
	const { id, customer, seller } = await meet(stack, { said: 2 });
	const target = C + of(id);
	const etag = await settled(customer, target);
	const condition = { headers: { 'if-none-match': etag } };
	assert.equal((await seller.get(target, condition)).status, 200);
	for (const query of [{ messages: 1 }, { after: 0 }, { since: 0 }])
		assert.equal((await customer.get(C + of(id, query),
			condition)).status,
			200);
	const outsider = await stack.as();
	expect(await outsider.get(target, condition), 404);
	expect(await stack.anyone.get(target, condition), 401);
	expect(await customer.get(C + of('absent'),
		{ headers: { 'if-none-match': '*' } }), 404);
	ok(await customer.del(C + of(id)));
	expect(await customer.get(target, condition), 404);
});

test('304 and 200 stay right while eight write and eight ask', async () => {
	const { id, customer, seller } = await meet(stack);
	await settled(customer);
	let writing = true;
	const writers = crowd(8, async (i) => {
		for (let n = 0; n < 20; n++)
			ok(await say(i % 2 ? customer : seller, id,
				`${i}.${n}`));
	}).finally(() => { writing = false; });
	await crowd(8, async () => {
		let held = { etag: undefined, seq: 0 };
		while (writing) {
			const sure = (await read(seller, id,
				{ messages: 0 })).seq;
			const reply = await customer.get(C +
				of(id, { messages: 0 }), {
				headers: held.etag ?
					{ 'if-none-match': held.etag } : {},
			});
			if (reply.status !== 304)
				held = { etag: reply.headers.etag,
					seq: ok(reply).seq };
			assert.ok(held.seq >= sure,
				`${held.seq} before ${sure}`);
		}
	});
	await writers;
});

test('unknown fields: refused on top of PUT and PATCH, else ignored',
	async () => {
		const { id, customer, asked } = await meet(stack);
		const junk = { junk: { deep: [1, { $ne: 1 }] }, __proto: 1 };
		for (const extra of [{ junk: 1 }, { $set: {} }, { Message: {} },
			{ readBy: 'user' }])
			expect(await put(customer, id, message('x'), extra),
			400,
				'unknown_field');
		for (const extra of [{ junk: 1 }, { seq: 5 }, { message: {} }])
			expect(await patch(customer, id,
				{ archive: true, ...extra }), 400,
				'unknown_field');
		ok(await put(customer, id, message('x', junk)));
		ok(await customer.post(C, { ...asked, ...junk,
			messages: [message('y', junk)] }));
		const reply = await customer.get(C + of(id));
		assert.ok(!reply.text.includes('junk'));
		assert.equal(reply.body.data.seq, 2);
		const both = { message: message('x'), offerResponse: {
			offerMessageId: 1, response: 'accepted' } };
		expect(await customer.put(C, { conversationId: id, ...both }),
			400,
			'bad_field');
		expect(await patch(customer, id, { archive: true, readSeq: 1 }),
			400,
			'bad_field');
	});

test('identities that a client names must be its own', async () => {
	const { id, customer, seller } = await meet(stack, { said: 1 });
	const own = { userEmail: customer.email.toUpperCase(),
		userRole: 'customer' };
	ok(await put(customer, id, message('x'), own));
	ok(await patch(seller, id, { readSeq: 1, readBy: 'seller',
		userEmail: seller.email }));
	const others = [{ userEmail: seller.email }, { userRole: 'seller' }];
	for (const other of others)
		expect(await put(customer, id, message('x'), other), 403,
			'forbidden');
	for (const other of [...others, { readBy: 'seller' }])
		expect(await patch(customer, id, { readSeq: 1, ...other }), 403,
			'forbidden');
	for (const bad of [{ userEmail: 7 }, { userRole: {} },
		{ userRole: 'emperor' }])
		expect(await put(customer, id, message('x'), bad), 400,
		'bad_field');
	assert.equal((await read(customer, id)).seq, 2);
});

test('Idempotency-Key is the id of a PUT without one', async () => {
	const { id, customer, seller } = await meet(stack);
	const bare = (text, key, more = {}) => customer.put(C,
		{ conversationId: id, message: { text, ...more } },
		{ headers: key === undefined ? {} :
		{ 'idempotency-key': key } });
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
	expect(await bare('x', undefined, { id: made[0].body.message.id }), 400,
		'bad_field');

	const price = message('', { payload: { offerPrice: 5 } });
	ok(await put(customer, id, price));
	const answer = () => seller.put(C,
		{ conversationId: id, offerResponse: {
		offerMessageId: price.id, response: 'accepted',
		responseMessage: 'yes' } },
		{ headers: { 'idempotency-key': 'a-1' } });
	ok(await answer());
	assert.equal((await answer()).body.duplicate, true);
	const all = await everything(customer, id);
	assert.equal(all.at(-1).id, 'a-1');
	isWhole(all, 6);
});

test('health, metrics and session answer what they say', async () => {
	const { customer } = await meet(stack);
	assert.equal(ok(await stack.anyone.get('/api/health')).status, 'ok');
	const metrics = await stack.anyone.get('/api/metrics');
	assert.equal(metrics.status, 200);
	assert.match(metrics.headers['content-type'], /^text\/plain/);
	for (const line of [/^# TYPE parley_\w+ histogram$/m,
		/^parley_requests_total\{.*\} \d+$/m,
		/^parley_\w+_bucket\{.*le="\+Inf".*\} \d+$/m,
		/^parley_sends_total \d+$/m, /^parley_duplicates_total \d+$/m])
		assert.match(metrics.text, line);
	const session = ok(await customer.get('/api/session'));
	assert.deepEqual(session.ids, [customer.email]);
	assert.equal(session.role, 'customer');
	assert.equal(session.name, 'Asha');
	assert.ok(Date.parse(session.expiresAt) > Date.now());
});
