/*
 * Visible implies durable: what a reader saw is there after mongod was killed,
 * in doubt (just after a start) and out of it.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { crowd, fresh, pause, start, until } from './harness.js';
import { C, everything, isWhole, meet, message, of, put } from './talk.js';

const WRITERS = 6;
const READERS = 4;
const SEEN = 60; // before each kill

let stack;
before(async () => {
	stack = await start({ env: { PARLEY_DOUBT_MS: '1000' } });
});
after(() => stack.stop());

/** seq to id, as anybody was told; the same seq never tells another id. */
class Witness extends Map {
	note({ seq, id }) {
		assert.equal(this.get(seq) ?? id, id, `other content under ${seq}`);
		this.set(seq, id);
	}
}

/** Write and read until state.alive ends, and note all that is told. */
function traffic(state, { id, customer, seller }, witness) {
	const writers = crowd(WRITERS, async (i) => {
		while (state.alive) {
			const reply = await put(i % 2 ? customer : seller, id,
				message(fresh())).catch(() => null);
			if (reply?.status === 200)
				witness.note(reply.body.message);
			else
				await pause(20);
		}
	});
	const readers = crowd(READERS, async (i) => {
		const query = i % 2 ? of(id, { messages: 20 }) : '';
		while (state.alive) {
			const reply = await seller.get(C + query).catch(() => null);
			if (reply?.status === 200)
				[reply.body.data].flat()[0].messages
					.forEach((one) => witness.note(one));
			else
				await pause(20);
		}
	});
	return Promise.all([writers, readers]);
}

/** Out of doubt an unchanged GET is 304. */
const certain = ({ customer }) => until('the doubt ends', async () => {
	const { headers } = await customer.get(C);
	const again = await customer.get(C,
		{ headers: { 'if-none-match': headers.etag ?? '""' } });
	return again.status === 304;
});

for (const [what, ready, rounds] of [
	['in doubt', () => null, 3], ['out of doubt', certain, 3]])
	test(`what a reader saw survives a kill of mongod, ${what}`, async () => {
		const pair = await meet(stack);
		const witness = new Witness();
		for (let round = 0; round < rounds; round++) {
			await ready(pair);
			const state = { alive: true };
			const done = traffic(state, pair, witness);
			const goal = witness.size + SEEN;
			await until('enough was seen', () => witness.size >= goal);
			const old = stack.kill('mongod');
			await pause(Math.random() * 200);
			state.alive = false;
			await done;
			await stack.replaced('mongod', old);
			const all = await everything(pair.seller, pair.id);
			isWhole(all, all.length);
			for (const [seq, id] of witness)
				assert.equal(all[seq - 1]?.id, id, `message ${seq}`);
			all.forEach((one) => witness.note(one));
		}
	});
