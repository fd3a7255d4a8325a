/*
 * Sends at the edges: with a read mark, by another id of it, the longest texts,
 * answers as long as they get, more offers than one may have open.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import {
	dialects,
	fail,
	heard,
	outsiders,
	roomy,
	scene,
	succeed,
} from './scene.js';
import { C, message, offer, ok, put, read } from './talk.js';

const NEW = 'conversation:new-message';
const SEND = 'conversation:message';
const LONGEST = 4000;

const stack = await stackFor({ env: roomy });
const others = await outsiders(stack);

test('by an alias: the answer names it as asked, the event as it is stored', async (t) => {
	const s = await scene(t, stack);
	const alias = `${s.id}-too`;
	ok(await s.customer.post(C, { ...s.asked, id: alias }));
	const one = message('x');
	const tab = s.tabs.customer.socketio;
	await succeed(tab, SEND, { conversationId: alias, message: one });
	const status = await tab.next('message:status');
	assert.deepEqual(status, {
		conversationId: alias,
		messageId: one.id,
		status: 'sent',
		seq: 1,
	});
	for (const each of s.of()) {
		const data = await each.next(NEW);
		assert.equal(data.conversationId, s.id);
		assert.equal(data.conversation.id, s.id);
	}
	await succeed(s.tabs.seller.native, 'conversation:mark-read', {
		conversationId: alias,
		messageIds: [one.id],
	});
	const { conversationId } = await tab.next('conversation:read');
	assert.equal(conversationId, s.id);
});

test('the longest text passes both ways, however it is spelled', async (t) => {
	const s = await scene(t, stack);
	const text = '\u{1f600}"'.repeat(LONGEST / 2);
	const ascii = (value) =>
		JSON.stringify(value).replace(
			/[^\x20-\x7e]/g,
			(one) => `\\u${one.charCodeAt(0).toString(16)}`,
		);
	const one = message(text);
	const data = { conversationId: s.id, message: one };
	const frame = ascii({ event: SEND, data, ack: 'long' });
	assert.ok(frame.length > 28000);
	s.tabs.customer.native.raw.send(frame);
	await succeed(s.tabs.customer.socketio, SEND, data);
	for (const tab of s.of()) {
		const { message: shown } = await tab.next(NEW);
		assert.equal(shown.text, text);
	}
	await s.fence();
	for (const tab of s.of())
		assert.equal(
			heard(tab, s.id).filter((each) => each.event === NEW)
				.length,
			1,
		);
});

test('eight open offers of the longest text on each side, and no ninth', async (t) => {
	const s = await scene(t, stack);
	const big = () => ({
		...offer(100),
		text: '\u{1f600}'.repeat(LONGEST),
	});
	for (const client of [s.customer, s.seller])
		for (let n = 0; n < 8; n++)
			ok(await put(client, s.id, big(), { readSeq: 0 }));
	for (const dialect of Object.keys(dialects)) {
		const tab = s.tabs.seller[dialect];
		const one = message(`with all that pending, ${dialect}`);
		const { seq } = await succeed(tab, SEND, {
			conversationId: s.id,
			message: one,
		});
		const shown = await tab.next(
			NEW,
			(data) => data.message.id === one.id,
		);
		assert.equal(shown.message.seq, seq);
		await fail(
			tab,
			SEND,
			{ conversationId: s.id, message: big() },
			'conflict',
		);
	}
	assert.equal((await read(s.customer, s.id)).seq, 18);
});

test('a frame over the limit ends the connection, and says so', async (t) => {
	const s = await scene(t, stack);
	const { raw } = s.tabs.customer.native;
	raw.send(JSON.stringify({ event: 'x', data: 'x'.repeat(70000) }));
	await raw.end();
	const { event, data } = JSON.parse(raw.frames.at(-1));
	assert.equal(event, 'error');
	assert.equal(data.code, 'too_large');
});

test('what the sender has read with it turns read at the other side', async (t) => {
	const s = await scene(t, stack, { said: 3 });
	const said = (await read(s.customer, s.id)).messages;
	const tab = s.tabs.seller.native;
	const heards = await s.hears(() =>
		succeed(tab, SEND, {
			conversationId: s.id,
			message: message('two seen'),
			readSeq: 2,
		}),
	);
	const toReader = [NEW, 'conversation:read'].sort();
	const toAuthor = [NEW, 'conversation:read', 'message:status'].sort();
	assert.deepEqual(heards, {
		customer: { native: toAuthor, socketio: toAuthor },
		seller: {
			native: [NEW, 'message:status'],
			socketio: toReader,
		},
	});
	assert.deepEqual(s.last('customer', 'conversation:read'), {
		conversationId: s.id,
		messageIds: [said[0].id, said[1].id],
		readBy: s.seller.email,
		seq: 2,
	});
	assert.deepEqual(s.last('customer', 'message:status'), {
		conversationId: s.id,
		messageId: said[1].id,
		status: 'read',
		seq: 2,
	});
});

test('nobody else heard any of it', () => others.heardNothing());
