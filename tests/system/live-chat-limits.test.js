/*
 * The limits of the support chat on its socket: what is too much is refused by
 * a frame, the connection survives, and others are not concerned.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.js';
import { enter, lines, says, sit, speak } from './desk.js';
import { pause, stackFor, start, until } from './harness.js';
import { chat } from './live.js';

const LINES = 10;
const SESSIONS = 5;

const stack = await stackFor({
	env: {
		PARLEY_CHAT_RATE_MESSAGES: undefined,
		PARLEY_CHAT_RATE_BURST: undefined,
		PARLEY_RELAY_ARGS: '--events-per-second=100 --events-burst=100',
	},
});

const own = (stored) => stored.filter((one) => one.sender === 'user');

test(`${LINES} lines at once pass, over all tabs; the next are refused by a frame`, async (t) => {
	const who = new Browser(stack);
	const tabs = [await enter(t, stack, who), await enter(t, stack, who)];
	const { sessionId } = tabs[0].session;
	for (let n = 0; n < 10; n++)
		for (const tab of tabs) speak(tab, `line ${n}`);
	await until('each is answered', async () => {
		const refused = tabs.flatMap((tab) => tab.of('error')).length;
		const stored = own(await lines(who, sessionId)).length;
		return refused + stored === 20;
	});
	const stored = own(await lines(who, sessionId)).length;
	assert.ok(stored >= LINES && stored <= LINES + 2, `${stored} stored`);
	for (const tab of tabs) {
		for (const error of tab.of('error')) {
			assert.equal(typeof error.message, 'string');
			assert.ok(!error.code || error.code === 'rate_limited');
		}
		assert.ok(tab.isOpen);
	}
	// an agent's lines, and others' sessions, have their own
	const desk = await sit(t, stack);
	speak(desk, 'slowly', { sessionId });
	await tabs[0].next('message', ({ text }) => text === 'slowly');
	const other = await enter(t, stack);
	speak(other, 'hello');
	await other.next('message');
	// and after a pause there is room again
	await until('a line passes again', async () => {
		const from = tabs[1].frames.length;
		const id = speak(tabs[0], 'again');
		await pause(500);
		return tabs[1].frames.slice(from).some((one) => one.id === id);
	});
});

test('the 33rd tab of a visitor is told, and the others go on', async (t) => {
	const who = await stack.as();
	const tabs = [];
	for (let n = 0; n < 32; n++) tabs.push(await enter(t, stack, who));
	const more = chat(stack, who);
	t.after(() => more.close());
	more.send('init', {});
	await more.next('error');
	speak(tabs[0], 'hello');
	await Promise.all(
		tabs.map((tab) =>
			tab.next('message', ({ sender }) => sender === 'bot'),
		),
	);
});

test('20 frames a second are enough for anybody', async (t) => {
	const tab = await enter(t, stack, await stack.as());
	for (let n = 0; n < 300; n++) tab.send('typing', { isTyping: false });
	const { message } = await tab.next('error');
	assert.ok(message.length > 2);
	assert.ok(tab.isOpen);
});

test(`${SESSIONS} new sessions of an address pass, the next is told, and those that there are go on`, async (t) => {
	const other = await start({
		env: { PARLEY_CHAT_RATE_SESSIONS: undefined },
	});
	t.after(() => other.stop());
	const tabs = [];
	for (let n = 0; n < SESSIONS + 2; n++) {
		const tab = chat(other, new Browser(other));
		t.after(() => tab.close());
		tab.send('init', {});
		await until('an answer', () =>
			tab.frames.some(({ type }) =>
				['session', 'error'].includes(type),
			),
		);
		tabs.push(tab);
	}
	const refused = tabs.slice(SESSIONS);
	for (const tab of tabs.slice(0, SESSIONS))
		assert.deepEqual(tab.of('error'), []);
	for (const tab of refused) {
		assert.equal(tab.of('error')[0].code, 'rate_limited');
		assert.equal(typeof tab.of('error')[0].message, 'string');
		assert.deepEqual(tab.of('session'), []);
		assert.ok(tab.isOpen);
		speak(tab, 'all the same');
		await until('it is told', () => tab.of('error').length > 1);
	}
	const [{ who, frames }] = tabs;
	const again = await enter(t, other, who);
	const { sessionId } = frames.find(({ type }) => type === 'session');
	assert.equal(again.session.sessionId, sessionId);
	await says(who, 'hello');
});
