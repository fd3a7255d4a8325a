/*
 * What goes wrong around a widget: a program is away when it begins, or stands
 * still; its session has gone to an account, or has expired.  It goes on, or is
 * told.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.js';
import {
	agentOf,
	enter,
	fence,
	inTalk,
	lines,
	says,
	sit,
	speak,
	texts,
} from './desk.js';
import { fresh, pause, stackFor, until } from './harness.js';
import { chat } from './live.js';
import { roomy } from './scene.js';

const STOPPED_MS = 3000;

const stack = await stackFor({ env: roomy });

for (const name of ['hub', 'api'])
	test(`who begins while ${name} is away begins when it is back, and what he said behind it is stored`, async (t) => {
		const who = new Browser(stack);
		await says(who, 'before');
		const agent = await agentOf(stack);
		await stack.sv('down', name);
		const tabs = [chat(stack, who), chat(stack, agent)];
		t.after(() => tabs.forEach((tab) => tab.close()));
		for (const tab of tabs) await tab.raw.opened;
		tabs[0].send('init', {});
		tabs[1].send('init', { role: 'agent' });
		const id = speak(tabs[0], 'behind it');
		await pause(1000);
		for (const tab of tabs) assert.deepEqual(tab.of('session'), []);
		await stack.sv('up', name);
		for (const tab of tabs) await tab.next('session');
		assert.equal(
			tabs[0].of('history')[0].messages[0].text,
			'before',
		);
		const { sessionId } = tabs[0].of('session')[0];
		await until('it is stored', async () => {
			const stored = await lines(who, sessionId);
			return stored.some((one) => one.id === id);
		});
		for (const tab of tabs) assert.deepEqual(tab.of('error'), []);
	});

for (const name of ['hub', 'api', 'mongod', 'live'])
	test(`${name} stopped for ${STOPPED_MS / 1000} s: nobody loses his socket, nor a line`, async (t) => {
		const { visitor, desk, sessionId } = await inTalk(t, stack);
		const pid = stack.pid(name);
		process.kill(pid, 'SIGSTOP');
		const said = [];
		try {
			for (let n = 0; n < 5; n++) {
				said.push(speak(visitor, `visitor ${n}`));
				said.push(
					speak(desk, `agent ${n}`, {
						sessionId,
					}),
				);
			}
			await pause(STOPPED_MS);
		} finally {
			process.kill(pid, 'SIGCONT');
		}
		await desk.next('message', ({ text }) => text === 'visitor 4');
		await visitor.next('message', ({ text }) => text === 'agent 4');
		const ids = (await lines(visitor.who, sessionId)).map(
			(one) => one.id,
		);
		for (const id of said)
			assert.equal(ids.filter((one) => one === id).length, 1);
		assert.ok(visitor.isOpen && desk.isOpen);
		assert.deepEqual(visitor.of('error'), []);
		assert.deepEqual(desk.of('error'), []);
	});

test("a tab of the guest that is open still when his session has become an account's", async (t) => {
	const tab = await enter(t, stack);
	const { who } = tab;
	const { guest } = who;
	const { sessionId } = tab.session;
	await says(who, 'as a guest');
	await who.login({ email: `${fresh('asha')}@example.com` });
	await says(who, 'signed in');
	assert.equal(who.guest, undefined);
	const from = tab.frames.length;
	const id = speak(tab, 'in the old tab');
	await until('it is told, or is in a session of his', () =>
		tab.frames
			.slice(from)
			.some(({ type }) =>
				['error', 'session'].includes(type),
			),
	);
	const stored = await lines(who, sessionId);
	assert.ok(!stored.some((one) => one.id === id));
	await says(who, 'for the account alone');
	await fence(
		await enter(
			t,
			stack,
			new Browser(stack, { parley_chat: guest }),
		),
	);
	assert.ok(!texts(tab).includes('for the account alone'));
});

test('whose session has expired goes on in a new one', async (t) => {
	const tab = await enter(t, stack);
	const { sessionId } = tab.session;
	await says(tab.who, 'long ago');
	for (const name of ['chatsessions', 'chatmessages'])
		await stack.db.collection(name).deleteMany({ sessionId });
	const id = speak(tab, 'here I am again');
	const { sessionId: other } = await tab.next(
		'session',
		(one) => one.sessionId !== sessionId,
	);
	await until('his line is there, or he is told', async () => {
		const stored = await lines(tab.who, other);
		return (
			stored.some((one) => one.id === id) ||
			tab.of('error').length
		);
	});
	speak(tab, 'and on');
	await tab.next('message', ({ sender, seq }) => sender === 'bot' && seq);
	assert.ok(tab.isOpen);
});

test('a desk whose claim went by REST to another is told by its next line', async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	await stack.db
		.collection('chatsessions')
		.updateOne(
			{ sessionId },
			{ $set: { claimedUntil: new Date(0) } },
		);
	const heir = await sit(t, stack);
	speak(heir, 'I take over', { sessionId });
	await visitor.next('message', ({ text }) => text === 'I take over');
	speak(desk, 'me too', { sessionId });
	const { message } = await desk.next('error');
	assert.ok(message.length > 2);
	await fence(visitor);
	assert.ok(!texts(visitor).includes('me too'));
});
