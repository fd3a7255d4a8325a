/*
 * The live halves of scenarios 43 to 45: an answer to an offer or to a request
 * for a test drive is live on both sides, once.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stackFor } from './harness.js';
import { isCurrent, outsiders, roomy, scene } from './scene.js';
import {
	answerDrive,
	answerOffer,
	drive,
	expect,
	offer,
	ok,
	put,
	read,
} from './talk.js';

const NEW = 'conversation:new-message';
const UPDATED = 'conversation:updated';

const stack = await stackFor({ env: roomy });
const others = await outsiders(stack);

/** The event, and whatever is heard of the marks that an answer raises. */
const without = (heards, ...names) =>
	Object.fromEntries(
		Object.entries(heards).map(([side, tabs]) => [
			side,
			Object.fromEntries(
				Object.entries(tabs).map(([dialect, all]) => [
					dialect,
					all.filter(
						(one) => !names.includes(one),
					),
				]),
			),
		]),
	);
const everywhere = (...names) => ({
	customer: { native: names, socketio: names },
	seller: { native: names, socketio: names },
});
const MARKS = ['conversation:read', 'message:status'];

for (const response of ['accepted', 'rejected', 'countered'])
	test(`43, 44: an offer ${response} is live on both sides, with its reply`, async (t) => {
		const s = await scene(t, stack);
		const made = offer(900);
		ok(await put(s.customer, s.id, made));
		const more = {
			responseMessage: 'so be it',
			...(response === 'countered' && { counterPrice: 950 }),
		};
		const { rev } = await read(s.customer, s.id);
		const heards = await s.hears(() =>
			answerOffer(s.seller, s.id, made.id, response, more),
		);
		ok(s.reply);
		assert.deepEqual(
			without(heards, ...MARKS),
			everywhere(NEW, UPDATED),
		);
		await isCurrent(s, 'customer');
		await isCurrent(s, 'seller');
		const { messages } = await read(s.customer, s.id, {
			since: rev,
		});
		assert.equal(
			messages.find((one) => one.id === made.id).payload
				.status,
			response,
		);
		const reply = s.last('customer', NEW).message;
		assert.deepEqual(reply, messages.at(-1));
		assert.equal(reply.text, 'so be it');
		if (response === 'countered') {
			assert.equal(reply.type, 'offer');
			assert.equal(reply.payload.offerPrice, 950);
			assert.equal(reply.payload.counterPrice, 900);
			ok(
				await s.expect(
					() =>
						answerOffer(
							s.customer,
							s.id,
							reply.id,
							'accepted',
						),
					[UPDATED],
					[UPDATED],
				),
			);
		}
		// the winner's own retry, and the loser: quiet
		await s.expect(
			() =>
				answerOffer(
					s.seller,
					s.id,
					made.id,
					response,
					more,
				),
			[],
			[],
		);
		expect(
			await s.expect(
				() =>
					answerOffer(
						s.seller,
						s.id,
						made.id,
						response === 'accepted'
							? 'rejected'
							: 'accepted',
					),
				[],
				[],
			),
			409,
			'already_answered',
		);
	});

for (const response of ['confirmed', 'rejected'])
	test(`45: a test drive ${response} shows at both, without a reply line`, async (t) => {
		const s = await scene(t, stack);
		const asked = drive('2027-03-01', '16:45');
		await s.expect(
			() => put(s.customer, s.id, asked),
			[NEW],
			[NEW],
		);
		assert.deepEqual(s.last('seller', NEW).message.payload, {
			...asked.payload,
			status: 'pending',
		});
		ok(
			await s.expect(
				() =>
					answerDrive(
						s.seller,
						s.id,
						asked.id,
						response,
					),
				[UPDATED],
				[UPDATED],
			),
		);
		await isCurrent(s, 'customer');
		await isCurrent(s, 'seller');
	});

test('nobody else heard any of it', () => others.heardNothing());
