/*
 * Hostile clients of the live socket, before they say anything: forged headers,
 * endless texts, half-closed connections, a thousand who stay silent.
 */
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { crowd, pause, start, until } from './harness.js';
import { environment, resident } from './processes.js';
import { everything, meet, ok, say } from './talk.js';
import { frame, greeted, wire } from './wire.js';

const CONTINUATION = 0;
const MiB = 1024 * 1024;

let stack;
let pair;
let witness;
let pids;
const programs = ['hub', 'api', 'live', 'nginx', 'mongod'];
before(async () => {
	stack = await start({
		env: { PARLEY_RELAY_ARGS: '--proof-ms=5000' },
	});
	pair = await meet(stack, { said: 1 });
	witness = await greeted(stack, pair.customer);
	pids = programs.map((name) => stack.pid(name));
});
after(() => stack.stop());

/* After each of them the others are served, by the same programs. */
afterEach(async () => {
	const stored = ok(await say(pair.seller, pair.id, 'still here'));
	await witness.next(
		'the witness hears it',
		(e) => e.data?.message?.seq === stored.seq,
		1000,
	);
	assert.deepEqual(
		programs.map((name) => stack.pid(name)),
		pids,
	);
});

test('a text whose end never comes is ended all the same', async () => {
	const client = await wire(stack);
	const part = frame('x'.repeat(65536), {
		opcode: CONTINUATION,
		fin: false,
	});
	client.send('x', { fin: false });
	const live = resident(stack.pid('live'));
	let sent = 0;
	while (!client.closed) {
		client.write(part);
		sent += part.length;
		await pause(50);
	}
	assert.ok(sent < 20 * MiB);
	assert.ok(resident(stack.pid('live')) - live < 200 * 1024);
});

test('who closes only his sending half loses nothing', async () => {
	const { id, customer } = await meet(stack);
	const client = await wire(stack, { token: customer.token });
	client.emit('conversation:message', {
		conversationId: id,
		message: { id: 'half', text: 'half' },
	});
	client.socket.end();
	await until(
		'it is stored',
		async () => (await everything(customer, id)).length === 1,
	);
	await client.ended();
});

/* Headers of an upgrade, and what may come of them. */
const token = () => pair.seller.token;
const forged = [
	['a forged address', () => ({ 'x-real-ip': '6.6.6.6' }), 'hello'],
	[
		'two forged addresses',
		() => ({ 'x-real-ip': '6.6.6.6\r\nX-Real-IP: 7.7.7.7' }),
		'hello',
	],
	[
		'our own parameters',
		() => ({
			'live-connection': 'f'.repeat(32),
			LIVE_CONNECTION: 'f'.repeat(32),
			REQUEST_ID: 'x',
		}),
		'hello',
	],
	[
		'a cookie with controls',
		() => ({
			authorization: undefined,
			cookie: 'parley_token=a\x01\x7f\tb',
		}),
		400,
	],
	[
		'a cookie of 8 bits',
		() => ({
			authorization: undefined,
			cookie: 'parley_token=\xff\xfe',
		}),
		'auth_failed',
	],
	[
		'a cookie of 7 KB',
		() => ({
			authorization: undefined,
			cookie: `parley_token=${'x'.repeat(7000)}`,
		}),
		'auth_failed',
	],
	[
		'a bearer of 7 KB',
		() => ({
			authorization: `Bearer ${'x'.repeat(7000)}`,
		}),
		'auth_failed',
	],
	[
		"a cookie of nobody else's origin",
		() => ({
			authorization: undefined,
			cookie: `parley_token=${token()}`,
			origin: 'http://evil.example',
		}),
		'auth_failed',
	],
	[
		'a long user agent',
		() => ({ 'user-agent': 'x'.repeat(7000) }),
		'hello',
	],
	[
		'shell words',
		() => ({ 'user-agent': '() { :;}; touch /tmp/x; `x` $(x)' }),
		'hello',
	],
];

for (const [what, headers, outcome] of forged)
	test(`${what} in the upgrade: ${outcome}`, async () => {
		const client = await wire(stack, {
			token: token(),
			headers: headers(),
		});
		assert.equal(client.status, outcome === 400 ? 400 : 101);
		if (outcome === 'hello')
			await client.next('hello', (e) => e.event === 'hello');
		else if (outcome !== 400)
			assert.equal(await client.ended(), outcome);
		client.destroy();
	});

test('no relay believes the address that a client claims', async () => {
	const client = await greeted(stack, pair.seller, {
		headers: {
			'x-real-ip': '6.6.6.6',
			'x-forwarded-for': '6.6.6.6',
		},
	});
	for (const pid of stack.relays())
		assert.doesNotMatch(
			environment(pid),
			/HTTP_X_REAL_IP=(?!127\.0\.0\.1\0)/,
		);
	client.destroy();
});

test('1,000 silent sockets: others are served, and they go', async (t) => {
	const before = Object.fromEntries(
		programs.map((name) => [name, resident(stack.pid(name))]),
	);
	const silent = [];
	for (let i = 0; i < 20; i++)
		silent.push(...(await crowd(50, () => wire(stack))));
	const open = silent.filter((one) => one.status === 101);
	const began = Date.now();
	ok(await say(pair.seller, pair.id, 'meanwhile'));
	assert.ok(Date.now() - began < 1000);
	for (const one of open) assert.equal(await one.ended(), 'auth_failed');
	t.diagnostic(`${open.length} of 1,000 were upgraded`);
	for (const name of programs)
		t.diagnostic(
			`${name}: ${resident(stack.pid(name)) - before[name]} KiB`,
		);
	for (const one of silent) one.destroy();
});
