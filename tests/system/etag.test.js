/*
 * ETag and If-None-Match: never in doubt, never stale.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, fresh, stackFor } from './harness.js';
import {
	C,
	expect,
	meet,
	message,
	of,
	ok,
	patch,
	read,
	say,
	settled,
} from './talk.js';

const stack = await stackFor({ env: { PARLEY_DOUBT_MS: '1000' } });

test('an unchanged GET is 304, a changed one is not', async () => {
	const { id, customer, seller, asked } = await meet(stack, { said: 2 });
	const changes = [
		() => say(seller, id, 'x'),
		() => say(customer, id, 'x'),
		() => patch(seller, id, { readSeq: 1e6 }),
		() => patch(customer, id, { archive: true }),
		() => patch(customer, id, { archive: false }),
		() =>
			patch(customer, id, {
				threadReadBy: 'customer',
				threadReadState: false,
			}),
		() => patch(customer, id, { flag: { reason: fresh() } }),
		() => customer.post(C, { ...asked, messages: [message('y')] }),
		() => patch(customer, id, { clearMessages: true }),
	];
	for (const target of [
		C,
		C + of(id),
		`${C}?messages=0`,
		C + of(null, { customerId: customer.email }),
	]) {
		for (const [i, change] of changes.entries()) {
			const etag = await settled(customer, target);
			for (const condition of [
				etag,
				`W/${etag}`,
				`"x", ${etag}`,
				'*',
			]) {
				const headers = { 'if-none-match': condition };
				const reply = await customer.get(target, {
					headers,
				});
				assert.equal(reply.status, 304, condition);
				assert.equal(reply.text, '');
				assert.equal(reply.headers.etag, etag);
			}
			ok(await change());
			const reply = await customer.get(target, {
				headers: { 'if-none-match': etag },
			});
			assert.equal(
				reply.status,
				200,
				`${target} change ${i}`,
			);
			assert.notEqual(reply.headers.etag, etag);
		}
	}
});

test("an ETag is its caller's and its query's own", async () => {
	const { id, customer, seller } = await meet(stack, { said: 2 });
	const target = C + of(id);
	const etag = await settled(customer, target);
	const condition = { headers: { 'if-none-match': etag } };
	assert.equal((await seller.get(target, condition)).status, 200);
	for (const query of [{ messages: 1 }, { after: 0 }, { since: 0 }])
		assert.equal(
			(await customer.get(C + of(id, query), condition))
				.status,
			200,
		);
	const outsider = await stack.as();
	expect(await outsider.get(target, condition), 404);
	expect(await stack.anyone.get(target, condition), 401);
	expect(
		await customer.get(C + of('absent'), {
			headers: { 'if-none-match': '*' },
		}),
		404,
	);
	ok(await customer.del(C + of(id)));
	expect(await customer.get(target, condition), 404);
});

test('304 and 200 stay right while eight write and eight ask', async () => {
	const { id, customer, seller } = await meet(stack);
	await settled(customer);
	let writing = true;
	const writers = crowd(8, async (i) => {
		const client = i % 2 ? customer : seller;
		for (let n = 0; n < 20; n++)
			ok(await say(client, id, `${i}.${n}`));
	}).finally(() => {
		writing = false;
	});
	const target = C + of(id, { messages: 0 });
	await crowd(8, async (i) => {
		const client = i % 2 ? customer : seller;
		let held = { etag: '""', seq: 0 };
		while (writing) {
			const sure = await read(seller, id, { messages: 0 });
			const reply = await client.get(target, {
				headers: { 'if-none-match': held.etag },
			});
			if (reply.status !== 304) {
				const { seq } = ok(reply);
				held = { etag: reply.headers.etag, seq };
			}
			assert.ok(held.seq >= sure.seq, 'an old answer');
		}
	});
	await writers;
});
