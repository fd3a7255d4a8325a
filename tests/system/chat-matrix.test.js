/*
 * Who may do what in the support chat: every route of it, every parameter that
 * names a session, for every kind of caller.  What is refused changes nothing,
 * and what is not his is told to nobody apart from what is absent.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { after, before, test } from 'node:test';
import { Browser, GUEST } from './browser.js';
import { CHAT, HISTORY, SESSIONS, claim, says } from './desk.js';
import { binary, fresh, start } from './harness.js';

let stack;
const callers = {};
/** The sessions, by their owners; `absent` is none. */
const sessions = {};

before(async () => {
	stack = await start();
	Object.assign(callers, {
		account: await stack.as(),
		guest: new Browser(stack),
		other: await stack.as(),
		seller: await stack.as({ role: 'seller' }),
		otherGuest: new Browser(stack),
		nobody: stack.anyone,
		forged: new Browser(stack, { [GUEST]: 'f'.repeat(32) }),
		agent: await stack.as({ role: 'agent' }),
		colleague: await stack.as({ role: 'agent' }),
		admin: await stack.as({ role: 'admin' }),
	});
	for (const owner of ['account', 'guest', 'other', 'otherGuest'])
		sessions[owner] = (
			await says(callers[owner], `of ${owner}`)
		).sessionId;
	sessions.absent = `chat_${'0'.repeat(32)}`;
	for (const owner of ['account', 'guest'])
		await claim(callers.agent, sessions[owner]);
});
after(() => stack.stop());

const VISITORS = [
	'account',
	'guest',
	'other',
	'seller',
	'otherGuest',
	'nobody',
	'forged',
];
const GUESTS = ['guest', 'otherGuest', 'nobody', 'forged'];
const AGENTS = ['agent', 'colleague', 'admin'];
const SUBJECTS = ['account', 'guest', 'other', 'otherGuest', 'absent'];

/* The status by caller and subject. */
const readers = (who, subject) => {
	if (subject === 'absent') return 404;
	return AGENTS.includes(who) || who === subject ? 200 : 404;
};
/* claimed are those of account and guest: by agent. */
const writers = (who, subject) => {
	const isClaimed = ['account', 'guest'].includes(subject);
	if (isClaimed && ['colleague', 'admin'].includes(who)) return 409;
	return readers(who, subject);
};
const desks = (allowed) => (who, subject) => {
	if (GUESTS.includes(who)) return 401;
	if (!AGENTS.includes(who)) return 403;
	return allowed(who, subject);
};
const anyAgent = (who, subject) => (subject === 'absent' ? 404 : 200);

/* [what, statuses, request of a session id, does it change anything] */
const rows = {
	[`GET ${HISTORY}`]: [
		['sessionId', readers, (id) => [`${HISTORY}?sessionId=${id}`]],
		[
			'before',
			readers,
			(id) => [`${HISTORY}?sessionId=${id}&before=2`],
		],
		[
			'limit',
			readers,
			(id) => [`${HISTORY}?sessionId=${id}&limit=1`],
		],
	],
	[`POST ${CHAT}`]: [
		[
			'sessionId',
			writers,
			(id) => [CHAT, { message: 'x', sessionId: id }],
		],
		[
			'messageId',
			writers,
			(id) => [
				CHAT,
				{
					message: 'x',
					sessionId: id,
					messageId: fresh('m'),
				},
			],
		],
	],
	[`PATCH ${SESSIONS}`]: [
		[
			'status',
			desks(anyAgent),
			(id) => [SESSIONS, { sessionId: id, status: 'active' }],
		],
		[
			'claim',
			desks(writers),
			(id) => [SESSIONS, { sessionId: id, claim: true }],
		],
	],
};

const MALFORMED = ['', 'with blank', 'ä', 'x'.repeat(129)];

async function stored() {
	const all = [];
	for (const name of ['chatsessions', 'chatmessages'])
		all.push(
			await stack.db
				.collection(name)
				.find()
				.sort({ _id: 1 })
				.toArray(),
		);
	return JSON.stringify(all);
}

/* A claim that a line or a row above has made goes, but those of before(). */
const unclaim = () =>
	stack.db.collection('chatsessions').updateMany(
		{
			sessionId: {
				$in: [sessions.other, sessions.otherGuest],
			},
		},
		{ $set: { agent: '', claimedUntil: new Date(0) } },
	);

/** Ask, and insist on one of these statuses; gives the answer. */
async function ask(route, who, [target, body], wanted, what) {
	const [method] = route.split(' ');
	const before = await stored();
	const reply = await callers[who].request(method, encodeURI(target), {
		body,
	});
	const all = `${what} by ${who}: ${reply.text.slice(0, 300)}`;
	assert.ok(wanted.includes(reply.status), `wanted ${wanted}: ${all}`);
	if (reply.status >= 400) {
		assert.equal(reply.body.success, false, all);
		assert.equal(reply.body.written, false, all);
		assert.equal(await stored(), before, all);
	}
	return reply;
}

for (const route of Object.keys(rows))
	for (const [what, may, request] of rows[route])
		test(`${route}, ${what}`, async () => {
			for (const who of Object.keys(callers)) {
				const answers = new Set();
				for (const subject of SUBJECTS) {
					await unclaim();
					const status = may(who, subject);
					const { body } = await ask(
						route,
						who,
						request(sessions[subject]),
						[status],
						`${what}: ${subject}`,
					);
					if (status === 404)
						answers.add(
							JSON.stringify(body),
						);
				}
				assert.ok(
					answers.size < 2,
					'absent and not his differ',
				);
				for (const id of MALFORMED)
					await ask(
						route,
						who,
						request(id),
						[400, 404, may(who, 'absent')],
						`${what}: malformed`,
					);
			}
		});

test(`GET ${HISTORY}, userId`, async () => {
	for (const who of VISITORS)
		for (const owner of ['account', 'other']) {
			const reply = await callers[who].get(
				`${HISTORY}?userId=${callers[owner].email}`,
			);
			const texts = (reply.body.messages ?? []).map(
				(one) => one.text,
			);
			assert.equal(
				texts.includes(`of ${owner}`),
				who === owner,
				`${owner} by ${who}`,
			);
			const isGuest = GUESTS.includes(who);
			const isRead = isGuest || who === owner;
			assert.equal(reply.status, isRead ? 200 : 404);
		}
});

test(`GET ${HISTORY}, of nothing named`, async () => {
	for (const who of VISITORS) {
		const reply = await callers[who].get(HISTORY);
		assert.equal(reply.status, 200);
		const lines = reply.body.messages.filter(({ text }) =>
			text.startsWith('of '),
		);
		assert.deepEqual(
			lines.map((one) => one.text),
			who in sessions ? [`of ${who}`] : [],
		);
	}
});

test(`GET ${SESSIONS}, every parameter`, async () => {
	const good = [
		'',
		'?status=active',
		'?status=closed',
		'?status=archived',
		'?waiting=1',
		'?waiting=0',
		'?claimed=1',
		'?claimed=0',
		'?claimed=me',
		'?limit=1',
		'?limit=200',
		'?status=active&waiting=1&claimed=0&limit=50',
	];
	for (const query of good)
		for (const who of Object.keys(callers))
			await ask(
				`GET ${SESSIONS}`,
				who,
				[SESSIONS + query],
				[desks(() => 200)(who)],
				query,
			);
	for (const query of [
		'?status=open',
		'?status=',
		'?waiting=yes',
		'?claimed=2',
		'?limit=0',
		'?limit=201',
		'?limit=x',
		'?cursor=junk',
	])
		for (const who of Object.keys(callers))
			await ask(
				`GET ${SESSIONS}`,
				who,
				[SESSIONS + query],
				GUESTS.includes(who)
					? [401]
					: AGENTS.includes(who)
						? [400]
						: [400, 403],
				query,
			);
});

test(`POST ${CHAT} of an agent without a session`, async () => {
	for (const who of AGENTS)
		await ask(
			`POST ${CHAT}`,
			who,
			[CHAT, { message: 'x' }],
			[400],
			'no sessionId',
		);
});

test(`POST ${CHAT}/live is the relays' alone`, async () => {
	for (const who of Object.keys(callers))
		for (const body of [{}, { role: 'agent' }]) {
			const reply = await callers[who].post(
				`${CHAT}/live`,
				body,
				{
					headers: {
						...callers[who].headers,
						LIVE_CONNECTION: 'f'.repeat(32),
						'live-connection': 'f'.repeat(
							32,
						),
					},
				},
			);
			assert.equal(reply.status, 404, who);
			assert.ok(!reply.text.includes('sessionId'));
		}
});

test('every route of the chat has its rows above', () => {
	const routes = execFileSync(binary, ['--routes'], { encoding: 'utf8' });
	assert.deepEqual(
		routes
			.trim()
			.split('\n')
			.filter((route) => route.includes(' /api/chat'))
			.sort(),
		[...Object.keys(rows), `GET ${SESSIONS}`].sort(),
	);
});
