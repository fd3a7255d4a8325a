/*
 * widgets.js: visitors and an agent who talk without end over sockets of the
 * support chat, each with a model of a good client: it reconnects, begins
 * again, takes what `history` and `message` show, and says each line over REST
 * with one id until it is acknowledged.
 *
 * It keeps what a test then judges: who was told what, and how often.
 */
import assert from 'node:assert/strict';
import { CHAT, lines } from './desk.js';
import { fresh, pause, until } from './harness.js';
import { chat } from './live.js';
import { isWhole } from './talk.js';

const ANSWER_WITHIN_MS = 12000;

export class Widget {
	/** @param {object} init {} of a visitor, {role: 'agent'} of a desk */
	constructor(stack, who, init = {}) {
		Object.assign(this, { stack, who, init });
		/** line id -> its seq and session: what is on the screen. */
		this.shown = new Map();
		/** Those that were pushed, line id -> when. */
		this.pushed = new Map();
		/** What was acknowledged: {id, seq, sessionId, at}. */
		this.said = [];
		this.faults = [];
		/** How often it was told all anew: his history, or a desk. */
		this.renewals = 0;
		this.losses = 0;
		this.done = this.#run();
	}

	async #run() {
		while (!this.ended) {
			await this.#once().catch(() => {});
			await pause(100);
		}
	}

	async #once() {
		const tab = chat(this.stack, this.who);
		const once = new Set();
		tab.onFrame = (frame) => this.#take(frame, once);
		tab.raw.opened.catch(() => {});
		this.tab = tab;
		await tab.raw.opened;
		// an init that meets a dying program is told so: try again
		while (tab.isOpen && !this.ended && !this.up) {
			tab.send('init', this.init);
			await until(
				'an answer to init',
				() =>
					this.up ||
					!tab.isOpen ||
					tab.frames.at(-1)?.type === 'error',
			);
			if (!this.up) await pause(100);
			tab.frames.length = 0;
		}
		await tab.raw.closed;
		this.up = false;
		this.losses++;
	}

	#take(frame, once) {
		if (frame.type === 'session') {
			this.up = true;
			this.sessionId = frame.sessionId;
			if (frame.role) this.renewals++;
		} else if (frame.type === 'history') {
			this.renewals++;
			for (const one of frame.messages) this.#show(one);
		} else if (frame.type === 'message') {
			if (once.has(frame.id))
				this.faults.push(
					`${frame.id} was pushed twice`,
				);
			once.add(frame.id);
			this.pushed.set(frame.id, Date.now());
			this.#show(frame);
		}
	}

	#show({ id, seq, sessionId = this.sessionId }) {
		const before = this.shown.get(id);
		if (before && before.seq !== seq)
			this.faults.push(`${id} was ${before.seq}, is ${seq}`);
		this.shown.set(id, { seq, sessionId });
	}

	/** Say one line until it is acknowledged; gives {id, seq, ...}. */
	async say(text, more = {}) {
		const id = fresh('line');
		const at = Date.now();
		while (!this.ended) {
			const reply = await this.who
				.post(
					CHAT,
					{
						message: text,
						messageId: id,
						...more,
					},
					{ within: ANSWER_WITHIN_MS },
				)
				.catch(() => null);
			if (reply?.status === 200) {
				const { seq, sessionId } = reply.body;
				this.said.push({ id, seq, sessionId, at });
				return this.said.at(-1);
			}
			if (reply && reply.status < 500)
				throw new Error(reply.text);
			await pause(50);
		}
		return null;
	}

	/** Say something every so often, until hush(). */
	talk(more = () => ({}), every = 100) {
		this.talking = (async () => {
			for (let n = 0; !this.quiet; n++) {
				await this.say(`line ${n}`, more(n));
				await pause(every);
			}
		})();
	}

	async hush() {
		this.quiet = true;
		await this.talking;
	}

	async end() {
		this.ended = true;
		this.tab.raw.ws.terminate();
		await this.done;
	}
}

/** All of a session, by paging back to its first line. */
export async function wholeOf(who, sessionId) {
	let all = await lines(who, sessionId);
	while (all[0]?.seq > 1)
		all = [
			...(await lines(
				who,
				sessionId,
				`&before=${all[0].seq}`,
			)),
			...all,
		];
	return all;
}

/**
 * Insist that all that these said there is stored once, in order, without
 * holes; gives how many lines there are.
 */
export async function isKept(agent, sessionId, widgets) {
	const all = await wholeOf(agent, sessionId);
	isWhole(all, all.length);
	const seqs = new Map(all.map((one) => [one.id, one.seq]));
	assert.equal(seqs.size, all.length, 'a line is stored twice');
	for (const widget of widgets) {
		assert.deepEqual(widget.faults, []);
		let last = 0;
		for (const one of widget.said) {
			if (one.sessionId !== sessionId) continue;
			assert.equal(
				seqs.get(one.id),
				one.seq,
				'lost or renumbered',
			);
			assert.ok(one.seq > last, 'his lines keep their order');
			last = one.seq;
		}
		for (const [id, { seq, sessionId: where }] of widget.shown)
			if (where === sessionId)
				assert.equal(
					seqs.get(id),
					seq,
					'shown, not kept',
				);
	}
	return all.length;
}
