/*
 * harness.js: one running Parley for a test file, and accounts that talk to it.
 *
 * start() runs nginx/run with a run folder and a port of its own, as a user
 * would, and gives a Stack.  Everything is tested from outside, through nginx;
 * a Stack also reaches behind it: the processes, by their pids, and MongoDB.
 * Leaves conversations to talk.js.
 */
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { MongoClient } from 'mongodb';
import { Client, fresh, until } from './client.js';

export { crowd, fresh, pause, until } from './client.js';

export const root = path.resolve(fileURLToPath(import.meta.url), '../../..');
const build = path.resolve(root, process.env.O ?? 'build');
export const binary = path.join(build, 'api');
const relay = path.join(build, 'relay');

/* The limits of real life are tested where a test sets them itself. */
const roomy = {
	PARLEY_RATE_MESSAGES: '100000',
	PARLEY_RATE_BURST: '100000',
	PARLEY_CHAT_RATE_MESSAGES: '100000',
	PARLEY_CHAT_RATE_BURST: '100000',
	PARLEY_CHAT_RATE_SESSIONS: '100000',
	PARLEY_NGINX_RATE: '100000',
	PARLEY_NGINX_BURST: '10000',
	PARLEY_NGINX_CONNECTIONS: '10000',
	MONGOD_ARGS: '--setParameter enableTestCommands=1',
};

const READY_WITHIN_MS = 60000;
const STOPPED_WITHIN_MS = 20000;

/** A port below the range that the kernel gives to clients. */
export async function freePort() {
	for (;;) {
		const port = 20000 + Math.floor(Math.random() * 12000);
		const server = net.createServer();
		const free = await new Promise((tell) => {
			server.once('error', () => tell(false));
			server.listen(port, '127.0.0.1', () => tell(true));
		});
		await new Promise((done) => server.close(done));
		if (free) return port;
	}
}

/** The arguments of a process, each ended by NUL; of a zombie none. */
function commandOf(pid) {
	try {
		return fs.readFileSync(`/proc/${pid}/cmdline`, 'latin1');
	} catch {
		return '';
	}
}

/** What /proc says of a process: {state, group}; of none null. */
function statOf(pid) {
	try {
		const stat = fs.readFileSync(`/proc/${pid}/stat`, 'latin1');
		const [, state, group] = stat.match(/\) (.) \d+ (\d+) /);
		return { state, group: Number(group) };
	} catch {
		return null;
	}
}

/** Is there such a process (a zombie is none)? */
export function isAlive(pid) {
	const stat = statOf(pid);
	return stat !== null && !'ZX'.includes(stat.state);
}

const pids = () =>
	fs
		.readdirSync('/proc')
		.filter((name) => /^\d+$/.test(name))
		.map(Number);

/** Has it gone, with all that it had started (workers of nginx)? */
const isGone = (leader) =>
	!leader ||
	!pids().some((pid) => isAlive(pid) && statOf(pid)?.group === leader);

/** One running Parley. */
export class Stack {
	constructor(run, port) {
		this.run = run;
		this.port = port;
		this.url = `http://127.0.0.1:${port}`;
		this.agent = new http.Agent({
			keepAlive: true,
			maxSockets: 256,
		});
		this.output = '';
		/** Nobody: no credential at all. */
		this.anyone = new Client(this, {});
	}

	get mongoUri() {
		const socket = encodeURIComponent(`${this.run}/mongo.sock`);
		return `mongodb://${socket}/parley`;
	}

	/** The database, as an operator sees it. */
	get db() {
		this.mongo ??= new MongoClient(this.mongoUri, {
			serverSelectionTimeoutMS: 5000,
		});
		return this.mongo.db();
	}

	/** A token for any address, from the demo login. */
	async token({ email, role = 'customer', name }) {
		const body = { email, role, ...(name && { name }) };
		const reply = await this.anyone.post('/api/demo/login', body);
		if (reply.status !== 200)
			throw new Error(`demo login: ${reply.text}`);
		return reply.body.data.token;
	}

	/** A signed-in account; one of its own unless email names it. */
	async as({ email, role = 'customer', name } = {}) {
		email ??= `${fresh(role)}@example.com`;
		const token = await this.token({ email, role, name });
		return new Client(this, { email, role, name, token });
	}

	/** The folder by which runit supervises mongod, hub, api, live, nginx;
		live is websocketd. */
	service(name) {
		return path.join(this.run, 'service', name);
	}

	/** Its pid now, or 0 while it is down. */
	pid(name) {
		const file = `${this.service(name)}/supervise/pid`;
		try {
			return (
				Number(fs.readFileSync(file, 'utf8').trim()) ||
				0
			);
		} catch {
			return 0;
		}
	}

	/** Pids of the relays, also of those whose clients have left. */
	relays() {
		const own = `${relay}\0--hub=${this.run}/hub.sock\0`;
		return pids().filter((pid) => commandOf(pid).startsWith(own));
	}

	/** Run the program with options, as an operator would. */
	api(...options) {
		return execFileSync(binary, options, {
			encoding: 'utf8',
			env: {
				...process.env,
				MONGODB_URI: this.mongoUri,
				PARLEY_LISTEN: path.join(this.run, 'api.sock'),
				PARLEY_JWT_SECRET: fs.readFileSync(
					`${this.run}/jwt.secret`,
					'utf8',
				),
			},
		});
	}

	/** Send a signal to one of them; gives the pid, or 0. */
	kill(name, signal = 'SIGKILL') {
		const pid = this.pid(name);
		if (!pid) return 0;
		try {
			process.kill(pid, signal);
		} catch (error) {
			if (error.code !== 'ESRCH') throw error;
		}
		return pid;
	}

	/** sv('down', 'api'): what runit's sv(8) does, and wait for it. */
	sv(command, name) {
		return new Promise((done, fail) => {
			const sv = spawn(
				'sv',
				['-w', '20', command, this.service(name)],
				{ stdio: 'ignore' },
			);
			sv.on('error', fail);
			sv.on('exit', done);
		});
	}

	/** Wait until Parley answers again. */
	healthy(within = 30000) {
		return until(
			'health is 200',
			async () => {
				const reply = await this.anyone
					.get('/api/health')
					.catch(() => null);
				return reply?.status === 200;
			},
			within,
		);
	}

	/** Wait until runit has put another in place of pid old,
		and it serves.  A worker of an old nginx may serve on for ms. */
	async replaced(name, old) {
		await until(`another ${name}`, () => {
			const pid = this.pid(name);
			return pid && pid !== old;
		});
		await until(`the end of the old ${name}`, () => isGone(old));
		await this.healthy();
	}

	/** Kill one hard, and wait until its successor serves. */
	async restart(name, signal = 'SIGKILL') {
		await this.replaced(name, this.kill(name, signal));
	}

	/**
	 * Let statements of mongod fail (its own failCommand).  mode: how many,
	 * or what mongod takes: {skip: n}, 'alwaysOn', 'off'.
	 */
	async failCommand(mode, data = {}) {
		await this.db.admin().command({
			configureFailPoint: 'failCommand',
			mode: typeof mode === 'number' ? { times: mode } : mode,
			...(mode !== 'off' && { data }),
		});
	}

	/** One number of GET /api/metrics: metric('parley_sends_total'). */
	async metric(name) {
		const reply = await this.anyone.get('/api/metrics');
		const line = reply.text
			.split('\n')
			.find((one) => one.startsWith(`${name} `));
		return line ? Number(line.split(' ').pop()) : 0;
	}

	/** Everything ends, and the run folder goes. */
	async stop() {
		this.agent.destroy();
		await this.mongo?.close();
		if (this.child.exitCode === null) {
			this.child.kill('SIGTERM');
			await until(
				'nginx/run to end',
				() =>
					this.child.exitCode !== null ||
					this.child.signalCode !== null,
				STOPPED_WITHIN_MS,
			);
		}
		running.delete(this);
		if (!process.env.KEEP)
			fs.rmSync(this.run, { recursive: true, force: true });
	}
}

const running = new Set();
process.on('exit', () => {
	for (const stack of running) stack.child.kill('SIGTERM');
});

/**
 * Start a Parley and wait until it is ready.
 * @param {{env?: object, port?: number, run?: string}} options env: over the
 *   roomy limits; undefined takes a variable away
 * @returns {Promise<Stack>}
 */
export async function start({ env = {}, port, run } = {}) {
	port ??= await freePort();
	run ??= path.join(build, 't', fresh(''));
	fs.mkdirSync(path.dirname(run), { recursive: true });
	const stack = new Stack(run, port);
	const all = {
		...process.env,
		...roomy,
		...env,
		RUN: run,
		PORT: String(port),
	};
	for (const name of Object.keys(all))
		if (all[name] === undefined) delete all[name];
	stack.child = spawn(path.join(root, 'nginx/run'), [], {
		cwd: root,
		env: all,
		stdio: ['ignore', 'pipe', 'pipe'],
	});
	running.add(stack);
	for (const stream of [stack.child.stdout, stack.child.stderr])
		stream.on('data', (part) => {
			stack.output += part;
		});
	await until(
		'Parley is ready',
		() => {
			if (stack.child.exitCode !== null)
				throw new Error(
					`nginx/run ended: ${stack.output}`,
				);
			return stack.output.includes('Parley is ready');
		},
		READY_WITHIN_MS,
	).catch((error) => {
		stack.child.kill('SIGTERM');
		throw new Error(`${error.message}\n${stack.output}`);
	});
	return stack;
}

/**
 * A Parley for all tests of a file, which ends with them: start()'s options.
 * @returns {Promise<Stack>}
 */
export async function stackFor(options) {
	const stack = await start(options);
	after(() => stack.stop());
	return stack;
}
