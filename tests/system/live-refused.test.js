/*
 * Scenario 32 for sends: what a socket may not is refused by ack and by error,
 * and nobody sees it.  Marks and typing are in their own files.
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
import { isWhole, message, ok, offer, put, read, say } from './talk.js';

const NEW = 'conversation:new-message';
const SEND = 'conversation:message';

const stack = await stackFor({ env: roomy });
const others = await outsiders(stack);

/** The messages that a tab showed, in its order. */
const shows = (tab, id) =>
	heard(tab, id)
		.filter((one) => one.event === NEW)
		.map((one) => one.data.message.id);

test('32: what a socket may not is refused by ack and error, and nobody sees it', async (t) => {
	const s = await scene(t, stack, { said: 1 });
	const [{ id: known }] = (await read(s.seller, s.id)).messages;
	const price = offer(100);
	ok(await put(s.customer, s.id, price));
	const say1 = (more) => ({
		conversationId: s.id,
		message: message('x'),
		...more,
	});
	const bad = [
		[
			say1({ message: message('x', { sender: 'seller' }) }),
			'forbidden',
		],
		[
			say1({ message: message('x', { sender: 'system' }) }),
			'forbidden',
		],
		[say1({ userEmail: s.seller.email }), 'forbidden'],
		[say1({ userRole: 'seller' }), 'forbidden'],
		[say1({ conversationId: 'absent' }), 'not_found'],
		[say1({ conversationId: undefined }), 'bad_field'],
		[say1({ conversationId: { $ne: 1 } }), 'bad_field'],
		[say1({ message: undefined }), 'bad_field'],
		[say1({ message: 'x' }), 'bad_field'],
		[say1({ message: message('  ') }), 'bad_field'],
		[say1({ message: message('x'.repeat(4001)) }), 'bad_field'],
		[say1({ message: { id: known, text: 'other' } }), 'id_reused'],
		[say1({ readSeq: -1 }), 'bad_field'],
		['text', 'bad_field'],
		[[], 'bad_field'],
	];
	for (const dialect of Object.keys(dialects)) {
		const tab = s.tabs.customer[dialect];
		for (const [data, code] of bad) {
			const what = `${dialect} ${JSON.stringify(data)}`.slice(
				0,
				200,
			);
			const from = tab.events.length;
			const answer = await fail(tab, SEND, data, code);
			assert.equal(answer.written, false, what);
			const error = await tab.next(
				'error',
				(one) =>
					tab.events.findIndex(
						(each) => each.data === one,
					) >= from,
			);
			assert.equal(error.code, code, what);
			assert.equal(error.message, error.reason, what);
			assert.equal(error.reason, answer.reason, what);
			assert.equal(
				error.conversationId,
				typeof data.conversationId === 'string'
					? data.conversationId
					: undefined,
				what,
			);
			assert.equal(error.messageId, data.message?.id, what);
		}
	}
	await s.fence();
	assert.equal((await read(s.customer, s.id)).seq, 2);
	for (const tab of s.of())
		assert.deepEqual(shows(tab, s.id), [price.id]);
});

test('what first clients send beside it is ignored', async (t) => {
	const s = await scene(t, stack);
	await succeed(s.tabs.customer.socketio, SEND, {
		conversationId: s.id,
		message: message('x', { isMine: true, seq: 99, rev: 7 }),
		conversation: s.asked,
		userEmail: s.customer.email.toUpperCase(),
		userRole: 'customer',
		room: { $gt: '' },
	});
	ok(await say(s.seller, s.id, 'seen'));
	isWhole((await read(s.customer, s.id)).messages, 2);
});

test('nobody else heard any of it', () => others.heardNothing());
