/*
 * 5,000 sends with blind retries, while api, mongod and nginx are killed.
 * Afterwards nothing acknowledged is missing, doubled or renumbered.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { crowd, pause, stackFor, until } from './harness.js';
import { C, everything, isWhole, meet, message, of, put } from './talk.js';

const SENDS = 5000;
const CLIENTS = 16;
const CONVERSATIONS = 4;
const VICTIMS = ['api', 'mongod', 'api', 'mongod', 'nginx'];

const stack = await stackFor();

/** Repeat until acknowledged; gives the stored message. */
const deliver = (client, id, one, byPost) =>
	until(
		`${one.text} is stored`,
		async () => {
			const reply = await (
				byPost
					? client.post(`${C}?messages=200`, {
							id,
							messages: [one],
						})
					: put(client, id, one)
			).catch(() => null);
			if (!reply || reply.status >= 500) return null;
			assert.equal(
				reply.status,
				200,
				reply.text.slice(0, 300),
			);
			return byPost
				? reply.body.data.messages.find(
						(m) => m.id === one.id,
					)
				: reply.body.message;
		},
		60000,
		30,
	);

/** Kill one after another while sending; waits until each is felt. */
async function mayhem(state) {
	for (let kills = 0; state.sending; kills++) {
		await pause(500 + Math.random() * 1000);
		const name =
			VICTIMS[Math.floor(Math.random() * VICTIMS.length)];
		stack.kill(name);
		state.kills = kills + 1;
		const { acknowledged } = state;
		await until(
			'sends go on',
			() =>
				!state.sending ||
				state.acknowledged > acknowledged + CLIENTS,
			60000,
		);
	}
}

/** Read all the time: what was seen never goes away or changes. */
async function watch(state, { id, seller }) {
	const seen = new Map();
	while (state.sending) {
		const reply = await seller
			.get(C + of(id, { messages: 100 }))
			.catch(() => null);
		if (reply?.status === 200)
			for (const one of reply.body.data.messages) {
				assert.equal(
					seen.get(one.seq) ?? one.id,
					one.id,
				);
				seen.set(one.seq, one.id);
			}
		await pause(30);
	}
	return seen;
}

test('5,000 sends by 16 clients while processes are killed', async (t) => {
	const pairs = await crowd(CONVERSATIONS, () => meet(stack));
	const state = { sending: true, acknowledged: 0, kills: 0 };
	const each = Math.ceil(SENDS / CLIENTS);
	const killer = mayhem(state);
	const watchers = pairs.map((pair) => watch(state, pair));

	const sent = await crowd(CLIENTS, async (i) => {
		const { id, customer, seller } = pairs[i % CONVERSATIONS];
		const client = i < CLIENTS / 2 ? customer : seller;
		const mine = [];
		for (let n = 0; n < each; n++) {
			const one = message(`${i}.${n}`);
			const stored = await deliver(
				client,
				id,
				one,
				n % 10 === 9,
			);
			state.acknowledged++;
			mine.push({ ...one, seq: stored.seq });
			if (n % 25 === 24) {
				const old =
					mine[
						Math.floor(
							Math.random() *
								mine.length,
						)
					];
				const { seq, ...same } = old;
				const again = await deliver(client, id, same);
				assert.equal(again.seq, seq, 'renumbered');
			}
		}
		return mine;
	}).finally(() => {
		state.sending = false;
	});
	await killer;
	const seen = await Promise.all(watchers);
	await stack.healthy();
	stack.agent.destroy(); // connections to workers that are gone

	t.diagnostic(`${state.acknowledged} sends, ${state.kills} kills`);
	assert.ok(state.kills >= 5, `only ${state.kills} kills`);
	for (const [p, { id, customer }] of pairs.entries()) {
		const mine = sent.filter((_, i) => i % CONVERSATIONS === p);
		const all = await everything(customer, id);
		isWhole(all, each * mine.length);
		const stored = new Map(all.map((one) => [one.id, one]));
		assert.equal(stored.size, all.length, 'doubled');
		for (const messages of mine) {
			let last = 0;
			for (const { id: messageId, seq, text } of messages) {
				assert.equal(
					stored.get(messageId)?.seq,
					seq,
					'renumbered',
				);
				assert.equal(stored.get(messageId).text, text);
				assert.ok(
					seq > last,
					"one client's sends keep their order",
				);
				last = seq;
			}
		}
		for (const [seq, messageId] of seen[p])
			assert.equal(all[seq - 1].id, messageId);
	}
});
