/*
 * rest.mjs: HTTP: run the rounds, check that the answers were real, print
 * tables.  Parley and four forms of the baseline take turns on one mongod and
 * the same documents.
 */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { binary } from '../system/harness.js';
import { startAll } from './contestants.mjs';
import { appends, figures, measures, says } from './figures.mjs';
import { Requests } from './requests.mjs';
import { CONVERSATIONS, INBOX, MESSAGES, SESSION } from './seed.mjs';
import { median, print, printRatios, short } from './tables.mjs';

const loader = path.join(path.dirname(binary), 'tests/bench/load');
const sample_ms = 250;

/** The answer of load.c, or an error: no figure of a load that failed. */
function load(port, options, requests) {
	const { connections, seconds, requests: count, status } = options;
	const args = [
		'-c', connections,
		...(count ? ['-n', count] : ['-s', seconds]),
		...(status ? ['-e', status] : []),
		port,
	].map(String);
	return new Promise((give, fail) => {
		const child = execFile(loader, args,
			(error, out, err) => {
				if (error)
					return fail(new Error(err || error.message));
				give(JSON.parse(out));
			});
		child.stdin.end(requests.join('\0'));
	});
}

/** One load, with the CPU time and memory of those who answered it. */
async function measure(contestant, options, requests) {
	const before = contestant.cpu();
	let memory = 0;
	const sampler = setInterval(() => {
		memory = Math.max(memory, contestant.memory());
	}, sample_ms);
	const seen = await load(contestant.port, options, requests)
		.finally(() => clearInterval(sampler));
	if (seen.failed)
		throw new Error(`${contestant.name}: ${seen.failed} of ` +
			`${seen.requests} failed, one with ${seen.wrong}`);
	const after = contestant.cpu();
	const cpu = Object.fromEntries(Object.keys(after).map((what) =>
		[what, (after[what] - before[what]) / seen.requests]));
	return { ...seen, rate: seen.requests / seen.seconds, cpu, memory };
}

/* In another order each time, so that nobody always comes first. */
function order(round) {
	const groups = [...new Set(measures.map(([group]) => group))];
	return groups.flatMap((name) => {
		const group = measures.filter(([group]) => group === name);
		const first = round % group.length;
		return [...group.slice(first), ...group.slice(0, first)];
	});
}

/** @returns {Promise<Object<string, object>>} what each measure saw */
async function runRound(round, all, requests) {
	const seen = {};
	for (const [, name, who, options, make] of order(round)) {
		const asked = await make(requests, all[who]);
		seen[name] = await measure(all[who], options, asked);
	}
	return seen;
}

/* Everybody has to answer a list with the same conversations. */
async function checkLists(all, requests) {
	const [first] = await requests.lists();
	const target = first.split(' ')[1];
	const authorization = /^Authorization: (.*)\r$/m.exec(first)[1];
	for (const { name, port } of Object.values(all)) {
		const reply = await fetch(`http://127.0.0.1:${port}${target}`,
			{ headers: { authorization } });
		const { data } = await reply.json();
		if (data?.length !== INBOX ||
			data.some((one) => one.messages.length !== MESSAGES))
			throw new Error(`${name} answers another inbox`);
	}
}

/* How many requests of one kind a contestant has acknowledged. */
const acknowledged = (results, name, kind) => measures
	.filter(([, , who, , make]) => who === name && make === kind)
	.map(([, key]) => results.reduce(
		(sum, seen) => sum + seen[key].requests, 0))
	.reduce((a, b) => a + b, 0);

/* Every acknowledged message has to be there. */
async function checkAppends(stack, all, results) {
	for (const { name, database } of Object.values(all)) {
		const sent = acknowledged(results, name, appends);
		const [{ stored }] = await stack.db.client.db(database)
			.collection('conversations').aggregate([
				{ $match: { id: /_write/ } },
				{ $group: { _id: null, stored: { $sum: {
					$ifNull: ['$seq', { $size: '$messages' }],
				} } } },
			]).toArray();
		if (stored !== CONVERSATIONS * MESSAGES + sent)
			throw new Error(`${name} stored ${stored} messages, ` +
				`not ${CONVERSATIONS * MESSAGES + sent}`);
	}
}

/* And every line to support, with its answer. */
async function checkLines(stack, results) {
	const sent = acknowledged(results, 'ours', says);
	const stored = await stack.db.collection('chatmessages')
		.countDocuments({ n: { $exists: true } });
	if (stored !== SESSION.lines + 2 * sent)
		throw new Error(`${stored} lines are stored, ` +
			`not ${SESSION.lines + 2 * sent}`);
}

function printCosts(results) {
	const of = (key, pick) =>
		short(median(results.map((seen) => pick(seen[key]))));
	print(['CPU µs per request', 'mongod', 'api or node', 'nginx',
		'bytes', 'p50 µs', 'p99 µs'],
	measures.map(([, key]) => [key, of(key, (m) => m.cpu.mongod),
		of(key, (m) => m.cpu.server), of(key, (m) => m.cpu.nginx),
		of(key, (m) => m.bytes), of(key, (m) => m.p50),
		of(key, (m) => m.p99)]));
}

function printMemory(results, all) {
	const most = (name) => Math.max(...results.flatMap((seen) => measures
		.filter(([, , who]) => who === name)
		.map(([, key]) => seen[key].memory)));
	print(['memory under load (PSS, most)', 'MB', 'aim'],
		Object.keys(all).map((name) => [
			name === 'ours' ? '`api`' : `node, ${name}`,
			short(most(name) * 1024 / 1e6),
			name === 'ours' ? '< 40' : '']));
}

/** All of it, in so many rounds. */
export async function benchRest(rounds) {
	const { stack, all, stop } = await startAll();
	try {
		const requests = new Requests(stack);
		await checkLists(all, requests);
		const results = [];
		for (let round = 0; round <= rounds; round++) {
			console.error(`http, round ${round || 'to warm up'}`);
			results.push(await runRound(round, all, requests));
		}
		await checkAppends(stack, all, results);
		await checkLines(stack, results);

		results.shift(); /* it counts for what is stored alone */
		printRatios(results, figures);
		printMemory(results, all);
		printCosts(results);
	} finally {
		await stop();
	}
}
