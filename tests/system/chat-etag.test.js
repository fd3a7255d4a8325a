/*
 * ETags of histories and of the desk: 304 while nothing has changed, and never
 * for somebody else.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.js';
import {
	agentOf,
	change,
	claim,
	HISTORY,
	lines,
	says,
	SESSIONS,
} from './desk.js';
import { fresh, stackFor } from './harness.js';
import { expect, settled } from './talk.js';
import { guest } from './visitors.js';

const stack = await stackFor({ env: { PARLEY_DOUBT_MS: '1000' } });
const agent = await agentOf(stack);

test('an unchanged list is 304, until anything changes', async () => {
	const who = await guest(stack);
	const { sessionId } = who;
	const other = await agentOf(stack);
	const changes = {
		'a line': () => says(who, 'x'),
		'a claim': () => claim(agent, sessionId),
		'a fetch': () => lines(other, sessionId),
		'an answer': () => says(agent, 'x', { sessionId }),
		'a close': () => change(agent, sessionId, { status: 'closed' }),
		'a reopening': () => says(who, 'x', { sessionId }),
		'an archive': () =>
			change(agent, sessionId, { status: 'archived' }),
		'a new session': () => guest(stack),
		'a hand-over': async () => {
			const signing = await guest(stack);
			await settled(agent, SESSIONS);
			await signing.login({
				email: `${fresh('a')}@example.com`,
			});
			expect(await signing.get(HISTORY), 200);
		},
	};
	for (const target of [SESSIONS, `${SESSIONS}?limit=200`])
		for (const [what, act] of Object.entries(changes)) {
			const etag = await settled(agent, target);
			const headers = { 'if-none-match': etag };
			const same = await agent.get(target, { headers });
			assert.equal(same.status, 304);
			assert.equal(same.text, '');
			await act();
			const reply = await agent.get(target, { headers });
			assert.equal(reply.status, 200, what);
			assert.notEqual(reply.headers.etag, etag);
		}
});

test('an unchanged history is 304, until anything changes', async () => {
	const account = await stack.as();
	const said = await says(account, 'hello');
	for (const who of [await guest(stack), account]) {
		const sessionId = who.sessionId ?? said.sessionId;
		const changes = {
			'his line': () => says(who, 'x', { sessionId }),
			'a fetch by support': () => lines(agent, sessionId),
			'an answer': () => says(agent, 'x', { sessionId }),
			'a close and his next line': async () => {
				await change(agent, sessionId, {
					status: 'closed',
				});
				await says(who, 'x', { sessionId });
			},
		};
		for (const target of [
			HISTORY,
			`${HISTORY}?sessionId=${sessionId}`,
			`${HISTORY}?sessionId=${sessionId}&limit=3`,
		])
			for (const [what, act] of Object.entries(changes)) {
				const etag = await settled(who, target);
				await act();
				const headers = { 'if-none-match': etag };
				const reply = await who.get(target, {
					headers,
				});
				assert.equal(
					reply.status,
					200,
					`${what} ${target}`,
				);
			}
	}
});

test("an ETag is its reader's own", async () => {
	const who = await guest(stack);
	const account = await stack.as();
	await says(account, 'x');
	const named = `${HISTORY}?sessionId=${who.sessionId}`;
	for (const target of [HISTORY, named]) {
		const etag = await settled(who, target);
		const headers = { 'if-none-match': etag };
		for (const other of [
			await guest(stack),
			account,
			stack.anyone,
			new Browser(stack),
		]) {
			const reply = await other.get(target, {
				headers: { ...other.headers, ...headers },
			});
			assert.equal(
				reply.status,
				target === named ? 404 : 200,
				target,
			);
		}
	}
	const etag = await settled(who, HISTORY);
	await who.login(account);
	const reply = await who.get(HISTORY, {
		headers: { 'if-none-match': etag },
	});
	assert.equal(reply.status, 200, 'at his login it is another');
	assert.equal(who.guest, undefined, 'and the session is handed over');
});

test('a 304 never hides the end of a session that is not his any more', async () => {
	const who = await guest(stack);
	const target = `${HISTORY}?sessionId=${who.sessionId}`;
	const old = new Browser(stack, Object.fromEntries(who.jar));
	const etag = await settled(old, target);
	await who.login({ email: `${fresh('a')}@example.com` });
	expect(await who.get(HISTORY), 200);
	const headers = { 'if-none-match': etag };
	assert.equal((await old.get(target, { headers })).status, 404);
});
