/*
 * Scenario 40, and typing in 32: who types shows to the other party's joined
 * tabs, never to himself, is never stored, and ends by itself.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import {
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
import { C, ok, say } from './talk.js';

const TYPING = 'conversation:typing';

const stack = await stackFor({ env: roomy });
const others = await outsiders(stack);

/** What a tab saw of typing: ['customer true', ...]. */
const seen = (tab, id) =>
	heard(tab, id)
		.filter((one) => one.event === TYPING)
		.map(({ data }) => `${data.userRole} ${data.isTyping}`);

/** Wait until this tab saw so many. */
const sees = async (tab, id, n) => {
	await tab.next(TYPING, () => seen(tab, id).length >= n, 9000);
	return seen(tab, id);
};

for (const dialect of Object.keys(dialects))
	for (const side of SIDES)
		test(`40: typing of the ${side} over ${dialect} shows at the other's tabs, and ends after 5 s of silence`, async (t) => {
			const s = await scene(t, stack);
			const aside = await open(s.customer);
			const apart = await open(s.seller);
			t.after(() =>
				[aside, apart].forEach((tab) => tab.close()),
			);
			await s.join();
			const [other] = SIDES.filter((one) => one !== side);
			const stored = () =>
				stack.db
					.collection('conversations')
					.findOne({ id: s.id });
			const before = await stored();
			const began = performance.now();
			s.tabs[side][dialect].send(TYPING, {
				conversationId: s.id,
				isTyping: true,
			});
			const data = await s.tabs[other].native.next(TYPING);
			assert.ok(performance.now() - began < 2000);
			assert.deepEqual(data, {
				conversationId: s.id,
				userRole: side,
				isTyping: true,
			});
			const both = [`${side} true`, `${side} false`];
			for (const tab of s.of(other))
				assert.deepEqual(
					await sees(tab, s.id, 2),
					both,
				);
			const lasted = performance.now() - began;
			assert.ok(
				lasted > 4800 && lasted < 8000,
				`${lasted} ms`,
			);
			await s.fence();
			for (const tab of [...s.of(side), aside, apart])
				assert.deepEqual(seen(tab, s.id), []);
			for (const tab of s.of(other))
				assert.deepEqual(seen(tab, s.id), both);
			assert.deepEqual(await stored(), before);
		});

test('40: a typist who keeps typing is not announced again, and false ends it at once', async (t) => {
	const s = await scene(t, stack);
	await s.join();
	const typist = s.tabs.customer.native;
	const says = (isTyping) =>
		typist.send(TYPING, { conversationId: s.id, isTyping });
	for (let n = 0; n < 10; n++) says(true);
	says(false);
	const tab = s.tabs.seller.socketio;
	assert.deepEqual(await sees(tab, s.id, 2), [
		'customer true',
		'customer false',
	]);
	says(false);
	await s.fence();
	await s.fence();
	const all = seen(tab, s.id);
	assert.deepEqual(all.slice(0, 2), ['customer true', 'customer false']);
	assert.ok(all.slice(2).every((one) => one === 'customer false'));
});

for (const [how, end] of [
	[
		'who leaves the room',
		(tab, id) =>
			tab.send('conversation:leave', {
				conversationId: id,
			}),
	],
	['who closes the tab', (tab) => tab.close()],
	['whose connection breaks', (tab) => tab.ws.terminate()],
])
	test(`40: a typist ${how} types no more`, async (t) => {
		const s = await scene(t, stack);
		await s.join();
		const tab = s.tabs.customer.native;
		tab.send(TYPING, { conversationId: s.id, isTyping: true });
		const other = s.tabs.seller.native;
		await sees(other, s.id, 1);
		const began = performance.now();
		end(tab, s.id);
		assert.deepEqual(await sees(other, s.id, 2), [
			'customer true',
			'customer false',
		]);
		assert.ok(performance.now() - began < 4000);
	});

test("40: who left hears no typing; what is typed by an id of one's own arrives by the other's", async (t) => {
	const s = await scene(t, stack);
	const alias = `${s.id}-too`;
	ok(await s.customer.post(C, { ...s.asked, id: alias }));
	for (const tab of s.of('customer'))
		await succeed(tab, 'conversation:join', {
			conversationId: alias,
		});
	for (const tab of s.of('seller'))
		await succeed(tab, 'conversation:join', {
			conversationId: s.id,
		});
	s.tabs.seller.socketio.send('conversation:leave', {
		conversationId: s.id,
	});
	await fence(s.seller, s.of('seller'));
	s.tabs.customer.socketio.send(TYPING, {
		conversationId: alias,
		isTyping: true,
	});
	assert.deepEqual(await sees(s.tabs.seller.native, s.id, 1), [
		'customer true',
	]);
	s.tabs.seller.native.send(TYPING, {
		conversationId: s.id,
		isTyping: true,
	});
	const { conversationId } = await s.tabs.customer.native.next(TYPING);
	assert.ok([alias, s.id].includes(conversationId));
	await s.fence();
	assert.deepEqual(seen(s.tabs.seller.socketio, s.id), []);
});

test('32, 40: without a join, after a leave, by a stranger or a forger: error, and nobody sees it', async (t) => {
	const s = await scene(t, stack);
	const stranger = await open(await stack.as({ role: 'seller' }));
	const admin = await open(await stack.as({ role: 'admin' }), 'socketio');
	t.after(() => [stranger, admin].forEach((tab) => tab.close()));
	const forged = {
		conversationId: s.id,
		isTyping: true,
		userRole: 'seller',
		userEmail: s.seller.email,
	};
	const tab = s.tabs.customer.native;
	for (const from of [stranger, admin, tab]) {
		from.send(TYPING, forged);
		const error = await from.next('error');
		assert.equal(error.code, 'not_found');
		assert.equal(error.conversationId, s.id);
	}
	const answers = [];
	for (const from of [stranger, admin])
		for (const id of [s.id, 'absent'])
			answers.push(
				await fail(
					from,
					'conversation:join',
					{ conversationId: id },
					'not_found',
				),
			);
	for (const answer of answers) assert.deepEqual(answer, answers[0]);
	await s.join();
	await s.fence();
	for (const one of s.of('seller')) assert.deepEqual(seen(one, s.id), []);
	// joined: whatever he claims, it is he who types
	tab.send(TYPING, forged);
	for (const one of s.of('seller'))
		assert.deepEqual(await sees(one, s.id, 1), ['customer true']);
	for (const bad of [
		{ conversationId: s.id },
		{ conversationId: s.id, isTyping: 'yes' },
		{ conversationId: 7, isTyping: true },
		{ isTyping: true },
		'x',
	]) {
		const before = tab.events.length;
		tab.send(TYPING, bad);
		await tab.next('error', () =>
			tab.events
				.slice(before)
				.some(
					(one) =>
						one.event === 'error' &&
						one.data.code === 'bad_field',
				),
		);
	}
	// a send shows that the connection has survived it all
	ok(await say(s.customer, s.id, 'x'));
	await s.fence();
	await s.fence();
	for (const one of s.of('customer'))
		assert.deepEqual(seen(one, s.id), []);
});

test('nobody else heard any of it', () => others.heardNothing());
