/*
 * Who may do what: every route of "api --routes", every parameter that names
 * something, for every kind of caller.  A route without rows here fails.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { binary, fresh, start } from './harness.js';
import { C, meet, message, of, ok, put, thread } from './talk.js';

const OFFER = { payload: { offerPrice: 10 } };
const DRIVE = { type: 'test_drive_request',
	payload: { date: '2027-01-01', time: '10:00' } };

let stack;
let pair;
let foreign;
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
	for (const { id, customer } of [pair, foreign]) {
		ok(await put(customer, id,
			{ id: 'offer', text: '', ...OFFER }));
		ok(await put(customer, id,
			{ id: 'drive', text: '', ...DRIVE }));
	}
});
after(() => stack.stop());

/*
 * What a caller is to the thing named: one of its parties, a stranger, or an
 * admin; or whether there is no such thing, or it is no name at all.
 */
const STRANGER_404 = { stranger: 404, absent: 404, malformed: 400 };
const PARTY_ONLY = { ...STRANGER_404, party: 200, admin: [403, 404] };
const ALL_403 = { customer: 403, seller: 403, outsider: 403, agent: 403 };
const READERS = { ...STRANGER_404, party: 200, admin: 200 };
const ADDRESSEE = { ...PARTY_ONLY, customer: 404,
	seller: [200, 409] };

const by = (id, more) => ({ target: C + of(id, more) });
const change = (more) => (id, caller) =>
	({ body: { conversationId: id, ...more(caller) } });
const roleOf = (caller) => caller.role === 'seller' ? 'seller' : 'customer';
const otherOf = (caller) => roleOf(caller) === 'seller' ? 'customer' : 'seller';

/* [parameter, expectation, (id, caller) => {target, body}] */
const byId = {
	[`GET ${C}`]: [
		['conversationId', READERS, (id) => by(id)],
		['messages', READERS, (id) => by(id, { messages: 1 })],
		['before', READERS, (id) => by(id, { before: 2 })],
		['after', READERS, (id) => by(id, { after: 0 })],
		['since', READERS, (id) => by(id, { since: 0 })],
	],
	[`GET ${C}/export`]: [
		['conversationId', READERS,
			(id) => ({ target: `${C}/export${of(id)}` })],
	],
	[`PUT ${C}`]: [
		['message', PARTY_ONLY,
			change(() => ({ message: message('x') }))],
		['message.sender', { ...PARTY_ONLY, party: 403 },
			change((caller) => ({ message: message('x', {
				sender: otherOf(caller) === 'seller' ?
					'seller' : 'user',
			}) }))],
		['message and readSeq', PARTY_ONLY,
			change(() => ({ message: message('x'), readSeq: 1 }))],
		['offerResponse', ADDRESSEE, change(() => ({ offerResponse: {
			offerMessageId: 'offer', response: 'rejected' } }))],
		['testDriveResponse', ADDRESSEE,
			change(() => ({ testDriveResponse: {
			messageId: 'drive', response: 'confirmed' } }))],
	],
	[`PATCH ${C}`]: [
		['markReadMessageIds', PARTY_ONLY,
			change(() => ({ markReadMessageIds: ['offer'] }))],
		['readSeq', PARTY_ONLY, change(() => ({ readSeq: 1 }))],
		['deliveredSeq', PARTY_ONLY,
			change(() => ({ deliveredSeq: 1 }))],
		['threadReadBy', PARTY_ONLY, change((caller) => ({
			threadReadBy: roleOf(caller),
			threadReadState: true }))],
		['threadReadBy of the other', { ...PARTY_ONLY, party: 403 },
			change((caller) => ({
				threadReadBy: otherOf(caller),
				threadReadState: true }))],
		['archive', PARTY_ONLY, change(() => ({ archive: false }))],
		['clearMessages', PARTY_ONLY,
			change(() => ({ clearMessages: true }))],
		['flag', PARTY_ONLY,
			change(() => ({ flag: { reason: 'spam' } }))],
		['resolveFlag', { ...STRANGER_404, party: 403, admin: 200 },
			change(() => ({ resolveFlag: true }))],
	],
	[`DELETE ${C}`]: [
		['conversationId', PARTY_ONLY, (id) => by(id)],
		['conversationId in the body', PARTY_ONLY, change(() => ({}))],
		['purge', { party: 403, stranger: 403, admin: 200,
			absent: { ...ALL_403, admin: 404 }, malformed: 400 },
			(id) => by(id, { purge: 1 })],
	],
	[`POST ${C}`]: [
		['id of a triple', { party: 200, stranger: 403, admin: 200,
			absent: { ...ALL_403, customer: 201, admin: 201 },
			malformed: 400 },
		(id, caller, owner) => ({ body: {
			...thread(owner.customer, owner.seller), id } })],
	],
};

const MALFORMED = ['', 'with blank', 'ä', 'x'.repeat(129)];

/** What route and row expect of this caller for this subject. */
function expected(row, who, subject) {
	if (who === 'anonymous')
		return 401;
	if (subject === 'malformed' || subject === 'absent')
		return row[subject][who] ?? row[subject];
	if (who === 'admin')
		return row.admin;
	const isParty = subject === 'own' &&
		['customer', 'seller'].includes(who);
	return isParty ? row[who] ?? row.party : row.stranger;
}

const everythingStored = async () => JSON.stringify([
	await stack.db.collection('conversations').find().sort({ _id: 1 })
		.toArray(),
	await stack.db.collection('archive').find().toArray(),
]);

async function check(route, name, row, build, who, subject, id) {
	const [method, path] = route.split(' ');
	const caller = callers[who];
	const owner = subject === 'other\'s' ? foreign : pair;
	const { target = path, body } = build(id, caller, owner);
	const before = await everythingStored();
	const reply = await caller.request(method, target, { body });
	const wanted = [expected(row, who, subject)].flat();
	const what = `${route} ${name}: ${subject} by ${who}`;
	assert.ok(wanted.includes(reply.status),
		`${what}: ${reply.status}, wanted ${wanted}: ${reply.text}`);
	if (reply.status >= 400) {
		assert.equal(reply.body.written, false, what);
		assert.equal(await everythingStored(), before, what);
	}
	return reply;
}

/** Purged ones are replaced, so that each case has its own and its other's. */
async function renew() {
	for (const one of [pair, foreign]) {
		const reply = await one.customer.get(C + of(one.id));
		if (reply.status === 200)
			continue;
		const asked = thread(one.customer, one.seller);
		one.id = ok(await one.customer.post(C, asked), 201).id;
		for (const [id, kind] of [['offer', OFFER], ['drive', DRIVE]])
			ok(await put(one.customer, one.id,
				{ id, text: '', ...kind }));
	}
}

for (const [route, rows] of Object.entries(byId))
	for (const [name, row, build] of rows)
		test(`${route}, ${name}`, async () => {
			for (const who of ['customer', 'seller', 'outsider',
				'agent',
				'admin', 'anonymous']) {
				await renew();
				const run = (subject, id) =>
					check(route, name, row, build, who,
					subject, id);
				const absent = await run('absent',
					fresh('absent'));
				const others = await run('other\'s',
					foreign.id);
				if (['outsider', 'agent'].includes(who))
					assert.deepEqual(others.body, absent.body,
						'absent and not yours differ');
				await run('own', pair.id);
				for (const id of MALFORMED)
					await run('malformed', id);
			}
		});

/* Parameters that name a person: [own, other's, absent, malformed]. */
for (const field of ['customerId', 'sellerId'])
	test(`GET ${C}, ${field}`, async () => {
		await renew();
		const [mine, others] = [pair, foreign].map((one) =>
			one[field === 'customerId' ? 'customer' :
			'seller'].email);
		for (const [who, caller] of Object.entries(callers)) {
			const self = caller.email ?? 'me@example.com';
			const asked = [[self, 200], [others, 403],
				['nobody@x.org', 403],
				['', 400], ['%00', 400], ['x'.repeat(321), 400],
				[mine, self === mine ? 200 : 403]];
			for (const [value, status] of asked) {
				const encoded = value === '%00' ? value :
					encodeURIComponent(value);
				const reply = await caller.get(
					`${C}?${field}=${encoded}`);
				let wanted = who === 'admin' && status === 403 ?
					200 : status;
				if (who === 'anonymous')
					wanted = 401;
				assert.equal(reply.status, wanted,
					`${field}=${value} by ${who}`);
				if (reply.status === 200 && who !== 'admin')
					for (const row of reply.body.data)
						assert.equal(row[field], self);
			}
		}
	});

test(`GET ${C}, what narrows a list never widens it`, async () => {
	await renew();
	const { vehicleId } = ok(await pair.customer.get(C + of(pair.id)));
	for (const query of [{}, { vehicleId }, { q: 'car' }, { q: 'Asha' },
		{ filter: 'unread' }, { filter: 'flagged' },
		{ filter: 'archived' },
		{ since: '0' }, { limit: 200 }])
		for (const who of ['outsider', 'agent']) {
			const reply = await callers[who].get(C +
				of(null, query));
			if (reply.status !== 400)
				assert.deepEqual(ok(reply), [],
					`${who} ${of(null, query)}`);
			assert.ok(!reply.body.unread);
		}
	const row = (await pair.customer.get(C)).body;
	assert.ok(row.data.every((one) =>
		one.customerId === pair.customer.email));
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

for (const [route, [anonymous, others]] of Object.entries(plain))
	test(`${route}, by everybody`, async () => {
		const [method, path] = route.split(' ');
		for (const role of [null, 'customer', 'seller', 'agent',
			'admin']) {
			const caller = role ? await stack.as({ role }) :
				stack.anyone;
			const body = method === 'POST' ?
				{ email: 'new@example.com', role: 'customer' } :
				undefined;
			const reply = await caller.request(method, path,
				{ body });
			assert.equal(reply.status, role ? others : anonymous,
				role);
		}
	});

test('every route of the program has its rows above', () => {
	const routes = execFileSync(binary, ['--routes'], { encoding: 'utf8' })
		.trim().split('\n').sort();
	const covered = [...Object.keys(byId), ...Object.keys(plain)].sort();
	assert.deepEqual(routes, covered);
});
