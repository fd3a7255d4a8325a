/*
 * bench.mjs: which parts are measured, how often, and what it was measured on.
 *
 *	tests/bench/run [PART...]
 *
 * Parley and the baseline take turns.  A ratio is taken within a round, so
 * what disturbs the machine disturbs both.
 */
import os from 'node:os';
import { certain, startLive } from './contestants.mjs';
import { atRest } from './idle.mjs';
import { parts } from './live.mjs';
import { benchRest } from './rest.mjs';
import { print, printRatios } from './tables.mjs';

const rounds = Number(process.env.ROUNDS ?? 5);
const all = ['http', ...Object.keys(parts), ...Object.keys(atRest)];
const wanted = process.argv.length > 2 ? process.argv.slice(2) : all;

/** The parts about messages under way, in one table. */
async function benchLive(names) {
	const world = await startLive();
	const results = Array.from({ length: rounds }, () => ({}));
	try {
		await certain(world.stack);
		for (const name of names) {
			for (const [round, seen] of results.entries()) {
				console.error(`${name}, round ${round + 1}`);
				await parts[name].round(world, round, seen);
			}
			await parts[name].end?.();
		}
		printRatios(results,
			names.flatMap((name) => parts[name].figures));
	} finally {
		await world.stop();
	}
}

/** What connections cost that do nothing, in one table. */
async function benchAtRest(names) {
	const rows = [];
	for (const name of names) {
		console.error(name);
		rows.push(...await atRest[name]());
	}
	print(['at rest', 'baseline', 'Parley', 'aim'], rows);
}

const unknown = wanted.find((name) => !all.includes(name));
if (unknown) {
	console.error(`no such part: ${unknown}; there are ${all.join(', ')}`);
	process.exit(2);
}
const live = wanted.filter((name) => name in parts);
const resting = wanted.filter((name) => name in atRest);
console.log(`${os.cpus().length} cores, node ${process.version}; ` +
	`medians of ${rounds} rounds`);
if (wanted.includes('http'))
	await benchRest(rounds);
if (live.length > 0)
	await benchLive(live);
if (resting.length > 0)
	await benchAtRest(resting);
process.exit();
