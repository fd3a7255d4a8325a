/*
 * Each program killed while an agent and visitors are in conversation: frames
 * flow again in time, both ways; nothing that was acknowledged is lost, doubled
 * or renumbered; and each visitor has his session still.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { Browser } from './browser.js';
import { agentOf, claim, keepsSecret, says } from './desk.js';
import { start, until } from './harness.js';
import { roomy } from './scene.js';
import { isKept, Widget } from './widgets.js';

const SERVED_WITHIN_MS = 5000;

let stack;
let agent;
let desk;
let guests;
let account;
let sessions;
const visitors = () => [...guests, account];
const everybody = () => [...visitors(), desk];

before(async () => {
	stack = await start({ env: roomy });
	agent = await agentOf(stack);
	guests = [new Browser(stack), new Browser(stack)];
	account = await stack.as();
	const all = [...guests, account];
	sessions = [];
	for (const who of all)
		sessions.push((await says(who, 'hello')).sessionId);
	for (const sessionId of sessions) await claim(agent, sessionId);
	[guests, account] = [
		guests.map((who) => new Widget(stack, who)),
		new Widget(stack, account),
	];
	desk = new Widget(stack, agent, { role: 'agent' });
	await until('all have begun', () => everybody().every((one) => one.up));
	for (const one of visitors()) one.talk();
	desk.talk((n) => ({ sessionId: sessions[n % sessions.length] }));
});
after(async () => {
	await Promise.all(everybody().map((one) => one.end()));
	await stack.stop();
});

/** Wait until lines said after this moment show, both ways. */
async function flowing(since, within) {
	const end = since + within;
	const left = () => Math.max(end - Date.now(), 1);
	for (const one of visitors())
		await until(
			'a line of a visitor shows at the desk',
			() =>
				one.said.some(
					({ id, at }) =>
						at >= since &&
						desk.pushed.has(id),
				),
			left(),
			5,
		);
	for (const [i, one] of visitors().entries())
		await until(
			'a line of the agent shows at the visitor',
			() =>
				desk.said.some(
					({ id, at, sessionId }) =>
						at >= since &&
						sessionId === sessions[i] &&
						one.pushed.has(id),
				),
			left(),
			5,
		);
	return Date.now() - since;
}

const accepting = () =>
	until('mongod answers', () =>
		stack.db.command({ ping: 1 }).catch(() => null),
	);

/** The pid that the name stands for. */
const pidOf = (name) =>
	name === 'relay' ? (stack.relays()[0] ?? 0) : stack.pid(name);

/* loses: who may lose his socket by it. */
for (const { name, loses } of [
	{ name: 'hub', loses: 0 },
	{ name: 'api', loses: 0 },
	{ name: 'relay', loses: 1 },
	{ name: 'live', loses: Infinity },
	{ name: 'mongod', loses: 0 },
	{ name: 'nginx', loses: Infinity },
	{ name: 'hub', loses: 0 },
])
	test(`${name} killed: frames flow again within 5 s, both ways`, async (t) => {
		await flowing(Date.now(), 10000);
		const before = everybody().map((one) => one.losses);
		const pid = pidOf(name);
		const since = Date.now();
		process.kill(pid, 'SIGKILL');
		await until(
			`another ${name}`,
			() => ![0, pid].includes(pidOf(name)),
		);
		if (name === 'mongod') await accepting();
		const ms = await flowing(
			Math.max(since, Date.now() - 1000),
			SERVED_WITHIN_MS,
		);
		const lost = everybody().filter(
			(one, i) => one.losses > before[i],
		).length;
		t.diagnostic(`served after ${ms} ms; ${lost} lost sockets`);
		assert.ok(lost <= loses, `${lost} lost their sockets`);
		for (const [i, one] of visitors().entries())
			assert.equal(one.sessionId, sessions[i]);
	});

test('api killed: what may have been lost is told anew, while lines keep coming', async () => {
	for (let round = 0; round < 4; round++) {
		const renewals = everybody().map((one) => one.renewals);
		await stack.restart('api');
		await until('all were told', () =>
			everybody().every(
				(one, i) => one.renewals > renewals[i],
			),
		);
	}
});

test('what changes while the hub is down is in the history that comes when it is back', async () => {
	const [first] = guests;
	const before = first.renewals;
	await stack.sv('down', 'hub');
	const one = await desk.say('said into the dark', {
		sessionId: sessions[0],
	});
	await stack.sv('up', 'hub');
	await until('history again', () => first.renewals > before);
	await until('it shows', () => first.shown.has(one.id));
});

test('all that was acknowledged is stored once, in order; no hole, no stranger, no name', async (t) => {
	await Promise.all(everybody().map((one) => one.hush()));
	for (const [i, sessionId] of sessions.entries()) {
		const own = [visitors()[i], desk];
		const n = await isKept(agent, sessionId, own);
		t.diagnostic(`${n} lines`);
		for (const other of visitors())
			for (const { sessionId: where } of other.shown.values())
				assert.equal(
					where,
					sessions[visitors().indexOf(other)],
				);
	}
	for (const one of visitors()) keepsSecret(one.tab, desk);
});

test('lines on the socket alone: those shown in another tab are stored, whatever is killed', async (t) => {
	const who = new Browser(stack);
	await says(who, 'hello');
	const [speaker, other] = [
		new Widget(stack, who),
		new Widget(stack, who),
	];
	t.after(() => Promise.all([speaker.end(), other.end()]));
	await until('both have begun', () => speaker.up && other.up);
	for (const name of ['api', 'hub', 'mongod', 'live']) {
		let n = 0;
		const pid = stack.pid(name);
		const talk = setInterval(() => {
			speaker.tab.send('message', {
				id: `${name}-${n}`,
				text: `${name} ${n++}`,
			});
		}, 50).unref();
		await until(`some show before the end of ${name}`, () =>
			other.pushed.has(`${name}-5`),
		);
		stack.kill(name);
		await stack.replaced(name, pid);
		const from = n;
		await until('others show', () =>
			[...other.pushed.keys()].some((id) => {
				const [what, at] = `${id}`.split('-');
				return what === name && Number(at) >= from;
			}),
		);
		clearInterval(talk);
	}
	await isKept(agent, speaker.sessionId, [speaker, other]);
});
