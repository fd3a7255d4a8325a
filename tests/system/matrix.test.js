/*
 * Who may do what: every route of "api --routes", every parameter that acts
 * on a conversation, for every kind of caller.  A route without rows here
 * fails.  Parameters that name people are in lists.test.js; the support chat
 * is in chat-matrix.test.js.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { binary, fresh, start } from './harness.js';
import { C, drive, meet, message, of, offer, ok, put, thread } from './talk.js';

let stack;
let pair; // own
let foreign; // other's
const callers = {};

before(async () => {
	stack = await start();
	[pair, foreign] = [await meet(stack), await meet(stack)];
	callers.customer = pair.customer;
	callers.seller = pair.seller;
	callers.outsider = await stack.as();
	callers.agent = await stack.as({ role: 'agent' });
	callers.admin = await stack.as({ role: 'admin' });
	callers.anonymous = stack.anyone;
	await populate(pair);
	await populate(foreign);
});
after(() => stack.stop());

async function populate({ id, customer }) {
	ok(await put(customer, id, { ...offer(10), id: 'offer' }));
	ok(await put(customer, id, { ...drive(), id: 'drive' }));
}

/* Those purged are replaced, so that each case has its own and its other's. */
async function renew() {
	for (const one of [pair, foreign]) {
		if ((await one.customer.get(C + of(one.id))).status === 200)
			continue;
		const asked = thread(one.customer, one.seller);
		one.id = ok(await one.customer.post(C, asked), 201).id;
		await populate(one);
	}
}

/*
 * The status by what the caller is to the conversation named (one of its
 * parties, a stranger, an admin), or where there is no such conversation, or
 * where that is no name at all.  Several are given where either is right.
 */
const STRANGER = { stranger: 404, absent: 404, malformed: 400 };
const READERS = { ...STRANGER, party: 200, admin: 200 };
const PARTY = { ...STRANGER, party: 200, admin: 403 };
const NO_PARTY = { ...STRANGER, party: 403, admin: 403 };
const ADMIN = { ...STRANGER, party: 403, admin: 200 };
const ADDRESSEE = { ...PARTY, customer: 404, seller: [200, 409] };
const ALL_403 = { customer: 403, seller: 403, outsider: 403, agent: 403 };
const CREATOR = {
	...READERS,
	stranger: 403,
	absent: { ...ALL_403, customer: 201, admin: 201 },
};

const mine = { customer: 'customer', seller: 'seller' };
const others = { customer: 'seller', seller: 'customer' };
const role = (sides, { role: own }) => sides[own] ?? 'customer';

/* [what, who may, fields beside conversationId: in the query of a GET] */
const rows = {
	[`GET ${C}`]: [
		['conversationId', READERS, {}],
		['messages', READERS, { messages: 1 }],
		['before', READERS, { before: 2 }],
		['after', READERS, { after: 0 }],
		['since', READERS, { since: 0 }],
	],
	[`GET ${C}/export`]: [['conversationId', READERS, {}]],
	[`PUT ${C}`]: [
		['message', PARTY, () => ({ message: message('x') })],
		[
			'message.sender',
			NO_PARTY,
			() => ({
				message: message('x', { sender: 'system' }),
			}),
		],
		[
			'userRole',
			NO_PARTY,
			(caller) => ({
				message: message('x'),
				userRole: role(others, caller),
			}),
		],
		[
			'readSeq',
			PARTY,
			() => ({ message: message('x'), readSeq: 1 }),
		],
		[
			'offerResponse',
			ADDRESSEE,
			{
				offerResponse: {
					offerMessageId: 'offer',
					response: 'rejected',
				},
			},
		],
		[
			'testDriveResponse',
			ADDRESSEE,
			{
				testDriveResponse: {
					messageId: 'drive',
					response: 'confirmed',
				},
			},
		],
	],
	[`PATCH ${C}`]: [
		[
			'markReadMessageIds',
			PARTY,
			{ markReadMessageIds: ['offer'] },
		],
		['readSeq', PARTY, { readSeq: 1 }],
		['deliveredSeq', PARTY, { deliveredSeq: 1 }],
		[
			'threadReadBy',
			PARTY,
			(caller) => ({
				threadReadBy: role(mine, caller),
				threadReadState: true,
			}),
		],
		[
			'threadReadBy of the other',
			NO_PARTY,
			(caller) => ({
				threadReadBy: role(others, caller),
				threadReadState: true,
			}),
		],
		['archive', PARTY, { archive: false }],
		['clearMessages', PARTY, { clearMessages: true }],
		['flag', PARTY, { flag: { reason: 'spam' } }],
		['resolveFlag', ADMIN, { resolveFlag: true }],
	],
	[`DELETE ${C}`]: [
		['conversationId', PARTY, {}],
		['purge', ADMIN, {}, '?purge=1'],
	],
	[`POST ${C}`]: [
		[
			'id, of a whole triple',
			CREATOR,
			(caller, { customer, seller }) =>
				thread(customer, seller),
		],
	],
};

const MALFORMED = ['', 'with blank', 'ä', 'x'.repeat(129)];

/** The statuses that are right for this caller and subject. */
function expected(may, who, subject) {
	if (who === 'anonymous') return [401];
	if (subject === 'malformed' || subject === 'absent')
		return [may[subject][who] ?? may[subject]].flat();
	if (who === 'admin') return [may.admin];
	const isParty = subject === 'own' && who in mine;
	return [isParty ? (may[who] ?? may.party) : may.stranger].flat();
}

/** The request of a row that names this conversation. */
function requestOf(route, [, , fields, query = ''], caller, owner, id) {
	const [method, path] = route.split(' ');
	const all =
		typeof fields === 'function' ? fields(caller, owner) : fields;
	if (method === 'GET') return [method, path + of(id, all)];
	const name = method === 'POST' ? 'id' : 'conversationId';
	return [method, path + query, { body: { ...all, [name]: id } }];
}

const stored = async () =>
	JSON.stringify([
		await stack.db
			.collection('conversations')
			.find()
			.sort({ _id: 1 })
			.toArray(),
		await stack.db.collection('archive').find().toArray(),
	]);

async function check(route, row, who, subject, id) {
	const caller = callers[who];
	const owner = subject === "other's" ? foreign : pair;
	const before = await stored();
	const reply = await caller.request(
		...requestOf(route, row, caller, owner, id),
	);
	const wanted = expected(row[1], who, subject);
	const what = `${row[0]}: ${subject} by ${who}: ${reply.text}`;
	assert.ok(wanted.includes(reply.status), `wanted ${wanted}: ${what}`);
	if (reply.status >= 400) {
		assert.equal(reply.body.written, false, what);
		assert.equal(await stored(), before, what);
	}
	return reply;
}

for (const route of Object.keys(rows))
	for (const row of rows[route])
		test(`${route}, ${row[0]}`, async () => {
			for (const who of Object.keys(callers)) {
				await renew();
				const run = (subject, id) =>
					check(route, row, who, subject, id);
				const absent = await run('absent', fresh('no'));
				const other = await run("other's", foreign.id);
				if (['outsider', 'agent'].includes(who))
					assert.deepEqual(
						other.body,
						absent.body,
						'absent and not yours differ',
					);
				await run('own', pair.id);
				for (const id of MALFORMED)
					await run('malformed', id);
			}
		});

test('DELETE takes the conversationId in the query too', async () => {
	await renew();
	for (const who of ['outsider', 'agent', 'admin'])
		assert.ok(
			(await callers[who].del(C + of(pair.id))).status > 400,
		);
	ok(await pair.seller.del(C + of(pair.id)));
	ok(await pair.customer.del(C + of(pair.id)));
});

/* The other routes: the statuses of anonymous and of everybody else. */
const plain = {
	'GET /api/session': [401, 200],
	'DELETE /api/session': [401, 200],
	'POST /api/demo/login': [200, 200],
	'GET /api/health': [200, 200],
	'GET /api/metrics': [200, 200],
	'GET /api/openapi.json': [200, 200],
};

for (const [route, [anonymous, signedIn]] of Object.entries(plain))
	test(`${route}, by everybody`, async () => {
		const [method, path] = route.split(' ');
		const body =
			method === 'POST'
				? { email: 'new@example.com', role: 'customer' }
				: undefined;
		const ask = (caller) => caller.request(method, path, { body });
		assert.equal((await ask(stack.anyone)).status, anonymous);
		for (const own of ['customer', 'seller', 'agent', 'admin']) {
			const reply = await ask(await stack.as({ role: own }));
			assert.equal(reply.status, signedIn, own);
		}
	});

test('every route of the program has its rows above', () => {
	const routes = execFileSync(binary, ['--routes'], { encoding: 'utf8' });
	const covered = [...Object.keys(rows), ...Object.keys(plain)];
	const here = routes
		.trim()
		.split('\n')
		.filter((route) => !route.includes(' /api/chat'));
	assert.deepEqual(here.sort(), covered.sort());
});
