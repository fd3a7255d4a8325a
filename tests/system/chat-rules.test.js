/*
 * The support bot's file of rules, an operator's own: read at start, and again
 * on SIGHUP; a broken one is named with its line, and changes nothing.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Browser } from './browser.js';
import { agentOf, lines, says } from './desk.js';
import { binary, crowd, stackFor, until } from './harness.js';
import { isWhole } from './talk.js';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parley-rules-'));
after(() => fs.rmSync(folder, { recursive: true }));
const rulesFile = path.join(folder, 'bot.rules');
const write = (...all) => fs.writeFileSync(rulesFile, `${all.join('\n')}\n`);
write('# mine', 'alpha: one {name}', '*: two');
const stack = await stackFor({ env: { PARLEY_CHAT_RULES: rulesFile } });

const answerTo = async (text) =>
	(await says(new Browser(stack), text)).response;
const log = () => fs.readFileSync(`${stack.run}/log/api.log`, 'utf8');
const reload = () => stack.kill('api', 'SIGHUP');
const becomes = (text, answer) =>
	until(
		`${text}: ${answer}`,
		async () => (await answerTo(text)) === answer,
	);

test('rules of an operator take the place of the shipped ones', async () => {
	assert.equal(await answerTo('say Alpha!'), 'one there');
	assert.equal(await answerTo('hello'), 'two');
});

test('SIGHUP reads them again; a broken file keeps the old ones and names the line', async () => {
	const pid = stack.pid('api');
	write('beta: three', 'alpha: four', '*: five');
	reload();
	await becomes('alpha', 'four');
	assert.equal(await answerTo('alpha beta'), 'three');
	const broken = [
		[['beta: six', '# x', '*: seven', 'no colon here'], 4],
		[['beta: six', 'a,,b: c'], 2],
		[['*: six', '*: seven'], 2],
		[['beta: six', '', 'a: \xff'], 3],
	];
	for (const [rows, line] of broken) {
		fs.writeFileSync(
			rulesFile,
			Buffer.from(rows.join('\n'), 'latin1'),
		);
		const from = log().length;
		reload();
		const said = await until(`line ${line} is named`, () =>
			log()
				.slice(from)
				.split('\n')
				.find((one) =>
					new RegExp(`line ${line}\\b`).test(one),
				),
		);
		assert.ok(said.includes(rulesFile), said);
		assert.equal(await answerTo('beta'), 'three');
		assert.equal(await answerTo('x'), 'five');
	}
	fs.unlinkSync(rulesFile);
	const from = log().length;
	reload();
	await until('a missing file is logged', () =>
		log().slice(from).includes(rulesFile),
	);
	assert.equal(await answerTo('beta'), 'three');
	write('beta: eight');
	reload();
	await becomes('beta', 'eight');
	assert.equal(stack.pid('api'), pid, 'it is the same process');
});

test('where no rule fits the bot says nothing', async () => {
	write('beta: eight');
	reload();
	await becomes('beta', 'eight');
	const who = new Browser(stack);
	const quiet = await says(who, 'alpha');
	assert.equal(quiet.response, '');
	assert.equal((await says(who, 'beta')).seq, 2);
	isWhole(await lines(who, quiet.sessionId), 3);
});

test('lines are answered all the while rules are read again', async () => {
	let reading = true;
	const reader = (async () => {
		for (let n = 0; reading; n++) {
			write(`beta: ${n % 2 ? 'odd' : 'even'}`, '*: none');
			reload();
			await answerTo('x');
		}
	})();
	const who = new Browser(stack);
	await says(who, 'beta');
	await crowd(20, async () => {
		for (let n = 0; n < 10; n++) {
			const { response } = await says(who, 'beta');
			assert.match(response, /^(odd|even|eight)$/);
		}
	}).finally(() => {
		reading = false;
	});
	await reader;
	const agent = await agentOf(stack);
	const { sessionId } = await says(who, 'last');
	const newest = await lines(agent, sessionId);
	assert.equal(newest.at(-1).seq, 2 * 202);
});

test('a broken file stops a start, with its line', () => {
	const file = path.join(folder, 'broken.rules');
	fs.writeFileSync(file, 'a: b\nbroken\n');
	assert.throws(
		() =>
			execFileSync(binary, [], {
				encoding: 'utf8',
				stdio: 'pipe',
				timeout: 20000,
				env: {
					...process.env,
					PARLEY_CHAT_RULES: file,
					MONGODB_URI: stack.mongoUri,
					PARLEY_LISTEN: path.join(
						folder,
						'api.sock',
					),
					PARLEY_JWT_SECRET: 'x'.repeat(32),
				},
			}),
		(error) => {
			assert.match(error.stderr, /chat_rules: line 2\b/);
			return error.status > 0;
		},
	);
});
