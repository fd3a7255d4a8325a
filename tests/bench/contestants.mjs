/*
 * contestants.mjs: who is measured: Parley as nginx/run starts it, and forms
 * of the baseline, each with its own database on Parley's mongod.
 *
 * Knows how they are started; leaves what is asked of them to others.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort, start, until } from '../system/harness.js';
import { children, cpu_us, pss_kib } from './probe.mjs';
import { seed } from './seed.mjs';

/* Limits are for one person; a load of thousands comes from one address. */
const roomy = {
	PARLEY_RATE_MESSAGES: '1000000',
	PARLEY_RATE_BURST: '1000000',
	PARLEY_CHAT_RATE_MESSAGES: '1000000',
	PARLEY_CHAT_RATE_BURST: '1000000',
	PARLEY_CHAT_RATE_SESSIONS: '1000000',
	PARLEY_NGINX_RATE: '1000000',
	PARLEY_NGINX_BURST: '100000',
	PARLEY_NGINX_CONNECTIONS: '10000',
	PARLEY_LIVE_CONNECTIONS: '10000',
	PARLEY_HUB_ARGS: '--account-connections=10000',
	PARLEY_RELAY_ARGS: '--events-per-second=10000 --events-burst=10000 ' +
		'--joins-burst=10000',
	MONGOD_ARGS: undefined,
};

const forms = {
	save: {},
	atomic: { LEAN: '1', ATOMIC: '1' },
	saveJ: { J: '1' },
	atomicJ: { LEAN: '1', ATOMIC: '1', J: '1' },
};

const baseline = fileURLToPath(new URL('baseline.mjs', import.meta.url));

/** A server that answers on a port, and the processes that it is made of. */
class Contestant {
	/** @param {Object<string, number[]>} pids by what they are */
	constructor(name, port, database, pids) {
		Object.assign(this, { name, port, database, pids });
		this.front = port; /* its port on nginx */
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

const startParley = (stack) => new Contestant('ours', stack.port, 'parley', {
	mongod: [stack.pid('mongod')],
	server: [stack.pid('api')],
	nginx: children(stack.pid('nginx')),
});

async function startBaseline(stack, name) {
	const port = await freePort();
	const child = spawn(process.execPath, [baseline], {
		env: {
			...process.env, ...forms[name],
			NODE_ENV: 'production',
			PORT: String(port),
			URI: databaseUri(stack, name),
		},
		stdio: ['ignore', 'pipe', 'inherit'],
	});
	const kill = () => child.kill();
	process.on('exit', kill);
	await new Promise((up, fail) => {
		child.stdout.once('data', up);
		child.once('exit', () => fail(new Error(`${name} ended`)));
	});
	const one = new Contestant(name, port, name, {
		mongod: [stack.pid('mongod')],
		server: [child.pid],
		nginx: [],
	});
	one.stop = kill;
	return one;
}

const databaseUri = (stack, name) =>
	stack.mongoUri.replace(/parley$/, name);

/*
 * Let Parley's nginx serve the baseline too, on a port of its own.  The
 * workers before that would take their connections with them.
 */
async function putBehindNginx(stack, contestant) {
	const file = `${stack.run}/conf/run.conf`;
	const before = children(stack.pid('nginx'));
	const port = await freePort();
	const server = `
	server {
		listen 127.0.0.1:${port};
		location / {
			proxy_pass http://127.0.0.1:${contestant.port};
			proxy_http_version 1.1;
			proxy_set_header Upgrade $http_upgrade;
			proxy_set_header Connection upgrade;
			proxy_buffering off;
			access_log off;
		}
	}
}`;
	fs.writeFileSync(file, fs.readFileSync(file, 'utf8')
		.replace(/\n}\s*$/, server));
	process.kill(stack.pid('nginx'), 'SIGHUP');
	await until('nginx has new workers', () =>
		children(stack.pid('nginx')).every((pid) =>
			!before.includes(pid)));
	contestant.front = port;
}

/*
 * From its start Parley ends every read with a write to the journal, until
 * no statement of a process before it can be under way any more: for 20 s.
 * Then its lists can be answered by 304.
 */
export async function certain(stack) {
	const someone = await stack.as();
	const list = (headers) => someone.get('/api/conversations', { headers });
	await until('Parley is sure of what is durable', async () => {
		const { etag } = (await list({})).headers;
		return etag &&
			(await list({ 'if-none-match': etag })).status === 304;
	}, 60000, 500);
}

/**
 * Start Parley and all forms of the baseline on the same documents.
 * @returns {Promise<{stack: object, all: Object<string, Contestant>,
 *	stop: () => Promise<void>}>}
 */
export async function startAll() {
	const stack = await start({ env: roomy });
	await seed(databaseUri(stack, 'seed'),
		['parley', ...Object.keys(forms)]);
	await stack.restart('api', 'SIGTERM'); /* it upgrades its copy */

	const all = { ours: startParley(stack) };
	for (const name of Object.keys(forms))
		all[name] = await startBaseline(stack, name);
	await certain(stack);
	const stop = () => {
		Object.values(all).forEach((one) => one.stop?.());
		return stack.stop();
	};
	return { stack, all, stop };
}

/**
 * Start Parley and the baseline's save form, both empty, and both behind
 * Parley's nginx.
 * @returns {Promise<{stack: object, ours: Contestant, save: Contestant,
 *	stop: () => Promise<void>}>}
 */
export async function startLive() {
	const stack = await start({ env: roomy });
	const save = await startBaseline(stack, 'save');
	await putBehindNginx(stack, save);
	const stop = () => {
		save.stop();
		return stack.stop();
	};
	return { stack, ours: startParley(stack), save, stop };
}
