/*
 * Scenario 60: the statements that the api really sends use an index, and
 * uniqueness is the store's.  mongod's profiler tells.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fresh, start, until } from './harness.js';
import {
	C,
	answerOffer,
	expect,
	fill,
	meet,
	message,
	of,
	ok,
	patch,
	put,
	read,
	say,
	thread,
} from './talk.js';

let stack;
let pair;
before(async () => {
	stack = await start();
	pair = await meet(stack, { said: 200 });
	const others = Array.from({ length: 60 }, () =>
		thread(
			pair.customer,
			{ email: `${fresh()}@example.com` },
			{ messages: [message('x')] },
		),
	);
	for (const other of others) ok(await pair.customer.post(C, other), 201);
	for (let i = 0; i < 5; i++)
		ok(
			await pair.customer.post(
				C,
				thread(pair.customer, pair.seller),
			),
			201,
		);
});
after(() => stack.stop());

/** The statements on our collections that mongod ran while it was done. */
async function statements(run) {
	await stack.db.command({ profile: 2 });
	try {
		await run();
		await new Promise((go) => setImmediate(go));
	} finally {
		await stack.db.command({ profile: 0 });
	}
	const all = await stack.db
		.collection('system.profile')
		.find({
			ns: { $in: ['parley.conversations', 'parley.archive'] },
			op: {
				$in: [
					'query',
					'getmore',
					'update',
					'remove',
					'command',
				],
			},
			planSummary: { $exists: true },
		})
		.toArray();
	await stack.db.collection('system.profile').drop();
	return all;
}

const narrow = {
	customerId: () => pair.customer.email,
	sellerId: () => pair.seller.email,
};

/* Its buckets are found by rev, wanted by seq, and few. */
const SORTED = 'changes since';

/* [what, run, the most documents one statement may examine] */
const calls = [
	[
		'list by customer',
		() =>
			pair.customer.get(
				C +
					of(null, {
						customerId: narrow.customerId(),
						limit: 10,
					}),
			),
		12,
	],
	[
		'list by seller',
		() =>
			pair.seller.get(
				C +
					of(null, {
						sellerId: narrow.sellerId(),
						limit: 10,
					}),
			),
		12,
	],
	['list of both roles', () => pair.seller.get(C), 12],
	['list of unread', () => pair.seller.get(`${C}?filter=unread`), 12],
	['open by id', () => pair.seller.get(C + of(pair.id)), 3],
	[
		'create',
		() => pair.customer.post(C, thread(pair.customer, pair.seller)),
		3,
	],
	[
		'open or create',
		() =>
			pair.customer.post(C, {
				...pair.asked,
				id: fresh('alias'),
			}),
		3,
	],
	['send', () => say(pair.customer, pair.id, 'x'), 3],
	[
		'a repeated send',
		() => put(pair.customer, pair.id, { id: 'twice', text: 'x' }),
		3,
	],
	['mark read', () => patch(pair.seller, pair.id, { readSeq: 3 }), 3],
	[
		'answer an offer',
		() => answerOffer(pair.seller, pair.id, 'offer', 'accepted'),
		3,
	],
	[
		'page of the archive',
		() => pair.seller.get(C + of(pair.id, { before: 100 })),
		8,
	],
	[SORTED, () => pair.seller.get(C + of(pair.id, { since: 190 })), 8],
	['hide', () => pair.customer.del(C + of(pair.id)), 3],
];

test('scenario 60: every call uses an index, and reads only what it needs', async () => {
	ok(await put(pair.customer, pair.id, { id: 'twice', text: 'x' }));
	ok(
		await put(pair.customer, pair.id, {
			id: 'offer',
			text: '',
			payload: { offerPrice: 1 },
		}),
	);
	for (const [what, run, most] of calls) {
		const done = await statements(async () => {
			const reply = await run();
			assert.ok(reply.status < 300, `${what}: ${reply.text}`);
		});
		assert.ok(done.length > 0, `${what}: no statement was seen`);
		for (const one of done) {
			const told =
				`${what}: ${one.planSummary} ` +
				JSON.stringify(one.command).slice(0, 500);
			assert.doesNotMatch(one.planSummary, /COLLSCAN/, told);
			assert.ok(
				(one.docsExamined ?? 0) <= most,
				`examined ${one.docsExamined}: ${told}`,
			);
			assert.ok(!one.hasSortStage || what === SORTED, told);
		}
	}
});

test('scenario 60: a send and a page cost the same at 200 and at 5,000', async () => {
	const { id, customer, seller } = await meet(stack, { said: 200 });
	const cost = async () => {
		const done = await statements(async () => {
			ok(await say(customer, id, 'x'));
			await read(seller, id, { before: 120 });
			await read(seller, id);
		});
		return done.reduce((sum, one) => sum + one.docsExamined, 0);
	};
	await cost();
	const early = await cost();
	await fill(customer, id, 4800);
	const late = await cost();
	assert.ok(late <= early + 4, `${early} documents, later ${late}`);
	const doc = await stack.db.collection('conversations').findOne({ id });
	assert.ok(doc.messages.length < 128);
});

test('scenario 60: the store itself refuses a second id or triple', async () => {
	const conversations = stack.db.collection('conversations');
	const doc = await until('the conversation', () =>
		conversations.findOne({ id: pair.id }),
	);
	const twins = [
		{ ids: [pair.id] },
		{ ids: ['another', pair.id] },
		{ key: doc.key },
	];
	for (const twin of twins)
		await assert.rejects(
			conversations.insertOne(twin),
			(error) => error.code === 11000,
		);
	const names = (await conversations.indexes())
		.filter((index) => index.unique)
		.map((index) => Object.keys(index.key).join());
	for (const wanted of ['ids', 'key'])
		assert.ok(names.includes(wanted), wanted);
	expect(await pair.seller.get(C + of('another')), 404);
});
