/*
 * seed.mjs: the documents that are measured, the same for every contestant.
 *
 * Written once through the original application's models, and copied inside
 * the database; Parley upgrades its copy at its start, as it does with every
 * database of the original.  Accounts that are read are never written to.
 */
import mongoose from 'mongoose';
import { conversationModel } from './model.mjs';

export const ACCOUNTS = 100; /* of each role; each has INBOX conversations */
export const INBOX = 20;
export const MESSAGES = 10;
export const CONVERSATIONS = ACCOUNTS * INBOX;

/*
 * The long ones.  Both leave 8 messages beyond whole buckets of the archive,
 * so that their newest pages are made of the same pieces.
 */
export const LENGTHS = { short: 1000, long: 20008 };

/* A session of the support chat, of the short one's customer. */
export const SESSION = { id: 'chat_bench', lines: 100 };

const start = Date.UTC(2026, 0, 5, 9);
const line = 'Is the price negotiable if I pay in cash this week? I can come ' +
	'to see the car on Saturday morning, with a mechanic.';

const time = (minute) => new Date(start + minute * 60000).toISOString();

/** Accounts of a set ("read", "write"): number i of each role. */
export const customer = (set, i) => `${set}-customer${i}@example.com`;
export const seller = (set, i) => `${set}-seller${i}@example.com`;

/** Conversation i of a set, of customer i % ACCOUNTS. */
export const conversationId = (set, i) =>
	`conv_${start + i}_${set}${String(i).padStart(4, '0')}`;
export const lengthId = (name) => `conv_${start}_${name}`;

const thread = (count) => Array.from({ length: count }, (_, k) => ({
	id: start * 1000 + k,
	sender: k % 2 ? 'seller' : 'user',
	text: line,
	timestamp: time(k),
	isRead: true,
	type: 'text',
}));

const conversation = (id, customerId, sellerId, i, count) => ({
	id,
	customerId,
	customerName: 'Asha Example',
	sellerId,
	sellerName: 'Ravi Example',
	vehicleId: i,
	vehicleName: '2021 Hyundai Creta SX',
	vehiclePrice: 899000,
	messages: thread(count),
	lastMessageAt: time(count + i % 7),
	isReadBySeller: true,
	isReadByCustomer: true,
	isFlagged: false,
});

function* documents() {
	for (const set of ['read', 'write'])
		for (let i = 0; i < CONVERSATIONS; i++)
			yield conversation(conversationId(set, i),
				customer(set, i % ACCOUNTS),
				seller(set, Math.floor(i / INBOX)),
				i, MESSAGES);
	for (const [name, count] of Object.entries(LENGTHS))
		yield conversation(lengthId(name), customer(name, 0),
			seller(name, 0), 0, count);
}

/* As the original kept its support chat; there is no model of it here. */
async function seedChat(chat) {
	const userId = customer('short', 0);
	await chat.collection('chatsessions').insertOne({
		sessionId: SESSION.id,
		userId,
		userName: 'Asha Example',
		status: 'active',
	});
	await chat.collection('chatmessages').insertMany(
		Array.from({ length: SESSION.lines }, (_, k) => ({
			sessionId: SESSION.id,
			userId,
			message: line,
			sender: k % 2 ? 'bot' : 'user',
			timestamp: new Date(start + k * 60000),
			isRead: true,
		})));
}

/**
 * @param {string} uri of any database on the server
 * @param {string[]} names of the databases that get them
 */
export async function seed(uri, names) {
	const connection = await mongoose.connect(uri, { dbName: 'seed' });
	const model = conversationModel();
	const all = [...documents()];
	while (all.length > 0)
		await model.insertMany(all.splice(0, 500));
	for (const db of names)
		await model.aggregate([
			{ $merge: { into: { db, coll: 'conversations' } } },
		]);
	await seedChat(connection.connection.useDb('parley'));
	await model.db.dropDatabase();
	await connection.disconnect();
}
