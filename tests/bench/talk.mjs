/*
 * talk.mjs: conversations to write into, made by each contestant's own POST,
 * and clients that sit around.
 */
import { crowd, fresh } from '../system/harness.js';
import { Swarm } from './swarm.mjs';

const line = 'Is the price negotiable if I pay in cash this week? I can come ' +
	'to see the car on Saturday morning, with a mechanic.';

const thread = (count) => Array.from({ length: count }, (_, k) => ({
	id: 1767400000000000 + k,
	sender: 'user',
	text: line,
	timestamp: new Date(Date.UTC(2026, 0, 5, 9, k)).toISOString(),
	isRead: false,
	type: 'text',
}));

async function create(contestant, token, body) {
	const url = `http://127.0.0.1:${contestant.port}/api/conversations`;
	const reply = await fetch(url, {
		method: 'POST',
		headers: {
			authorization: `Bearer ${token}`,
			'content-type': 'application/json',
		},
		body: JSON.stringify(body),
	});
	const text = await reply.text();
	if (!reply.ok)
		throw new Error(`${contestant.name}: ${reply.status} ${text}`);
}

/**
 * A customer and a seller, never seen before, with so many conversations of
 * so many messages.  (The baseline takes every token.)
 */
export async function makeTalk(stack, contestant, count, messages) {
	const name = fresh('talk');
	const customerId = `${name}-customer@example.com`;
	const sellerId = `${name}-seller@example.com`;
	const customer = await stack.token({ email: customerId });
	const seller = await stack.token({ email: sellerId, role: 'seller' });
	const ids = Array.from({ length: count },
		(_, i) => `conv_${i}_${name}`);

	await crowd(4, async (k) => {
		for (let i = k; i < count; i += 4)
			await create(contestant, customer, {
				id: ids[i], customerId, sellerId, vehicleId: i,
				customerName: 'Asha Example',
				sellerName: 'Ravi Example',
				vehicleName: '2021 Hyundai Creta SX',
				vehiclePrice: 899000,
				messages: thread(messages),
			});
	});
	return { customer, seller, ids };
}

const known = new WeakMap(); /* tokens, by stack */

/* Of people with two tabs each, in other business than what is measured. */
async function neighbours(stack, count) {
	const tokens = known.get(stack) ?? [];
	known.set(stack, tokens);
	while (tokens.length * 2 < count)
		tokens.push(...await crowd(16, (k) => stack.token({
			email: `idle${tokens.length + k}@example.com`,
		})));
	return Array.from({ length: count }, (_, i) => tokens[i >> 1]);
}

/** Clients that are connected, answer heartbeats, and do nothing else. */
export async function sitAround(stack, port, count) {
	const swarm = new Swarm('socketio', port);
	for (const token of await neighbours(stack, count))
		swarm.who(token);
	swarm.opened = await swarm.open(16);
	return swarm;
}
