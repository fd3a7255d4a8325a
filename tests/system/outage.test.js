/*
 * Scenarios 3 and 12: restarts, and a database that fails in every way.
 */
import assert from 'node:assert/strict';
import { afterEach, test } from 'node:test';
import { crowd, pause, stackFor, until } from './harness.js';
import {
	C,
	answerOffer,
	everything,
	expect,
	isWhole,
	list,
	meet,
	message,
	of,
	ok,
	patch,
	put,
	read,
	say,
} from './talk.js';

const stack = await stackFor();
afterEach(async () => {
	await stack.failCommand('off');
	await stack.healthy();
});

/** An answer of the outage: 503 with a reason, never an empty success. */
function isOut(reply, written) {
	expect(reply, 503, 'unavailable');
	assert.ok(
		reply.headers['retry-after'] === undefined ||
			Number(reply.headers['retry-after']) >= 1,
	);
	if (written !== undefined) assert.equal(reply.body.written, written);
	else assert.ok([false, 'unknown'].includes(reply.body.written));
}

/** Repeat blindly until it is acknowledged. */
const insist = (send, within = 40000) =>
	until(
		'an acknowledgement',
		async () => {
			const reply = await send().catch(() => null);
			if (!reply || reply.status >= 500) return null;
			ok(reply);
			return reply;
		},
		within,
		50,
	);

test('scenario 3: restarts change nothing', async () => {
	const { id, customer, seller } = await meet(stack, { said: 70 });
	const offers = [1, 2, 3].map((offerPrice) =>
		message('', { payload: { offerPrice } }),
	);
	for (const one of offers) ok(await put(customer, id, one));
	ok(
		await answerOffer(seller, id, offers[0].id, 'countered', {
			counterPrice: 4,
		}),
	);
	ok(await answerOffer(seller, id, offers[1].id, 'rejected'));
	ok(await put(seller, id, { id: 1767400000000123, text: 'a number' }));
	ok(await patch(seller, id, { flag: { reason: 'spam' } }));
	ok(await patch(customer, id, { archive: true }));
	const look = async () => [
		await everything(customer, id),
		await everything(seller, id),
		await read(seller, id),
		await list(customer),
		await list(seller),
	];
	const before = await look();
	for (const name of ['api', 'nginx', 'mongod']) {
		await stack.restart(name);
		assert.deepEqual(await look(), before, name);
	}
	await stack.restart('api', 'SIGTERM');
	assert.deepEqual(await look(), before);
});

test('scenario 12: without a database everything is 503, and comes back', async () => {
	const { id, customer, seller } = await meet(stack, { said: 1 });
	const one = message('for later');
	await stack.sv('down', 'mongod');
	const answers = await Promise.all([
		customer.get(C),
		customer.get(C + of(id)),
		customer.get(`${C}/export${of(id)}`),
		customer.del(C + of(id)),
		put(customer, id, one),
		patch(seller, id, { readSeq: 1 }),
		customer.post(C, { id, messages: [one] }),
	]);
	for (const reply of answers) isOut(reply);
	isOut(await stack.anyone.get('/api/health'));
	isOut(await customer.get(C, { headers: { 'if-none-match': '*' } }));
	assert.equal((await customer.get('/api/absent')).status, 404);
	await stack.sv('up', 'mongod');
	await stack.healthy();
	ok(await put(customer, id, one));
	isWhole(await everything(seller, id), 2);
});

const faults = [
	['a refused statement', { errorCode: 11600 }],
	['a closed connection', { closeConnection: true }],
	[
		'a write whose journal is unsure',
		{
			writeConcernError: {
				code: 64,
				errmsg: 'waiting for replication timed out',
			},
		},
	],
	[
		'a statement that takes too long',
		{ blockConnection: true, blockTimeMS: 5500 },
	],
];

for (const [what, data] of faults)
	test(`${what}: unknown or done, and the repeat is one message`, async () => {
		const { id, customer, seller } = await meet(stack, { said: 1 });
		const one = message(what);
		await stack.failCommand(1, {
			failCommands: ['findAndModify', 'update'],
			...data,
		});
		const reply = await put(customer, id, one);
		if (reply.status !== 200) isOut(reply);
		await stack.failCommand('off');
		const again = await insist(() => put(customer, id, one));
		assert.equal(again.body.message.seq, 2);
		isWhole(await everything(seller, id), 2);
	});

test('a failing find is 503, never an empty success', async () => {
	const { id, customer } = await meet(stack, { said: 1 });
	for (const data of [{ errorCode: 11600 }, { closeConnection: true }]) {
		await stack.failCommand('alwaysOn', {
			failCommands: ['find', 'getMore', 'aggregate'],
			...data,
		});
		for (const target of [
			C,
			C + of(id),
			`${C}?filter=unread`,
			C + of(id, { before: 1 }),
			`${C}/export${of(id)}`,
		])
			isOut(await customer.get(target), false);
		await stack.failCommand('off');
		assert.equal((await list(customer)).length, 1);
	}
});

test('a list that fails in its middle is 503, not a short list', async () => {
	const { id, customer } = await meet(stack, { said: 1 });
	await stack.failCommand(1, {
		failCommands: ['find'],
		errorCode: 11600,
	});
	const reply = await customer.get(
		C + of(null, { customerId: customer.email }),
	);
	if (reply.status === 200)
		assert.deepEqual(
			reply.body.data.map((row) => row.id),
			[id],
		);
	else isOut(reply, false);
});

test('mongod paused: definite answers in time, and nothing doubled after', async () => {
	const { id, customer, seller } = await meet(stack, { said: 1 });
	const sent = Array.from({ length: 6 }, (_, i) => message(`p${i}`));
	stack.kill('mongod', 'SIGSTOP');
	const began = Date.now();
	const replies = await Promise.all([
		...sent.map((one) => put(customer, id, one)),
		customer.get(C),
	]).finally(() => stack.kill('mongod', 'SIGCONT'));
	assert.ok(Date.now() - began < 14000);
	replies.forEach((reply) => isOut(reply));
	await crowd(sent.length, (i) =>
		insist(() => put(customer, id, sent[i])),
	);
	const all = await everything(seller, id);
	isWhole(all, 7);
	assert.equal(new Set(all.map((one) => one.id)).size, 7);
});

test('a PUT without an id that nginx repeats stays one message', async () => {
	const { id, customer } = await meet(stack);
	const acknowledged = [];
	let round = 0;
	const senders = crowd(8, async (i) => {
		for (let n = 0; n < 40; n++) {
			const text = `${i}.${n}`;
			const reply = await customer
				.put(C, {
					conversationId: id,
					message: { text },
				})
				.catch(() => null);
			if (reply?.status === 200) acknowledged.push(text);
			else await pause(50);
			round++;
		}
	});
	for (let kill = 1; kill <= 3; kill++) {
		await until('some were sent', () => round >= 60 * kill);
		await stack.restart('api');
	}
	await senders;
	const texts = (await everything(customer, id)).map((one) => one.text);
	assert.equal(new Set(texts).size, texts.length);
	for (const text of acknowledged)
		assert.ok(texts.includes(text), `${text} was acknowledged`);
});
