/*
 * A database that is a replica set: other hosts may write too, so answers
 * rest on majority reads and barriers, and ETags on the bodies.
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { MongoClient } from 'mongodb';
import { Client } from './client.js';
import { crowd, freePort, root, start, until } from './harness.js';
import { C, everything, expect, isWhole, meet, message, of, ok, put, read,
	say } from './talk.js';

let stack, mongod, folder, client, uri;

/* The mongod that nginx/run would take. */
function program() {
	const fetched = path.resolve(root, process.env.O ?? 'build', 'mongod');

	return fs.existsSync(fetched) ? fetched : 'mongod';
}

before(async () => {
	const port = await freePort();

	uri = `mongodb://127.0.0.1:${port}/parley`;

	folder = fs.mkdtempSync(path.join('/tmp', 'parley-rs-'));
	mongod = spawn(program(), ['--dbpath', folder, '--port', String(port),
		'--bind_ip', '127.0.0.1', '--nounixsocket', '--replSet', 'rs',
		'--wiredTigerCacheSizeGB', '0.25', '--quiet'],
	{ stdio: 'ignore' });
	client = new MongoClient(`${uri}?directConnection=true`);
	await until('mongod listens', () =>
		client.connect().then(() => true, () => false), 30000);
	await client.db('admin').command({ replSetInitiate: {
		_id: 'rs', members: [{ _id: 0, host: `127.0.0.1:${port}` }] } });
	await until('a primary', async () =>
		(await client.db('admin').command({ hello: 1 }))
			.isWritablePrimary, 30000);
	stack = await start({ env: { MONGODB_URI: `${uri}?replicaSet=rs` } });
});

after(async () => {
	await stack?.stop();
	await client?.close();
	if (mongod) {
		const gone = new Promise((done) => mongod.once('exit', done));

		mongod.kill('SIGTERM');
		await gone;
	}
	fs.rmSync(folder, { recursive: true, force: true });
});

test('what was sent is read by both, at once, and a retry is a duplicate',
	async () => {
		const { customer, seller, id } = await meet(stack);
		const one = message('hello');

		assert.equal(ok(await put(customer, id, one)).seq, 1);
		assert.equal((await read(seller, id)).messages[0].text, 'hello');
		const again = await put(customer, id, one);
		assert.equal(ok(again).seq, 1);
		assert.equal(again.body.duplicate, true);
	});

test('refusals are as definite as on a standalone', async () => {
	const { customer, seller, id } = await meet(stack);
	const stranger = await stack.as();
	const one = message('mine');

	ok(await put(customer, id, one));
	expect(await stranger.get(C + of(id)), 404, 'not_found');
	expect(await put(customer, id, { ...one, text: 'other' }),
		409, 'id_reused');
	expect(await say(seller, id, 'x', { sender: 'user' }),
		403, 'forbidden');
});

test('an unchanged answer is 304, a changed one is not', async () => {
	const { customer, seller, id } = await meet(stack);
	const first = await seller.get(C + of(id));
	const headers = { 'if-none-match': first.headers.etag };

	expect(await seller.get(C + of(id), { headers }), 304);
	ok(await say(customer, id, 'news'));
	expect(await seller.get(C + of(id), { headers }), 200);
});

test('another host that writes is seen: there is no version in memory',
	async () => {
		const { seller, id } = await meet(stack);
		const first = await seller.get(C + of(id));

		await client.db('parley').collection('conversations').updateOne(
			{ id }, { $set: { vehicleName: 'written elsewhere' } },
			{ writeConcern: { w: 'majority' } });
		const next = await seller.get(C + of(id), { headers:
			{ 'if-none-match': first.headers.etag } });
		assert.equal(ok(next).vehicleName, 'written elsewhere');
	});

test('64 senders at once make numbers without holes', async () => {
	const { customer, seller, id } = await meet(stack);

	await crowd(64, async (i) =>
		ok(await say(i % 2 ? customer : seller, id, `n${i}`)));
	isWhole(await everything(seller, id), 64);
});

test('two hosts on one replica set: messages and ended sessions of one are '
	+ 'known to the other', async () => {
	const { customer, seller, id } = await meet(stack);
	const other = await start({ env: {
		MONGODB_URI: `${uri}?replicaSet=rs`,
		PARLEY_JWT_SECRET: fs.readFileSync(
			`${stack.run}/jwt.secret`, 'utf8'),
	} });
	const there = new Client(other, seller);

	await crowd(32, async (i) => ok(i % 2 ?
		await say(customer, id, `here ${i}`) :
		await say(there, id, `there ${i}`)));
	isWhole(await everything(seller, id), 32);
	expect(await there.del('/api/session'), 200);
	await until('the session has ended here too', async () =>
		(await seller.get('/api/session')).status === 401);
	expect(await customer.get('/api/session'), 200);
	await other.stop();
});
