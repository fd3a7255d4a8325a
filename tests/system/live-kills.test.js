/*
 * Each program of the live path killed, and stopped for 5 s, while pairs talk
 * over both dialects: who is not concerned notices nothing, all of it is back
 * in time, and all that was acknowledged is stored once and shown to both.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { pause, start, until } from './harness.js';
import { children } from './processes.js';
import { allLeave, converged, pairs } from './traffic.js';

const PAIRS = 4;
const STOPPED_MS = 5000;
const SERVED_WITHIN_MS = 5000;
const UNDISTURBED_MS = 1000;

let stack;
let all;
before(async () => {
	stack = await start();
	all = await pairs(stack, PAIRS);
	for (const talker of talkers()) talker.talk();
});
after(async () => {
	await allLeave();
	await stack.stop();
});

const talkers = () => all.flatMap((pair) => pair.talkers);
const losses = () => talkers().map((one) => one.losses);

/** Wait until everybody was acknowledged and heard after this moment. */
async function flowing(since, within) {
	for (const pair of all)
		await until(
			'a message goes through, both ways',
			() =>
				pair.talkers.every((one, i) => {
					const other = pair.talkers[1 - i];
					return one.said.some(
						({ at, seq }) =>
							at >= since &&
							other.pushed.has(seq),
					);
				}),
			within,
			5,
		);
	return Date.now() - since;
}

/** Everything is well before the next blow. */
const calm = () => flowing(Date.now(), 10000);

/** The longest that anybody of these waited for an acknowledgement. */
const longest = (some, since) =>
	Math.max(
		...some.flatMap((one) =>
			one.said
				.filter(({ at, ms }) => at + ms >= since)
				.map(({ ms }) => ms),
		),
	);

/** Wait until mongod, whose start is its own, takes connections again. */
const accepting = () =>
	until('mongod answers', () =>
		stack.db.command({ ping: 1 }).catch(() => null),
	);

/*
 * loses: who may lose his socket by a kill.  quick: acknowledgements go on as
 * if nothing had happened, but for him who is hit.
 */
const victims = [
	{ name: 'hub', loses: 0, quick: true },
	{ name: 'api', loses: 0 },
	{ name: 'mongod', loses: 0 },
	{ name: 'relay', loses: 1, quick: true },
	{ name: 'live', loses: Infinity },
	{ name: 'worker', loses: Infinity },
	{ name: 'nginx', loses: Infinity, dies: true },
];

/** The pid that the name stands for. */
function pidOf(name) {
	if (name === 'relay') return stack.relays()[0] ?? 0;
	if (name === 'worker') return children(stack.pid('nginx'))[0] ?? 0;
	return stack.pid(name);
}

/** Everybody but him who waited longest: he was the one who was hit. */
const others = (since) =>
	talkers()
		.sort((a, b) => longest([a], since) - longest([b], since))
		.slice(0, -1);

for (const { name, loses, quick } of victims)
	test(`${name} killed: all are served again within 5 s`, async (t) => {
		await calm();
		const before = losses();
		const since = Date.now();
		const pid = pidOf(name);
		process.kill(pid, 'SIGKILL');
		await until(
			`another ${name}`,
			() => ![0, pid].includes(pidOf(name)),
		);
		if (name === 'mongod') await accepting();
		const ms = await flowing(since, SERVED_WITHIN_MS);
		const lost = losses().filter((n, i) => n > before[i]).length;
		const waited = longest(others(since), since);
		t.diagnostic(
			`served after ${ms} ms; ${lost} lost their sockets; ` +
				`the others waited ${waited} ms at most`,
		);
		assert.ok(lost <= loses, `${lost} lost their sockets`);
		if (quick) assert.ok(waited < UNDISTURBED_MS, 'disturbed');
	});

for (const { name, quick, dies } of victims)
	test(`${name} stopped for 5 s: nobody loses anything`, async (t) => {
		if (dies) return t.skip('a stopped master serves on');
		await calm();
		const before = losses();
		const since = Date.now();
		const pid = pidOf(name);
		process.kill(pid, 'SIGSTOP');
		await pause(STOPPED_MS);
		process.kill(pid, 'SIGCONT');
		const ms = await flowing(Date.now(), SERVED_WITHIN_MS);
		const waited = longest(others(since), since);
		t.diagnostic(
			`served after ${ms} ms; ` +
				`the others waited ${waited} ms at most`,
		);
		assert.deepEqual(losses(), before, 'a socket was lost');
		if (quick) assert.ok(waited < UNDISTURBED_MS, 'disturbed');
	});

test('what was acknowledged is stored once, and shown to both', async (t) => {
	await Promise.all(talkers().map((one) => one.hush()));
	for (const pair of all)
		t.diagnostic(`${await converged(pair)} messages`);
});
