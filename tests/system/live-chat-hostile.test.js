/*
 * Scenario 57, and worse: whatever a widget or a desk sends, it is told so by
 * a frame, its connection survives, nothing of it is stored, and no program of
 * ours ends.
 */
import assert from 'node:assert/strict';
import { after, afterEach, test } from 'node:test';
import { Browser } from './browser.js';
import { enter, fence, lines, says, sit, speak } from './desk.js';
import { stackFor, until } from './harness.js';
import { chat } from './live.js';
import { roomy } from './scene.js';

const stack = await stackFor({ env: roomy });
const scope = { after };
const witness = await enter(scope, stack);
const programs = ['hub', 'api', 'live', 'nginx', 'mongod'];
const pids = programs.map((name) => stack.pid(name));

/* After each of them others are served, by the same programs. */
afterEach(async () => {
	await fence(witness);
	assert.deepEqual(witness.of('error'), []);
	assert.deepEqual(
		programs.map((name) => stack.pid(name)),
		pids,
	);
});

const errors = (tab) => tab.of('error').length;

/** Send this, be it UTF-8 or not, as a text; insist on one error frame that says why. */
async function isTold(tab, text) {
	const before = errors(tab);
	tab.ws.send(text, { binary: false });
	await until(
		`an error for ${text}`.slice(0, 200),
		() => errors(tab) > before,
	);
	const { message } = tab.of('error').at(-1);
	assert.equal(typeof message, 'string');
	assert.ok(message.length > 2);
	assert.ok(tab.isOpen);
}

const deep = (n) => `${'['.repeat(n)}${']'.repeat(n)}`;
const frame = (type, data) => JSON.stringify({ type, ...data });

/* Told in any state. */
const nonsense = [
	['no JSON', '{'],
	['a word', 'hello'],
	['an empty object', '{}'],
	['an array', '[{"type":"message","text":"x"}]'],
	['a scalar', '7'],
	['a type that is no text', '{"type":7,"text":"x"}'],
	['a type of null', '{"type":null}'],
	['an empty type', '{"type":""}'],
	['an unknown type', '{"type":"purge"}'],
	['a type in another case', '{"type":"MESSAGE","text":"x"}'],
	["a type of the server's", '{"type":"session","sessionId":"x"}'],
	["another type of the server's", '{"type":"history","messages":[]}'],
	[
		'an event of another dialect',
		'{"type":"conversation:message","data":{}}',
	],
	['a key twice', '{"type":"x","type":"message","text":"x"}'],
	['deep nesting', `{"type":"message","text":${deep(2000)}}`],
	['a raw control', '{"type":"message","text":"a\u0001"}'],
	['a NUL', '{"type":"message","text":"a\u0000b"}'],
	['an escaped NUL', '{"type":"message","text":"a\\u0000b"}'],
	['half a surrogate', '{"type":"message","text":"a\\ud800"}'],
	[
		'invalid UTF-8',
		Buffer.from('{"type":"message","text":"\xc0\x80"}', 'latin1'),
	],
	['a number that fits nowhere', '{"type":"typing","isTyping":1e999}'],
	['lines of the bus', '{"type":"join x\\nbind y","text":"x"}'],
];

/* Told to who has begun. */
const senseless = [
	['no text', frame('message')],
	['an empty text', frame('message', { text: '' })],
	['a blank text', frame('message', { text: ' \t\r\n' })],
	['a text that is a number', frame('message', { text: 7 })],
	['a text that is null', frame('message', { text: null })],
	['a text that is an operator', frame('message', { text: { $gt: '' } })],
	[
		'a text that is too long',
		frame('message', { text: 'x'.repeat(4001) }),
	],
	[
		'an id that is too long',
		frame('message', { text: 'x', id: 'i'.repeat(65) }),
	],
	['an id that is an object', frame('message', { text: 'x', id: {} })],
	['an id with a fraction', frame('message', { text: 'x', id: 1.5 })],
	[
		'an id of the server',
		frame('message', { text: 'x', id: 'parley-1' }),
	],
	['an id not printable', frame('message', { text: 'x', id: 'a\tb' })],
	['isTyping that is a text', frame('typing', { isTyping: 'yes' })],
	['typing without isTyping', frame('typing')],
	['an init whose session is no text', frame('init', { sessionId: {} })],
	[
		'an init whose name is too long',
		frame('init', { userName: 'n'.repeat(2000) }),
	],
];

test('57: what is no frame is told, before init and after it, and the connection survives', async (t) => {
	const tab = chat(stack, new Browser(stack));
	t.after(() => tab.close());
	await tab.raw.opened;
	for (const [, text] of nonsense) await isTold(tab, text);
	await tab.init();
	for (const [, text] of nonsense) await isTold(tab, text);
	speak(tab, 'after all that');
	await tab.next('message', ({ sender }) => sender === 'bot');
	assert.equal(errors(tab), 2 * nonsense.length);
	const stored = await lines(tab.who, tab.session.sessionId);
	assert.equal(stored.length, 2);
});

test('57: message and typing before init are told, and not stored', async (t) => {
	const who = new Browser(stack);
	const tab = chat(stack, who);
	t.after(() => tab.close());
	await tab.raw.opened;
	await isTold(tab, frame('message', { text: 'too early' }));
	await isTold(tab, frame('typing', { isTyping: true }));
	await tab.init();
	assert.deepEqual(tab.of('history')[0].messages, []);
	speak(tab, 'in time');
	await tab.next('message', ({ sender }) => sender === 'bot');
	const stored = await lines(who, tab.session.sessionId);
	assert.deepEqual(
		stored.map((one) => one.seq),
		[1, 2],
	);
	assert.equal(stored[0].text, 'in time');
});

test('57: blank text, and fields of no sense, are told, and not stored', async (t) => {
	const tab = await enter(t, stack);
	const other = await enter(t, stack, tab.who);
	for (const [what, text] of senseless) {
		await isTold(tab, text);
		assert.equal(
			errors(tab),
			1 + senseless.findIndex(([w]) => w === what),
			what,
		);
	}
	speak(tab, 'sense');
	await tab.next('message', ({ sender }) => sender === 'bot');
	const stored = await lines(tab.who, tab.session.sessionId);
	assert.deepEqual(
		stored.map((one) => one.sender),
		['user', 'bot'],
	);
	await fence(tab, other);
	assert.deepEqual(other.of('error'), []);
	assert.deepEqual(other.of('typing'), []);
});

test('57: an id that was used for another text is told, and changes nothing', async (t) => {
	const tab = await enter(t, stack);
	const id = speak(tab, 'first');
	await tab.next('message');
	await isTold(tab, frame('message', { text: 'second', id }));
	const stored = await lines(tab.who, tab.session.sessionId);
	assert.equal(stored.length, 2);
	assert.equal(stored[0].text, 'first');
});

test('57: a desk is told too, and stays a desk', async (t) => {
	const { sessionId } = await says(new Browser(stack), 'hello');
	const desk = await sit(t, stack);
	for (const [, text] of nonsense) await isTold(desk, text);
	for (const data of [
		{ text: 'no session' },
		{ text: 'x', sessionId: 'chat_unknown' },
		{ text: 'x', sessionId: `${sessionId}0` },
		{ text: 'x', sessionId: 7 },
		{ text: 'x', sessionId: '' },
		{ text: ' ', sessionId },
		{ text: 'x'.repeat(4001), sessionId },
	])
		await isTold(desk, frame('message', data));
	speak(desk, 'sense', { sessionId });
	await desk.next(
		'session:updated',
		({ session }) => session.lastMessage.text === 'sense',
	);
});

test("a visitor's sessionId with a line is not somebody else's session", async (t) => {
	const { sessionId } = await says(new Browser(stack), 'victim');
	const tab = await enter(t, stack);
	for (const id of [sessionId, 'chat_x', { $ne: '' }, '../sessions'])
		tab.send('message', { text: 'mine', sessionId: id });
	await fence(tab);
	const agent = await stack.as({ role: 'admin' });
	const stored = await lines(agent, sessionId);
	assert.ok(!stored.some((one) => one.text === 'mine'));
	assert.ok(tab.isOpen);
});

test('a line of a frame over 64 KiB ends the connection, with its reason', async (t) => {
	const tab = await enter(t, stack);
	tab.send('message', { text: 'x'.repeat(65536) });
	await tab.end();
	assert.equal(tab.frames.at(-1).type, 'error');
	assert.equal(tab.frames.at(-1).code, 'too_large');
	assert.ok(tab.frames.at(-1).message.length > 2);
});

test('an init of 1 KiB and more is told, and a shorter one begins', async (t) => {
	const tab = chat(stack, new Browser(stack));
	t.after(() => tab.close());
	await tab.raw.opened;
	await isTold(
		tab,
		frame('init', { userId: 'u'.repeat(1500), sessionId: 's' }),
	);
	assert.deepEqual(tab.of('session'), []);
	await tab.init();
});

test('members that first widgets send beside it are ignored', async (t) => {
	const who = new Browser(stack);
	const tab = await enter(t, stack, who, {
		userId: 'guest_1767400000000_ab12',
		userName: 'Guest',
		role: 'user',
		sessionId: 'session_1767400000000',
		token: null,
		timestamp: Date.now(),
		page: { url: 'https://example.com/?a=b' },
	});
	tab.send('message', {
		text: 'hello',
		sender: 'admin',
		seq: 99,
		userId: 'x',
		timestamp: '2020-01-01T00:00:00.000Z',
		isRead: true,
	});
	await tab.next('message', ({ sender }) => sender === 'bot');
	const [line] = await lines(who, tab.session.sessionId);
	assert.equal(line.sender, 'user');
	assert.equal(line.seq, 1);
	assert.ok(line.timestamp > '2021');
});
