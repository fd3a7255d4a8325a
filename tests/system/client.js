/*
 * client.js: an account (or nobody) that sends requests to one Parley, with
 * control over every byte; and how tests wait.
 */
import { randomBytes } from 'node:crypto';
import http from 'node:http';

const ANSWER_WITHIN_MS = 20000;

/** Wait ms; only to space attempts, never instead of a condition. */
export const pause = (ms) => new Promise((go) => setTimeout(go, ms));

/**
 * Ask until the answer is truthy, and give it; throws after within ms.
 * @template T
 * @param {string} what the condition, for the message
 * @param {() => T | Promise<T>} condition
 * @returns {Promise<T>}
 */
export async function until(what, condition, within = 15000, every = 20) {
	const end = Date.now() + within;
	for (;;) {
		const answer = await condition();
		if (answer) return answer;
		if (Date.now() > end)
			throw new Error(`not within ${within} ms: ${what}`);
		await pause(every);
	}
}

/** Run n of them at once: crowd(64, (i) => ...). */
export const crowd = (n, one) =>
	Promise.all(Array.from({ length: n }, (_, i) => one(i)));

/** A word that no other test has used. */
export const fresh = (prefix = 'x') =>
	`${prefix}${randomBytes(6).toString('hex')}`;

/**
 * An HTTP answer, complete.
 * @typedef {{status: number, headers: object, body: any, text: string}} Answer
 */

/** An account (or nobody) that talks to one Stack. */
export class Client {
	/** @param {{email?: string, role?: string, token?: string}} who */
	constructor(stack, who) {
		Object.assign(this, { stack }, who);
	}

	/**
	 * One request.  body: an object, or bytes that are sent as they are.
	 * Rejects when the answer is cut or does not come: an unknown outcome.
	 * @returns {Promise<Answer>}
	 */
	request(method, target, { body, headers = {}, within } = {}) {
		const raw = typeof body === 'string' || Buffer.isBuffer(body);
		const bytes =
			body === undefined
				? null
				: Buffer.from(
						raw
							? body
							: JSON.stringify(body),
					);
		const all = { ...headers };
		if (
			this.token &&
			!('authorization' in all) &&
			!('cookie' in all)
		)
			all.authorization = `Bearer ${this.token}`;
		if (bytes) {
			all['content-type'] ??= 'application/json';
			all['content-length'] ??= bytes.length;
		}
		return exchange(
			{
				agent: this.stack.agent,
				host: '127.0.0.1',
				port: this.stack.port,
				method,
				path: target,
				headers: all,
				timeout: within ?? ANSWER_WITHIN_MS,
			},
			bytes,
		);
	}

	get(target, options) {
		return this.request('GET', target, options);
	}

	head(target, options) {
		return this.request('HEAD', target, options);
	}

	post(target, body, options) {
		return this.request('POST', target, { body, ...options });
	}

	put(target, body, options) {
		return this.request('PUT', target, { body, ...options });
	}

	patch(target, body, options) {
		return this.request('PATCH', target, { body, ...options });
	}

	del(target, body, options) {
		return this.request('DELETE', target, { body, ...options });
	}
}

/** @returns {Promise<Answer>} */
function exchange(options, bytes) {
	return new Promise((give, fail) => {
		const request = http.request(options, (response) => {
			const parts = [];
			response.on('data', (part) => parts.push(part));
			response.on('error', fail);
			response.on('end', () => {
				if (!response.complete)
					return fail(new Error('a cut answer'));
				give(answer(response, Buffer.concat(parts)));
			});
		});
		request.on('error', fail);
		request.on('timeout', () =>
			request.destroy(new Error('no answer in time')),
		);
		request.end(bytes);
	});
}

function answer(response, bytes) {
	const text = bytes.toString('utf8');
	const isJson =
		/json/.test(response.headers['content-type'] ?? '') &&
		!/ndjson/.test(response.headers['content-type']);
	return {
		status: response.statusCode,
		headers: response.headers,
		body: isJson && text ? JSON.parse(text) : undefined,
		text,
	};
}
