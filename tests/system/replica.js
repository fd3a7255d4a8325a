/*
 * replica.js: a replica set of one mongod, and hosts that share it.
 */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { freePort, root, until } from './harness.js';

/* The mongod that nginx/run would take. */
function program() {
	const fetched = path.resolve(root, process.env.O ?? 'build', 'mongod');
	return fs.existsSync(fetched) ? fetched : 'mongod';
}

class ReplicaSet {
	async start() {
		const port = await freePort();
		const uri = `mongodb://127.0.0.1:${port}/parley`;
		this.uri = `${uri}?replicaSet=rs`;
		this.folder = fs.mkdtempSync(path.join('/tmp', 'parley-rs-'));
		this.mongod = spawn(
			program(),
			[
				...['--dbpath', this.folder],
				...['--port', String(port)],
				...['--bind_ip', '127.0.0.1', '--nounixsocket'],
				...['--wiredTigerCacheSizeGB', '0.25'],
				...['--replSet', 'rs', '--quiet'],
			],
			{ stdio: 'ignore' },
		);
		/** As an operator sees it. */
		this.client = new MongoClient(`${uri}?directConnection=true`);
		await until(
			'mongod listens',
			() =>
				this.client.connect().then(
					() => true,
					() => false,
				),
			30000,
		);
		const admin = this.client.db('admin');
		const members = [{ _id: 0, host: `127.0.0.1:${port}` }];
		await admin.command({
			replSetInitiate: { _id: 'rs', members },
		});
		await until(
			'a primary',
			async () =>
				(await admin.command({ hello: 1 }))
					.isWritablePrimary,
			30000,
		);
	}

	/** start()'s options for a host of it; like: another host of it. */
	options(like) {
		const secret = like && `${like.run}/jwt.secret`;
		return {
			env: {
				MONGODB_URI: this.uri,
				...(like && {
					PARLEY_JWT_SECRET: fs.readFileSync(
						secret,
						'utf8',
					),
				}),
			},
		};
	}

	async stop() {
		await this.client?.close();
		if (this.mongod) {
			const gone = new Promise((done) =>
				this.mongod.once('exit', done),
			);
			this.mongod.kill('SIGTERM');
			await gone;
		}
		if (this.folder)
			fs.rmSync(this.folder, {
				recursive: true,
				force: true,
			});
	}
}

/** A replica set, not started yet: start(), and stop() after its hosts. */
export const replicaSet = () => new ReplicaSet();
