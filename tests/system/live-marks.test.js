/*
 * Scenarios 35 and 38, and the live half of 34: marks over sockets and REST,
 * and what both sides hear of them: once, and repeats not at all.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, stackFor } from './harness.js';
import {
	dialects,
	fail,
	open,
	outsiders,
	roomy,
	scene,
	succeed,
} from './scene.js';
import { message, ok, patch, put, read } from './talk.js';

const READ = 'conversation:read';
const DELIVERED = 'conversation:delivered';
const STATUS = 'message:status';
const MARK = 'conversation:mark-read';

const stack = await stackFor({ env: roomy });
const others = await outsiders(stack);

/** A Scene with n messages of the customer; s.ids are theirs. */
async function told(t, n) {
	const s = await scene(t, stack, { said: n });
	const { messages } = await read(s.customer, s.id, { messages: n });
	s.ids = messages.map((one) => one.id);
	return s;
}

/* The reader's own tab that did it hears nothing of it. */
const byTab = (dialect, author, reader) => ({
	customer: { native: author, socketio: author },
	seller: { native: reader, socketio: reader, [dialect]: [] },
});

for (const dialect of Object.keys(dialects)) {
	test(`38: a mark over ${dialect} turns all up to it read at the author, live`, async (t) => {
		const s = await told(t, 4);
		const heards = await s.hears(() =>
			succeed(s.tabs.seller[dialect], MARK, {
				conversationId: s.id,
				messageIds: [s.ids[2], s.ids[0], 'absent'],
			}),
		);
		assert.deepEqual(
			heards,
			byTab(dialect, [READ, STATUS], [READ]),
		);
		assert.deepEqual(s.last('customer', READ), {
			conversationId: s.id,
			messageIds: s.ids.slice(0, 3),
			readBy: s.seller.email,
			seq: 3,
		});
		assert.deepEqual(s.last('customer', STATUS), {
			conversationId: s.id,
			messageId: s.ids[2],
			status: 'read',
			seq: 3,
		});
	});

	test(`38: a mark by number over ${dialect} names only the author's messages`, async (t) => {
		const s = await told(t, 1);
		const mine = message('not mine to read');
		ok(await put(s.seller, s.id, mine, { readSeq: 0 }));
		const heards = await s.hears(() =>
			succeed(s.tabs.seller[dialect], MARK, {
				conversationId: s.id,
				seq: 2,
			}),
		);
		assert.deepEqual(
			heards,
			byTab(dialect, [READ, STATUS], [READ]),
		);
		assert.deepEqual(s.last('customer', READ).messageIds, s.ids);
		assert.equal(s.last('customer', STATUS).messageId, s.ids[0]);
	});

	test(`a receipt over ${dialect} says delivered to the author`, async (t) => {
		const s = await told(t, 3);
		const tab = s.tabs.seller[dialect];
		const confirm = (seq) =>
			succeed(tab, DELIVERED, { conversationId: s.id, seq });
		const first = await s.hears(() => confirm(2));
		const author = [DELIVERED, STATUS];
		assert.deepEqual(first, byTab(dialect, author, []));
		assert.deepEqual(s.last('customer', DELIVERED), {
			conversationId: s.id,
			seq: 2,
		});
		assert.deepEqual(s.last('customer', STATUS), {
			conversationId: s.id,
			messageId: s.ids[1],
			status: 'delivered',
			seq: 2,
		});
		assert.equal(
			(await read(s.customer, s.id)).deliveredSeq.seller,
			2,
		);
		const quiet = byTab(dialect, [], []);
		assert.deepEqual(await s.hears(() => confirm(2)), quiet);
		assert.deepEqual(await s.hears(() => confirm(1)), quiet);
		await s.hears(() =>
			succeed(tab, MARK, { conversationId: s.id, seq: 3 }),
		);
		assert.deepEqual(await s.hears(() => confirm(3)), quiet);
	});
}

test('34: a mark by REST is at the author and at all tabs of the reader', async (t) => {
	const s = await told(t, 2);
	const heardOnce = [
		() => patch(s.seller, s.id, { readSeq: 2 }),
		[READ, STATUS],
		[READ],
	];
	ok(await s.expect(...heardOnce));
	assert.deepEqual(s.last('seller', READ), s.last('customer', READ));
	for (const change of [
		{ readSeq: 2 },
		{ readSeq: 1 },
		{ markReadMessageIds: s.ids },
		{ deliveredSeq: 2 },
		{ threadReadBy: 'seller', threadReadState: true },
		{ readSeq: 2, deliveredSeq: 2 },
	])
		ok(
			await s.expect(
				() => patch(s.seller, s.id, change),
				[],
				[],
				JSON.stringify(change),
			),
		);
});

test('a seq past the end means the last message', async (t) => {
	const s = await told(t, 2);
	const far = { conversationId: s.id, seq: 1000000 };
	await s.hears(() => succeed(s.tabs.seller.native, MARK, far));
	assert.equal(s.last('customer', READ).seq, 2);
	assert.equal((await read(s.seller, s.id)).readSeq.seller, 2);
});

test('35: mark-read a hundred times over sockets is one write and one event', async (t) => {
	const s = await told(t, 3);
	const mark = { conversationId: s.id, messageIds: [s.ids[2]] };
	const tabs = [s.tabs.seller.native, s.tabs.seller.socketio];
	await succeed(tabs[0], MARK, mark);
	const { rev } = await read(s.customer, s.id);
	const heards = await s.hears(() =>
		crowd(100, (n) => succeed(tabs[n % 2], MARK, mark)),
	);
	assert.deepEqual(heards, byTab('native', [], []));
	assert.equal((await read(s.customer, s.id)).rev, rev);
});

test('a longer absence: the newest are named, the number covers the rest', async (t) => {
	const s = await told(t, 200);
	await s.hears(() => patch(s.seller, s.id, { readSeq: 200 }));
	const { messageIds, seq } = s.last('customer', READ);
	assert.equal(seq, 200);
	assert.ok(messageIds.length > 0 && messageIds.length <= 200);
	assert.deepEqual(messageIds, s.ids.slice(-messageIds.length));
	assert.equal(s.last('customer', STATUS).messageId, s.ids[199]);
});

test("32: marks for another, or of a stranger's conversation, are refused", async (t) => {
	const s = await told(t, 1);
	const stranger = await open(await stack.as({ role: 'seller' }));
	t.after(() => stranger.close());
	const of = (more) => ({
		conversationId: s.id,
		messageIds: s.ids,
		...more,
	});
	const heards = await s.hears(async () => {
		const tab = s.tabs.seller.native;
		await fail(
			tab,
			MARK,
			of({ readBy: s.customer.email }),
			'forbidden',
		);
		await fail(
			tab,
			MARK,
			of({ userEmail: s.customer.email }),
			'forbidden',
		);
		await fail(
			tab,
			MARK,
			of({ userRole: 'customer' }),
			'forbidden',
		);
		await fail(tab, MARK, of({ messageIds: 'x' }), 'bad_field');
		await fail(tab, MARK, { conversationId: s.id }, 'bad_field');
		await fail(tab, DELIVERED, of({ seq: 'x' }), 'bad_field');
		for (const event of [MARK, DELIVERED])
			await fail(
				stranger,
				event,
				of({ seq: 1 }),
				'not_found',
			);
	});
	const noises = ['error', 'error'];
	for (const { native, socketio } of Object.values(heards))
		for (const names of [native, socketio])
			assert.deepEqual(
				names.filter((name) => !noises.includes(name)),
				[],
			);
	const now = await read(s.customer, s.id);
	assert.equal(now.readSeq.seller, 0);
	assert.equal(now.deliveredSeq.seller, 0);
});

test('nobody else heard any of it', () => others.heardNothing());
