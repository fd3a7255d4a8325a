/*
 * The desk: what agents hear of sessions, claimed and not; what they say; and
 * that no visitor ever learns who they are.
 */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Browser } from './browser.js';
import {
	agentOf,
	bystanders,
	change,
	claim,
	enter,
	fence,
	fenceDesks,
	heardOf,
	inTalk,
	keepsSecret,
	lines,
	says,
	sit,
	speak,
} from './desk.js';
import { fresh, stackFor, until } from './harness.js';
import { chat } from './live.js';
import { roomy } from './scene.js';

const stack = await stackFor({ env: roomy });
const others = await bystanders(stack);

/** The frames of a desk about a session, in short, from the nth on. */
const short = (desk, sessionId, from) =>
	heardOf(desk, sessionId, from).map(({ type, session, ...frame }) =>
		session
			? `${session.status} ${session.messageCount} ${
					session.lastMessage.sender
				} ${session.agent ? 'claimed' : 'free'}`
			: `${type} ${frame.sender ?? frame.isTyping ?? frame.isOnline}`,
	);

/** The newest session:updated that a desk heard of it. */
const latest = (desk, sessionId) =>
	heardOf(desk, sessionId)
		.filter((frame) => frame.type === 'session:updated')
		.at(-1).session;

/** The row of a session in the list. */
async function row(agent, sessionId) {
	const reply = await agent.get('/api/chat/sessions?limit=200');
	return reply.body.sessions.find((one) => one.sessionId === sessionId);
}

for (const role of ['agent', 'admin'])
	test(`a desk of role ${role} hears of each new session, line, claim and close, with the last line`, async (t) => {
		const desk = await sit(t, stack, await agentOf(stack, role));
		const who = new Browser(stack);
		const { sessionId } = await says(who, 'a new one');
		await fenceDesks(desk);
		const first = latest(desk, sessionId);
		assert.equal(first.messageCount, 2);
		assert.equal(first.status, 'active');
		assert.equal(first.lastMessage.sender, 'bot');
		await claim(desk.who, sessionId);
		await fenceDesks(desk);
		assert.equal(latest(desk, sessionId).agent, desk.who.email);
		await says(who, 'are you there?');
		await fenceDesks(desk);
		assert.equal(
			latest(desk, sessionId).lastMessage.text,
			'are you there?',
		);
		assert.equal(latest(desk, sessionId).waiting, true);
		await says(desk.who, 'I am', { sessionId });
		await fenceDesks(desk);
		assert.equal(latest(desk, sessionId).lastMessage.text, 'I am');
		assert.equal(latest(desk, sessionId).waiting, false);
		await change(desk.who, sessionId, { status: 'closed' });
		await fenceDesks(desk);
		const last = latest(desk, sessionId);
		assert.equal(last.status, 'closed');
		const { unread, ...listed } = await row(desk.who, sessionId);
		const { unread: told, ...shown } = last;
		assert.equal(typeof unread, typeof told);
		assert.deepEqual(shown, listed);
	});

test('a visitor who connects and says nothing is told to no desk', async (t) => {
	const desk = await sit(t, stack);
	const tab = await enter(t, stack);
	await fenceDesks(desk);
	assert.deepEqual(heardOf(desk, tab.session.sessionId), []);
});

test('what is said twice with one id, or claimed twice, is told once', async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	const once = { messageId: fresh('once') };
	await says(visitor.who, 'once', once);
	await fenceDesks(desk);
	const from = desk.frames.length;
	await says(visitor.who, 'once', once);
	await claim(desk.who, sessionId);
	await fenceDesks(desk);
	assert.deepEqual(
		heardOf(desk, sessionId, from).filter(
			({ type }) => type === 'message',
		),
		[],
	);
});

test('lines of a session go to him who claimed it, in all his tabs, and to nobody else', async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	const [second, colleague] = [
		await sit(t, stack, desk.who),
		await sit(t, stack),
	];
	const { seq, messageId } = await says(visitor.who, 'only for you');
	await fenceDesks(desk, second, colleague);
	for (const tab of [desk, second]) {
		const [{ timestamp, isRead, ...line }, ...more] = tab
			.of('message')
			.filter((one) => one.id === messageId);
		assert.deepEqual(line, {
			type: 'message',
			sessionId,
			id: messageId,
			seq,
			text: 'only for you',
			sender: 'user',
		});
		assert.ok(timestamp);
		assert.equal(typeof isRead, 'boolean');
		assert.deepEqual(more, []);
	}
	assert.deepEqual(colleague.of('message'), []);
	assert.deepEqual(colleague.of('presence'), []);
	assert.equal(latest(colleague, sessionId).messageCount, seq);
});

test('what an agent says on the socket shows at the visitor as support, and in his own other tabs', async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	const second = await sit(t, stack, desk.who);
	const tab = await enter(t, stack, visitor.who);
	const id = speak(desk, 'How can I help?', { sessionId });
	for (const one of [visitor, tab]) {
		const line = await one.next(
			'message',
			(frame) => frame.id === id,
		);
		assert.equal(line.sender, 'admin');
		assert.equal(line.text, 'How can I help?');
		assert.ok(!('sessionId' in line));
	}
	await fenceDesks(desk, second);
	assert.equal(
		second.of('message').filter((one) => one.id === id).length,
		1,
	);
	assert.deepEqual(
		desk.of('message').filter((one) => one.id === id),
		[],
		'echoed',
	);
	assert.equal(latest(desk, sessionId).lastMessage.sender, 'admin');
	keepsSecret(visitor, desk);
	keepsSecret(tab, desk);
});

test('a line on the socket claims a session that nobody has, and silences the bot', async (t) => {
	const visitor = await enter(t, stack);
	const { sessionId } = visitor.session;
	await says(visitor.who, 'hello');
	const desk = await sit(t, stack);
	speak(desk, 'Good morning', { sessionId });
	await visitor.next('message', ({ sender }) => sender === 'admin');
	await fenceDesks(desk);
	assert.equal(latest(desk, sessionId).agent, desk.who.email);
	const { response } = await says(visitor.who, 'hello again');
	assert.equal(response, '');
	await desk.next('message', ({ text }) => text === 'hello again');
	assert.deepEqual(
		(await lines(visitor.who, sessionId)).map((one) => one.sender),
		['user', 'bot', 'admin', 'user'],
	);
});

test("no desk sees what opens a guest's session, nor its hash", async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	visitor.send('message', { text: 'a line without an id' });
	await desk.next('message');
	await says(desk.who, 'answered', { sessionId });
	await fenceDesks(desk);
	const { guest } = visitor.who;
	const hash = createHash('sha256').update(guest).digest('hex');
	const seen = [
		...desk.raw.frames,
		...visitor.raw.frames,
		JSON.stringify(await lines(desk.who, sessionId)),
		JSON.stringify(await row(desk.who, sessionId)),
	];
	for (const text of seen)
		for (const secret of [guest, hash])
			assert.ok(!text.includes(secret), text);
});

test("another agent's claim is not to be talked into", async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	const colleague = await sit(t, stack);
	speak(colleague, 'Let me', { sessionId });
	const { message } = await colleague.next('error');
	assert.ok(message.length > 2);
	colleague.send('typing', { sessionId, isTyping: true });
	speak(desk, 'I have it', { sessionId });
	await visitor.next('message', ({ text }) => text === 'I have it');
	await fence(visitor);
	assert.deepEqual(visitor.of('typing'), []);
	assert.ok(!visitor.of('message').some((one) => one.text === 'Let me'));
	assert.equal(colleague.isOpen, true);
});

test("a closed session is nobody's: its next line is told to all desks alike, and the bot speaks again", async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	const colleague = await sit(t, stack);
	await change(desk.who, sessionId, { status: 'closed' });
	await fenceDesks(desk, colleague);
	const [mine, his] = [desk.frames.length, colleague.frames.length];
	const id = speak(visitor, 'one more question');
	const bot = await visitor.next(
		'message',
		({ sender, seq }) => sender === 'bot' && seq > 2,
	);
	assert.equal(visitor.of('session').at(-1).sessionId, sessionId);
	await fenceDesks(desk, colleague);
	const told = short(colleague, sessionId, his);
	assert.equal(told.at(-1), `active ${bot.seq} bot free`);
	assert.deepEqual(short(desk, sessionId, mine), told);
	const stored = await lines(visitor.who, sessionId);
	assert.deepEqual(
		stored.slice(-2).map((one) => one.id),
		[id, bot.id],
	);
});

test('whose session was closed, and who has begun another elsewhere, goes on in that one', async (t) => {
	const { desk, visitor, sessionId } = await inTalk(t, stack);
	await change(desk.who, sessionId, { status: 'closed' });
	const second = await says(visitor.who, 'over REST');
	assert.notEqual(second.sessionId, sessionId);
	const from = visitor.frames.length;
	const id = speak(visitor, 'in the old tab');
	await visitor.next(
		'session',
		(frame) => frame.sessionId === second.sessionId,
		{ from },
	);
	const [{ messages }] = visitor.of('history').slice(-1);
	assert.equal(messages[0].text, 'over REST');
	await until('it is there', async () => {
		const stored = await lines(visitor.who, second.sessionId);
		return stored.some((one) => one.id === id);
	});
	const { messageId } = await says(visitor.who, 'and on');
	await visitor.next('message', (frame) => frame.id === messageId);
	assert.equal((await lines(visitor.who, sessionId)).length, 2);
});

test('only the token makes an agent: a role in init alone is refused', async (t) => {
	const spies = [
		new Browser(stack),
		await stack.as({ role: 'customer' }),
		await stack.as({ role: 'seller' }),
	];
	const tabs = [];
	for (const who of spies) {
		const tab = chat(stack, who);
		t.after(() => tab.close());
		const { email } = others.desk.who;
		tab.send('init', { role: 'agent' });
		tab.send('init', { role: 'agent', userId: email });
		await until('two refusals', () => tab.of('error').length === 2);
		tabs.push(tab);
	}
	const who = new Browser(stack);
	const secrets = ['not for spies', 'nor this'];
	const { sessionId } = await says(who, secrets[0]);
	const agent = await agentOf(stack);
	await says(agent, secrets[1], { sessionId });
	for (const tab of tabs) {
		tab.send('message', { sessionId, text: 'forged' });
		tab.send('typing', { sessionId, isTyping: true });
		await tab.init({});
		await fence(tab);
		for (const { type } of tab.frames)
			assert.notEqual(type, 'session:updated');
		for (const { text } of tab.of('message'))
			assert.ok(!secrets.includes(text), text);
		assert.ok(tab.isOpen);
	}
	const texts = (await lines(who, sessionId)).map((one) => one.text);
	assert.ok(!texts.includes('forged'));
});

test('an agent is one by his token, whatever his init says', async (t) => {
	const who = await agentOf(stack);
	for (const init of [{}, { role: 'user' }, { role: 'admin' }]) {
		const tab = await enter(t, stack, who, init);
		assert.equal(tab.session.role, 'agent');
		assert.deepEqual(tab.of('history'), []);
	}
});

test('nobody else heard any of it', async () => {
	await others.heardNothing();
	others.close();
});
