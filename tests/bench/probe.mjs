/*
 * probe.mjs: what processes and the machine cost, as /proc tells it.
 */
import fs from 'node:fs';

const ticks_us = 10000; /* of /proc/PID/stat: USER_HZ is 100 on Linux */

const read = (file) => fs.readFileSync(file, 'latin1');
const sum = (values) => values.reduce((a, b) => a + b, 0);
const threads = (pid) => fs.readdirSync(`/proc/${pid}/task`);

/** CPU time of a process so far, all its threads, in µs. */
export function cpu_us(pid) {
	const stat = read(`/proc/${pid}/stat`);
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) * ticks_us;
}

/** The same of thousands that each run for less than a tick. */
export const run_us = (pids) => sum(pids.map((pid) =>
	sum(threads(pid).map((thread) => Number(
		read(`/proc/${pid}/task/${thread}/schedstat`)
			.split(' ')[0]) / 1000))));

/** How often a process has gone to sleep: one more than it was woken. */
export const sleeps = (pid) => Number(/^voluntary_ctxt_switches:\s*(\d+)/m
	.exec(read(`/proc/${pid}/status`))[1]);

const rollup_kib = (pid, kind) => sum([...read(`/proc/${pid}/smaps_rollup`)
	.matchAll(new RegExp(`^${kind}: *(\\d+)`, 'gm'))]
	.map(([, n]) => Number(n)));

/** Its memory, shared pages by their share, in KiB. */
export const pss_kib = (pid) => rollup_kib(pid, 'Pss');

/** Its memory that nobody shares, in KiB. */
export const private_kib = (pid) => rollup_kib(pid, 'Private_[A-Za-z]+');

/** Memory of the whole machine in use, the kernel's too, files' not; KiB. */
export function used_kib() {
	const lines = read('/proc/meminfo').matchAll(/^(\w+): *(\d+)/gm);
	const of = Object.fromEntries([...lines].map(([, name, kib]) =>
		[name, Number(kib)]));
	return of.MemTotal - of.MemFree - of.Buffers - of.Cached + of.Shmem;
}

/** Processes that any thread of this one has started. */
export const children = (pid) => threads(pid).flatMap((thread) =>
	read(`/proc/${pid}/task/${thread}/children`)
		.split(' ').filter(Boolean).map(Number));

/** The command line of a process. */
export const commandLine = (pid) =>
	read(`/proc/${pid}/cmdline`).split('\0').slice(0, -1);
