/*
 * tokens.js: tokens as a host would make them, for a Parley whose secret is
 * ours, and accounts that hold them.
 */
import { createHmac, randomBytes } from 'node:crypto';
import { Client } from './client.js';
import { fresh } from './harness.js';
import { C, ok, thread } from './talk.js';

export const SECRET = randomBytes(24).toString('hex');

export const now = () => Math.floor(Date.now() / 1000);
const part = (value) =>
	Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token of these claims, valid for an hour unless they say otherwise. */
export function mint(claims) {
	const head = part({ alg: 'HS256', typ: 'JWT' });
	const text = `${head}.${part({ exp: now() + 3600, ...claims })}`;
	const mac = createHmac('sha256', SECRET).update(text);
	return `${text}.${mac.digest('base64url')}`;
}

/**
 * An account with a token of these further claims; another client of it, whose
 * token stays good; and a conversation of his to talk in.
 */
export async function account(stack, more = {}) {
	const email = `${fresh('who')}@example.com`;
	const client = new Client(stack, {
		email,
		token: mint({ sub: email, ...more }),
	});
	const other = { email: `${fresh('other')}@example.com` };
	const keeper = new Client(stack, {
		email,
		token: mint({ sub: email }),
	});
	const { id } = ok(await keeper.post(C, thread(keeper, other)), 201);
	return { client, keeper, email, id };
}
