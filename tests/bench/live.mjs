/*
 * live.mjs: messages over sockets, Parley and the baseline in turns: a table
 * of parts, each of which takes its measures once a round.
 */
import { pause, until } from '../system/harness.js';
import { sleeps } from './probe.mjs';
import { Swarm } from './swarm.mjs';
import { makeTalk, sitAround } from './talk.mjs';

const CONVERSATIONS = 200;
const MESSAGES = 48;
const SERIAL = Number(process.env.SENDS ?? 1000);
const CROWD = 1000;
const BEAT_MS = 25000; /* wakes a relay thrice: ping, pong, memory back */
const SETTLE_MS = 4000; /* until whoever has just come is at rest */

/* In another order each time, so that nobody always comes first. */
const turned = (list, round) => (round % 2 ? [...list].reverse() : list);

const talkOf = (stack, contestant) =>
	makeTalk(stack, contestant, CONVERSATIONS, MESSAGES);

/** A customer's messages, the next when the seller has seen the last. */
async function serial(contestant, dialect, talk) {
	const swarm = new Swarm(dialect, contestant.port);
	const sender = swarm.who(talk.customer);
	const other = swarm.who(talk.seller);
	for (const id of talk.ids)
		swarm.route(sender, other, 1, id);
	await swarm.open(2);
	await swarm.join();
	await swarm.send(CONVERSATIONS); /* each once, to warm up */
	const seen = await swarm.send(SERIAL);
	await swarm.end();
	return seen;
}

const around = {}; /* neighbours who stay for all rounds */

async function measureSend({ stack, ours, save }, round, seen) {
	for (const one of [ours, save])
		around[one.name] ??= await sitAround(stack, one.port, CROWD);
	for (const [name, who, dialect] of turned([
		['send', ours, 'socketio'],
		['send native', ours, 'native'],
		['send save', save, 'socketio'],
	], round))
		seen[name] = await serial(who, dialect,
			await talkOf(stack, who));
}

async function leave() {
	for (const name of Object.keys(around)) {
		await around[name].end();
		delete around[name];
	}
}

const gone = (stack) => until('all relays are gone',
	() => stack.relays().length === 0);

/* The same with few and with many who have nothing to do with it. */
async function measureNeighbours({ stack, ours }, round, seen) {
	for (const count of turned([10, CROWD], round)) {
		const talk = await talkOf(stack, ours);
		const idle = await sitAround(stack, ours.port, count);
		await pause(SETTLE_MS);
		const before = stack.relays().map((pid) => [pid, sleeps(pid)]);
		const began = Date.now();
		const one = await serial(ours, 'socketio', talk);
		seen[`among ${count}`] = one;
		one.woken = Math.max(...before.map(([pid, times]) =>
			sleeps(pid) - times));
		seen.heartbeats =
			{ woken: Math.ceil((Date.now() - began) / BEAT_MS) };
		await idle.end();
		await gone(stack);
	}
}

/* Everything of one account's sockets: rate of deliveries, time to the last. */
async function fanOut(stack, contestant, sockets, loads) {
	const talk = await makeTalk(stack, contestant, 4, 1);
	const swarm = new Swarm('socketio', contestant.front);
	const sender = swarm.who(talk.customer);
	for (let i = 0; i < sockets; i++)
		swarm.who(talk.seller);
	for (const id of talk.ids)
		swarm.route(sender, sender + 1, sockets, id);
	await swarm.open(16);
	await swarm.join();
	await swarm.send(8);
	const seen = [];
	for (const [count, window] of loads) {
		const one = await swarm.send(count, window);
		seen.push({ ...one, rate: one.deliveries / one.seconds });
	}
	await swarm.end();
	return seen;
}

async function measureFanOut({ stack, ours, save }, round, seen) {
	for (const who of turned([ours, save], round)) {
		const { name } = who;
		[seen[`crowd ${name}`], seen[`crowd 8 ${name}`]] =
			await fanOut(stack, who, CROWD, [[60, 1], [120, 8]]);
		[seen[`few ${name}`]] =
			await fanOut(stack, who, 16, [[600, 1]]);
		await gone(stack);
	}
}

async function measureConnect({ stack, ours, save }, round, seen) {
	for (const who of turned([ours, save], round)) {
		const swarm = await sitAround(stack, who.front, 3000);
		const { done, seconds } = swarm.opened;
		seen[`connect ${who.name}`] = { rate: done / seconds };
		await swarm.end();
		await gone(stack);
	}
}

const p50 = 'sent over a socket → seen by the other, p50, µs';
const p99 = 'sent over a socket → seen by the other, p99, µs';
const few = 'the same among 1,000 idle connections, p50, µs';
const woken = 'wake-ups of the busiest idle relay meanwhile';
const crowd = 'fan-out to 1,000 sockets of one account, deliveries/s';
const window = 'the same, 8 messages under way, deliveries/s';
const some = 'fan-out to 16 sockets, until the last has it, p99, µs';
const connect = '3,000 connects, 16 in parallel, greeted/s';

/**
 * What can be measured: a function for a round, one for the end, figures as in
 * figures.mjs.
 */
export const parts = {
	send: {
		round: measureSend,
		end: leave,
		figures: [
			[p50, 'send', 'send save', 'save', 'p50', '≤ 0.6'],
			[p99, 'send', 'send save', 'save', 'p99', '≤ 0.4'],
			[`${p50}, native`, 'send native', 'send save', 'save',
				'p50', ''],
			[`${p99}, native`, 'send native', 'send save', 'save',
				'p99', ''],
		],
	},
	neighbours: {
		round: measureNeighbours,
		figures: [
			[few, `among ${CROWD}`, 'among 10', 'Parley, among 10',
				'p50', '≤ 1.1'],
			[woken, `among ${CROWD}`, 'heartbeats', 'heartbeats',
				'woken', '≤ 3'],
		],
	},
	fanout: {
		round: measureFanOut,
		figures: [
			[crowd, 'crowd ours', 'crowd save', 'save', 'rate',
				'≥ 0.7'],
			[window, 'crowd 8 ours', 'crowd 8 save', 'save', 'rate',
				'≥ 0.85'],
			[some, 'few ours', 'few save', 'save', 'p99', '≤ 1'],
		],
	},
	connect: {
		round: measureConnect,
		figures: [
			[connect, 'connect ours', 'connect save', 'save',
				'rate', '≥ 1,000/s'],
		],
	},
};
