/*
 * visitors.js: visitors of the support chat over REST: guests and accounts,
 * all lines of a session, and what a session's id alone must not open.
 */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { Browser, GUEST } from './browser.js';
import { CHAT, HISTORY, lines, says } from './desk.js';
import { expect, isWhole } from './talk.js';

/** GET the history; gives the whole answer. */
export const history = async (who, query = '') =>
	expect(await who.get(HISTORY + query), 200).body;

/** All lines of a session, by paging back to the first. */
export async function everyLine(who, sessionId) {
	let page = await lines(who, sessionId);
	let whole = page;
	while (page.length && page[0].seq > 1) {
		page = await lines(who, sessionId, `&before=${page[0].seq}`);
		whole = [...page, ...whole];
	}
	return whole;
}

/** Insist on lines of the visitor, each with the bot's answer behind it. */
export function isAnswered(whole) {
	isWhole(whole, whole.length);
	for (const [i, one] of whole.entries()) {
		assert.equal(one.sender, i % 2 ? 'bot' : 'user');
		if (one.sender === 'bot') assert.equal(one.id, `bot-${i}`);
	}
	assert.equal(whole.length % 2, 0);
}

/** The texts of the visitor's own. */
export const own = (all) =>
	all.filter((one) => one.sender === 'user').map((one) => one.text);

/** What a guest's cookie holds. */
export const secret = () => randomBytes(16).toString('hex');

/** A guest whose cookie is there before his first request. */
export const stranger = (stack) => new Browser(stack, { [GUEST]: secret() });

/** A guest with n lines, each answered; his session is his sessionId. */
export async function guest(stack, n = 1) {
	const who = new Browser(stack);
	for (let i = 1; i <= n; i++)
		({ sessionId: who.sessionId } = await says(who, `guest ${i}`));
	return who;
}

/** Visitors of both kinds who have said nothing yet. */
export const visitors = async (stack) => [
	['a guest', stranger(stack)],
	['an account', await stack.as({ name: 'Asha' })],
];

/** Insist that he neither reads nor says anything in that session. */
export async function opensNothing(who, sessionId) {
	const lines = who.stack.db.collection('chatmessages');
	const before = await lines.countDocuments({ sessionId });
	for (const query of [
		`?sessionId=${sessionId}`,
		`?sessionId=${sessionId}&before=100`,
	])
		expect(await who.get(HISTORY + query), 404, 'not_found');
	const reply = await who.post(CHAT, { message: 'mine?', sessionId });
	expect(reply, 404, 'not_found');
	assert.equal(reply.body.written, false);
	const userId = await who.get(`${HISTORY}?userId=${sessionId}`);
	if (userId.status !== 404)
		assert.notEqual(userId.body.sessionId, sessionId);
	assert.equal(await lines.countDocuments({ sessionId }), before);
}
