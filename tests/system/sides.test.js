/*
 * Scenarios 48 to 50: flags, clearing, archiving: what is one's own.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import {
	C,
	everything,
	expect,
	list,
	meet,
	message,
	of,
	ok,
	patch,
	read,
	say,
	unreadOf,
} from './talk.js';

const stack = await stackFor();

test("scenario 48: a flag is the reporter's and the admins' alone", async () => {
	const { id, customer, seller } = await meet(stack, { said: 1 });
	const admin = await stack.as({ role: 'admin' });
	const before = await read(customer, id);
	for (const bad of [
		{},
		{ reason: '' },
		{ reason: '  ' },
		{ reason: 7 },
		'spam',
		true,
		{ reason: 'x'.repeat(1001) },
	])
		expect(
			await patch(seller, id, { flag: bad }),
			400,
			'bad_field',
		);
	const flagged = ok(
		await patch(seller, id, { flag: { reason: 'asks for money' } }),
	);
	assert.equal(flagged.isFlagged, true);
	assert.equal(flagged.flagReason, 'asks for money');
	assert.match(flagged.flaggedAt, /^\d{4}-.*Z$/);
	assert.deepEqual(await read(customer, id), before);
	assert.deepEqual(await list(customer, { filter: 'flagged' }), []);

	for (const client of [seller, admin]) {
		const rows = await list(client, { filter: 'flagged' });
		const row = rows.find((one) => one.id === id);
		assert.equal(row.isFlagged, true);
		assert.equal(row.flagReason, 'asks for money');
		assert.equal(row.flaggedAt, flagged.flaggedAt);
	}
	for (const client of [customer, seller])
		expect(
			await patch(client, id, { resolveFlag: true }),
			403,
			'forbidden',
		);
	ok(await patch(admin, id, { resolveFlag: true }));
	assert.equal((await read(seller, id)).isFlagged, false);
	const left = await list(admin, { filter: 'flagged' });
	assert.ok(!left.some((row) => row.id === id));
});

test('scenario 49: clearing hides for the caller, the other keeps all', async () => {
	const { id, customer, seller } = await meet(stack, { said: 80 });
	ok(await say(seller, id, 'hi'));
	const { rev, updatedAt } = await read(seller, id);
	expect(await patch(customer, id, { clearMessages: false }), 400);
	const cleared = ok(await patch(customer, id, { clearMessages: true }));
	assert.equal(cleared.clearedSeq, 81);
	assert.deepEqual(cleared.messages, []);
	assert.equal(cleared.unreadByCustomer, 0);
	assert.equal(cleared.rev, rev);
	assert.equal(cleared.updatedAt, updatedAt);
	ok(await say(seller, id, 'and then'));
	const mine = await read(customer, id);
	assert.deepEqual(
		mine.messages.map((one) => one.seq),
		[82],
	);
	assert.equal(mine.unreadByCustomer, 1);
	for (const query of [
		{ before: 82 },
		{ after: 0 },
		{ before: 40 },
		{ since: 0 },
	]) {
		const page = await read(customer, id, query);
		assert.ok(
			page.messages.every((one) => one.seq === 82),
			JSON.stringify(query),
		);
	}
	const exported = await customer.get(`${C}/export${of(id)}`);
	assert.ok(!exported.text.includes('"line 1"'));
	const [row] = await list(customer);
	assert.deepEqual(
		row.messages.map((one) => one.seq),
		[82],
	);
	const theirs = await everything(seller, id);
	assert.equal(theirs.length, 82);
	assert.equal((await read(seller, id)).clearedSeq, 0);
});

test("scenario 50: archived is one's own, and ends with a new message", async () => {
	const { id, customer, seller } = await meet(stack, { said: 1 });
	const { rev } = await read(seller, id);
	assert.equal(
		ok(await patch(seller, id, { archive: true })).archived,
		true,
	);
	assert.equal((await read(customer, id)).archived, false);
	assert.equal(await unreadOf(seller), 0);
	const rows = async (filter) => {
		const found = await list(seller, filter ? { filter } : {});
		return found.map((row) => row.id);
	};
	assert.deepEqual(await rows(), [id]);
	assert.deepEqual(await rows('archived'), [id]);
	assert.deepEqual(await rows('unread'), []);
	assert.equal((await read(seller, id)).rev, rev);
	ok(await patch(seller, id, { archive: true }));
	ok(await say(customer, id, 'hello again'));
	assert.equal((await read(seller, id)).archived, false);
	assert.deepEqual(await rows('archived'), []);
	assert.deepEqual(await rows('unread'), [id]);
	ok(await patch(seller, id, { archive: true }));
	assert.equal(
		ok(await patch(seller, id, { archive: false })).archived,
		false,
	);
	assert.equal(await unreadOf(seller), 1);
});
