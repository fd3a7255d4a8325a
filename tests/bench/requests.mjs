/*
 * requests.mjs: what is asked: raw HTTP requests for load.c, in turns, for
 * Parley and for the baseline, which differ in the bearer token alone.
 */
import {
	ACCOUNTS, CONVERSATIONS, LENGTHS, SESSION, conversationId, customer,
	lengthId, seller,
} from './seed.mjs';

const HOLE = '@'.repeat(16); /* load.c puts a fresh number there */
const line = 'Yes, a little. Come on Saturday at ten; bring your mechanic ' +
	'and twenty minutes for a drive. The papers are here.';

const raw = (method, target, headers = [], body = '') => [
	`${method} ${target} HTTP/1.1`,
	'Host: 127.0.0.1',
	...headers,
	...(body ? ['Content-Type: application/json'] : []),
	...(body ? [`Content-Length: ${body.length}`] : []),
	'', body,
].join('\r\n');

const query = (parameters) =>
	`/api/conversations?${new URLSearchParams(parameters)}`;

/** Makes the requests of all measures; tokens are asked for once. */
export class Requests {
	#stack;
	#bearers = new Map();

	constructor(stack) {
		this.#stack = stack;
	}

	/* The baseline takes everybody's word and ignores it. */
	async #bearer(email, role) {
		if (!this.#bearers.has(email))
			this.#bearers.set(email, 'Authorization: Bearer ' +
				await this.#stack.token({ email, role }));
		return this.#bearers.get(email);
	}

	async #inboxes() {
		const all = [];
		for (let i = 0; i < ACCOUNTS; i++) {
			const buyer = customer('read', i);
			const vendor = seller('read', i);
			all.push({
				target: query({ customerId: buyer }),
				bearer: await this.#bearer(buyer, 'customer'),
			}, {
				target: query({ sellerId: vendor }),
				bearer: await this.#bearer(vendor, 'seller'),
			});
		}
		return all;
	}

	/** The inbox of each account, as customer or as seller. */
	async lists() {
		return (await this.#inboxes()).map(({ target, bearer }) =>
			raw('GET', target, [bearer]));
	}

	/** The same, by clients that hold the answer already. */
	async unchangedLists({ port }) {
		const all = [];
		for (const { target, bearer } of await this.#inboxes()) {
			const [name, value] = bearer.split(': ');
			const reply = await fetch(
				`http://127.0.0.1:${port}${target}`,
				{ headers: { [name]: value } });
			await reply.arrayBuffer();
			all.push(raw('GET', target, [bearer,
				`If-None-Match: ${reply.headers.get('etag')}`]));
		}
		return all;
	}

	/** A message to each conversation, by its customer. */
	async appends() {
		const all = [];
		for (let i = 0; i < CONVERSATIONS; i++) {
			const body = JSON.stringify({
				conversationId: conversationId('write', i),
				message: {
					id: HOLE,
					sender: 'user',
					text: line,
					timestamp: new Date().toISOString(),
					type: 'text',
				},
			}).replace(`"${HOLE}"`, HOLE);
			const email = customer('write', i % ACCOUNTS);
			all.push(raw('PUT', '/api/conversations',
				[await this.#bearer(email, 'customer')], body));
		}
		return all;
	}

	/** A line to support, by each customer; the bot answers it. */
	async says() {
		const body = JSON.stringify({ message: line, messageId: HOLE })
			.replace(`"${HOLE}"`, HOLE);
		const all = [];
		for (let i = 0; i < ACCOUNTS; i++)
			all.push(raw('POST', '/api/chat', [await this.#bearer(
				customer('write', i), 'customer')], body));
		return all;
	}

	/** All lines of the seeded session. */
	async history() {
		return [raw('GET', `/api/chat/history?sessionId=${SESSION.id}`,
			[await this.#bearer(customer('short', 0), 'customer')])];
	}

	async #page(name, parameters) {
		return raw('GET',
			query({ conversationId: lengthId(name), ...parameters }),
			[await this.#bearer(customer(name, 0), 'customer')]);
	}

	/** The newest messages of the short or the long conversation. */
	async newest(name, messages = 50) {
		return [await this.#page(name, { messages })];
	}

	/** Pages of 50 out of the archive, from all over the long one. */
	async older() {
		const all = [];
		for (let k = 1; k <= 100; k++) {
			const before = Math.floor(LENGTHS.long * k / 102);
			all.push(await this.#page('long',
				{ before, limit: 50 }));
		}
		return all;
	}
}
