/*
 * What goes between a visitor and his agent beside lines: typing and presence,
 * to the other side alone, and only while the claim is his.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
	bystanders,
	claim,
	enter,
	fenceDesks,
	heardOf,
	inTalk,
	keepsSecret,
	says,
	sit,
	speak,
} from './desk.js';
import { stackFor } from './harness.js';
import { roomy } from './scene.js';

const stack = await stackFor({ env: roomy });
const others = await bystanders(stack);

test('typing shows at the other side, at nobody else, and never at the typist', async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	const [second, colleague, tab] = [
		await sit(t, stack, desk.who),
		await sit(t, stack),
		await enter(t, stack, visitor.who),
	];
	for (const isTyping of [true, false]) {
		visitor.send('typing', { isTyping });
		for (const one of [desk, second])
			assert.deepEqual(
				await one.next(
					'typing',
					(frame) => frame.isTyping === isTyping,
				),
				{ type: 'typing', isTyping, sessionId },
			);
	}
	const typed = desk.frames.length;
	for (const isTyping of [true, false]) {
		desk.send('typing', { sessionId, isTyping });
		for (const one of [visitor, tab])
			assert.deepEqual(
				await one.next(
					'typing',
					(frame) => frame.isTyping === isTyping,
				),
				{ type: 'typing', isTyping },
			);
	}
	await fenceDesks(desk, second, colleague);
	assert.deepEqual(
		desk.frames
			.slice(typed)
			.filter(({ type }) => type === 'typing'),
		[],
	);
	assert.deepEqual(colleague.of('typing'), []);
	assert.equal(visitor.of('typing').length, 2);
	assert.equal(tab.of('typing').length, 2);
	keepsSecret(visitor, desk);
});

test('who stops without a word types no more after 5 s', async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	const began = performance.now();
	desk.send('typing', { sessionId, isTyping: true });
	visitor.send('typing', { isTyping: true });
	for (const tab of [desk, visitor]) {
		await tab.next('typing', ({ isTyping }) => isTyping);
		await tab.next('typing', ({ isTyping }) => !isTyping);
	}
	const lasted = performance.now() - began;
	assert.ok(lasted > 4800 && lasted < 9000, `${lasted} ms`);
});

test('the line that was typed does not leave the typing behind for long', async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	visitor.send('typing', { isTyping: true });
	speak(visitor, 'typed');
	visitor.send('typing', { isTyping: false });
	await desk.next('message', ({ text }) => text === 'typed');
	await desk.next('typing', ({ isTyping }) => !isTyping);
	assert.deepEqual(
		desk.of('typing').map((one) => one.isTyping),
		[true, false],
	);
	assert.equal(desk.of('typing')[0].sessionId, sessionId);
});

test('presence of the visitor is told to him who claimed', async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	const there = await desk.next(
		'presence',
		(one) => one.sessionId === sessionId,
	);
	assert.deepEqual(there, {
		type: 'presence',
		sessionId,
		isOnline: true,
	});
	visitor.close();
	assert.deepEqual(
		await desk.next('presence', ({ isOnline }) => !isOnline),
		{ type: 'presence', sessionId, isOnline: false },
	);
});

test('a desk that connects later hears of the sessions that are his', async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	desk.close();
	await desk.raw.closed;
	const later = await sit(t, stack, desk.who);
	visitor.send('typing', { isTyping: true });
	await later.next('typing', (one) => one.sessionId === sessionId);
	const { messageId } = await says(visitor.who, 'still there?');
	await later.next('message', ({ id }) => id === messageId);
	await later.next('presence', (one) => one.sessionId === sessionId);
});

test('whose claim has run out hears no more of it than any desk', async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	const heir = await sit(t, stack);
	await stack.db
		.collection('chatsessions')
		.updateOne(
			{ sessionId },
			{ $set: { claimedUntil: new Date(0) } },
		);
	await claim(heir.who, sessionId);
	await fenceDesks(desk, heir);
	const from = desk.frames.length;
	visitor.send('typing', { isTyping: true });
	await heir.next('typing', (one) => one.sessionId === sessionId);
	const { messageId } = await says(visitor.who, 'who are you?');
	await heir.next('message', ({ id }) => id === messageId);
	await fenceDesks(desk, heir);
	for (const { type } of heardOf(desk, sessionId, from))
		assert.equal(type, 'session:updated');
	keepsSecret(visitor, desk, heir);
});

test('nobody else heard any of it', async () => {
	await others.heardNothing();
	others.close();
});
