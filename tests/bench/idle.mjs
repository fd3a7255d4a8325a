/*
 * idle.mjs: what connections cost that do nothing: a table of parts, each on
 * a Parley of its own, since what was once used is never given back whole.
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { binary, pause, until } from '../system/harness.js';
import { startLive } from './contestants.mjs';
import {
	children, commandLine, private_kib, run_us, used_kib,
} from './probe.mjs';
import { sitAround } from './talk.mjs';
import { median, short } from './tables.mjs';

const STEPS = [100, 1000, 3000];
const MOST = STEPS.at(-1);
const WATCH_S = Number(process.env.WATCH ?? 60);

/** Do something with a fresh Parley and baseline. */
async function afresh(use) {
	const world = await startLive();
	try {
		return await use(world);
	} finally {
		await world.stop();
	}
}

/* Memory that has stopped to change. */
async function settled() {
	let last = used_kib();
	await until('memory settles', () => {
		const before = last;
		last = used_kib();
		return Math.abs(last - before) < 256;
	}, 20000, 1000).catch(() => {});
	return last;
}

/** KiB of the whole machine for each connection, at each step. */
async function memory(stack, contestant) {
	const swarms = [];
	const costs = [];
	const empty = await settled();
	for (const [i, count] of STEPS.entries()) {
		swarms.push(await sitAround(stack, contestant.front,
			count - (STEPS[i - 1] ?? 0)));
		costs.push((await settled() - empty) / count);
	}
	const relay = median(stack.relays().map(private_kib));
	for (const swarm of swarms)
		await swarm.end();
	return { costs, relay };
}

async function measureMemory() {
	const save = await afresh(({ stack, save }) => memory(stack, save));
	const ours = await afresh(({ stack, ours }) => memory(stack, ours));
	return [
		...STEPS.map((count, i) => [
			`whole machine, ${short(count)} connections, KiB each`,
			short(save.costs[i]), short(ours.costs[i]), '≤ 190']),
		['private memory of a relay, KiB', '', short(ours.relay),
			'≤ 16'],
	];
}

/* As websocketd starts it, which shows in one that runs. */
const measureStartup = () => afresh(async ({ stack, ours }) => {
	const swarm = await sitAround(stack, ours.port, 1);
	const command = commandLine(stack.relays()[0]);
	await swarm.end();
	const seen = JSON.parse(execFileSync(
		path.join(path.dirname(binary), 'tests/bench/startup'),
		['500', ...command],
		{ env: { PATH_INFO: '/socket.io/' }, encoding: 'utf8' }));
	return [['start of a relay to its first line, p50, µs', '',
		short(seen.p50), '≤ 400']];
});

const measureIdle = () => afresh(async ({ stack, ours, save }) => {
	const swarms = [
		await sitAround(stack, ours.port, MOST),
		await sitAround(stack, save.port, MOST),
	];
	const pids = {
		programs: [stack.pid('hub'), stack.pid('api'),
			...stack.relays()],
		websocketd: [stack.pid('live')],
		nginx: children(stack.pid('nginx')),
		baseline: save.pids.server,
	};
	const now = () => Object.fromEntries(Object.entries(pids)
		.map(([what, list]) => [what, run_us(list)]));

	await pause(10000);
	const before = now();
	await pause(WATCH_S * 1000);
	const after = now();
	for (const swarm of swarms)
		await swarm.end();
	const percent = (what) =>
		short((after[what] - before[what]) / WATCH_S / 1e4);
	const title = `${short(MOST)} idle connections, % of a core`;
	return [
		[`${title}: hub, api, relays`, percent('baseline'),
			percent('programs'), '≤ 1'],
		[`${title}: websocketd`, '', percent('websocketd'), ''],
		[`${title}: nginx`, '', percent('nginx'), ''],
	];
});

/** What can be measured; each gives rows of the table. */
export const atRest = {
	memory: measureMemory,
	startup: measureStartup,
	idle: measureIdle,
};
