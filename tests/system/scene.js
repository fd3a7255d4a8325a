/*
 * scene.js: a conversation with everybody who must, and who must not, hear of
 * it, on sockets of both dialects (live.js).
 *
 * No test sleeps to see that nothing came: a fence does.  What was published
 * earlier arrives earlier, so a tab that shows the fence, a message of another
 * conversation of the same account, shows all that came before it.
 */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { fresh } from './harness.js';
import { native, raw, socketio } from './live.js';
import { C, meet, message, ok, put, thread } from './talk.js';

export const dialects = { native, socketio };
export const SIDES = ['customer', 'seller'];

/* The limits of the relay are tested in live-limits.test.js. */
export const roomy = {
	PARLEY_RELAY_ARGS:
		'--proof-ms=120000 --events-per-second=1000 --events-burst=1000',
};

/** A socket of an account, bound. */
export async function open(client, dialect = 'native', options) {
	const tab = dialects[dialect](client.stack, client, options);
	await tab.ready;
	return tab;
}

/** What a tab heard of a conversation, from its nth event on: the events. */
export const heard = (tab, id, from = 0) =>
	tab.events.slice(from).filter((one) => one.data.conversationId === id);

/** Wait until these tabs of one account have all that was published. */
export async function fence(client, tabs) {
	const nobody = { email: `${fresh('fence')}@example.com` };
	client.fence ??= ok(
		await client.post(C, thread(client, nobody)),
		201,
	).id;
	const one = message('fence');
	ok(await put(client, client.fence, one));
	await Promise.all(
		tabs.map((tab) =>
			tab.next(
				'conversation:new-message',
				(data) => data.message.id === one.id,
			),
		),
	);
}

/** Two parties with a conversation, and a tab in each dialect for each. */
export class Scene {
	constructor(met) {
		Object.assign(this, met);
		this.tabs = { customer: {}, seller: {} };
	}

	async open() {
		for (const side of SIDES)
			for (const dialect of Object.keys(dialects))
				this.tabs[side][dialect] = await open(
					this[side],
					dialect,
				);
	}

	/** The tabs of a side, or all. */
	of(...sides) {
		return (sides.length ? sides : SIDES).flatMap((side) =>
			Object.values(this.tabs[side]),
		);
	}

	async fence() {
		for (const side of SIDES)
			await fence(this[side], this.of(side));
	}

	/** Every tab joins the conversation, by this id. */
	async join(id = this.id) {
		for (const tab of this.of())
			await succeed(tab, 'conversation:join', {
				conversationId: id,
			});
	}

	/**
	 * Do it, and give what came of it: for each side the sorted names of
	 * events in each dialect, {customer: {native: [...], socketio: [...]},
	 * seller: ...}.
	 */
	async hears(act) {
		await this.fence();
		const from = new Map(
			this.of().map((tab) => [tab, tab.events.length]),
		);
		this.reply = await act(this);
		await this.fence();
		const names = (tab) =>
			heard(tab, this.id, from.get(tab))
				.map((one) => one.event)
				.sort();
		return Object.fromEntries(
			SIDES.map((side) => [
				side,
				Object.fromEntries(
					Object.entries(this.tabs[side]).map(
						([dialect, tab]) => [
							dialect,
							names(tab),
						],
					),
				),
			]),
		);
	}

	/** Insist that both tabs of each side hear exactly these events. */
	async expect(act, customer, seller, what) {
		const both = (names) => ({
			native: [...names].sort(),
			socketio: [...names].sort(),
		});
		assert.deepEqual(
			await this.hears(act),
			{ customer: both(customer), seller: both(seller) },
			what,
		);
		return this.reply;
	}

	/** The newest event of that name at a side's tabs, the same at all. */
	last(side, event) {
		const [first, ...rest] = this.of(side).map((tab) =>
			heard(tab, this.id)
				.filter((one) => one.event === event)
				.pop(),
		);
		for (const one of rest) assert.deepEqual(one, first);
		return first.data;
	}
}

/** A Scene that ends with its test; options as meet()'s. */
export async function scene(t, stack, options) {
	const made = new Scene(await meet(stack, options));
	t.after(() => made.of().forEach((tab) => tab.close()));
	await made.open();
	return made;
}

/** Send with an ack, and insist on success. */
export async function succeed(tab, event, data) {
	const answer = await tab.ask(event, data);
	assert.equal(answer.success, true, JSON.stringify(answer));
	return answer;
}

/** Send with an ack, and insist on a failure with this code. */
export async function fail(tab, event, data, code) {
	const answer = await tab.ask(event, data);
	assert.equal(answer.success, false, JSON.stringify(answer));
	assert.equal(answer.code, code, JSON.stringify(answer));
	assert.equal(answer.reason, answer.error);
	return answer;
}

/**
 * Those who listen all the while: a third customer, an admin, an agent, and
 * two who never say who they are.  Insist at last that they heard nothing.
 */
export async function outsiders(stack) {
	const clients = await Promise.all(
		['customer', 'admin', 'agent'].map((role) =>
			stack.as({ role }),
		),
	);
	const tabs = [];
	for (const client of clients)
		tabs.push([await open(client), await open(client, 'socketio')]);
	const anyone = [raw(stack, '/ws'), raw(stack, SOCKET_IO)];
	await anyone[1].next((frame) => frame.startsWith('0{'));
	after(() => {
		for (const tab of [...tabs.flat(), ...anyone]) tab.close();
	});
	return {
		async heardNothing() {
			for (const [i, client] of clients.entries()) {
				await fence(client, tabs[i]);
				for (const { events } of tabs[i])
					assert.deepEqual(
						events.filter(
							({ data }) =>
								data.conversationId !==
								client.fence,
						),
						[],
					);
			}
			assert.deepEqual(anyone[0].frames.filter(isEvent), []);
			assert.deepEqual(
				anyone[1].frames
					.slice(1)
					.filter((frame) => frame !== '2'),
				[],
			);
			for (const one of anyone)
				assert.equal(one.isOpen, true);
		},
	};
}

export const SOCKET_IO = '/socket.io/?EIO=4&transport=websocket';
const isEvent = (frame) => JSON.parse(frame).event !== 'ping';

/** What a tab of this side sees as `conversation`: REST's, without content. */
export async function bare(client, id) {
	const { messages, pending, ...rest } = ok(
		await client.get(`${C}?conversationId=${id}&messages=0`),
	);
	assert.deepEqual(messages, []);
	assert.ok(pending);
	return rest;
}

/** The last update that a side was told of is what it reads now. */
export async function isCurrent(s, side) {
	const conversation = await bare(s[side], s.id);
	assert.deepEqual(s.last(side, 'conversation:updated'), {
		conversationId: s.id,
		rev: conversation.rev,
		conversation,
	});
}
