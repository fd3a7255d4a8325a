/*
 * What is written about the program is true: OpenAPI, README's settings.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { binary, root, start } from './harness.js';
import { C, expect, meet, ok } from './talk.js';

let stack;
let api;
before(async () => {
	stack = await start();
	api = (await stack.anyone.get('/api/openapi.json')).body;
});
after(() => stack.stop());

const say = (...words) => execFileSync(binary, words, { encoding: 'utf8' });
const VERBS = ['get', 'post', 'put', 'patch', 'delete'];

/** Follow one {"$ref": "#/..."}. */
const follow = (node) =>
	node.$ref
		? node.$ref
				.slice(2)
				.split('/')
				.reduce((at, step) => at[step], api)
		: node;

const operations = () =>
	Object.entries(api.paths).flatMap(([path, item]) =>
		VERBS.filter((verb) => item[verb]).map((verb) => ({
			path,
			verb,
			operation: item[verb],
		})),
	);

test('OpenAPI describes the routes, no more and no less', () => {
	assert.match(api.openapi, /^3\.1\./);
	const described = operations().map(
		({ path, verb }) => `${verb.toUpperCase()} ${path}`,
	);
	assert.deepEqual(
		described.sort(),
		say('--routes').trim().split('\n').sort(),
	);
});

test('OpenAPI agrees with Allow', async () => {
	const client = await stack.as();
	for (const [path, item] of Object.entries(api.paths)) {
		const reply = expect(
			await client.request('PROPFIND', path),
			405,
		);
		const allow = reply.headers.allow
			.split(/, */)
			.filter((one) => one !== 'HEAD')
			.map((one) => one.toLowerCase())
			.sort();
		assert.deepEqual(
			allow,
			VERBS.filter((verb) => item[verb]).sort(),
			path,
		);
	}
});

test('every reference in OpenAPI leads somewhere', () => {
	const walk = (node) => {
		if (!node || typeof node !== 'object') return;
		if (typeof node.$ref === 'string')
			assert.ok(follow(node), node.$ref);
		Object.values(node).forEach(walk);
	};
	walk(api);
});

test('OpenAPI knows who needs a credential, and what is refused', async () => {
	for (const { path, verb, operation } of operations()) {
		const reply = await stack.anyone.request(
			verb.toUpperCase(),
			path,
			verb === 'post' ? { body: {} } : {},
		);
		const security = operation.security ?? api.security ?? [];
		const needed =
			security.length > 0 &&
			!security.some((one) => Object.keys(one).length === 0);
		assert.equal(reply.status === 401, needed, `${verb} ${path}`);
		assert.ok(
			operation.responses[reply.status] ||
				operation.responses.default,
			`${verb} ${path} ${reply.status}`,
		);
	}
});

test('the fields of a conversation are those that OpenAPI lists', async () => {
	const { customer, conversation } = await meet(stack, { said: 1 });
	const schema = follow(api.components.schemas.Conversation);
	const names = Object.keys(schema.properties);
	for (const field of Object.keys(conversation))
		assert.ok(names.includes(field), field);
	for (const field of schema.required ?? [])
		assert.ok(field in conversation, field);
	const [row] = ok(await customer.get(C));
	const message = follow(api.components.schemas.Message);
	for (const field of Object.keys(row.messages[0]))
		assert.ok(field in message.properties, field);
});

/** README.md has each of these rows. */
function lists(rows) {
	const readme = fs.readFileSync(`${root}/README.md`, 'utf8');
	for (const row of rows)
		assert.ok(readme.includes(`${row}\n`), `README.md lacks: ${row}`);
}

test('README lists every setting as the program prints it', () => {
	const rows = say('--settings').trim().split('\n');
	assert.ok(rows.length > 20);
	lists(rows);
});

for (const program of ['hub', 'relay'])
	test(`README lists every option of the ${program} as it prints it`, () => {
		const file = path.join(path.dirname(binary), program);
		const text = execFileSync(file, ['--options'], {
			encoding: 'utf8',
		});
		const rows = text.trim().split('\n');
		assert.ok(rows.length > 8);
		lists(rows);
	});

test('README has every source file on its map', () => {
	const readme = fs.readFileSync(`${root}/README.md`, 'utf8');
	for (const folder of ['cgi', 'ws'])
		for (const name of fs.readdirSync(path.join(root, folder))) {
			const tail = name.replace(/^[^_]*/, '');
			const words = [name, tail].map((one) => `\`${one}\``);
			if (name.endsWith('.c'))
				assert.ok(
					words.some((one) => readme.includes(one)),
					`README.md lacks ${folder}/${name}`,
				);
		}
});
