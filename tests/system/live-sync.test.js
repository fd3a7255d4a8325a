/*
 * Scenarios 28 and 29, and the order of what is pushed: whoever connects, pulls
 * and listens has every message once and in order, at each moment.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { crowd, pause, start, until } from './harness.js';
import {
	C,
	everything,
	isWhole,
	meet,
	message,
	of,
	ok,
	read,
	say,
} from './talk.js';
import { greeted } from './wire.js';

const JOINS = 10000;
const JOINERS = 20;
/** Joins of one connection before it is replaced. */
const STAYS = 5;
const FETCH = 20;
const WRITERS = 16;
const EACH = 100;

let stack;
before(async () => {
	stack = await start({
		env: {
			PARLEY_HUB_ARGS: '--account-connections=1000',
			PARLEY_RELAY_ARGS:
				'--events-per-second=9999 --events-burst=9999',
		},
	});
});
after(() => stack.stop());

/** The messages that were pushed to a connection, in order. */
const pushed = (client) =>
	client.events
		.filter((e) => e.event === 'conversation:new-message')
		.map((e) => e.data.message);

/** Insist that their numbers go up by one. */
const noHole = (messages) =>
	messages.forEach(({ seq }, i) =>
		assert.equal(
			seq,
			messages[0].seq + i,
			JSON.stringify(messages),
		),
	);

/** Send over the socket, and insist on the acknowledgement. */
async function ask(client, id, one) {
	const data = { conversationId: id, message: one };
	const answer = await client.ask('conversation:message', data);
	assert.ok(answer.data?.success, JSON.stringify(answer));
}

/** Join and fetch at once, and hear one more message. */
async function arrive(who, id, client) {
	client.forget();
	const joined = client.ask('conversation:join', { conversationId: id });
	const fetched = (await read(who, id, { messages: FETCH })).messages;
	assert.ok((await joined).data?.success);
	const last = fetched.at(-1).seq;
	await until(
		'a message after those fetched',
		() => pushed(client).some((one) => one.seq > last),
		10000,
		5,
	);
	const heard = pushed(client);
	const merged = new Map(fetched.map((one) => [one.seq, one.id]));
	for (const one of heard) {
		assert.equal(merged.get(one.seq) ?? one.id, one.id);
		merged.set(one.seq, one.id);
	}
	noHole(heard);
	const seqs = [...merged.keys()].sort((a, b) => a - b);
	noHole(seqs.map((seq) => ({ seq })));
}

/** Somebody writes all the time, now and then by PUT; gives how much. */
async function write(state, who, id) {
	const client = await greeted(stack, who);
	let n = 0;
	for (; !state.done; n++) {
		if (n % 10) await ask(client, id, message(`${n}`));
		else ok(await say(who, id, `${n}`));
		client.forget();
		await pause(10);
	}
	return n;
}

test(`29: ${JOINS} joins while messages flow: no gap, no double`, async (t) => {
	const { id, customer, seller } = await meet(stack, { said: FETCH });
	const state = { done: false };
	const writing = write(state, seller, id);
	let connects = 0;
	await crowd(JOINERS, async () => {
		let client;
		for (let n = 0; n < JOINS / JOINERS; n++) {
			if (n % STAYS === 0) {
				client?.destroy();
				client = await greeted(stack, customer);
				connects++;
			}
			await arrive(customer, id, client);
		}
		client.destroy();
	});
	state.done = true;
	t.diagnostic(`${connects} connects, ${await writing} messages`);
});

test('28: three messages while away are there once, after a pull', async () => {
	const { id, customer, seller } = await meet(stack, { said: 2 });
	const away = await greeted(stack, seller);
	const { rev, seq } = await read(seller, id);
	away.destroy();
	for (let i = 0; i < 3; i++) ok(await say(customer, id, `${i}`));
	const back = await greeted(stack, seller);
	const missed = ok(
		await seller.get(C + of(id, { since: rev })),
	).messages;
	noHole([{ seq }, ...missed]);
	assert.equal(missed.length, 3);
	assert.deepEqual(pushed(back), []);
	back.destroy();
});

/*
 * A gap is waited for at most 100 ms: on a machine so busy that it takes
 * longer, the late one is told as resync, never out of order.
 */
test(`${WRITERS} writers: every socket hears all, once, in order`, async () => {
	const { id, customer, seller } = await meet(stack);
	const clients = await crowd(WRITERS, (i) =>
		greeted(stack, i % 2 ? customer : seller),
	);
	await crowd(WRITERS, async (i) => {
		for (let n = 1; n <= EACH; n++)
			await ask(clients[i], id, message(`${i}.${n}`));
	});
	const all = await everything(customer, id);
	isWhole(all, WRITERS * EACH);
	for (const client of clients) {
		const resynced = () =>
			client.events.some((e) => e.event === 'resync');
		await until(
			'all are pushed, or said to be late',
			() => pushed(client).length >= all.length || resynced(),
		);
		const heard = pushed(client);
		const seqs = new Set(heard.map((one) => one.seq));
		assert.deepEqual(
			heard.map((one) => [one.seq, one.id]),
			all
				.filter((one) => seqs.has(one.seq))
				.map((one) => [one.seq, one.id]),
		);
		assert.ok(resynced() || heard.length === all.length);
		client.destroy();
	}
});
