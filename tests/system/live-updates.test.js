/*
 * The live halves of scenarios 10 and 48 to 50: every change that can be seen
 * reaches those who can see it, once; repeats are quiet.  Offers and test
 * drives are live-offers.test.js.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import {
	bare,
	fence,
	heard,
	isCurrent,
	open,
	outsiders,
	roomy,
	scene,
} from './scene.js';
import {
	answerOffer,
	C,
	expect,
	message,
	offer,
	ok,
	patch,
	put,
	say,
	thread,
} from './talk.js';

const NEW = 'conversation:new-message';
const UPDATED = 'conversation:updated';
const DELETED = 'conversations:deleted';

const stack = await stackFor({ env: roomy });
const others = await outsiders(stack);

test('withdrawn, renamed, another price: both sides', async (t) => {
	const s = await scene(t, stack);
	const made = offer(900);
	ok(await put(s.customer, s.id, made));
	const renamed = await stack.as({
		email: s.customer.email,
		name: 'Asha Rao',
	});
	for (const [what, act] of [
		[
			'withdrawn',
			() =>
				answerOffer(
					s.customer,
					s.id,
					made.id,
					'withdrawn',
				),
		],
		['renamed', () => renamed.post(C, s.asked)],
		[
			'the price',
			() =>
				s.seller.post(C, {
					...s.asked,
					vehiclePrice: 11000,
				}),
		],
	]) {
		ok(await s.expect(act, [UPDATED], [UPDATED], what));
		await isCurrent(s, 'customer');
		await isCurrent(s, 'seller');
		ok(await s.expect(act, [], [], `${what} again`));
	}
	const { conversation } = s.last('seller', UPDATED);
	assert.equal(conversation.customerName, 'Asha Rao');
	assert.equal(conversation.vehiclePrice, 11000);
});

test("10, 48 to 50: what is one's own is told to one's own tabs alone", async (t) => {
	const s = await scene(t, stack, { said: 2 });
	ok(await patch(s.seller, s.id, { readSeq: 2 }));
	const admin = await stack.as({ role: 'admin' });
	for (const [what, act, field, value] of [
		['archive', { archive: true }, 'archived', true],
		['back', { archive: false }, 'archived', false],
		['flag', { flag: { reason: 'spam' } }, 'flagReason', 'spam'],
		[
			'unread',
			{ threadReadBy: 'seller', threadReadState: false },
			'isReadBySeller',
			false,
		],
		['clear', { clearMessages: true }, 'clearedSeq', 2],
	]) {
		const change = () => patch(s.seller, s.id, act);
		ok(await s.expect(change, [], [UPDATED], what));
		await isCurrent(s, 'seller');
		assert.equal(
			s.last('seller', UPDATED).conversation[field],
			value,
		);
		ok(await s.expect(change, [], [], `${what} again`));
	}
	ok(
		await s.expect(
			() => patch(admin, s.id, { resolveFlag: true }),
			[],
			[UPDATED],
		),
	);
	assert.equal(s.last('seller', UPDATED).conversation.isFlagged, false);
	const target = `${C}?conversationId=${s.id}`;
	const remove = () => s.seller.del(target);
	ok(await s.expect(remove, [], [DELETED]));
	assert.deepEqual(s.last('seller', DELETED), { conversationId: s.id });
	ok(await s.expect(remove, [], []));
	ok(await s.expect(() => s.seller.post(C, s.asked), [], [UPDATED]));
	ok(
		await s.expect(
			() => admin.del(`${target}&purge=1`),
			[DELETED],
			[DELETED],
		),
	);
	expect(await say(s.customer, s.id, 'x'), 404, 'not_found');
});

test('a conversation begun without a message shows at both', async (t) => {
	const [customer, seller] = [
		await stack.as(),
		await stack.as({ role: 'seller' }),
	];
	const tabs = [await open(customer), await open(seller, 'socketio')];
	t.after(() => tabs.forEach((tab) => tab.close()));
	const asked = thread(customer, seller);
	const create = () => customer.post(C, asked);
	const { id } = ok(await create(), 201);
	for (const [i, client] of [customer, seller].entries()) {
		const data = await tabs[i].next(
			UPDATED,
			(one) => one.conversationId === id,
		);
		const conversation = await bare(client, id);
		assert.deepEqual(data, {
			conversationId: id,
			rev: conversation.rev,
			conversation,
		});
	}
	ok(await create());
	await fence(customer, [tabs[0]]);
	await fence(seller, [tabs[1]]);
	for (const tab of tabs) assert.equal(heard(tab, id).length, 1);
	ok(await customer.post(C, { ...asked, messages: [message('hi')] }));
	for (const tab of tabs)
		assert.equal(
			(
				await tab.next(
					NEW,
					(one) => one.conversationId === id,
				)
			).message.text,
			'hi',
		);
});

test('an archived conversation, and a cleared one, come back with a message', async (t) => {
	const s = await scene(t, stack, { said: 1 });
	ok(await patch(s.seller, s.id, { archive: true }));
	await s.expect(() => say(s.customer, s.id, 'back'), [NEW], [NEW]);
	assert.equal(s.last('seller', NEW).conversation.archived, false);
	ok(await s.seller.del(`${C}?conversationId=${s.id}`));
	await s.expect(() => say(s.customer, s.id, 'again'), [NEW], [NEW]);
	assert.equal(s.last('seller', NEW).conversation.clearedSeq, 2);
	assert.equal(s.last('seller', NEW).conversation.unreadBySeller, 1);
	assert.equal(s.last('customer', NEW).conversation.clearedSeq, 0);
});

test('what an admin begins or changes is told to the parties, not to him', async (t) => {
	const s = await scene(t, stack);
	const admin = await stack.as({ role: 'admin' });
	const tab = await open(admin);
	t.after(() => tab.close());
	const refresh = () =>
		admin.post(C, { ...s.asked, vehicleName: 'Another car' });
	ok(await s.expect(refresh, [UPDATED], [UPDATED]));
	await isCurrent(s, 'customer');
	await isCurrent(s, 'seller');
	const begun = thread(s.customer, s.seller);
	ok(await admin.post(C, begun), 201);
	for (const each of s.of())
		await each.next(
			UPDATED,
			(data) => data.conversationId === begun.id,
		);
	ok(await admin.get(`${C}?conversationId=${s.id}`));
	await fence(admin, [tab]);
	for (const id of [s.id, begun.id]) assert.deepEqual(heard(tab, id), []);
});

test('nobody else heard any of it', () => others.heardNothing());
