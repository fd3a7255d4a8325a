/*
 * talk.js: conversations, as two people with clients hold them.
 *
 * Small verbs over harness.js's Client.  Each gives the whole answer unless
 * its comment says otherwise; ok() turns an answer into its data.
 */
import assert from 'node:assert/strict';
import { fresh, until } from './harness.js';

/** @typedef {import('./harness.js').Answer} Answer */
/** @typedef {import('./harness.js').Client} Client */

export const C = '/api/conversations';

/** Query text: of('id', {limit: 2}) is '?conversationId=id&limit=2'. */
export function of(id, more = {}) {
	const all = { ...(id !== null && { conversationId: id }), ...more };
	return `?${Object.entries(all)
		.map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
		.join('&')}`;
}

/** Insist on a status (and code of the envelope), and give the answer. */
export function expect(reply, status, code) {
	assert.equal(reply.status, status, reply.text.slice(0, 600));
	if (status >= 400 && reply.body) {
		assert.equal(reply.body.success, false);
		assert.equal(reply.body.reason, reply.body.error);
		assert.ok(reply.body.reason.length > 2);
		assert.equal(typeof reply.body.code, 'string');
	}
	if (code) assert.equal(reply.body.code, code, reply.text);
	return reply;
}

/** Insist on 200 (or 201), and give the data. */
export function ok(reply, status = 200) {
	return expect(reply, status).body.data;
}

/** A message with an id of its own. */
export const message = (text, more = {}) => ({ id: fresh('m'), text, ...more });

/** A conversation as its customer would create it. */
export const thread = (customer, seller, more = {}) => ({
	id: fresh('conv_'),
	customerId: customer.email,
	customerName: 'Asha',
	sellerId: seller.email,
	sellerName: 'Ravi',
	vehicleId: Math.floor(Math.random() * 1e12),
	vehicleName: 'A small car',
	vehiclePrice: 12500,
	...more,
});

/**
 * Two fresh accounts and their conversation, with `said` messages of the
 * customer in it: {id, customer, seller, conversation}.
 */
export async function meet(stack, { fields = {}, said = 0 } = {}) {
	const [customer, seller] = await Promise.all([
		stack.as({ role: 'customer', name: 'Asha' }),
		stack.as({ role: 'seller', name: 'Ravi' }),
	]);
	const asked = thread(customer, seller, fields);
	const conversation = ok(await customer.post(C, asked), 201);
	const { id } = conversation;
	if (said) await fill(customer, id, said);
	return { id, customer, seller, conversation, asked };
}

/** PUT one message of text. */
export const say = (client, id, text, more) =>
	put(client, id, message(text, more));

/** PUT this message. */
export const put = (client, id, one, more = {}) =>
	client.put(C, { conversationId: id, message: one, ...more });

/** PATCH {conversationId, ...change}. */
export const patch = (client, id, change) =>
	client.patch(C, { conversationId: id, ...change });

/** PUT an answer to an offer: accepted, rejected, countered, withdrawn. */
export const answerOffer = (client, id, offerMessageId, response, more) =>
	client.put(C, {
		conversationId: id,
		offerResponse: { offerMessageId, response, ...more },
	});

/** PUT an answer to a test-drive request: confirmed or rejected. */
export const answerDrive = (client, id, messageId, response, more) =>
	client.put(C, {
		conversationId: id,
		testDriveResponse: { messageId, response, ...more },
	});

/** An offer, and a request for a test drive, as messages. */
export const offer = (offerPrice, payload = {}) =>
	message('', { type: 'offer', payload: { offerPrice, ...payload } });
export const drive = (date = '2027-02-28', time = '09:30') =>
	message('', { type: 'test_drive_request', payload: { date, time } });

/** The status of an offer or request, wherever it is stored. */
export async function statusOf(client, id, messageId) {
	const all = await everything(client, id);
	return all.find((one) => one.id === messageId).payload.status;
}

/** GET one conversation; gives its data. */
export const read = async (client, id, query = {}) =>
	ok(await client.get(C + of(id, query)));

/** GET the caller's list; gives the rows. */
export const list = async (client, query = {}) =>
	ok(await client.get(C + of(null, query)));

/** Append n messages as fast as one may: 1,000 to a POST. */
export async function fill(client, id, n, text = 'line') {
	for (let done = 0; done < n; done += 1000) {
		const size = Math.min(1000, n - done);
		const messages = Array.from({ length: size }, (_, i) =>
			message(`${text} ${done + i + 1}`),
		);
		ok(await client.post(C, { id, messages }));
	}
}

/** All of a conversation, by paging back to seq 1. */
export async function everything(client, id, limit = 200) {
	let page = (await read(client, id, { messages: limit })).messages;
	let all = page;
	while (page.length && page[0].seq > 1) {
		const before = page[0].seq;
		page = (await read(client, id, { before, limit })).messages;
		all = [...page, ...all];
	}
	return all;
}

/** Insist that seq is 1, 2, 3 ... n. */
export function isWhole(messages, n) {
	assert.deepEqual(
		messages.map((one) => one.seq),
		Array.from({ length: n }, (_, i) => i + 1),
	);
}

/** A customer with n conversations, each of one message; the ids. */
export async function inbox(stack, n, fields = () => ({})) {
	const [customer, seller] = [
		await stack.as(),
		await stack.as({ role: 'seller' }),
	];
	const ids = [];
	for (let i = 0; i < n; i++) {
		const asked = thread(customer, seller, {
			messages: [message(`hello ${i}`)],
			...fields(i),
		});
		ids.push(ok(await customer.post(C, asked), 201).id);
	}
	return { customer, seller, ids };
}

/** All pages of a list; checks that Link says what next says. */
export async function walk(client, query) {
	const pages = [];
	let target = C + of(null, query);
	while (target) {
		const reply = expect(await client.get(target), 200);
		pages.push(reply.body);
		const { next } = reply.body;
		if (next === null) {
			assert.ok(!reply.headers.link);
			break;
		}
		const [, link] = reply.headers.link.match(
			/^<([^>]+)>; ?rel="next"$/,
		);
		const url = new URL(link, client.stack.url + target);
		assert.equal(url.searchParams.get('cursor'), next);
		target = url.pathname + url.search;
	}
	return pages;
}

/** Wait until the api is out of doubt: an unchanged GET is 304. */
export const settled = (client, target = C) =>
	until('304', async () => {
		const {
			headers: { etag },
		} = await client.get(target);
		if (!etag) return null;
		const reply = await client.get(target, {
			headers: { 'if-none-match': etag },
		});
		return reply.status === 304 && etag;
	});

/** How many conversations the caller has to read. */
export const unreadOf = async (client, query = {}) =>
	expect(await client.get(C + of(null, query)), 200).body.unread;
