/*
 * What narrows a list, and whose conversations it shows.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fresh, stackFor } from './harness.js';
import {
	C,
	expect,
	inbox,
	list,
	meet,
	of,
	ok,
	patch,
	read,
	say,
	thread,
	walk,
} from './talk.js';

const stack = await stackFor();

test('filters, listing and text narrow a list', async () => {
	const words = ['Blue van', 'Red (coupé)', 'old.*', '100% electric'];
	const { customer, seller, ids } = await inbox(stack, 4, (i) => ({
		vehicleName: words[i],
		vehicleId: `list-${i}-${fresh('')}`,
	}));
	ok(await say(seller, ids[0], 'needle in the newest'));
	ok(await patch(seller, ids[1], { archive: true }));
	ok(await patch(seller, ids[2], { flag: { reason: 'spam' } }));
	const found = async (client, query) => {
		const rows = await list(client, query);
		return rows.map((row) => ids.indexOf(row.id)).sort();
	};
	const purged = ok(
		await customer.post(C, thread(customer, seller)),
		201,
	).id;
	const admin = await stack.as({ role: 'admin' });
	ok(await admin.del(C + of(purged, { purge: 1 })));
	const cases = [
		[seller, { filter: 'unread' }, [2, 3]],
		[seller, { filter: 'archived' }, [1]],
		[seller, { filter: 'flagged' }, [2]],
		[customer, { filter: 'archived' }, []],
		[customer, { filter: 'unread' }, [0]],
		[seller, { q: 'needle' }, [0]],
		[seller, { q: 'NEEDLE' }, [0]],
		[seller, { q: 'coup' }, [1]],
		[seller, { q: '(coupé)' }, [1]],
		[seller, { q: '.*' }, [2]],
		[seller, { q: '100%' }, [3]],
		[seller, { q: 'e' }, [0, 1, 2, 3]],
		[seller, { q: '$where' }, []],
		[seller, { q: 'hello', filter: 'archived' }, [1]],
	];
	for (const [client, query, wanted] of cases)
		assert.deepEqual(
			await found(client, query),
			wanted,
			JSON.stringify(query),
		);
	const { vehicleId } = await read(seller, ids[3]);
	assert.deepEqual(await found(seller, { vehicleId }), [3]);
	const pages = await walk(seller, { q: 'e', limit: 1 });
	assert.equal(pages.flatMap((page) => page.data).length, 4);
});

test('an admin sees everything, and may filter by anybody', async () => {
	const { customer, seller, ids } = await inbox(stack, 3);
	const admin = await stack.as({ role: 'admin' });
	for (const query of [
		{ customerId: customer.email },
		{ sellerId: seller.email },
		{ sellerId: seller.email, customerId: customer.email },
	]) {
		const rows = await list(admin, query);
		assert.deepEqual(
			rows.map((row) => row.id),
			[...ids].reverse(),
		);
	}
	const all = (await walk(admin, { limit: 50, messages: 0 })).flatMap(
		(page) => page.data,
	);
	const stored = await stack.db
		.collection('conversations')
		.countDocuments({ purged: { $exists: false } });
	assert.equal(all.length, stored);
});

test('a list shows both roles of its caller, and of nobody else', async () => {
	const both = await stack.as();
	const [seller, customer] = [
		await stack.as({ role: 'seller' }),
		await stack.as(),
	];
	const buying = ok(await both.post(C, thread(both, seller)), 201).id;
	const selling = ok(
		await customer.post(C, thread(customer, both)),
		201,
	).id;
	const ids = async (query) =>
		(await list(both, query)).map((row) => row.id);
	assert.deepEqual(await ids({}), [selling, buying]);
	assert.deepEqual(await ids({ customerId: both.email }), [buying]);
	assert.deepEqual(await ids({ sellerId: both.email }), [selling]);
	assert.deepEqual(
		await ids({ sellerId: both.email, customerId: customer.email }),
		[selling],
	);
	assert.deepEqual(
		await ids({ sellerId: both.email, customerId: seller.email }),
		[],
	);
	for (const query of [
		{ customerId: customer.email },
		{ sellerId: seller.email },
		{ customerId: 'nobody@x' },
		{ sellerId: seller.email, customerId: customer.email },
	])
		expect(await both.get(C + of(null, query)), 403, 'forbidden');
});

/* [value, status]: own, other's, absent, and no identity at all. */
const named = (self, inPair, inOther) => [
	[self, 200],
	[inOther, 403],
	['nobody@example.org', 403],
	[inPair, self === inPair ? 200 : 403],
	['', 400],
	['\u0001', 400],
	['x'.repeat(321), 400],
];

for (const [field, party] of [
	['customerId', 'customer'],
	['sellerId', 'seller'],
])
	test(`${field} is the caller's own, but for admins`, async () => {
		const [pair, other] = [await meet(stack), await meet(stack)];
		const callers = [
			pair.customer,
			pair.seller,
			await stack.as(),
			await stack.as({ role: 'agent' }),
		];
		const admin = await stack.as({ role: 'admin' });
		const [inPair, inOther] = [pair, other].map(
			(one) => one[party].email,
		);
		for (const caller of callers)
			for (const [value, status] of named(
				caller.email,
				inPair,
				inOther,
			)) {
				const query = of(null, { [field]: value });
				const what = `${query} by ${caller.role}`;
				const reply = await caller.get(C + query);
				assert.equal(reply.status, status, what);
				for (const row of status === 200
					? reply.body.data
					: [])
					assert.equal(row[field], caller.email);
				expect(await stack.anyone.get(C + query), 401);
				const seen = (await admin.get(C + query))
					.status;
				assert.equal(
					seen,
					status === 400 ? 400 : 200,
					what,
				);
			}
	});

test('what narrows a list never widens it', async () => {
	const { customer, conversation } = await meet(stack, { said: 1 });
	const { vehicleId } = conversation;
	for (const query of [
		{},
		{ vehicleId },
		{ q: 'car' },
		{ q: 'Asha' },
		{ filter: 'unread' },
		{ filter: 'flagged' },
		{ filter: 'archived' },
		{ since: '0' },
		{ limit: 200 },
	]) {
		for (const role of ['customer', 'agent']) {
			const stranger = await stack.as({ role });
			const reply = await stranger.get(C + of(null, query));
			assert.deepEqual(ok(reply), [], of(null, query));
			assert.equal(reply.body.unread, 0);
		}
		for (const row of ok(await customer.get(C + of(null, query))))
			assert.equal(row.customerId, customer.email);
	}
});
