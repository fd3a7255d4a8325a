/*
 * contestants.mjs: who is measured: Parley as nginx/run starts it, and four
 * forms of the baseline, each with its own database on Parley's mongod.
 *
 * Knows their processes; leaves what is asked of them to requests.mjs.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort, start, until } from '../system/harness.js';
import { seed } from './seed.mjs';

/* Limits are for one person; a load of hundreds comes from one address. */
const roomy = {
	PARLEY_RATE_MESSAGES: '1000000',
	PARLEY_RATE_BURST: '1000000',
	PARLEY_NGINX_RATE: '1000000',
	PARLEY_NGINX_BURST: '100000',
	MONGOD_ARGS: undefined,
};

const forms = {
	save: {},
	atomic: { LEAN: '1', ATOMIC: '1' },
	saveJ: { J: '1' },
	atomicJ: { LEAN: '1', ATOMIC: '1', J: '1' },
};

const baseline = fileURLToPath(new URL('baseline.mjs', import.meta.url));
const ticks_us = 10000; /* of /proc/PID/stat: USER_HZ is 100 on Linux */

/** CPU time of a process so far, all its threads, in µs. */
function cpu_us(pid) {
	const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
	const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
	return (Number(fields[11]) + Number(fields[12])) * ticks_us;
}

/** Its memory, shared pages by their share, in KiB. */
function pss_kib(pid) {
	const rollup = fs.readFileSync(`/proc/${pid}/smaps_rollup`, 'latin1');
	return Number(/^Pss: *(\d+)/m.exec(rollup)[1]);
}

const children = (pid) =>
	fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1')
		.split(' ').filter(Boolean).map(Number);

/** A server that answers on a port, and the processes that it is made of. */
class Contestant {
	/** @param {Object<string, number[]>} pids by what they are */
	constructor(name, port, database, pids) {
		Object.assign(this, { name, port, database, pids });
	}

	/** CPU time so far, {mongod: µs, ...}. */
	cpu() {
		return Object.fromEntries(Object.entries(this.pids).map(
			([what, pids]) => [what,
				pids.map(cpu_us).reduce((a, b) => a + b, 0)]));
	}

	/** Memory of the program in KiB. */
	memory() {
		return pss_kib(this.pids.server[0]);
	}
}

async function startBaseline(stack, name, knobs) {
	const port = await freePort();
	const child = spawn(process.execPath, [baseline], {
		env: {
			...process.env, ...knobs,
			NODE_ENV: 'production',
			PORT: String(port),
			URI: databaseUri(stack, name),
		},
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	process.on('exit', () => child.kill());
	await new Promise((up, fail) => {
		child.stdout.once('data', up);
		child.once('exit', () => fail(new Error(`${name} ended`)));
	});
	return new Contestant(name, port, name, {
		mongod: [stack.pid('mongod')],
		server: [child.pid],
		nginx: [],
	});
}

const databaseUri = (stack, name) =>
	stack.mongoUri.replace(/parley$/, name);

/*
 * From its start Parley ends every read with a write to the journal, until
 * no statement of a process before it can be under way any more: for 20 s.
 * Then its lists can be answered by 304.
 */
async function certain(stack) {
	const someone = await stack.as();
	const list = (headers) => someone.get('/api/conversations', { headers });
	await until('Parley is sure of what is durable', async () => {
		const { etag } = (await list({})).headers;
		return etag &&
			(await list({ 'if-none-match': etag })).status === 304;
	}, 60000, 500);
}

/**
 * Start all of them on the same documents.
 * @returns {Promise<{stack: object, all: Object<string, Contestant>}>}
 */
export async function startAll() {
	const stack = await start({ env: roomy });
	await seed(databaseUri(stack, 'seed'),
		['parley', ...Object.keys(forms)]);
	await stack.restart('api', 'SIGTERM'); /* it upgrades its copy */

	const all = {
		ours: new Contestant('ours', stack.port, 'parley', {
			mongod: [stack.pid('mongod')],
			server: [stack.pid('api')],
			nginx: children(stack.pid('nginx')),
		}),
	};
	for (const [name, knobs] of Object.entries(forms))
		all[name] = await startBaseline(stack, name, knobs);
	await certain(stack);
	return { stack, all };
}
