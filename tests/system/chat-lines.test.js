/*
 * Lines of the support chat over REST: one effect for each id, numbers without
 * holes, order, history and its pages.  Scenario 54.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentOf, CHAT, HISTORY, lines, says } from './desk.js';
import { crowd, fresh, stackFor } from './harness.js';
import { expect, isWhole } from './talk.js';
import {
	everyLine,
	history,
	isAnswered,
	stranger,
	visitors,
} from './visitors.js';

const SESSION = /^chat_[0-9a-f]{32}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const PARALLEL = 100;

const stack = await stackFor();

test('54: the first line is answered, and both are in the history', async () => {
	for (const [what, who] of await visitors(stack)) {
		const messageId = fresh('line');
		const { body } = expect(
			await who.post(CHAT, { message: 'Hello!', messageId }),
			200,
		);
		const { response, sessionId, ...rest } = body;
		assert.deepEqual(
			rest,
			{ success: true, messageId, seq: 1, duplicate: false },
			what,
		);
		assert.match(sessionId, SESSION);
		assert.ok(response.length > 5);
		for (const query of ['', `?sessionId=${sessionId}`]) {
			const { messages, ...top } = await history(who, query);
			assert.deepEqual(top, {
				success: true,
				count: 2,
				sessionId,
			});
			for (const { timestamp, isRead } of messages) {
				assert.match(timestamp, TIME);
				assert.equal(typeof isRead, 'boolean');
			}
			assert.deepEqual(
				messages.map(
					({ timestamp, isRead, ...one }) => one,
				),
				[
					{
						id: messageId,
						seq: 1,
						text: 'Hello!',
						sender: 'user',
					},
					{
						id: 'bot-1',
						seq: 2,
						text: response,
						sender: 'bot',
					},
				],
			);
		}
	}
});

test('54: history is the newest 100, ascending, and pages back to the first', async () => {
	const who = stranger(stack);
	const said = [];
	for (let n = 1; n <= 120; n++) said.push(`line ${n}`);
	let sessionId;
	for (const text of said) ({ sessionId } = await says(who, text));
	const newest = await history(who);
	assert.equal(newest.count, 100);
	assert.deepEqual(
		newest.messages.map((one) => one.seq),
		Array.from({ length: 100 }, (_, i) => 141 + i),
	);
	const whole = await everyLine(who, sessionId);
	isAnswered(whole);
	assert.equal(whole.length, 240);
	assert.deepEqual(
		whole
			.filter((one) => one.sender === 'user')
			.map((one) => one.text),
		said,
	);
	const seqs = async (query) => {
		const page = await history(
			who,
			`?sessionId=${sessionId}${query}`,
		);
		assert.equal(page.count, page.messages.length);
		return page.messages.map((one) => one.seq);
	};
	assert.deepEqual(await seqs('&before=4'), [1, 2, 3]);
	assert.deepEqual(await seqs('&before=1'), []);
	assert.deepEqual(await seqs('&before=100&limit=2'), [98, 99]);
	assert.deepEqual(await seqs('&before=100000&limit=1'), [240]);
	assert.deepEqual(await seqs('&limit=3'), [238, 239, 240]);
	for (const query of [
		'before=x',
		'before=-1',
		'before=1.5',
		'before=',
		'limit=0',
		'limit=101',
		'limit=x',
		'before=2&before=3',
		'sessionId=',
	])
		expect(await who.get(`${HISTORY}?${query}`), 400, 'bad_field');
});

test('the same line again is one line, for ever, with the answer it got', async () => {
	for (const [what, who] of await visitors(stack)) {
		for (const messageId of [
			fresh('id'),
			1767400000000123,
			-7,
			'$x',
		]) {
			const first = await says(who, 'hello', { messageId });
			assert.deepEqual(
				await says(who, 'hello', { messageId }),
				{ ...first, duplicate: true },
				what,
			);
			for (let n = 0; n < 5; n++) await says(who, `x ${n}`);
			const again = await crowd(5, () =>
				says(who, 'hello', { messageId }),
			);
			for (const one of again)
				assert.deepEqual(one, {
					...first,
					duplicate: true,
				});
			assert.equal(first.messageId, messageId);
		}
		const { sessionId } = await says(who, 'last');
		const whole = await everyLine(who, sessionId);
		isAnswered(whole);
		assert.equal(whole.length, 2 * (4 * 6 + 1));
	}
});

test('an id that was used for another line is refused, and 7 and "7" are one', async () => {
	const who = stranger(stack);
	await says(who, 'seven', { messageId: 7 });
	const again = await says(who, 'seven', { messageId: '7' });
	assert.equal(again.duplicate, true);
	assert.equal(again.messageId, 7);
	const { sessionId } = again;
	for (const messageId of [7, '7']) {
		const reply = expect(
			await who.post(CHAT, { message: 'eight', messageId }),
			409,
			'id_reused',
		);
		assert.equal(reply.body.written, false);
	}
	assert.equal((await lines(who, sessionId)).length, 2);
	const other = await says(stranger(stack), 'eight', { messageId: 7 });
	assert.equal(other.duplicate, false, 'ids are of one session');
});

test("a visitor's id may look like the bot's", async () => {
	const who = stranger(stack);
	for (const messageId of ['bot-1', 'bot-3', 'bot-2']) {
		const one = await says(who, messageId, { messageId });
		assert.equal(one.duplicate, false);
		assert.ok(one.response);
	}
	isAnswered(await lines(who, (await says(who, 'x')).sessionId));
});

test('a line without an id gets one: of Idempotency-Key, or of ours', async () => {
	const who = stranger(stack);
	const post = (headers) =>
		who.post(CHAT, { message: 'no id' }, { headers });
	const one = expect(await post({}), 200).body;
	const two = expect(await post({}), 200).body;
	assert.match(one.messageId, /^parley-/);
	assert.notEqual(one.messageId, two.messageId);
	const key = { 'idempotency-key': fresh('key') };
	const three = expect(await post(key), 200).body;
	assert.equal(three.messageId, key['idempotency-key']);
	assert.deepEqual(expect(await post(key), 200).body, {
		...three,
		duplicate: true,
	});
	expect(await post({ 'idempotency-key': 'x'.repeat(65) }), 400);
	assert.equal((await lines(who, one.sessionId)).length, 6);
});

test('100 first lines at once are one session, numbered 1 to 200', async () => {
	for (const [what, who] of await visitors(stack)) {
		const replies = await crowd(PARALLEL, (i) =>
			says(who, `line ${i}`),
		);
		const [{ sessionId }] = replies;
		for (const one of replies) {
			assert.equal(one.sessionId, sessionId, what);
			assert.equal(one.duplicate, false);
			assert.ok(one.response);
		}
		const whole = await everyLine(who, sessionId);
		assert.equal(whole.length, 2 * PARALLEL);
		isAnswered(whole);
		for (const [i, { seq, messageId }] of replies.entries()) {
			assert.equal(whole[seq - 1].id, messageId);
			assert.equal(whole[seq - 1].text, `line ${i}`);
		}
		const { owner } = await stack.db
			.collection('chatsessions')
			.findOne({ sessionId });
		assert.equal(
			await stack.db
				.collection('chatsessions')
				.countDocuments({ owner }),
			1,
		);
		assert.equal(
			await stack.db
				.collection('chatmessages')
				.countDocuments({ sessionId }),
			2 * PARALLEL,
		);
	}
});

test('one line sent 50 times at once is one line with one answer', async () => {
	for (const [what, who] of await visitors(stack)) {
		const messageId = fresh('same');
		const replies = await crowd(50, () =>
			says(who, 'hello', { messageId }),
		);
		const firsts = replies.filter((one) => !one.duplicate);
		assert.equal(firsts.length, 1, what);
		for (const one of replies)
			assert.deepEqual(
				{ ...one, duplicate: false },
				firsts[0],
			);
		const whole = await lines(who, firsts[0].sessionId);
		assert.equal(whole.length, 2);
		isAnswered(whole);
	}
});

test("one client's lines keep their order among those of others", async () => {
	const who = await stack.as();
	const agent = await agentOf(stack);
	const { sessionId } = await says(who, 'first');
	const talk = async (from, name, more) => {
		for (let n = 0; n < 25; n++)
			await says(from, `${name} ${n}`, more);
	};
	await Promise.all([
		talk(who, 'phone'),
		talk(who, 'desktop', { sessionId }),
		talk(agent, 'agent', { sessionId }),
	]);
	const whole = await everyLine(who, sessionId);
	isWhole(whole, whole.length);
	for (const name of ['phone', 'desktop', 'agent'])
		assert.deepEqual(
			whole
				.map((one) => one.text)
				.filter((text) => text.startsWith(`${name} `)),
			Array.from({ length: 25 }, (_, n) => `${name} ${n}`),
		);
});

test('a line is read once the other side has fetched it', async () => {
	const who = stranger(stack);
	const agent = await agentOf(stack);
	const { sessionId } = await says(who, 'one');
	await says(who, 'two');
	const read = async (reader) =>
		(await lines(reader, sessionId)).map(
			({ sender, isRead }) => `${sender} ${isRead}`,
		);
	/* The visitor's own fetch says nothing of his lines. */
	await read(who);
	assert.deepEqual(await read(who), [
		'user false',
		'bot true',
		'user false',
		'bot true',
	]);
	await read(agent);
	const answer = await says(agent, 'three', { sessionId });
	assert.equal(answer.seq, 5);
	assert.deepEqual(await read(agent), [
		'user true',
		'bot true',
		'user true',
		'bot true',
		'admin false',
	]);
	await lines(who, sessionId, '&before=3');
	assert.equal((await read(agent))[4], 'admin false', 'older lines only');
	await read(who);
	assert.equal((await read(agent))[4], 'admin true');
	await says(who, 'four', { sessionId });
	assert.equal((await read(who))[5], 'user false');
	await lines(agent, sessionId, '&before=2');
	assert.equal((await read(who))[5], 'user false');
	await read(agent);
	assert.equal((await read(who))[5], 'user true');
});
