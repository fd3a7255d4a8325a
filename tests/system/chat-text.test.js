/*
 * What a line of the support chat may be, and what every answer carries:
 * text byte for byte, first widgets, refusals that write nothing.
 * Scenario 57.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentOf, CHAT, HISTORY, lines, says } from './desk.js';
import { stackFor } from './harness.js';
import { expect } from './talk.js';
import { history, isAnswered, own, stranger, visitors } from './visitors.js';

const stack = await stackFor();

/** How many documents there are, to see that nothing was written. */
const stored = () =>
	Promise.all(
		['chatsessions', 'chatmessages'].map((name) =>
			stack.db.collection(name).countDocuments(),
		),
	);

test('who has said nothing has an empty history, and no session yet', async () => {
	const before = await stored();
	for (const who of [stack.anyone, stranger(stack), await stack.as()])
		for (const query of ['', '?userId=', '?userId=user_17x'])
			if (!who.email || !/x$/.test(query))
				assert.deepEqual(await history(who, query), {
					success: true,
					messages: [],
					count: 0,
					sessionId: null,
				});
	assert.deepEqual(await stored(), before);
});

test('answers carry what every answer carries', async () => {
	const who = stranger(stack);
	const { sessionId } = await says(who, 'x');
	const agent = await agentOf(stack);
	for (const reply of [
		await who.post(CHAT, { message: 'y' }),
		await who.get(HISTORY),
		await who.get(`${HISTORY}?sessionId=absent`),
		await who.post(CHAT, {}),
		await agent.get(`${CHAT}/sessions`),
		await agent.patch(`${CHAT}/sessions`, {
			sessionId,
			claim: true,
		}),
	]) {
		assert.equal(
			reply.headers['content-type'],
			'application/json; charset=utf-8',
		);
		assert.equal(
			Number(reply.headers['content-length']),
			Buffer.byteLength(reply.text),
		);
		assert.match(reply.text, /\n$/);
		assert.ok(reply.headers['x-request-id']);
		assert.equal(
			reply.headers['cache-control'],
			reply.headers.etag ? 'private, no-cache' : 'no-store',
		);
		assert.equal(reply.body.epoch, undefined);
	}
	const head = await who.head(HISTORY);
	assert.equal(head.status, 200);
	assert.equal(head.text, '');
	assert.ok(Number(head.headers['content-length']) > 100);
	for (const [method, target, allow] of [
		['GET', CHAT, 'POST'],
		['PUT', CHAT, 'POST'],
		['POST', HISTORY, 'GET, HEAD'],
		['DELETE', HISTORY, 'GET, HEAD'],
		['POST', `${CHAT}/sessions`, 'GET, HEAD, PATCH'],
	]) {
		const options = method === 'GET' ? {} : { body: {} };
		const reply = expect(
			await agent.request(method, target, options),
			405,
			'bad_method',
		);
		assert.equal(reply.headers.allow, allow, target);
	}
});

test('first widgets send names of their own invention, which change nothing', async () => {
	const body = {
		message: 'hello',
		userId: 'user_1767400000000_ab12',
		userName: 'Zoë',
		sessionId: null,
		timestamp: '2001-01-01T00:00:00Z',
		sender: 'admin',
		isRead: true,
		seq: 99,
		email: 'x',
		context: { page: '/listing', $set: { a: 1 } },
	};
	for (const [what, who] of await visitors(stack)) {
		if (who.email) delete body.userId;
		const { seq, sessionId } = expect(
			await who.post(CHAT, body),
			200,
		).body;
		assert.equal(seq, 1, what);
		const [one] = await lines(who, sessionId);
		assert.equal(one.sender, 'user');
		assert.ok(Date.now() - Date.parse(one.timestamp) < 60000);
	}
});

test('text comes back byte for byte', async () => {
	const who = stranger(stack);
	const odd = [
		'<b>"&\\\'</b> $set {name} %00 ${x}',
		'$message',
		'\u{1f600}'.repeat(4000),
		'  blanks \t\r\n inside and out  ',
		'\u2028 \u202e e\u0301 \u007f \u0001',
		'{"$gt":""}',
	];
	let sessionId;
	for (const text of odd) ({ sessionId } = await says(who, text));
	const whole = await lines(who, sessionId);
	isAnswered(whole);
	assert.deepEqual(
		whole
			.filter((one) => one.sender === 'user')
			.map((one) => one.text),
		odd,
	);
});

test('57: what is no line is refused, and nothing is written', async () => {
	const guest = stranger(stack);
	const account = await stack.as();
	await says(guest, 'x');
	await says(account, 'x');
	const before = await stored();
	const bad = [
		[{}, 'bad_field'],
		[{ message: '' }, 'bad_field'],
		[{ message: ' \t\r\n ' }, 'bad_field'],
		[{ message: null }, 'bad_field'],
		[{ message: 7 }, 'bad_field'],
		[{ message: ['x'] }, 'bad_field'],
		[{ message: { $ne: 1 } }, 'bad_field'],
		[{ message: 'é'.repeat(4001) }, 'bad_field'],
		[{ message: 'a\0b' }, 'bad_field'],
		[{ text: 'x' }, 'bad_field'],
		[{ message: 'x', messageId: '' }, 'bad_field'],
		[{ message: 'x', messageId: 'x'.repeat(65) }, 'bad_field'],
		[{ message: 'x', messageId: 'parley-x' }, 'bad_field'],
		[{ message: 'x', messageId: 'é' }, 'bad_field'],
		[{ message: 'x', messageId: 1.5 }, 'bad_field'],
		[{ message: 'x', messageId: 2 ** 53 }, 'bad_field'],
		[{ message: 'x', messageId: {} }, 'bad_field'],
		[{ message: 'x', sessionId: 7 }, 'bad_field'],
		[{ message: 'x', sessionId: { $ne: '' } }, 'bad_field'],
		[{ message: 'x', userName: 7 }, 'bad_field'],
		[{ message: 'x', userName: 'x'.repeat(201) }, 'bad_field'],
		['', 'bad_json'],
		['{', 'bad_json'],
		['{"message":"x"} x', 'bad_json'],
		['[]', 'bad_json'],
		['"x"', 'bad_json'],
		['null', 'bad_json'],
		['{"message":"x","message":"y"}', 'bad_field'],
		['{"message":"\\ud800"}', 'bad_field'],
		[Buffer.from('{"message":"\xff"}', 'latin1'), 'bad_json'],
	];
	for (const who of [guest, account, stack.anyone]) {
		for (const [body, code] of bad) {
			const reply = await who.post(CHAT, body);
			expect(reply, 400, code);
			assert.equal(reply.body.written, false);
			assert.equal(reply.headers['set-cookie'], undefined);
		}
		const headers = { 'content-type': 'text/plain' };
		expect(
			await who.post(CHAT, '{"message":"x"}', { headers }),
			415,
			'bad_type',
		);
		const message = 'x'.repeat(70000);
		expect(await who.post(CHAT, { message }), 413, 'too_large');
	}
	assert.deepEqual(await stored(), before);
});

test('the refusal of a line names the field', async () => {
	const who = stranger(stack);
	for (const [field, body] of [
		['message', {}],
		['message', { message: ' ' }],
		['messageId', { message: 'x', messageId: '' }],
		['sessionId', { message: 'x', sessionId: 7 }],
		['userName', { message: 'x', userName: [] }],
	]) {
		const { reason } = expect(await who.post(CHAT, body), 400).body;
		assert.match(reason, new RegExp(`\\b${field}\\b`), reason);
	}
});
