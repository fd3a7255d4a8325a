/*
 * swarm.mjs: a process of sockets.c: clients of the live socket, cheap enough
 * to be thousands beside what they measure.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import readline from 'node:readline';
import { binary } from '../system/harness.js';

const program = path.join(path.dirname(binary), 'tests/bench/sockets');

const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill()));

/** Clients of one dialect on one port. */
export class Swarm {
	#child;
	#answers = [];
	#count = 0;

	constructor(dialect, port) {
		this.#child = spawn(program, [dialect, String(port)],
			{ stdio: ['pipe', 'pipe', 'inherit'] });
		readline.createInterface({ input: this.#child.stdout })
			.on('line', (line) => this.#answers.shift().give(line));
		this.ended = new Promise((done) => {
			this.#child.once('exit', done);
		}).then((code) => {
			running.delete(this.#child);
			const error = new Error(`sockets ended: ${code}`);
			this.#answers.forEach(({ fail }) => fail(error));
		});
		running.add(this.#child);
	}

	/** One more client; gives its number. */
	who(token) {
		this.#child.stdin.write(`who ${token}\n`);
		return this.#count++;
	}

	/** A message of sender to the conversation shall be seen by count
		clients, from number first. */
	route(sender, first, count, conversation) {
		this.#child.stdin.write(
			`route ${sender} ${first} ${count} ${conversation}\n`);
	}

	async #command(line) {
		const answer = JSON.parse(await new Promise((give, fail) => {
			this.#answers.push({ give, fail });
			this.#child.stdin.write(`${line}\n`);
		}));
		if (answer.failed || answer.gone)
			throw new Error(`${line}: ${JSON.stringify(answer)}`);
		return answer;
	}

	/**
	 * What came of a command: times in µs, of whoever became ready, or of
	 * messages until all had seen them.
	 * @typedef {{done: number, deliveries: number, seconds: number,
	 *	p50: number, p99: number}} Outcome
	 */

	/** Connect all clients. @returns {Promise<Outcome>} */
	open(parallel) {
		return this.#command(`open ${parallel}`);
	}

	/** All in routes join. @returns {Promise<Outcome>} */
	join() {
		return this.#command('join');
	}

	/** Send messages. @returns {Promise<Outcome>} */
	send(count, window = 1) {
		return this.#command(`send ${count} ${window}`);
	}

	/** Are all still there? Then let them go. */
	async end() {
		await this.#command('gone');
		this.#child.stdin.end();
		await this.ended;
	}
}
