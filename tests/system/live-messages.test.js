/*
 * Scenarios 4, 22 to 25, 27 and 33: a message shows at every socket of both
 * parties, once, complete, within a second, and at nobody else's.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import {
	bare,
	dialects,
	fail,
	fence,
	heard,
	open,
	outsiders,
	roomy,
	scene,
	SIDES,
	succeed,
} from './scene.js';
import {
	C,
	meet,
	message,
	offer,
	ok,
	patch,
	put,
	read,
	say,
	thread,
} from './talk.js';

const NEW = 'conversation:new-message';
const SEND = 'conversation:message';

const stack = await stackFor({ env: roomy });
const others = await outsiders(stack);

/** Each tab of both sides showed it once, as its side reads it. */
async function shown(s, id) {
	for (const side of SIDES) {
		const [stored] = (await read(s[side], s.id, { messages: 1 }))
			.messages;
		const conversation = await bare(s[side], s.id);
		assert.equal(stored.id, id);
		for (const tab of s.of(side)) {
			const all = heard(tab, s.id).filter(
				(one) => one.data.message?.id === id,
			);
			assert.deepEqual(all, [
				{
					event: NEW,
					data: {
						conversationId: s.id,
						message: stored,
						conversation,
					},
				},
			]);
		}
	}
}

for (const dialect of Object.keys(dialects))
	for (const side of SIDES)
		test(`22, 27: what the ${side} says over ${dialect} is at all tabs of both, once`, async (t) => {
			const s = await scene(t, stack);
			// what each side sees of the conversation differs
			ok(
				await patch(s.seller, s.id, {
					flag: { reason: 'x' },
				}),
			);
			const one = message(' "<b>&amp;\n\u{1f600}\\ ');
			const tab = s.tabs[side][dialect];
			const heards = await s.hears(() =>
				succeed(tab, SEND, {
					conversationId: s.id,
					message: one,
				}),
			);
			assert.equal(s.reply.seq, 1);
			assert.equal(s.reply.duplicate, false);
			const want = {};
			for (const each of SIDES)
				want[each] = { native: [NEW], socketio: [NEW] };
			want[side][dialect] = [NEW, 'message:status'];
			assert.deepEqual(heards, want);
			await shown(s, one.id);
			const [stored] = (await read(s[side], s.id)).messages;
			assert.deepEqual(s.reply.message, stored);
			const { data } = heard(tab, s.id).find(
				(each) => each.event === 'message:status',
			);
			assert.deepEqual(data, {
				conversationId: s.id,
				messageId: one.id,
				status: 'sent',
				seq: 1,
			});
		});

test('22: of a hundred messages in both directions 99 are there within a second', async (t) => {
	const s = await scene(t, stack);
	let late = 0;
	for (let n = 0; n < 100; n++) {
		const [from, to] = n % 2 ? SIDES : [...SIDES].reverse();
		const one = message(`${n}`);
		const began = performance.now();
		s.tabs[from].native.send(SEND, {
			conversationId: s.id,
			message: one,
		});
		const { message: shows } = await s.tabs[to].socketio.next(
			NEW,
			(data) => data.message.id === one.id,
		);
		if (performance.now() - began > 1000) late++;
		assert.equal(shows.seq, n + 1);
	}
	assert.ok(late <= 1, `${late} were late`);
});

test('23: a first message builds the conversation at who never heard of it', async (t) => {
	const [customer, seller] = [
		await stack.as({ name: 'Asha' }),
		await stack.as({ role: 'seller', name: 'Ravi' }),
	];
	const tabs = [await open(seller), await open(seller, 'socketio')];
	t.after(() => tabs.forEach((tab) => tab.close()));
	const asked = thread(customer, seller, { messages: [message('hi')] });
	const { id, messages } = ok(await customer.post(C, asked), 201);
	for (const tab of tabs) {
		const data = await tab.next(NEW);
		assert.deepEqual(data, {
			conversationId: id,
			message: messages[0],
			conversation: await bare(seller, id),
		});
		const { conversation } = data;
		assert.equal(conversation.customerId, customer.email);
		assert.equal(conversation.customerName, 'Asha');
		assert.equal(conversation.vehicleName, asked.vehicleName);
		assert.equal(conversation.vehicleId, asked.vehicleId);
		assert.equal(conversation.isReadBySeller, false);
		assert.equal(conversation.unreadBySeller, 1);
	}
	await fence(seller, tabs);
	for (const tab of tabs)
		assert.equal(
			heard(tab, id).filter((one) => one.event === NEW)
				.length,
			1,
		);
});

test('25, 33: whatever way a message is written, the event comes, and is whole', async (t) => {
	const s = await scene(t, stack);
	const answered = offer(900);
	const ways = [
		['PUT', () => say(s.customer, s.id, 'put'), 1],
		[
			'POST of two',
			() =>
				s.customer.post(C, {
					...s.asked,
					messages: [message('a'), message('b')],
				}),
			2,
		],
		['an offer', () => put(s.customer, s.id, answered), 1],
		[
			'without id',
			() => put(s.customer, s.id, { text: 'no id' }),
			1,
		],
		[
			'a clock that is wrong',
			() =>
				put(
					s.customer,
					s.id,
					message('x', {
						timestamp: '2001-01-01T00:00:00Z',
					}),
				),
			1,
		],
	];
	for (const [what, act, n] of ways) {
		const names = Array(n).fill(NEW);
		ok(await s.expect(act, names, names, what));
		const { messages } = await read(s.seller, s.id, {
			messages: 1,
		});
		await shown(s, messages[0].id);
	}
	for (const tab of s.of()) {
		const all = heard(tab, s.id);
		assert.deepEqual(
			all.map(({ data }) => data.message.seq),
			[1, 2, 3, 4, 5, 6],
		);
		for (const { data } of all)
			assert.match(
				data.conversation.lastMessageAt,
				/^\d{4}-.*\.\d{3}Z$/,
			);
	}
});

test('4: an id of 16 digits and any text come back the same over sockets', async (t) => {
	const s = await scene(t, stack);
	const ids = [1767400000000123, -1, 0, 9007199254740991, '7', '"\\/<'];
	for (const [n, id] of ids.entries()) {
		const tab = s.tabs.customer[n % 2 ? 'native' : 'socketio'];
		const { message: stored } = await succeed(tab, SEND, {
			conversationId: s.id,
			message: { id, text: '\u2028 \u007f \t é' },
		});
		assert.equal(stored.id, id);
		assert.equal(stored.text, '\u2028 \u007f \t é');
		await s.fence();
		await shown(s, id);
	}
	const status = heard(s.tabs.customer.socketio, s.id).find(
		(one) => one.event === 'message:status',
	);
	assert.equal(status.data.messageId, ids[0]);
});

test('24: a third user, an admin, an agent and two unproven sockets heard nothing', async () => {
	await others.heardNothing();
	const { id, customer } = await meet(stack);
	const stranger = await open(await stack.as());
	for (const where of [id, 'absent'])
		await fail(
			stranger,
			SEND,
			{ conversationId: where, message: message('x') },
			'not_found',
		);
	assert.deepEqual((await read(customer, id)).messages, []);
	stranger.close();
});
