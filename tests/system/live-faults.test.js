/*
 * Restarts under load, clients that leave at once, readers that never read:
 * each costs nobody else anything, and loses nothing.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { crowd, isAlive, pause, start, until } from './harness.js';
import { children, resident, sanitized } from './processes.js';
import { everything, isWhole, meet, message, ok, put } from './talk.js';
import { Talker, allLeave, converged, pairs } from './traffic.js';
import { connected, greeted, wire } from './wire.js';

const STALL_MS = 2000;
/** 16 KB of UTF-8 each; the kernel's buffers take some 3 MB of them. */
const MESSAGES = 600;
const LONG = '\u{1F697}'.repeat(4000);

let stack;
before(async () => {
	stack = await start({
		env: { PARLEY_RELAY_ARGS: `--stall-ms=${STALL_MS}` },
	});
});
after(async () => {
	await allLeave();
	await stack.stop();
});

/** Pairs that talk while something is done; all must converge. */
async function under(load, done) {
	const all = await pairs(stack, load);
	const talkers = all.flatMap((pair) => pair.talkers);
	for (const one of talkers) one.talk();
	await done(talkers);
	const said = talkers.map((one) => one.said.length);
	await until('everybody goes on', () =>
		talkers.every((one, i) => one.up && one.said.length > said[i]),
	);
	await Promise.all(talkers.map((one) => one.hush()));
	for (const pair of all) await converged(pair);
	await Promise.all(talkers.map((one) => one.end()));
}

for (const name of ['hub', 'api', 'live', 'mongod', 'nginx'])
	test(`sv restart ${name} under load loses nothing`, () =>
		under(2, async () => {
			const pid = stack.pid(name);
			await stack.sv('restart', name);
			await stack.replaced(name, pid);
		}));

test('nginx -s reload under load loses nothing', () =>
	under(2, async (talkers) => {
		const losses = talkers.map((one) => one.losses);
		const workers = children(stack.pid('nginx'));
		await until(
			'new workers', // nginx forgets a signal while it starts
			() => {
				const master = stack.kill('nginx', 'SIGHUP');
				return children(master).some(
					(pid) => !workers.includes(pid),
				);
			},
			15000,
			500,
		);
		await until('the old workers have ended', () =>
			talkers.every((one, i) => one.losses > losses[i]),
		);
	}));

for (const name of ['hub', 'api'])
	test(`a new ${name} ends no connection, and all are told to pull`, () =>
		under(2, async (talkers) => {
			await stack.restart(name);
			await until('everybody has a resync', () =>
				talkers.every((one) => one.resyncs > 0),
			);
			for (const one of talkers) {
				assert.equal(one.losses, 0);
				assert.deepEqual(one.codes, []);
			}
		}));

/** Send natively as soon as the upgrade is answered, leave 100 ms later. */
async function dropIn(who, data) {
	const client = await wire(stack, { token: who.token });
	client.emit('conversation:message', data);
	await pause(100);
	client.destroy();
}

/** The same by Socket.IO, which must be greeted before. */
async function dropOut(client, data) {
	client.send(`42${JSON.stringify(['conversation:message', data])}`);
	await pause(100);
	client.destroy();
}

for (const [what, stopped_ms] of [
	['', 0],
	[', also while the api stands still for 2 s', 2000],
])
	test(`26: 50 that send once and leave lose nothing${what}`, async () => {
		const { id, customer, seller } = await meet(stack);
		const listener = new Talker(stack, seller, id, 'native');
		await until('the listener is there', () => listener.up);
		const open = await crowd(25, () => connected(stack, customer));
		const sent = Array.from({ length: 50 }, (_, i) => ({
			conversationId: id,
			message: message(`m${i}`),
		}));
		if (stopped_ms) stack.kill('api', 'SIGSTOP');
		const all = crowd(5, async (i) => {
			for (let n = i; n < 25; n += 5) {
				await dropIn(customer, sent[n]);
				await dropOut(open[n], sent[25 + n]);
			}
		});
		if (stopped_ms) {
			await pause(stopped_ms);
			stack.kill('api', 'SIGCONT');
		}
		await all;
		await until(
			'all 50 are pushed',
			() => listener.pushed.size === 50,
		);
		isWhole(await everything(seller, id), 50);
		assert.deepEqual(
			new Set(listener.shown.values()),
			new Set(sent.map((one) => one.message.id)),
		);
		await listener.end();
	});

test('30: readers that stop reading cost nobody else anything', async (t) => {
	const { id, customer, seller } = await meet(stack);
	const others = stack.relays();
	const stalled = await crowd(10, () => greeted(stack, seller));
	for (const one of stalled) one.socket.pause();
	const relays = stack.relays().filter((pid) => !others.includes(pid));
	const living = () => relays.filter(isAlive);
	const listener = new Talker(stack, seller, id, 'socketio');
	await until('the listener is there', () => listener.up);
	const hub = resident(stack.pid('hub'));
	let slowest = 0;
	let most = 0;
	await crowd(4, async () => {
		for (let n = 0; n < MESSAGES / 4; n++) {
			const reply = await put(customer, id, message(LONG));
			const at = Date.now();
			const { seq } = ok(reply) && reply.body.message;
			await until(
				'it is heard',
				() => listener.pushed.has(seq),
				5000,
				2,
			);
			slowest = Math.max(slowest, Date.now() - at);
			if (n % 10 === 0)
				most = Math.max(
					most,
					...living().map(resident),
				);
		}
	});
	t.diagnostic(
		`${listener.pushed.size} messages, the slowest in ${slowest} ms; ` +
			`the largest relay had ${most} KiB, the hub grew by ` +
			`${resident(stack.pid('hub')) - hub} KiB`,
	);
	assert.ok(slowest < 1000);
	if (!sanitized) {
		assert.ok(most < 1024);
		assert.ok(resident(stack.pid('hub')) - hub < 10 * 512);
	}
	await until(
		'the relays of the stalled have ended',
		() => living().length === 0,
		40000,
	);
	for (const one of stalled) one.destroy();
	await listener.end();
});
