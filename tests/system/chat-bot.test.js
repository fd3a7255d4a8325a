/*
 * What support answers by itself, through the whole chain: scenario 55, when
 * it falls silent, and what a crash between a line and its answer leaves.
 * Which words fit which rule is told by tests/test_bot.c.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Browser } from './browser.js';
import { agentOf, change, CHAT, claim, lines, says } from './desk.js';
import { crowd, fresh, stackFor } from './harness.js';
import { expect, isWhole } from './talk.js';

const stack = await stackFor();
const chatlines = () => stack.db.collection('chatmessages');
const sessions = () => stack.db.collection('chatsessions');

const guest = () => new Browser(stack);

/** What a new guest is answered to this line. */
const answerTo = async (text, more) =>
	(await says(guest(), text, more)).response;

/** The answer of each shipped rule, by a word that it must know. */
const shipped = {
	greeting: await answerTo('hello'),
	price: await answerTo('price'),
	contact: await answerTo('contact'),
	help: await answerTo('help'),
	thanks: await answerTo('thanks'),
	default: await answerTo('qwertz'),
};

test('each shipped rule has an answer of its own', () => {
	assert.equal(new Set(Object.values(shipped)).size, 6);
	for (const text of Object.values(shipped)) assert.ok(text.length > 10);
});

test('55: whole words, in any case, in the order of the file', async () => {
	const sentences = {
		greeting: [
			'Hello, what is the price? Thanks!',
			'hi',
			'HEY!!',
			'“Hello”',
			'\u{1f44b}hello\u{1f44b}',
			'thanks, hello',
		],
		price: [
			'What does it COST?',
			'price/cost: help, please',
			'your phone price',
		],
		contact: [
			'Which phone?',
			'e-mail or email? thanks',
			'PHONE help',
		],
		help: ['support!', 'thanks for your help'],
		thanks: ['Thanks.', 'THANKS \u{1f600}'],
		default: [
			'Is this vehicle available?',
			'Which chip is in it?',
			'this vehicle',
			'a pricey costume',
			'helpless supporters',
			'thanksgiving',
			'microphone',
			'h e l l o',
			'\u{1f600}',
			'h\u00e9llo',
		],
	};
	for (const [rule, all] of Object.entries(sentences))
		for (const text of all)
			assert.equal(
				await answerTo(text),
				shipped[rule],
				`${text}: ${rule}`,
			);
});

test("a greeting knows the visitor's name", async () => {
	assert.ok(!shipped.greeting.includes('{'));
	const zoe = guest();
	const named = await says(zoe, 'hello', { userName: 'Zoë {name} $x' });
	assert.match(named.response, /Zoë \{name\} \$x/);
	const again = await says(zoe, 'hello again');
	assert.match(again.response, /Zoë \{name\} \$x/, 'it is remembered');
	const account = await stack.as({ name: 'Asha' });
	const { response } = await says(account, 'hello', { userName: 'Zoë' });
	assert.match(response, /Asha/, "the token's name wins");
});

test('a line without a cookie is never answered twice', async () => {
	const { body } = expect(
		await stack.anyone.post(CHAT, { message: 'hello' }),
		200,
	);
	assert.equal(
		await chatlines().countDocuments({ sessionId: body.sessionId }),
		2,
	);
});

/** A visitor with a session that holds a line and its answer. */
async function begun() {
	const who = guest();
	const { sessionId } = await says(who, 'hello');
	return { who, sessionId };
}
const senders = async (who, sessionId) =>
	(await lines(who, sessionId)).map((one) => one.sender);

test('it falls silent when an agent claims, and speaks again after a close', async () => {
	const agent = await agentOf(stack);
	for (const status of ['closed', 'archived']) {
		const { who, sessionId } = await begun();
		await claim(agent, sessionId);
		const quiet = await says(who, 'help', { sessionId });
		assert.equal(quiet.response, '');
		assert.equal(quiet.seq, 3);
		await change(agent, sessionId, { status });
		const again = await says(who, 'help', { sessionId });
		assert.equal(again.sessionId, sessionId);
		assert.equal(again.seq, 4);
		assert.equal(again.response, shipped.help);
		assert.deepEqual(await senders(who, sessionId), [
			'user',
			'bot',
			'user',
			'user',
			'bot',
		]);
	}
});

test('it falls silent when an agent answers, also after his lease', async () => {
	const agent = await agentOf(stack);
	const { who, sessionId } = await begun();
	const answer = await says(agent, 'Hello, I am here', { sessionId });
	assert.equal(answer.response, '');
	assert.equal((await says(who, 'help')).response, '');
	await sessions().updateOne(
		{ sessionId },
		{ $set: { claimedUntil: new Date(Date.now() - 1000) } },
	);
	assert.equal((await says(who, 'help')).response, '');
	await change(agent, sessionId, { status: 'closed' });
	await change(agent, sessionId, { status: 'active' });
	assert.equal((await says(who, 'help')).response, shipped.help);
	assert.deepEqual(await senders(who, sessionId), [
		'user',
		'bot',
		'admin',
		'user',
		'user',
		'user',
		'bot',
	]);
});

test('a retry gets the answer that the line got, whoever has taken over', async () => {
	const agent = await agentOf(stack);
	const who = guest();
	const messageId = fresh('id');
	const first = await says(who, 'help', { messageId });
	const { sessionId } = first;
	await claim(agent, sessionId);
	const quiet = fresh('id');
	const second = await says(who, 'price', { messageId: quiet });
	assert.equal(second.response, '');
	const again = async () => {
		assert.deepEqual(await says(who, 'help', { messageId }), {
			...first,
			duplicate: true,
		});
		assert.deepEqual(
			await says(who, 'price', { messageId: quiet }),
			{ ...second, duplicate: true },
		);
	};
	await again();
	await change(agent, sessionId, { status: 'closed' });
	await change(agent, sessionId, { status: 'active' });
	await again();
	assert.equal((await lines(who, sessionId)).length, 3);
});

test('what an agent says is not answered', async () => {
	const agent = await agentOf(stack);
	const { sessionId } = await begun();
	for (const text of ['hello', 'price'])
		assert.equal(
			(await says(agent, text, { sessionId })).response,
			'',
		);
	assert.deepEqual(await senders(agent, sessionId), [
		'user',
		'bot',
		'admin',
		'admin',
	]);
});

/*
 * What a crash leaves: the first `left` of a line and its answer, which the
 * session has not reached.
 */
async function crashed(text, left) {
	const { who, sessionId } = await begun();
	const before = await sessions().findOne({ sessionId });
	const messageId = fresh('lost');
	const { response } = await says(who, text, { messageId });
	if (left < 2) await chatlines().deleteOne({ sessionId, n: 4 });
	await sessions().replaceOne({ sessionId }, before);
	return { who, sessionId, messageId, response };
}
const retries = { 'his retry': 1, 'ten retries at once': 10 };

for (const left of [1, 2]) {
	for (const [what, n] of Object.entries(retries))
		test(`a crash after ${left} of two lines: ${what} completes it, once`, async () => {
			const { who, sessionId, messageId, response } =
				await crashed('help', left);
			assert.equal(response, shipped.help);
			const replies = await crowd(n, () =>
				says(who, 'help', { messageId }),
			);
			for (const one of replies) {
				assert.equal(one.seq, 3);
				assert.equal(one.response, shipped.help);
			}
			const whole = await lines(who, sessionId);
			isWhole(whole, 4);
			assert.equal(whole[3].id, 'bot-3');
			assert.equal(whole[3].text, shipped.help);
			assert.equal(
				(await says(who, 'thanks')).response,
				shipped.thanks,
			);
			isWhole(await lines(who, sessionId), 6);
		});

	test(`a crash after ${left} of two lines: the next line completes it, once`, async () => {
		const { who, sessionId, messageId } = await crashed(
			'help',
			left,
		);
		const next = await says(who, 'thanks');
		assert.equal(next.response, shipped.thanks);
		const late = await says(who, 'help', { messageId });
		assert.equal(late.duplicate, true);
		assert.equal(late.seq, 3);
		assert.equal(late.response, shipped.help);
		const whole = await lines(who, sessionId);
		isWhole(whole, 6);
		assert.deepEqual(
			whole.slice(2).map((one) => one.text),
			['help', shipped.help, 'thanks', shipped.thanks],
		);
	});

	test(`a crash after ${left} of two lines: what a reader saw stays`, async () => {
		const { who, sessionId, messageId } = await crashed(
			'help',
			left,
		);
		const agent = await agentOf(stack);
		const seen = await lines(agent, sessionId);
		isWhole(seen, seen.length);
		await says(agent, 'I am here', { sessionId });
		await says(who, 'help', { messageId });
		const whole = await lines(agent, sessionId);
		isWhole(whole, whole.length);
		for (const [i, { text, id }] of seen.entries())
			assert.deepEqual(
				[whole[i].text, whole[i].id],
				[text, id],
			);
		assert.equal(
			whole.filter((one) => one.id === messageId).length,
			1,
		);
	});
}
