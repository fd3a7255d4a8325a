/*
 * The end of Parley with its sockets open: everybody is told, nothing stays.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, isAlive, start, until } from './harness.js';
import { meet, message, read } from './talk.js';
import { connected, greeted } from './wire.js';

const SOCKETS = 100;
const TOLD_WITHIN_MS = 10000;

for (const signal of ['SIGINT', 'SIGTERM'])
	test(`${signal} with sockets open: each is told, nothing stays`, async () => {
		const stack = await start({
			env: { PARLEY_HUB_ARGS: '--account-connections=1000' },
		});
		const { customer } = await meet(stack);
		const clients = await crowd(SOCKETS, (i) =>
			i % 2
				? greeted(stack, customer)
				: connected(stack, customer),
		);
		const names = ['hub', 'api', 'live', 'nginx', 'mongod'];
		const pids = [
			...names.map((name) => stack.pid(name)),
			...stack.relays(),
		];
		assert.equal(pids.length, names.length + SOCKETS);
		stack.child.kill(signal);
		await until(
			'all connections end',
			() => clients.every((one) => one.closed),
			TOLD_WITHIN_MS,
		);
		const words = clients.map((one) => one.lastCode);
		assert.deepEqual(words, Array(SOCKETS).fill('server_restart'));
		await stack.stop();
		assert.deepEqual(pids.filter(isAlive), []);
		assert.deepEqual(stack.relays(), []);
	});

test('what was acknowledged before the end is there after it', async () => {
	const stack = await start();
	const run = stack.run;
	const { id, customer } = await meet(stack);
	const client = await greeted(stack, customer);
	const acked = [];
	let sent = 0;
	const sending = (async () => {
		for (; !client.closed; sent++) {
			const one = message(`${sent}`);
			const data = { conversationId: id, message: one };
			const answer = await client
				.ask('conversation:message', data)
				.catch(() => null);
			if (answer?.data?.success) acked.push(one.id);
		}
	})();
	await until('some are sent', () => acked.length > 20);
	process.env.KEEP = '1';
	await stack.stop();
	delete process.env.KEEP;
	await sending;
	assert.equal(client.lastCode, 'server_restart');
	const again = await start({ run, port: stack.port });
	const all = await read(customer, id, { messages: 200 });
	const ids = all.messages.map((one) => one.id);
	for (const one of acked) assert.ok(ids.includes(one), 'lost');
	assert.ok(ids.length <= sent + 1);
	await again.stop();
});
