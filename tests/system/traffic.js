/*
 * traffic.js: people who talk without end over live sockets, each with a model
 * of a good client: it sends with one id until it is acknowledged, reconnects,
 * pulls after each connect, each resync and every 30 s, and merges by seq.
 *
 * It keeps what a test then judges: who was told what, when, and how often.
 */
import assert from 'node:assert/strict';
import { io } from 'socket.io-client';
import { pause, until } from './harness.js';
import { C, everything, isWhole, meet, message, of } from './talk.js';
import { wire } from './wire.js';

const ACK_WITHIN_MS = 12000;
const PULL_EVERY_MS = 30000;
const CONVERGED_WITHIN_MS = 35000;
/** Answers that leave it open whether the message was stored. */
const TRY_AGAIN = ['unavailable', 'internal', 'rate_limited'];

/** The native dialect, which reconnects by our own hand. */
class NativeLink {
	constructor(stack, token, on) {
		Object.assign(this, { stack, token, on });
		this.done = this.#run();
	}

	async #run() {
		while (!this.ended) {
			await this.#once().catch(() => {});
			await pause(50 + Math.random() * 150);
		}
	}

	async #once() {
		const { stack, token } = this;
		const one = await wire(stack, { token });
		this.wire = one;
		const left = new Promise((go) => {
			one.left = go;
		});
		one.heard = (event) => this.#take(event);
		for (const event of one.events) one.heard(event);
		if (one.status !== 101) one.destroy();
		if (!one.closed) await left;
		if (this.up) this.on.left(one.lastCode);
		this.up = false;
	}

	#take({ event, data }) {
		if (event === 'hello') {
			this.up = true;
			this.on.connected();
		} else if (event === 'ping') {
			this.wire.emit('pong');
		} else if (event) {
			this.on.event(event, data);
		}
		this.wire.forget();
	}

	async ask(event, data) {
		if (!this.up) throw new Error('not connected');
		const answer = await this.wire.ask(event, data, ACK_WITHIN_MS);
		return answer.error ?? answer.data;
	}

	async end() {
		this.ended = true;
		this.wire?.destroy();
		await this.done;
	}
}

/** The stock client of Socket.IO, which reconnects by itself. */
class SocketioLink {
	constructor(stack, token, on) {
		this.socket = io(stack.url, {
			auth: { token },
			transports: ['websocket'],
			forceNew: true,
			reconnectionDelay: 100,
			reconnectionDelayMax: 300,
		});
		this.socket.on('connect', () => on.connected());
		this.socket.on('disconnect', () => on.left());
		this.socket.onAny((event, data) => on.event(event, data));
	}

	get up() {
		return this.socket.connected;
	}

	ask(event, data) {
		if (!this.up) return Promise.reject();
		return this.socket
			.timeout(ACK_WITHIN_MS)
			.emitWithAck(event, data);
	}

	async end() {
		this.socket.close();
	}
}

const links = { native: NativeLink, socketio: SocketioLink };

/* Everybody who has not left. */
const present = new Set();

/** One person in one conversation, on one socket at a time. */
export class Talker {
	/** @param {'native' | 'socketio'} dialect */
	constructor(stack, who, id, dialect) {
		Object.assign(this, { stack, who, id, dialect });
		/** seq -> message id: all that this client shows. */
		this.shown = new Map();
		/** seq -> when it was pushed, on this connection. */
		this.pushed = new Map();
		/** What it said: {id, seq, at, ms}, once acknowledged. */
		this.said = [];
		this.faults = [];
		Object.assign(this, {
			connects: 0,
			losses: 0,
			resyncs: 0,
			inversions: 0,
			newest: 0,
			codes: [],
		});
		this.link = new links[dialect](stack, who.token, {
			connected: () => this.#connected(),
			left: (code) => this.#left(code),
			event: (name, data) => this.#event(name, data),
		});
		this.timer = setInterval(() => this.pull(), PULL_EVERY_MS);
		present.add(this);
	}

	get up() {
		return this.link.up;
	}

	#connected() {
		this.connects++;
		this.pushed = new Map();
		this.newest = 0;
		this.pull();
	}

	#left(code) {
		this.losses++;
		if (code) this.codes.push(code);
	}

	#event(name, data) {
		if (name === 'resync') {
			this.resyncs++;
			this.pull();
		} else if (name === 'error') {
			this.codes.push(data.code);
		} else if (name === 'conversation:new-message') {
			const { seq } = data.message;
			if (this.pushed.has(seq))
				this.faults.push(`${seq} was pushed twice`);
			if (seq < this.newest) this.inversions++;
			this.newest = Math.max(this.newest, seq);
			this.pushed.set(seq, Date.now());
			this.#show(data.message);
		}
	}

	#show({ id, seq }) {
		if ((this.shown.get(seq) ?? id) !== id)
			this.faults.push(`another message under ${seq}`);
		this.shown.set(seq, id);
	}

	/** The highest seq up to which nothing is missing. */
	get whole() {
		this.known ??= 0;
		while (this.shown.has(this.known + 1)) this.known++;
		return this.known;
	}

	/** Read what is missing; one at a time, and once more if asked. */
	pull() {
		this.pulling = (this.pulling ?? Promise.resolve()).then(() =>
			this.#pull(),
		);
		return this.pulling;
	}

	async #pull() {
		for (let more = true; more && !this.ended;) {
			const target =
				C +
				of(this.id, { after: this.whole, limit: 200 });
			const reply = await this.who
				.get(target)
				.catch(() => null);
			if (reply?.status !== 200) {
				await pause(200);
				continue;
			}
			const { messages } = reply.body.data;
			for (const one of messages) this.#show(one);
			more = messages.length === 200;
		}
	}

	/** Say one message until acknowledged; gives {id, seq, at, ms}. */
	async say(text) {
		const one = message(text);
		const at = Date.now();
		const data = { conversationId: this.id, message: one };
		for (;;) {
			const answer = await this.link
				.ask('conversation:message', data)
				.catch(() => null);
			if (answer?.success) {
				const { seq } = answer;
				const ms = Date.now() - at;
				this.said.push({ id: one.id, seq, at, ms });
				return this.said.at(-1);
			}
			if (answer && !TRY_AGAIN.includes(answer.code))
				throw new Error(JSON.stringify(answer));
			if (this.ended) return null;
			await pause(50);
		}
	}

	/** Say something every so often, until end(). */
	talk(every = 40) {
		this.talking = (async () => {
			for (let n = 0; !this.quiet && !this.ended; n++) {
				await this.say(`${this.dialect} ${n}`);
				await pause(every);
			}
		})();
	}

	/** Say no more; wait until the last is acknowledged. */
	async hush() {
		this.quiet = true;
		await this.talking;
	}

	/** Leave for good. */
	async end() {
		present.delete(this);
		this.ended = true;
		clearInterval(this.timer);
		await this.link.end();
		await this.pulling;
	}
}

/** Everybody leaves, also where a test has failed. */
export const allLeave = () => Promise.all([...present].map((one) => one.end()));

/**
 * n pairs, the customer natively, the seller by Socket.IO, connected:
 * [{id, customer, seller, talkers: [Talker, Talker]}].
 */
export async function pairs(stack, n) {
	const all = [];
	for (let i = 0; i < n; i++) {
		const pair = await meet(stack);
		const { id, customer, seller } = pair;
		pair.talkers = [
			new Talker(stack, customer, id, 'native'),
			new Talker(stack, seller, id, 'socketio'),
		];
		all.push(pair);
	}
	await until('all are connected', () =>
		all.every(({ talkers }) => talkers.every((one) => one.up)),
	);
	return all;
}

/**
 * Insist that all said is stored once, in order, and shown to both, by push or
 * pull.  The talkers are hushed by now.
 */
export async function converged(pair) {
	const { id, customer, talkers } = pair;
	const all = await everything(customer, id);
	isWhole(all, all.length);
	const ids = new Map(all.map((one) => [one.id, one.seq]));
	assert.equal(ids.size, all.length, 'a message is stored twice');
	for (const talker of talkers) {
		assert.deepEqual(talker.faults, []);
		let last = 0;
		for (const { id: said, seq } of talker.said) {
			assert.equal(ids.get(said), seq, 'lost or renumbered');
			assert.ok(seq > last, 'his sends keep their order');
			last = seq;
		}
		await until(
			`${talker.dialect} shows all ${all.length}`,
			() => talker.whole === all.length,
			CONVERGED_WITHIN_MS,
		);
		for (const { id: stored, seq } of all)
			assert.equal(talker.shown.get(seq), stored);
	}
	return all.length;
}
