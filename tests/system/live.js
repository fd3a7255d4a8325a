/*
 * live.js: clients of the live socket, with awaitable conditions in place of
 * sleeps: raw() frame by frame; native() and the stock socketio() as tabs of
 * an account, with the same face, so that one test runs over both; chat() as
 * the support widget and as the desk of those who answer.
 */
import { io } from 'socket.io-client';
import WebSocket from 'ws';
import { until } from './harness.js';

const ANSWER_WITHIN_MS = 15000;

/** A WebSocket, frame by frame. */
class Raw {
	constructor(url, headers) {
		/** Every text of the server, in order. */
		this.frames = [];
		this.ws = new WebSocket(url, { headers });
		this.ws.on('message', (data) => {
			this.frames.push(data.toString());
			this.onFrame?.(data.toString());
		});
		this.opened = new Promise((done, fail) => {
			this.ws.on('open', done);
			this.ws.on('error', fail);
		});
		/** The HTTP status that the upgrade was refused with. */
		this.refusal = new Promise((tell, fail) => {
			this.ws.on(
				'unexpected-response',
				(request, response) => {
					tell(response.statusCode);
					response.resume();
					this.ws.terminate();
				},
			);
			this.ws.on('open', () => fail(new Error('it opened')));
		});
		this.closed = new Promise((done) => this.ws.on('close', done));
		this.opened.catch(() => {}); // who waits for it is told
		this.refusal.catch(() => {});
	}

	get isOpen() {
		return this.ws.readyState === WebSocket.OPEN;
	}

	/** Send one frame, as soon as the socket is open. */
	send(frame) {
		if (this.isOpen) this.ws.send(frame);
		else this.ws.once('open', () => this.ws.send(frame));
	}

	/** The first frame that matches, of those that came or will come. */
	next(matches, within = ANSWER_WITHIN_MS) {
		return until(
			`a frame after ${this.frames.slice(-3).join(' ')}`,
			() => this.frames.find(matches),
			within,
			2,
		);
	}

	/** Wait until the server has ended it. */
	async end(within = ANSWER_WITHIN_MS) {
		await until(
			'the server ends it',
			() => this.ws.readyState === WebSocket.CLOSED,
			within,
		);
	}

	close() {
		this.ws.close();
	}
}

/** A WebSocket at a path, with these headers and nothing else. */
export const raw = (stack, path, headers = {}) =>
	new Raw(stack.url.replace('http', 'ws') + path, headers);

/** What both dialects share: events, and how to wait for them. */
class Tab {
	/** Every event so far, {event, data}, in order. */
	events = [];

	/** The data of the first such event, past ones included. */
	async next(event, matches = () => true, within = ANSWER_WITHIN_MS) {
		const found = await until(
			`${event} after ${JSON.stringify(this.events.slice(-3))}`,
			() =>
				this.events.find(
					(one) =>
						one.event === event &&
						matches(one.data),
				),
			within,
			2,
		);
		return found.data;
	}

	async end(within = ANSWER_WITHIN_MS) {
		await until('the server ends it', () => !this.isOpen, within);
	}
}

class Native extends Tab {
	constructor(stack, { token }, { headers } = {}) {
		super();
		this.asked = new Map();
		this.raw = raw(
			stack,
			'/ws',
			headers ?? { authorization: `Bearer ${token}` },
		);
		this.ws = this.raw.ws;
		this.ready = new Promise((done, fail) => {
			this.raw.onFrame = (frame) => this.#take(frame, done);
			this.raw.opened.catch(fail);
			this.raw.closed.then(() => fail(new Error('it ended')));
		});
		this.ready.catch(() => {}); // who waits for it is told
	}

	#take(frame, done) {
		const { event, data, ack, error } = JSON.parse(frame);
		if (event === 'hello') done((this.hello = data));
		else if (event === 'ping') this.send('pong');
		else if (event) this.events.push({ event, data });
		else {
			this.asked.get(ack)?.(error ?? data);
			this.asked.delete(ack);
		}
	}

	get isOpen() {
		return this.ws.readyState !== WebSocket.CLOSED;
	}

	send(event, data) {
		this.raw.send(JSON.stringify({ event, data }));
	}

	/** The ack's answer: {success: true, ...}, or the failure envelope. */
	ask(event, data) {
		const ack = (this.acks = (this.acks ?? 0) + 1);
		return new Promise((give, fail) => {
			const late = new Error(`no answer to ${event}`);
			const timer = setTimeout(
				() => fail(late),
				ANSWER_WITHIN_MS,
			);
			this.asked.set(ack, (answer) => {
				clearTimeout(timer);
				give(answer);
			});
			this.raw.send(JSON.stringify({ event, data, ack }));
		});
	}

	close() {
		this.raw.close();
	}
}

/** The stock client: with the account's token, unless auth says otherwise. */
class SocketIo extends Tab {
	constructor(
		stack,
		{ token },
		{ auth = { token }, headers, transports = ['websocket'] } = {},
	) {
		super();
		this.socket = io(stack.url, {
			transports,
			forceNew: true,
			reconnectionDelay: 50,
			reconnectionDelayMax: 200,
			auth: auth ?? {},
			extraHeaders: headers,
		});
		this.socket.onAny((event, data) =>
			this.events.push({ event, data }),
		);
		this.ready = new Promise((done, fail) => {
			this.socket.once('connect', done);
			this.socket.once('connect_error', fail);
		});
		this.ready.catch(() => {}); // who waits for it is told
		this.left = false;
		this.socket.on('disconnect', () => {
			this.left = true;
		});
	}

	/** It is since it connected first. */
	get isOpen() {
		return !this.left;
	}

	send(event, data) {
		this.socket.emit(event, data);
	}

	ask(event, data) {
		return this.socket
			.timeout(ANSWER_WITHIN_MS)
			.emitWithAck(event, data);
	}

	close() {
		this.socket.close();
	}
}

/**
 * The support widget, or the desk of an agent: frames {type, ...}, without
 * pings.  who: a Browser with its cookies, or an account with its token.
 */
class Chat {
	constructor(stack, who, { headers, path = '/chat' } = {}) {
		this.who = who;
		/** Every frame so far, in order. */
		this.frames = [];
		this.raw = raw(
			stack,
			path,
			headers ??
				who.headers ?? {
					authorization: `Bearer ${who.token}`,
				},
		);
		this.ws = this.raw.ws;
		this.ws.on('upgrade', (response) => {
			this.upgrade = response.headers;
			who.take?.(response.headers);
		});
		this.raw.onFrame = (text) => {
			const frame = JSON.parse(text);
			if (frame.type !== 'ping') this.frames.push(frame);
			this.onFrame?.(frame);
		};
	}

	get isOpen() {
		return this.ws.readyState !== WebSocket.CLOSED;
	}

	/** All frames of a type. */
	of(type) {
		return this.frames.filter((frame) => frame.type === type);
	}

	/** The first such frame, of those from the nth on. */
	next(type, matches = () => true, { from = 0, within } = {}) {
		const find = () =>
			this.frames
				.slice(from)
				.find(
					(frame) =>
						frame.type === type &&
						matches(frame),
				);
		return until(
			`a frame ${type}`,
			find,
			within ?? ANSWER_WITHIN_MS,
			2,
		).catch((error) => {
			const heard = JSON.stringify(this.frames.slice(-3));
			throw new Error(`${error.message}, but ${heard}`);
		});
	}

	send(type, data) {
		this.raw.send(JSON.stringify({ type, ...data }));
	}

	/** Begin, also once more; gives the frame `session`. */
	async init(data = {}) {
		const from = this.frames.length;
		this.send('init', data);
		this.session = await this.next('session', undefined, { from });
		return this.session;
	}

	async end(within = ANSWER_WITHIN_MS) {
		await until('the server ends it', () => !this.isOpen, within);
	}

	close() {
		this.raw.close();
	}
}

/** A tab of an account; await tab.ready before it is used. */
export const native = (stack, who, options) => new Native(stack, who, options);
export const socketio = (stack, who, options) =>
	new SocketIo(stack, who, options);
/** A widget or a desk; await tab.init() before it is used. */
export const chat = (stack, who, options) => new Chat(stack, who, options);
