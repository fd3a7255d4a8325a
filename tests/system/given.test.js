/*
 * Scenarios 4, 8 and 9: ids, identities and texts come back as given.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fresh, stackFor } from './harness.js';
import {
	C,
	everything,
	expect,
	list,
	meet,
	message,
	of,
	ok,
	put,
	read,
	say,
	thread,
} from './talk.js';

const stack = await stackFor();

test('scenario 4: ids come back as they were given, number or text', async () => {
	const { id, customer, seller } = await meet(stack);
	const ids = [
		1767400000000123,
		9007199254740991,
		-9007199254740991,
		0,
		'7',
		'$where',
		'0x10',
		'a.b',
		'1767400000000124',
	];
	for (const given of ids)
		ok(await put(customer, id, { id: given, text: 'x' }));
	const reply = await seller.get(C + of(id));
	assert.ok(reply.text.includes('"id":1767400000000123,'));
	assert.ok(reply.text.includes('"id":"1767400000000124",'));
	assert.deepEqual(
		reply.body.data.messages.map((one) => one.id),
		ids,
	);
});

test('scenario 4: 7 and "7" are one id', async () => {
	const { id, customer } = await meet(stack);
	ok(await put(customer, id, { id: 7, text: 'seven' }));
	const again = await put(customer, id, { id: '7', text: 'seven' });
	ok(again);
	assert.equal(again.body.duplicate, true);
	assert.equal(again.body.message.id, 7);
	expect(
		await put(customer, id, { id: '7', text: 'eight' }),
		409,
		'id_reused',
	);
	assert.equal((await read(customer, id)).seq, 1);
});

test('scenario 8: identities are normalised, and found in any case', async () => {
	const name = fresh('Mixed.Case');
	const customer = await stack.as({ email: `  ${name}@Example.COM ` });
	const seller = await stack.as({ role: 'seller' });
	const email = `${name}@example.com`.toLowerCase();
	const asked = thread(customer, seller, {
		customerId: ` ${name.toUpperCase()}@EXAMPLE.com `,
		sellerId: seller.email.toUpperCase(),
	});
	const made = ok(await customer.post(C, asked), 201);
	assert.equal(made.customerId, email);
	assert.equal(made.sellerId, seller.email);
	for (const customerId of [
		email,
		email.toUpperCase(),
		` ${email} `,
		`${name}@example.com`,
	]) {
		const rows = await list(customer, { customerId });
		assert.deepEqual(
			rows.map((row) => row.id),
			[made.id],
		);
	}
	const stored = await stack.db
		.collection('conversations')
		.findOne({ id: made.id });
	assert.equal(stored.customerId, email);
	assert.equal(stored.sellerId, seller.email);
});

test('scenario 6: text may hold 4,000 code points, of any length in bytes', async () => {
	const { id, customer } = await meet(stack);
	const most = '😀'.repeat(4000);
	const reply = await say(customer, id, most);
	ok(reply);
	assert.equal(reply.body.message.text, most);
	expect(await say(customer, id, `${most}x`), 400, 'bad_field');
});

const texts = [
	'"quotes" and \'single\' and `back`',
	'two\nlines\r\nand\ttabs',
	'  blanks kept at both ends  ',
	'\\ back \\u0041 slash \\n',
	'<script>alert(1)</script>',
	'&amp; &lt; &#39;',
	'a / b // c',
	'emoji 😀👩‍👩‍👧‍👦🏳️‍🌈',
	'combining e\u0301 and é',
	'\u2028\u2029 lines',
	'مرحبا שלום नमस्ते 你好',
	'\ufeffbom inside\ufeff',
	'controls \u0001\u001f\u007f',
	'$where $gt $literal {"$ne":1}',
	'%00 %s %n ${x} {{x}}',
	'\ufffd \uffff',
	'𝕏'.repeat(100),
	'\u202eright to left',
	'"',
	'\\',
];

/** A PUT whose text is these bytes, as they are. */
const raw = (id, bytes) =>
	Buffer.from(
		`{"conversationId":"${id}","message":{"id":"raw","text":"${bytes}"}}`,
		'latin1',
	);

test('scenario 9: text comes back byte for byte', async () => {
	const { id, customer, seller } = await meet(stack);
	for (const text of texts) {
		const reply = await say(customer, id, text);
		ok(reply);
		assert.equal(reply.body.message.text, text);
	}
	const all = await everything(seller, id);
	assert.deepEqual(
		all.map((one) => one.text),
		texts,
	);
	ok(await customer.put(C, raw(id, '\\u00e9 \\ud83d\\ude00 \\/ \\b\\f')));
	assert.equal(
		(await read(seller, id)).messages.pop().text,
		'é 😀 / \b\f',
	);
});

test('scenario 9: NUL, bad UTF-8 and raw controls are refused', async () => {
	const { id, customer } = await meet(stack);
	for (const bytes of [
		'\x00',
		'a\\u0000b',
		'\\ud800',
		'\\udc00x',
		'\xff',
		'\xc0\x80',
		'\xed\xa0\x80',
		'\xf4\x90\x80\x80',
		'\xe2\x82',
		'\n',
		'\x1f',
		'\\x41',
	]) {
		const reply = await customer.put(C, raw(id, bytes));
		assert.equal(reply.status, 400, JSON.stringify(bytes));
		assert.match(reply.body.code, /^bad_(json|field)$/);
	}
	assert.equal((await read(customer, id)).seq, 0);
});
