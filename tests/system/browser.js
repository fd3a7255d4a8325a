/*
 * browser.js: somebody at a page: cookies that come with answers and go with
 * requests and upgrades, and the page's Origin.  A guest of the support chat,
 * until login().
 */
import { Client } from './client.js';

export const GUEST = 'parley_chat';
export const TOKEN = 'parley_token';

/** [name, value, attributes] of a Set-Cookie. */
function cookie(line) {
	const [first, ...attributes] = line.split(';');
	const at = first.indexOf('=');
	return [first.slice(0, at), first.slice(at + 1), attributes.join(';')];
}

export class Browser extends Client {
	constructor(stack, cookies = {}) {
		super(stack, {});
		this.jar = new Map(Object.entries(cookies));
		/** Every Set-Cookie so far, as it came. */
		this.set = [];
	}

	/** What it sends along, by itself. */
	get headers() {
		const cookies = [...this.jar].map((pair) => pair.join('='));
		return {
			origin: this.stack.url,
			...(cookies.length && { cookie: cookies.join('; ') }),
		};
	}

	get guest() {
		return this.jar.get(GUEST);
	}

	/** The headers of an answer, or of an upgrade. */
	take(headers) {
		for (const line of headers['set-cookie'] ?? []) {
			const [name, value, attributes] = cookie(line);
			this.set.push(line);
			if (!value || /max-age=0/i.test(attributes))
				this.jar.delete(name);
			else this.jar.set(name, value);
		}
	}

	async request(method, target, { headers, ...options } = {}) {
		const reply = await super.request(method, target, {
			...options,
			headers: { ...this.headers, ...headers },
		});
		this.take(reply.headers);
		return reply;
	}

	/** From now on an account. */
	async login({ email, role = 'customer', name }) {
		const token = await this.stack.token({ email, role, name });
		Object.assign(this, { email, role, name });
		this.jar.set(TOKEN, token);
	}
}
