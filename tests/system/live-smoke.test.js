/*
 * Scenarios 58 and 59: a cold start of everything with the defaults; one
 * origin for all; and logs that hold no tokens and no addresses of people.
 */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { stackFor, until } from './harness.js';
import { raw } from './live.js';
import { dialects, open, SOCKET_IO, succeed } from './scene.js';
import { C, meet, message, of, ok } from './talk.js';

const stack = await stackFor({
	env: {
		PARLEY_RATE_MESSAGES: undefined,
		PARLEY_RATE_BURST: undefined,
		PARLEY_NGINX_RATE: undefined,
		PARLEY_NGINX_BURST: undefined,
		PARLEY_NGINX_CONNECTIONS: undefined,
		PARLEY_HUB_ARGS: undefined,
		PARLEY_RELAY_ARGS: undefined,
	},
});

test('58: after a cold start every endpoint and every socket answers at the first try', async (t) => {
	for (const [target, status] of [
		['/api/health', 200],
		['/api/metrics', 200],
		['/api/openapi.json', 200],
		['/api/session', 401],
		[C, 401],
		['/', 200],
		['/socket.io/?EIO=4&transport=polling', 400],
		['/ws', 426],
	])
		assert.equal(
			(await stack.anyone.get(target)).status,
			status,
			target,
		);
	const { id, customer, seller } = await meet(stack);
	for (const dialect of Object.keys(dialects)) {
		const [from, to] = [
			await open(customer, dialect),
			await open(seller, dialect),
		];
		t.after(() => [from, to].forEach((tab) => tab.close()));
		const one = message('hello');
		await succeed(from, 'conversation:message', {
			conversationId: id,
			message: one,
		});
		await to.next(
			'conversation:new-message',
			(data) => data.message.id === one.id,
		);
	}
	const chat = raw(stack, '/chat', { origin: stack.url });
	t.after(() => chat.close());
	await chat.opened;
});

test('58: the counters of the live path are in the metrics', async (t) => {
	const { customer } = await meet(stack);
	const tab = await open(customer);
	t.after(() => tab.close());
	const text = await until('its counters, each second', async () => {
		const reply = await stack.anyone.get('/api/metrics');
		return /live_bound [1-9]/.test(reply.text) && reply.text;
	});
	for (const name of [
		'parley_live_up',
		'parley_live_connections',
		'parley_live_events_total',
		'parley_live_deliveries_total',
		'parley_live_dropped_total',
		'parley_live_resyncs_total',
		'parley_live_queue_bytes_max',
		'parley_live_delivery_seconds_bucket',
	])
		assert.match(text, new RegExp(`^${name}[{ ]`, 'm'), name);
});

test('59: idle time-outs of the proxy exceed the ping interval', () => {
	const conf = path.join(stack.run, 'conf');
	const text = fs
		.readdirSync(conf)
		.map((name) => fs.readFileSync(path.join(conf, name), 'utf8'))
		.join('\n');
	const [, seconds] = text.match(/proxy_read_timeout (\d+)s;/);
	assert.ok(Number(seconds) > 75, 'silence of 75 s is ours to end');
});

/** Every file below the folder that a program writes as a log. */
function logs(folder) {
	return fs
		.readdirSync(folder, { recursive: true, withFileTypes: true })
		.filter((entry) => entry.isFile() && /log/.test(entry.name))
		.map((entry) => path.join(entry.path, entry.name));
}

test('59: no log holds a token, or an address out of a query', async (t) => {
	const { id, customer } = await meet(stack);
	const bearer = { authorization: `Bearer ${customer.token}` };
	const query = `token=${customer.token}&userEmail=${customer.email}`;
	for (const target of [
		`/ws?${query}`,
		`${SOCKET_IO}&${query}`,
		`/chat?${query}`,
	]) {
		for (const headers of [bearer, {}]) {
			const socket = raw(stack, target, headers);
			t.after(() => socket.close());
			await socket.opened;
			socket.send(
				`{"event":"auth","data":{"token":"${customer.token}x"}}`,
			);
			socket.send(`{"email":"${customer.email}"`);
		}
		await stack.anyone.get(target);
	}
	await raw(stack, `/wsx?${query}`).refusal;
	ok(await customer.get(C + of(null, { customerId: customer.email })));
	ok(await customer.get(C + of(id)));
	const secrets = [
		customer.token,
		customer.email,
		encodeURIComponent(customer.email),
	];
	const files = logs(path.join(stack.run, 'log'));
	assert.ok(files.length >= 3, files.join());
	for (const file of files) {
		const text = fs.readFileSync(file, 'utf8');
		for (const secret of secrets)
			assert.ok(!text.includes(secret), file);
	}
});
