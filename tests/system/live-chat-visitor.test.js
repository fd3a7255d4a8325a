/*
 * Scenario 54 on the socket: history, then session; each line once, in order,
 * in every tab but the one that said it; the bot's once in all.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.js';
import {
	bystanders,
	CHAT,
	enter,
	fence,
	HISTORY,
	lines,
	says,
	speak,
	texts,
} from './desk.js';
import { fresh, stackFor, until } from './harness.js';
import { chat } from './live.js';
import { roomy } from './scene.js';
import { expect, isWhole } from './talk.js';

const SESSION = /^chat_[0-9a-f]{32}$/;

const stack = await stackFor({ env: roomy });
const others = await bystanders(stack);

/** Wait until the tab shows the bot's answer to that line. */
const answered = (tab, n) => tab.next('message', ({ id }) => id === `bot-${n}`);

test('54: a new visitor gets an empty history, then his session', async (t) => {
	const tab = await enter(t, stack);
	const { sessionId } = tab.session;
	assert.match(sessionId, SESSION);
	assert.deepEqual(
		tab.frames.filter(({ type }) => type !== 'presence'),
		[
			{ type: 'history', messages: [] },
			{ type: 'session', sessionId },
		],
	);
	const stored = await stack.db
		.collection('chatsessions')
		.findOne({ sessionId });
	assert.equal(stored.status, 'active');
	assert.equal(stored.lastAt, undefined);
});

test('54: a line is answered once by the bot, not echoed, and counted', async (t) => {
	const tab = await enter(t, stack);
	const id = speak(tab, 'Hello!');
	const bot = await answered(tab, 1);
	await fence(tab);
	assert.deepEqual(
		tab.of('message').filter((one) => one.sender === 'bot')[0],
		bot,
	);
	assert.ok(!tab.of('message').some((one) => one.id === id), 'echoed');
	assert.deepEqual(Object.keys(bot).sort(), [
		'id',
		'isRead',
		'sender',
		'seq',
		'text',
		'timestamp',
		'type',
	]);
	assert.equal(bot.sender, 'bot');
	assert.equal(bot.seq, 2);
	assert.match(bot.timestamp, /^\d{4}-\d\d-\d\dT[\d:]+\.\d{3}Z$/);
	const { sessionId } = tab.session;
	const { messages, count } = expect(
		await tab.who.get(`${HISTORY}?sessionId=${sessionId}`),
		200,
	).body;
	assert.equal(count, 4); // the fence and its answer too
	assert.equal(messages.length, 4);
	isWhole(messages, 4);
	assert.equal(messages[0].id, id);
	assert.deepEqual(
		messages.slice(0, 2).map(({ text, sender }) => [text, sender]),
		[
			['Hello!', 'user'],
			[bot.text, 'bot'],
		],
	);
});

test('54: history is the newest 100, ascending, as over REST', async (t) => {
	const who = new Browser(stack);
	for (let n = 1; n <= 60; n++) await says(who, `line ${n}`);
	const tab = await enter(t, stack, who);
	assert.deepEqual(
		tab.frames.slice(0, 2).map((one) => one.type),
		['history', 'session'],
	);
	const [{ messages }] = tab.frames;
	assert.deepEqual(
		messages.map((one) => one.seq),
		Array.from({ length: 100 }, (_, i) => 21 + i),
	);
	const rest = await lines(who, tab.session.sessionId);
	const bare = ({ isRead, ...line }) => line;
	assert.deepEqual(messages.map(bare), rest.map(bare));
	for (const one of messages) assert.equal(typeof one.isRead, 'boolean');
});

test('a history of the longest lines is as many of the newest as fit a frame', async (t) => {
	const who = new Browser(stack);
	for (let n = 1; n <= 30; n++) await says(who, '\u{1f697}'.repeat(4000));
	const tab = await enter(t, stack, who);
	const [{ messages }] = tab.frames;
	assert.ok(messages.length >= 6 && messages.length < 60);
	assert.deepEqual(
		messages.map((one) => one.seq),
		Array.from(messages, (_, i) => 61 - messages.length + i),
	);
	speak(tab, 'on we go');
	await answered(tab, 61);
});

test("54: a visitor's line shows in his other tabs alone, the bot's in all, each once", async (t) => {
	const who = new Browser(stack);
	const from = await enter(t, stack, who);
	const [too, third] = [
		await enter(t, stack, who),
		await enter(t, stack, who),
	];
	for (const tab of [too, third])
		assert.equal(tab.session.sessionId, from.session.sessionId);
	const said = [];
	for (let n = 0; n < 10; n++) said.push(speak(from, `line ${n}`));
	await answered(from, 19);
	await fence(from, too, third);
	const stored = (await lines(who, from.session.sessionId)).map(
		(one) => one.id,
	);
	for (const tab of [too, third])
		assert.deepEqual(
			tab.of('message').map((one) => one.id),
			stored.slice(0, tab.of('message').length),
		);
	assert.deepEqual(
		from.of('message').map((one) => one.id),
		stored
			.filter((id) => !said.includes(id))
			.slice(0, from.of('message').length),
	);
	const { type, ...first } = too.of('message')[0];
	assert.equal(type, 'message');
	const [line] = await lines(who, from.session.sessionId);
	assert.deepEqual(first, line);
});

test('a line over REST shows in every tab, once', async (t) => {
	const who = new Browser(stack);
	const tabs = [await enter(t, stack, who), await enter(t, stack, who)];
	const { sessionId, response } = await says(who, 'hi from the form');
	assert.equal(sessionId, tabs[0].session.sessionId);
	await fence(...tabs);
	for (const tab of tabs)
		assert.deepEqual(texts(tab).slice(0, 3), [
			'hi from the form',
			response,
			'fence',
		]);
});

test('54: the same session over reconnects, reloads of init, and devices of one account', async (t) => {
	const who = await stack.as({ name: 'Asha' });
	const first = await enter(t, stack, who);
	const { sessionId } = first.session;
	speak(first, 'before');
	await answered(first, 1);
	first.close();
	await first.raw.closed;
	const phone = new Browser(stack);
	await phone.login(who);
	for (const device of [who, phone]) {
		const tab = await enter(t, stack, device);
		assert.equal(tab.session.sessionId, sessionId);
		assert.deepEqual(
			tab.of('history')[0].messages.map((one) => one.seq),
			[1, 2],
		);
		const again = await tab.init({ sessionId });
		assert.equal(again.sessionId, sessionId);
		assert.deepEqual(
			tab.of('history')[1].messages.map((one) => one.id),
			tab.of('history')[0].messages.map((one) => one.id),
		);
	}
	const late = await enter(t, stack, who);
	speak(late, 'after two inits');
	await answered(late, 3);
	await fence(late);
	assert.equal(
		late.of('message').filter((one) => one.id === 'bot-3').length,
		1,
	);
});

test('two inits on one connection: still each line once', async (t) => {
	const who = new Browser(stack);
	const tab = await enter(t, stack, who);
	await tab.init();
	await tab.init({ sessionId: tab.session.sessionId });
	await says(who, 'once');
	await fence(tab);
	assert.equal(texts(tab).filter((text) => text === 'once').length, 1);
});

test('a line sent again with its id, by any way, is one line with one answer', async (t) => {
	const who = new Browser(stack);
	const [tab, other] = [
		await enter(t, stack, who),
		await enter(t, stack, who),
	];
	for (const id of [fresh('id'), 1767400000000123]) {
		for (const one of [tab, tab, other])
			one.send('message', { text: 'once', id });
		for (let n = 0; n < 2; n++) {
			const reply = await says(who, 'once', {
				messageId: id,
			});
			assert.equal(reply.messageId, id);
		}
	}
	await until(
		'four lines',
		async () =>
			(await lines(who, tab.session.sessionId)).length === 4,
	);
	await fence(tab, other);
	const stored = await lines(who, tab.session.sessionId);
	assert.equal(stored.length, 6);
	assert.deepEqual(
		stored.slice(0, 4).map((one) => one.sender),
		['user', 'bot', 'user', 'bot'],
	);
	for (const one of [tab, other]) {
		const ids = one.of('message').map(({ id }) => id);
		assert.equal(new Set(ids).size, ids.length, 'shown twice');
	}
});

test('lines without an id, as first widgets send them, are a line each', async (t) => {
	const tab = await enter(t, stack);
	for (let n = 0; n < 3; n++) tab.send('message', { text: 'the same' });
	await answered(tab, 5);
	const stored = await lines(tab.who, tab.session.sessionId);
	assert.equal(stored.length, 6);
	assert.equal(new Set(stored.map((one) => one.id)).size, 6);
});

test('text comes back byte for byte, in every tab', async (t) => {
	const who = new Browser(stack);
	const [tab, other] = [
		await enter(t, stack, who),
		await enter(t, stack, who),
	];
	const odd = [
		'<b>"&\\\'</b> $set {name} %00',
		'\u{1f600}'.repeat(4000),
		'  blanks \t\r\n inside and out  ',
		'\u2028 \u202e e\u0301 \u007f',
		'{"type":"message","text":"x"}',
	];
	for (const text of odd) speak(tab, text);
	await answered(tab, odd.length * 2 - 1);
	await fence(tab, other);
	assert.deepEqual(
		other
			.of('message')
			.filter((one) => one.sender === 'user')
			.map((one) => one.text)
			.slice(0, odd.length),
		odd,
	);
	const stored = await lines(who, tab.session.sessionId);
	for (const [i, text] of odd.entries())
		assert.equal(stored[2 * i].text, text);
});

test('who begins while lines are said sees each of them once, in order', async (t) => {
	const who = new Browser(stack);
	const from = await enter(t, stack, who);
	let said = 0;
	const talk = (async () => {
		for (; said < 300; said++) await says(who, `line ${said}`);
	})();
	const late = [];
	while (said < 250) {
		const tab = await enter(t, stack, who);
		if (said < 200) await tab.init();
		late.push(tab);
		if (late.length > 12) late.shift().close();
	}
	await talk;
	await fence(from, ...late);
	for (const tab of late) {
		const [{ messages }] = tab.of('history').slice(-1);
		const at = tab.frames.findLastIndex(
			({ type }) => type === 'history',
		);
		const seqs = [
			...messages,
			...tab.frames
				.slice(at)
				.filter(({ type }) => type === 'message'),
		].map((one) => one.seq);
		assert.deepEqual(
			seqs,
			seqs.map((_, i) => seqs[0] + i),
		);
	}
});

test('what is said behind init at once does not wait to be greeted', async (t) => {
	const who = new Browser(stack);
	const tab = chat(stack, who);
	t.after(() => tab.close());
	tab.send('init', {});
	for (let n = 0; n < 3; n++) speak(tab, `line ${n}`);
	await answered(tab, 5);
	assert.deepEqual(
		tab.frames
			.map((one) => one.type)
			.filter((type) => type !== 'presence'),
		['history', 'session', 'message', 'message', 'message'],
	);
	const stored = await lines(who, tab.of('session')[0].sessionId);
	assert.deepEqual(
		stored
			.filter((one) => one.sender === 'user')
			.map((one) => one.text),
		['line 0', 'line 1', 'line 2'],
	);
});

test('who says a line and leaves at once loses nothing', async (t) => {
	const who = new Browser(stack);
	const { sessionId } = (await enter(t, stack, who)).session;
	const tab = await enter(t, stack, who);
	speak(tab, 'bye');
	tab.close();
	await until('it is stored, and answered', async () => {
		const stored = await lines(who, sessionId);
		return stored.length === 2 && stored[0].text === 'bye';
	});
});

test("the visitor's name is the bot's to use", async (t) => {
	const tab = await enter(t, stack, new Browser(stack), {
		userName: 'Zoë',
	});
	speak(tab, 'hello');
	assert.match((await answered(tab, 1)).text, /Zoë/);
});

test('a session without a line is in no list; its first line makes it a new one', async (t) => {
	const agent = await stack.as({ role: 'agent' });
	const listed = async (sessionId) => {
		const reply = expect(
			await agent.get(`${CHAT}/sessions?limit=200`),
			200,
		);
		return reply.body.sessions.find(
			(one) => one.sessionId === sessionId,
		);
	};
	const tab = await enter(t, stack);
	const { sessionId } = tab.session;
	assert.equal(await listed(sessionId), undefined);
	speak(tab, 'hello');
	await answered(tab, 1);
	assert.equal((await listed(sessionId)).messageCount, 2);
});

test('nobody else heard any of it', async () => {
	await others.heardNothing();
	others.close();
});
