/*
 * Scenarios 1 to 10: what is stored, and what comes back.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fresh, start } from './harness.js';
import {
	C, everything, expect, list, meet, message, of, ok, patch, put, read,
	say, thread,
} from './talk.js';

let stack;
before(async () => { stack = await start(); });
after(() => stack.stop());

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

test('scenario 1: a first POST is 201 with defaults, and both list it',
	async () => {
		const customer = await stack.as({ name: 'Asha' });
		const seller = await stack.as({ role: 'seller', name: 'Ravi' });
		const asked = thread(customer, seller, {
			messages: [message('Is it still there?',
				{ sender: 'user' })],
		});
		const reply = await customer.post(C, asked);
		const made = ok(reply, 201);
		assert.match(reply.body.epoch, /^\S+$/);
		for (const field of ['id', 'customerId', 'customerName',
			'sellerId',
			'sellerName', 'vehicleId', 'vehicleName',
			'vehiclePrice'])
			assert.equal(made[field], asked[field], field);
		const wanted = {
			isReadByCustomer: true, isReadBySeller: false,
			unreadByCustomer: 0, unreadBySeller: 1,
			isFlagged: false, archived: false, clearedSeq: 0,
			seq: 1,
			pending: [],
		};
		for (const [field, value] of Object.entries(wanted))
			assert.deepEqual(made[field], value, field);
		for (const field of ['lastMessageAt', 'createdAt', 'updatedAt'])
			assert.match(made[field], ISO, field);
		assert.ok(Number.isInteger(made.rev));

		const [one] = made.messages;
		assert.equal(one.id, asked.messages[0].id);
		assert.equal(one.text, 'Is it still there?');
		assert.equal(one.sender, 'user');
		assert.equal(one.type, 'text');
		assert.equal(one.seq, 1);
		assert.equal(one.isRead, false);
		assert.match(one.timestamp, ISO);
		assert.match(one.receivedAt, ISO);

		for (const [client, query] of [
			[customer, { customerId: customer.email }],
			[seller, { sellerId: seller.email }],
			[customer, {}], [seller, {}],
			[seller, { sellerId: seller.email,
				customerId: customer.email }],
		]) {
			const rows = await list(client, query);
			assert.deepEqual(rows.map((row) => row.id), [made.id]);
			assert.deepEqual(rows[0].messages, made.messages);
		}
	});

test('scenario 1: a conversation needs its fields, and its customer',
	async () => {
	const { customer, seller, asked } = await meet(stack);
	const other = await stack.as();
	const admin = await stack.as({ role: 'admin' });
	const without = (field) => {
		const body = thread(customer, seller);
		delete body[field];
		return body;
	};
	for (const field of ['id', 'customerId', 'sellerId', 'vehicleId']) {
		const reply = await customer.post(C, without(field));
		expect(reply, 400, 'bad_field');
		assert.match(reply.body.reason, new RegExp(field));
	}
	expect(await seller.post(C, thread(customer, seller)), 403,
		'forbidden');
	expect(await other.post(C, thread(customer, seller)), 403, 'forbidden');
	expect(await customer.post(C, thread(customer, customer)), 400,
		'bad_field');
	ok(await admin.post(C, thread(customer, seller)), 201);
	assert.equal((await list(customer)).length, 2);
	assert.equal((await read(customer, asked.id)).seq, 0);
});

test('scenario 2: newest first, whatever the clients\' timestamps',
	async () => {
	const customer = await stack.as();
	const seller = await stack.as({ role: 'seller' });
	const ids = [];
	for (const timestamp of ['2024-05-01T10:00:00Z',
		'2024-05-01T09:00:00.250Z', '2024-05-01T18:00:00+09:00']) {
		const asked = thread(customer, seller, {
			messages: [message('hello', { timestamp })],
		});
		ids.push(ok(await customer.post(C, asked), 201).id);
	}
	const order = async () => {
		const rows = await list(seller);
		const times = rows.map((row) => row.lastMessageAt);
		assert.deepEqual(times, [...times].sort().reverse());
		return rows.map((row) => row.id);
	};
	assert.deepEqual(await order(), [...ids].reverse());
	ok(await say(seller, ids[0], 'a reply brings it up'));
	assert.deepEqual(await order(), [ids[0], ids[2], ids[1]]);
});

test('scenario 4: ids come back as they were given, number or text',
	async () => {
		const { id, customer, seller } = await meet(stack);
		const ids = [1767400000000123, 9007199254740991,
			-9007199254740991, 0,
			'7', '$where', '0x10', 'a.b', '1767400000000124'];
		for (const given of ids)
			ok(await put(customer, id, { id: given, text: 'x' }));
		const reply = await seller.get(C + of(id));
		assert.ok(reply.text.includes('"id":1767400000000123,'));
		assert.ok(reply.text.includes('"id":"1767400000000124",'));
		assert.deepEqual(reply.body.data.messages.map((one) => one.id),
			ids);
	});

test('scenario 4: 7 and "7" are one id', async () => {
	const { id, customer } = await meet(stack);
	ok(await put(customer, id, { id: 7, text: 'seven' }));
	const again = await put(customer, id, { id: '7', text: 'seven' });
	ok(again);
	assert.equal(again.body.duplicate, true);
	assert.equal(again.body.message.id, 7);
	expect(await put(customer, id, { id: '7', text: 'eight' }), 409,
		'id_reused');
	assert.equal((await read(customer, id)).seq, 1);
});

test('scenario 5: the flags follow the sender; the sender is the caller',
	async () => {
		const { id, customer, seller } = await meet(stack);
		const flags = (data) =>
			[data.isReadByCustomer, data.isReadBySeller];
		assert.deepEqual(flags(ok(await say(customer, id, 'one'))),
			[true, false]);
		assert.deepEqual(flags(ok(await say(seller, id, 'two'))),
			[false, true]);
		const unseen = await put(customer, id, message('three'),
			{ readSeq: 1 });
		assert.deepEqual(flags(ok(unseen)), [false, false]);
		const seen = await put(customer, id, message('four'),
			{ readSeq: 3 });
		assert.deepEqual(flags(ok(seen)), [true, false]);

		const { seq } = await read(customer, id);
		for (const [client, sender] of [[customer, 'seller'],
			[customer, 'system'], [seller, 'user'],
			[seller, 'system']])
			expect(await say(client, id, 'forged', { sender }), 403,
				'forbidden');
		ok(await say(customer, id, 'mine', { sender: 'user' }));
		ok(await say(seller, id, 'mine', { sender: 'seller' }));
		assert.equal((await read(customer, id)).seq, seq + 2);
	});

test('scenario 6: wrong requests have their own statuses', async () => {
	const { id, customer } = await meet(stack);
	const good = message('x');
	const big = 'x'.repeat(70 * 1024);
	const cases = [
		['PUT', { conversationId: 'none', message: good }, 404,
			'not_found'],
		['PUT', { message: good }, 400, 'bad_field'],
		['PUT', { conversationId: id }, 400, 'bad_field'],
		['PUT', '', 400, 'bad_json'],
		['PUT', '{"conversationId":', 400, 'bad_json'],
		['PUT', '[]', 400, 'bad_json'],
		['PUT', 'null', 400, 'bad_json'],
		['PUT', { conversationId: id, message: message(big) }, 413,
			'too_large'],
		['PUT', { conversationId: id,
			message: message('x'.repeat(4001)) },
			400, 'bad_field'],
		['PUT', { conversationId: id, message: message('') }, 400,
			'bad_field'],
		['PUT', { conversationId: id, message: message(' \n\t ') }, 400,
			'bad_field'],
		['PUT', { conversationId: id, message: message(7) }, 400,
			'bad_field'],
		['PUT', { conversationId: id, message: 'text' }, 400,
			'bad_field'],
		['PATCH', '{', 400, 'bad_json'],
		['PATCH', { archive: true }, 400, 'bad_field'],
		['PATCH', { conversationId: id }, 400, 'bad_field'],
		['PATCH', { conversationId: 'none', archive: true }, 404,
			'not_found'],
		['POST', '{"id"', 400, 'bad_json'],
		['POST', {}, 400, 'bad_field'],
		['DELETE', undefined, 400, 'bad_field'],
		['OPTIONS', undefined, 405, 'bad_method'],
		['TRACK', undefined, 405, 'bad_method'],
	];
	for (const [method, body, status, code] of cases) {
		const reply = await customer.request(method, C, { body })
			.catch((error) => { throw new Error(
			`${method}: ${error}`); });
		const what = `${method} ${JSON.stringify(body)?.slice(0, 80)}`;
		assert.equal(reply.status, status, `${what}: ${reply.text}`);
		assert.equal(reply.body.code, code, what);
		assert.equal(reply.body.written, false, what);
	}
	assert.equal((await read(customer, id)).seq, 0);
});

test('scenario 6: text may hold 4,000 code points, of any length in bytes',
	async () => {
		const { id, customer } = await meet(stack);
		const most = '😀'.repeat(4000);
		const reply = await say(customer, id, most);
		ok(reply);
		assert.equal(reply.body.message.text, most);
		expect(await say(customer, id, `${most}x`), 400, 'bad_field');
	});

test('scenario 7: objects, arrays and repeated keys are 400, never more',
	async () => {
		const { id, customer, seller } = await meet(stack, { said: 1 });
		const before = await read(customer, id);
		const wild = [{ $ne: null }, { $gt: '' }, [id], [], {}, 7, true,
			'', 'with blank', 'ä', 'x'.repeat(129)];
		for (const one of wild) {
			const bodies = [
				['PUT', { conversationId: one,
					message: message('x') }],
				['PATCH', { conversationId: one,
					archive: true }],
				['DELETE', { conversationId: one }],
				['POST', thread(customer, seller, { id: one })],
			];
			for (const [method, body] of bodies)
				expect(await customer.request(method, C,
					{ body }), 400,
					'bad_field');
		}
		const queries = [
			`?conversationId=${id}&conversationId=${id}`,
			`?conversationId[$ne]=x&limit=1&limit=1`,
			`?customerId=${customer.email}&customerId=x`,
			'?limit=1&limit=2', '?messages=1&messages=1',
			'?conversationId=', '?conversationId=%00',
			'?conversationId=a%20b',
			'?limit=%zz', '?q=%ff',
		];
		for (const query of queries)
			expect(await customer.get(C + query), 400, 'bad_field');
		assert.deepEqual(await read(customer, id), before);
	});

test('scenario 8: identities are normalised, and found in any case',
	async () => {
		const name = fresh('Mixed.Case');
		const customer = await stack.as(
			{ email: `  ${name}@Example.COM ` });
		const seller = await stack.as({ role: 'seller' });
		const email = `${name}@example.com`.toLowerCase();
		const asked = thread(customer, seller, {
			customerId: ` ${name.toUpperCase()}@EXAMPLE.com `,
			sellerId: seller.email.toUpperCase(),
		});
		const made = ok(await customer.post(C, asked), 201);
		assert.equal(made.customerId, email);
		assert.equal(made.sellerId, seller.email);
		for (const customerId of [email, email.toUpperCase(),
			` ${email} `,
			`${name}@example.com`]) {
			const rows = await list(customer, { customerId });
			assert.deepEqual(rows.map((row) => row.id), [made.id]);
		}
		const stored = await stack.db.collection('conversations')
			.findOne({ id: made.id });
		assert.equal(stored.customerId, email);
		assert.equal(stored.sellerId, seller.email);
	});

const texts = [
	'"quotes" and \'single\' and `back`', 'two\nlines\r\nand\ttabs',
	'  blanks kept at both ends  ', '\\ back \\u0041 slash \\n',
	'<script>alert(1)</script>', '&amp; &lt; &#39;', 'a / b // c',
	'emoji 😀👩‍👩‍👧‍👦🏳️‍🌈', 'combining e\u0301 and é', '\u2028\u2029 lines',
	'مرحبا שלום नमस्ते 你好', '\ufeffbom inside\ufeff',
	'controls \u0001\u001f\u007f',
	'$where $gt $literal {"$ne":1}', '%00 %s %n ${x} {{x}}',
	'\ufffd \uffff',
	'𝕏'.repeat(100), '\u202eright to left', '"', '\\',
];

/** A PUT whose text is these bytes, as they are. */
const raw = (id, bytes) => Buffer.from(
	`{"conversationId":"${id}","message":{"id":"raw","text":"${bytes}"}}`,
	'latin1');

test('scenario 9: text comes back byte for byte', async () => {
	const { id, customer, seller } = await meet(stack);
	for (const text of texts) {
		const reply = await say(customer, id, text);
		ok(reply);
		assert.equal(reply.body.message.text, text);
	}
	const all = await everything(seller, id);
	assert.deepEqual(all.map((one) => one.text), texts);
	ok(await customer.put(C, raw(id, '\\u00e9 \\ud83d\\ude00 \\/ \\b\\f')));
	assert.equal((await read(seller, id)).messages.pop().text,
		'é 😀 / \b\f');
});

test('scenario 9: NUL, bad UTF-8 and raw controls are refused', async () => {
	const { id, customer } = await meet(stack);
	for (const bytes of ['\x00', 'a\\u0000b', '\\ud800', '\\udc00x', '\xff',
		'\xc0\x80', '\xed\xa0\x80', '\xf4\x90\x80\x80', '\xe2\x82',
		'\n',
		'\x1f', '\\x41']) {
		const reply = await customer.put(C, raw(id, bytes));
		assert.equal(reply.status, 400, JSON.stringify(bytes));
		assert.match(reply.body.code, /^bad_(json|field)$/);
	}
	assert.equal((await read(customer, id)).seq, 0);
});

test('scenario 10: DELETE hides it from its caller alone', async () => {
	const { id, customer, seller } = await meet(stack, { said: 3 });
	const { rev } = await read(seller, id);
	ok(await customer.del(C + of(id)));
	assert.deepEqual(await list(customer), []);
	expect(await customer.get(C + of(id)), 404, 'not_found');
	const [row] = await list(seller);
	assert.equal(row.seq, 3);
	assert.equal(row.messages.length, 3);
	assert.equal(row.rev, rev);
	ok(await customer.del(C + of(id)));
	ok(await customer.del(C, { conversationId: id }));
	expect(await customer.del(C), 400, 'bad_field');
	expect(await customer.del(C + of('absent')), 404, 'not_found');

	ok(await say(seller, id, 'still there?'));
	const [back] = await list(customer);
	assert.equal(back.id, id);
	assert.deepEqual(back.messages.map((one) => one.text),
		['still there?']);
	assert.equal(back.clearedSeq, 3);
	assert.equal(back.unreadByCustomer, 1);
});

test('scenario 10: the caller\'s own PUT or POST brings it back', async () => {
	const { id, customer, seller, asked } = await meet(stack, { said: 2 });
	for (const back of [() => say(customer, id, 'I am back'),
		() => customer.post(C, asked)]) {
		ok(await customer.del(C + of(id)));
		ok(await back());
		assert.deepEqual((await list(customer)).map((row) => row.id),
			[id]);
	}
	const mine = await read(customer, id);
	assert.deepEqual(mine.messages, []);
	assert.equal((await everything(seller, id)).length, 3);
});

test('a purge by an admin erases it for both, and its ids stay blocked',
	async () => {
		const { id, customer, seller, asked } = await meet(stack,
			{ said: 70 });
		const admin = await stack.as({ role: 'admin' });
		const purge = C + of(id, { purge: 1 });
		for (const client of [customer, seller])
			expect(await client.del(purge), 403, 'forbidden');
		ok(await admin.del(purge));
		ok(await admin.del(purge));
		for (const client of [customer, seller, admin]) {
			expect(await client.get(C + of(id)), 404, 'not_found');
			expect(await client.get(`${C}/export${of(id)}`), 404);
		}
		for (const client of [customer, seller]) {
			assert.deepEqual(await list(client), []);
			expect(await say(client, id, 'anyone?'), 404,
				'not_found');
			expect(await patch(client, id, { archive: true }), 404);
		}
		const traces = await stack.db.collection('conversations')
			.find({ ids: id }).toArray();
		assert.equal(traces.length, 1);
		assert.ok(!('messages' in traces[0]));
		const buckets = stack.db.collection('archive')
			.countDocuments({ '_id.c': traces[0]._id });
		assert.equal(await buckets, 0);

		const again = ok(await customer.post(C, asked), 201);
		assert.notEqual(again.id, id);
		assert.equal(again.seq, 0);
	});

test('each party refreshes its own name; the listing is the seller\'s',
	async () => {
		const { id, customer, seller } = await meet(stack);
		const plain = await stack.as({ email: customer.email });
		ok(await plain.post(C, {
			id, customerName: 'Asha K', sellerName: 'Mallory',
			vehicleName: 'Stolen', vehiclePrice: 1, vehicleId: 99,
		}));
		let now = await read(customer, id);
		assert.equal(now.customerName, 'Asha K');
		assert.equal(now.sellerName, 'Ravi');
		assert.equal(now.vehicleName, 'A small car');
		assert.equal(now.vehiclePrice, 12500);
		ok(await seller.post(C, {
			id, customerName: 'Mallory', sellerName: 'ignored',
			vehicleName: 'A smaller car', vehiclePrice: 11000.5,
		}));
		now = await read(customer, id);
		assert.equal(now.customerName, 'Asha K');
		assert.equal(now.sellerName, 'Ravi');
		assert.equal(now.vehicleName, 'A smaller car');
		assert.equal(now.vehiclePrice, 11000.5);
	});
