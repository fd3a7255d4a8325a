/*
 * Scenario 41: who is there, by account and not by tab; told to counterparts
 * in the room alone.
 *
 * That nothing is said of the one is seen by what is said of another, who did
 * at the same moment what must be told.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import {
	fail,
	fence,
	heard,
	open,
	outsiders,
	roomy,
	scene,
	succeed,
} from './scene.js';
import { C, meet, ok } from './talk.js';

const PRESENCE = 'user:presence';
const JOIN = 'conversation:join';

const stack = await stackFor({ env: roomy });
const others = await outsiders(stack);

/** What a tab was told of presence there: [true, false, ...]. */
const told = (tab, id) =>
	heard(tab, id)
		.filter((one) => one.event === PRESENCE)
		.map((one) => one.data.isOnline);

/** Wait until it was told so many times; gives the last. */
const isTold = (tab, id, n) =>
	tab.next(
		PRESENCE,
		(data) =>
			data.conversationId === id &&
			told(tab, id).length >= n &&
			heard(tab, id)
				.filter((one) => one.event === PRESENCE)
				.at(-1).data === data,
		9000,
	);

const join = (tab, id) => succeed(tab, JOIN, { conversationId: id });

/** Two parties; `watchers` of the customer have joined, the seller is away. */
async function watched(t, watchers = ['native']) {
	const met = await meet(stack);
	const tabs = [];
	for (const dialect of watchers) {
		const tab = await open(met.customer, dialect);
		await join(tab, met.id);
		tabs.push(tab);
	}
	t.after(() => tabs.forEach((tab) => tab.close()));
	return { ...met, tabs, tab: tabs[0] };
}

test('41: who joins is told at once who is there', async (t) => {
	const s = await watched(t, ['native', 'socketio']);
	for (const tab of s.tabs)
		assert.deepEqual(await isTold(tab, s.id, 1), {
			conversationId: s.id,
			userEmail: s.seller.email,
			userRole: 'seller',
			isOnline: false,
			lastSeen: null,
		});
	// present is who is connected, joined or not
	const seller = await open(s.seller, 'socketio');
	t.after(() => seller.close());
	for (const tab of s.tabs) {
		const now = await isTold(tab, s.id, 2);
		assert.equal(now.isOnline, true);
		assert.equal(now.userEmail, s.seller.email);
		assert.equal(now.userRole, 'seller');
	}
	const late = await open(s.customer, 'socketio');
	t.after(() => late.close());
	await fence(s.customer, [late]);
	assert.deepEqual(told(late, s.id), []); // not in the room
	await join(late, s.id);
	await isTold(late, s.id, 1);
	assert.deepEqual(told(late, s.id), [true]);
	// and the seller, who has not joined, was told nothing
	await fence(s.seller, [seller]);
	assert.deepEqual(heard(seller, s.id), []);
	await join(seller, s.id);
	assert.deepEqual(await isTold(seller, s.id, 1), {
		conversationId: s.id,
		userEmail: s.customer.email,
		userRole: 'customer',
		isOnline: true,
		lastSeen: null,
	});
	await fence(s.customer, s.tabs);
	for (const tab of s.tabs)
		assert.deepEqual(told(tab, s.id), [false, true]);
});

test('41: one of two tabs closes: online; the last for 3 s: offline, with the time', async (t) => {
	const one = await watched(t); // of whom one tab stays
	const gone = await watched(t, ['native', 'socketio']);
	const staying = await open(one.seller);
	t.after(() => staying.close());
	const closing = [await open(one.seller, 'socketio')];
	closing.push(
		await open(gone.seller),
		await open(gone.seller, 'socketio'),
	);
	await isTold(one.tab, one.id, 2);
	for (const tab of gone.tabs) await isTold(tab, gone.id, 2);
	const began = Date.now();
	closing.forEach((tab) => tab.close());
	for (const tab of gone.tabs) {
		const { isOnline, lastSeen } = await isTold(tab, gone.id, 3);
		assert.equal(isOnline, false);
		assert.match(lastSeen, /^\d{4}-\d\d-\d\dT.*\.\d{3}Z$/);
		const seen = Date.parse(lastSeen) - began;
		assert.ok(seen > -50 && seen < 2000, `seen after ${seen} ms`);
	}
	const after = Date.now() - began;
	assert.ok(after > 2900 && after < 6000, `told after ${after} ms`);
	await fence(one.customer, one.tabs);
	assert.deepEqual(told(one.tab, one.id), [false, true]);
	// who joins now is told since when
	const late = await open(gone.customer);
	t.after(() => late.close());
	await join(late, gone.id);
	const { isOnline, lastSeen } = await isTold(late, gone.id, 1);
	assert.equal(isOnline, false);
	assert.equal(lastSeen, heard(gone.tab, gone.id).at(-1).data.lastSeen);
	const back = await open(gone.seller);
	t.after(() => back.close());
	assert.equal((await isTold(gone.tab, gone.id, 4)).isOnline, true);
});

test('41: a reload within 3 s says nothing', async (t) => {
	const [quick, slow] = [await watched(t), await watched(t)];
	for (const s of [quick, slow]) {
		s.page = await open(s.seller);
		await isTold(s.tab, s.id, 2);
	}
	quick.page.close();
	slow.page.close();
	const again = await open(quick.seller, 'socketio');
	t.after(() => again.close());
	await isTold(slow.tab, slow.id, 3);
	await fence(quick.customer, quick.tabs);
	assert.deepEqual(told(slow.tab, slow.id), [false, true, false]);
	assert.deepEqual(told(quick.tab, quick.id), [false, true]);
});

test('41: a connection that breaks is a departure too', async (t) => {
	const s = await watched(t);
	const page = await open(s.seller);
	await isTold(s.tab, s.id, 2);
	page.ws.terminate();
	assert.equal((await isTold(s.tab, s.id, 3)).isOnline, false);
});

test('41: who has left the room, and who never was in it, is told nothing', async (t) => {
	const s = await watched(t, ['native', 'socketio']);
	for (const tab of s.tabs) await isTold(tab, s.id, 1);
	s.tabs[0].send('conversation:leave', { conversationId: s.id });
	await fence(s.customer, s.tabs);
	const stranger = await open(await stack.as());
	const admin = await open(await stack.as({ role: 'admin' }));
	t.after(() => [stranger, admin].forEach((tab) => tab.close()));
	for (const tab of [stranger, admin])
		await fail(tab, JOIN, { conversationId: s.id }, 'not_found');
	const seller = await open(s.seller);
	t.after(() => seller.close());
	await isTold(s.tabs[1], s.id, 2);
	await fence(s.customer, s.tabs);
	assert.deepEqual(told(s.tabs[0], s.id), [false]);
	for (const tab of [stranger, admin])
		assert.deepEqual(
			heard(tab, s.id).filter(
				(one) => one.event === PRESENCE,
			),
			[],
		);
});

test('41: an account of several identities is one; joins are answered each', async (t) => {
	const s = await scene(t, stack);
	const tab = s.tabs.customer.socketio;
	const alias = `${s.id}-too`;
	ok(await s.customer.post(C, { ...s.asked, id: alias }));
	for (const id of [s.id, s.id, alias]) await join(tab, id);
	await tab.next(PRESENCE);
	for (const { data } of tab.events.filter(
		(one) => one.event === PRESENCE,
	)) {
		assert.equal(data.isOnline, true);
		assert.equal(data.userEmail, s.seller.email);
		assert.ok([s.id, alias].includes(data.conversationId));
	}
	for (const [data, code] of [
		[{}, 'bad_field'],
		[{ conversationId: 7 }, 'bad_field'],
		[{ conversationId: '' }, 'bad_field'],
		[{ conversationId: 'x'.repeat(129) }, 'bad_field'],
		[{ conversationId: 'a b' }, 'bad_field'],
		[{ conversationId: `${s.id}&messages=1` }, 'not_found'],
		[{ conversationId: '%00+/"\\#' }, 'not_found'],
	])
		await fail(tab, JOIN, data, code);
});

test('nobody else heard any of it', () => others.heardNothing());
