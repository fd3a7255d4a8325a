/*
 * Scenarios 28 and 29: who was away, or arrives in the middle, ends with every
 * message once and in order: connect first, then pull, then merge by seq.
 * Leaves crowds and faults to live-sync.test.js and live-faults.test.js.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, stackFor, until } from './harness.js';
import { dialects, heard, open, outsiders, roomy } from './scene.js';
import { C, isWhole, meet, message, ok, read, say } from './talk.js';

const NEW = 'conversation:new-message';

const stack = await stackFor({ env: roomy });
const others = await outsiders(stack);

/** What a client shows: what it has pulled and what was pushed, by seq. */
function merge(pulled, tab, id) {
	const pushed = heard(tab, id)
		.filter((one) => one.event === NEW)
		.map((one) => one.data.message);
	const bySeq = new Map();
	for (const one of [...pulled, ...pushed]) {
		const known = bySeq.get(one.seq);
		assert.equal(known?.id ?? one.id, one.id);
		bySeq.set(one.seq, one);
	}
	return [...bySeq.values()].sort((a, b) => a.seq - b.seq);
}

for (const dialect of Object.keys(dialects))
	test(`28: three messages of an absence are there after it: ${dialect}`, async (t) => {
		const { id, customer, seller } = await meet(stack, { said: 2 });
		const first = await open(seller, dialect);
		const { rev, messages } = await read(seller, id);
		first.close();
		for (const text of ['a', 'b', 'c'])
			ok(await say(customer, id, text));
		const again = await open(seller, dialect);
		t.after(() => again.close());
		const pulled = await read(seller, id, { since: rev });
		ok(await say(customer, id, 'after it'));
		await again.next(NEW, (data) => data.message.seq === 6);
		const all = merge([...messages, ...pulled.messages], again, id);
		isWhole(all, 6);
		assert.deepEqual(
			all.slice(2).map((one) => one.text),
			['a', 'b', 'c', 'after it'],
		);
	});

test('28: a stock client whose relay is killed comes back by itself', async (t) => {
	const { id, customer, seller } = await meet(stack);
	const before = new Set(stack.relays());
	const tab = await open(seller, 'socketio');
	t.after(() => tab.close());
	const relays = stack.relays().filter((pid) => !before.has(pid));
	assert.equal(relays.length, 1);
	const left = new Promise((tell) => tab.socket.on('disconnect', tell));
	process.kill(relays[0], 'SIGKILL');
	await left;
	ok(await say(customer, id, 'while away'));
	await until('connected again', () => tab.socket.connected);
	const pulled = await read(seller, id);
	ok(await say(customer, id, 'there again'));
	await tab.next(NEW, (data) => data.message.text === 'there again');
	isWhole(merge(pulled.messages, tab, id), 2);
});

for (const dialect of Object.keys(dialects))
	test(`29: who connects and fetches while messages are stored misses none: ${dialect}`, async (t) => {
		const { id, customer, seller } = await meet(stack);
		const tabs = [];
		t.after(() => tabs.forEach((tab) => tab.close()));
		let talking = true;
		const talk = (async () => {
			let n = 0;
			while (talking) ok(await say(customer, id, `${n++}`));
			return n;
		})();
		const pulls = await crowd(12, async () => {
			const tab = await open(seller, dialect);
			tabs.push(tab);
			const { messages } = await read(seller, id, {
				messages: 200,
			});
			return { tab, messages };
		});
		await until(
			'some more',
			() => heard(tabs.at(-1), id).length > 20,
		);
		talking = false;
		const n = await talk;
		for (const { tab, messages } of pulls) {
			await tab.next(NEW, (data) => data.message.seq === n);
			const all = merge(messages, tab, id);
			assert.equal(all.at(-1).seq, n);
			all.forEach((one, i) =>
				assert.equal(one.seq, all[0].seq + i),
			);
			const pushed = heard(tab, id).map(
				(one) => one.data.message.seq,
			);
			assert.equal(new Set(pushed).size, pushed.length);
		}
	});

test('many messages at once, as after a long time offline, are one resync', async (t) => {
	const { id, customer, seller, asked } = await meet(stack);
	const tabs = [await open(customer), await open(seller, 'socketio')];
	t.after(() => tabs.forEach((tab) => tab.close()));
	const messages = Array.from({ length: 100 }, (_, i) => message(`${i}`));
	ok(await customer.post(C, { ...asked, messages }));
	for (const tab of tabs) assert.deepEqual(await tab.next('resync'), {});
	ok(await say(seller, id, 'and on'));
	for (const tab of tabs) {
		const { message: last } = await tab.next(NEW);
		assert.equal(last.seq, 101);
	}
});

test('nobody else heard any of it', () => others.heardNothing());
