/*
 * wire.js: a WebSocket as bytes on TCP, for what no library lets one send or
 * leave unread.  Frames of any shape; texts of the server put together.
 *
 * Source: RFC 6455, sections 4 and 5.
 */
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import { until } from './harness.js';

const OPENED_WITHIN_MS = 10000;
const ANSWERED_WITHIN_MS = 15000;

let asks = 0;

export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
const PONG = 10;

/** The bytes of one frame of a client. */
export function frame(
	payload,
	{ opcode = TEXT, fin = true, mask = true } = {},
) {
	const data = Buffer.from(payload);
	const head = [(fin ? 0x80 : 0) | opcode];
	const bit = mask ? 0x80 : 0;
	if (data.length < 126) head.push(bit | data.length);
	else if (data.length < 65536)
		head.push(bit | 126, data.length >> 8, data.length & 255);
	else {
		const length = Buffer.alloc(8);
		length.writeBigUInt64BE(BigInt(data.length));
		head.push(bit | 127, ...length);
	}
	if (!mask) return Buffer.concat([Buffer.from(head), data]);
	const key = randomBytes(4);
	for (let i = 0; i < data.length; i++) data[i] ^= key[i & 3];
	return Buffer.concat([Buffer.from(head), key, data]);
}

/** One connection; made by wire().  Whoever sets heard(event) and left() is
	told. */
class Wire {
	constructor(socket) {
		this.socket = socket;
		/** The HTTP answer to the upgrade; a body is in bytes. */
		this.status = 0;
		this.head = '';
		/** Every text, whole, in order; of /ws also as JSON. */
		this.texts = [];
		this.events = [];
		this.asked = new Map();
		this.closed = false;
		this.parts = [];
		this.bytes = Buffer.alloc(0);
		socket.on('data', (part) => this.#take(part));
		socket.on('error', () => {});
		socket.on('close', () => {
			this.closed = true;
			for (const told of this.asked.values()) told(null);
			this.left?.();
		});
	}

	#take(part) {
		this.bytes = Buffer.concat([this.bytes, part]);
		if (!this.status) {
			const end = this.bytes.indexOf('\r\n\r\n');
			if (end < 0) return;
			this.head = this.bytes.toString('latin1', 0, end);
			this.status = Number(this.head.split(' ')[1]);
			this.bytes = this.bytes.subarray(end + 4);
		}
		if (this.status === 101) while (this.#frame());
	}

	/** Take one frame off the bytes; false where none is whole. */
	#frame() {
		const { bytes } = this;
		if (bytes.length < 2) return false;
		let [at, length] = [2, bytes[1] & 127];
		if (length === 126 && bytes.length >= 4)
			[at, length] = [4, bytes.readUInt16BE(2)];
		else if (length === 127 && bytes.length >= 10)
			[at, length] = [10, Number(bytes.readBigUInt64BE(2))];
		else if (length > 125) return false;
		if (bytes.length < at + length) return false;
		const payload = bytes.subarray(at, at + length);
		this.bytes = bytes.subarray(at + length);
		const opcode = bytes[0] & 15;
		if (opcode <= BINARY) {
			this.parts.push(payload);
			if (bytes[0] & 0x80) {
				const whole = Buffer.concat(this.parts);
				this.parts = [];
				this.#hear(whole.toString('utf8'));
			}
		} else if (opcode === PING)
			this.send(payload, { opcode: PONG });
		return true;
	}

	#hear(text) {
		this.texts.push(text);
		if (!text.startsWith('{')) return;
		const event = JSON.parse(text);
		this.events.push(event);
		this.asked.get(event.ack)?.(event);
		this.asked.delete(event.ack);
		this.heard?.(event);
	}

	/** One frame. */
	send(payload, options) {
		this.write(frame(payload, options));
	}

	/** Bytes, as they are; gives whether the kernel took them all. */
	write(bytes) {
		return !this.closed && this.socket.write(bytes);
	}

	/** An event of the native dialect. */
	emit(event, data, ack) {
		this.send(JSON.stringify({ event, data, ack }));
	}

	/** Send an event natively, and give its answer: {data} or {error}. */
	ask(event, data, within = ANSWERED_WITHIN_MS) {
		const ack = `ask ${++asks}`;
		return new Promise((give, fail) => {
			const timer = setTimeout(
				fail,
				within,
				new Error(event),
			);
			this.asked.set(ack, (answer) => {
				clearTimeout(timer);
				if (answer) give(answer);
				else fail(new Error('it closed'));
			});
			this.emit(event, data, ack);
		});
	}

	/** Forget what was heard. */
	forget() {
		this.texts = [];
		this.events = [];
	}

	/** Wait for an event that satisfies is. */
	next(what, is, within) {
		return until(what, () => this.events.find(is), within);
	}

	/** Wait for the answer to ack. */
	answer(ack, within) {
		return this.next(`ack ${ack}`, (e) => e.ack === ack, within);
	}

	/** Wait for its end; gives the code in its last frame, if any. */
	async ended(within) {
		await until('the connection ends', () => this.closed, within);
		return this.lastCode;
	}

	/** The code of the error in the last frame, in either dialect. */
	get lastCode() {
		const text = this.texts.at(-1) ?? '';
		const [event, data] = /^42\[/.test(text)
			? JSON.parse(text.slice(2))
			: [this.events.at(-1)?.event, this.events.at(-1)?.data];
		return event === 'error' ? data.code : undefined;
	}

	/** Leave without a word. */
	destroy() {
		this.socket.destroy();
	}
}

/**
 * Connect and ask for the upgrade; gives the Wire when it was answered.
 * headers: over the usual ones; undefined takes one away.
 */
export async function wire(stack, { token, path = '/ws', headers = {} } = {}) {
	const all = {
		host: `127.0.0.1:${stack.port}`,
		upgrade: 'websocket',
		connection: 'Upgrade',
		'sec-websocket-version': '13',
		'sec-websocket-key': randomBytes(16).toString('base64'),
		...(token && { authorization: `Bearer ${token}` }),
		...headers,
	};
	const lines = Object.entries(all)
		.filter(([, value]) => value !== undefined)
		.map(([name, value]) => `${name}: ${value}\r\n`);
	const socket = net.connect(stack.port, '127.0.0.1');
	socket.setNoDelay(true);
	const one = new Wire(socket);
	socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`, 'latin1');
	await until(
		'an answer to the upgrade',
		() => one.status || one.closed,
		OPENED_WITHIN_MS,
		5,
	);
	return one;
}

export const SOCKETIO = '/socket.io/?EIO=4&transport=websocket';

/** wire() of an account by Socket.IO, once it is greeted. */
export async function connected(stack, who) {
	const one = await wire(stack, { path: SOCKETIO });
	one.send(`40${JSON.stringify({ token: who.token })}`);
	await until('40', () => one.texts.some((text) => /^40\{/.test(text)));
	return one;
}

/** wire() of an account, natively, once it is greeted. */
export async function greeted(stack, who, options) {
	const one = await wire(stack, { token: who.token, ...options });
	await one.next('hello', (e) => e.event === 'hello');
	return one;
}
