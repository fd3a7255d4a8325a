/*
 * Visible implies durable, where mongod shows what its journal does not hold:
 * in doubt (just after a start) and out of it.
 */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { crowd, pause, stackFor, until } from './harness.js';
import {
	C,
	everything,
	isWhole,
	meet,
	message,
	of,
	ok,
	patch,
	put,
	settled,
} from './talk.js';

const READERS = 12;
const ROUNDS = 3;

const stack = await stackFor({ env: { PARLEY_DOUBT_MS: '1000' } });

/* After a start every read is in doubt, for a while. */
const moods = [
	['in doubt', () => null],
	['out of doubt', ({ customer }) => settled(customer)],
];

/** Writes stay visible and unflushed, until mongod ends (or mode is 'off'). */
const holdJournal = (mode = 'alwaysOn') =>
	stack.db.admin().command({
		configureFailPoint: 'pauseJournalFlusherBeforeFlush',
		mode,
	});
afterEach(() => holdJournal('off'));

/** Wait until mongod itself shows the message to whoever reads there. */
const visible = (id, one) =>
	until(
		'mongod shows it',
		() =>
			stack.db
				.collection('conversations')
				.findOne({ id, 'messages.id': one.id }),
		5000,
		1,
	);

/** Does this answer say that the message is stored? */
const tells = (reply, one) =>
	reply &&
	reply.status < 500 &&
	(reply.status === 409 || reply.text.includes(one.id));

/** Every way to learn of a message. */
const questions = ({ id, customer, seller }, one) => [
	seller.get(C + of(id)),
	seller.get(C),
	seller.get(`${C}?filter=unread`),
	seller.get(C + of(id, { after: 1 })),
	seller.get(C + of(id, { since: 1 })),
	seller.get(`${C}/export${of(id)}`),
	customer.get(C + of(id)),
	put(customer, id, one),
	put(customer, id, { ...one, text: 'other' }),
	customer.post(C, { id, messages: [one] }),
	patch(seller, id, { markReadMessageIds: [one.id] }),
];

for (const [mood, ready] of moods)
	test(`what is not in the journal is told to nobody, ${mood}`, async () => {
		const pair = await meet(stack, { said: 1 });
		const { id, customer, seller } = pair;
		await ready(pair);
		await holdJournal();
		const one = message('not yet durable');
		const told = [];
		const asked = [put(customer, id, one)];
		await visible(id, one);
		asked.push(...questions(pair, one));
		const all = Promise.all(
			asked.map((question) =>
				question.then(
					(reply) => told.push(reply),
					() => null,
				),
			),
		);
		await Promise.race([pause(500), all]);
		for (const reply of told)
			assert.ok(!tells(reply, one), reply.text);

		const old = stack.kill('mongod');
		await all;
		await stack.replaced('mongod', old);
		const stored = (await everything(seller, id)).length === 2;
		for (const reply of told)
			assert.ok(stored || !tells(reply, one), reply.text);
		ok(await put(customer, id, one));
		isWhole(await everything(seller, id), 2);
	});

for (const [mood, ready] of moods)
	test(`what a reader saw survives a kill of mongod, ${mood}`, async () => {
		const pair = await meet(stack);
		const { id, customer, seller } = pair;
		for (let round = 0; round < ROUNDS; round++) {
			await ready(pair);
			await holdJournal();
			const one = message(`round ${round}`);
			const told = [];
			let reading = true;
			const readers = crowd(READERS, async (i) => {
				while (reading)
					told.push(
						await seller
							.get(
								i % 2
									? C
									: C +
											of(
												id,
											),
							)
							.catch(() => pause(20)),
					);
			});
			const sent = put(customer, id, one).catch(() => null);
			await visible(id, one);
			const old = stack.kill('mongod');
			reading = false;
			await Promise.all([readers, sent]);
			await stack.replaced('mongod', old);
			const stored = (await everything(seller, id)).some(
				(m) => m.id === one.id,
			);
			for (const reply of told)
				assert.ok(
					stored || !tells(reply, one),
					reply?.text,
				);
			ok(await put(customer, id, one));
			isWhole(await everything(seller, id), round + 1);
		}
	});
