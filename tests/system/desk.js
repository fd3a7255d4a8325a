/*
 * desk.js: the support chat as visitors and agents hold it: verbs over REST,
 * tabs that have begun, and who must not hear of it.
 *
 * As in scene.js no test sleeps to see that nothing came: what was published
 * earlier arrives earlier, so a tab that shows the fence shows all before it.
 */
import assert from 'node:assert/strict';
import { Browser } from './browser.js';
import { fresh } from './harness.js';
import { chat } from './live.js';
import { expect } from './talk.js';

export const CHAT = '/api/chat';
export const HISTORY = `${CHAT}/history`;
export const SESSIONS = `${CHAT}/sessions`;

/** Say one line; gives {response, sessionId, messageId, seq, duplicate}. */
export const says = async (who, text, more = {}) =>
	expect(
		await who.post(CHAT, {
			message: text,
			messageId: fresh('line'),
			...more,
		}),
		200,
	).body;

/** The newest lines of a session, as its visitor or an agent reads them. */
export const lines = async (who, sessionId, query = '') =>
	expect(await who.get(`${HISTORY}?sessionId=${sessionId}${query}`), 200)
		.body.messages;

/** PATCH a session, as an agent may; gives it as it is then. */
export const change = async (agent, sessionId, what) =>
	expect(await agent.patch(SESSIONS, { sessionId, ...what }), 200).body
		.session;
export const claim = (agent, sessionId) =>
	change(agent, sessionId, { claim: true });

/** A tab of a visitor, after its init with these members. */
export async function enter(t, stack, who = new Browser(stack), init = {}) {
	const tab = chat(stack, who);
	t.after(() => tab.close());
	await tab.init(init);
	return tab;
}

/** An agent, whose name and address nobody but agents may see. */
export const agentOf = (stack, role = 'agent') =>
	stack.as({
		role,
		name: `Secret ${fresh('name')}`,
		email: `${fresh('agent')}@example.com`,
	});

/** A desk: the tab of an agent, after its init. */
export async function sit(t, stack, who) {
	who ??= await agentOf(stack);
	const tab = await enter(t, stack, who, { role: 'agent' });
	assert.deepEqual(tab.frames[0], { type: 'session', role: 'agent' });
	return tab;
}

/** Say a line on the socket; gives its id. */
export function speak(tab, text, more = {}) {
	const id = fresh('said');
	tab.send('message', { text, id, ...more });
	return id;
}

/** The texts of the frames `message` so far. */
export const texts = (tab) => tab.of('message').map((one) => one.text);

/** Wait until these tabs of one visitor have all that was published. */
export async function fence(...tabs) {
	const { messageId } = await says(tabs[0].who, 'fence');
	for (const tab of tabs)
		await tab.next('message', ({ id }) => id === messageId);
}

/** The same of desks, by a line of somebody whom nobody else knows. */
export async function fenceDesks(...tabs) {
	const { stack } = tabs[0].who;
	stack.fence ??= new Browser(stack);
	const { sessionId, seq } = await says(stack.fence, 'fence');
	for (const tab of tabs)
		await tab.next(
			'session:updated',
			({ session }) =>
				session.sessionId === sessionId &&
				session.messageCount >= seq,
		);
}

/** What a desk heard of a session, from its nth frame on. */
export const heardOf = (tab, sessionId, from = 0) =>
	tab.frames
		.slice(from)
		.filter(
			(frame) =>
				(frame.session ?? frame).sessionId ===
				sessionId,
		);

/** A visitor in his tab, and the agent who has claimed him at his desk. */
export async function inTalk(t, stack) {
	const visitor = await enter(t, stack, new Browser(stack), {
		userName: 'Asha',
	});
	const { sessionId } = visitor.session;
	await says(visitor.who, 'hello');
	const desk = await sit(t, stack);
	await claim(desk.who, sessionId);
	await fenceDesks(desk);
	return { visitor, desk, sessionId };
}

/** No frame of a visitor's tab tells who these agents are. */
export function keepsSecret(tab, ...agents) {
	for (const { who } of agents)
		for (const frame of tab.raw.frames)
			for (const secret of [who.email, who.name, who.token])
				assert.ok(!frame.includes(secret), frame);
}

/**
 * Those who listen all the while: another guest, another account, and an agent
 * who claims nothing, each in his own session.  At last they have heard nothing
 * that is not theirs.
 */
export async function bystanders(stack) {
	const open = [];
	const scope = { after: (close) => open.push(close) };
	const guest = await enter(scope, stack);
	const account = await enter(scope, stack, await stack.as());
	const desk = await sit(scope, stack);
	return {
		desk,
		close: () => open.forEach((close) => close()),
		async heardNothing() {
			for (const tab of [guest, account]) {
				await fence(tab);
				const own = await lines(
					tab.who,
					tab.session.sessionId,
				);
				const ids = own.map((one) => one.id);
				for (const one of tab.of('message'))
					assert.ok(
						ids.includes(one.id),
						one.text,
					);
				assert.deepEqual(tab.of('typing'), []);
			}
			await fenceDesks(desk);
			assert.deepEqual(
				desk.frames.filter(
					({ type, role }) =>
						type !== 'session:updated' &&
						role !== 'agent',
				),
				[],
			);
		},
	};
}
