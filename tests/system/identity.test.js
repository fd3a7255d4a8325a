/*
 * Who is asking, through nginx: credentials, origins, log-out, keys, demo.
 *
 * Tokens are made here, as a host would make them; what may stand in one is
 * tested case by case in the unit tests (test_jwt.c, test_identity.c).
 */
import assert from 'node:assert/strict';
import {
	createHmac, generateKeyPairSync, randomBytes, sign,
} from 'node:crypto';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { binary, fresh, root, stackFor, start, until } from './harness.js';
import { C, expect, meet, message, of, ok } from './talk.js';

const SECRET = randomBytes(24).toString('hex');
const PREVIOUS = randomBytes(24).toString('hex');
const ALLOWED = 'https://shop.example';

const now = () => Math.floor(Date.now() / 1000);
const part = (value) =>
	Buffer.from(typeof value === 'string' ? value : JSON.stringify(value))
		.toString('base64url');
const hs256 = (secret) => (text) =>
	createHmac('sha256', secret).update(text).digest();

/** A token of these claims, valid for an hour unless they say otherwise. */
function mint(claims, { alg = 'HS256', by = hs256(SECRET), header } = {}) {
	const text = `${part(header ?? { alg, typ: 'JWT' })}.${
		part({ exp: now() + 3600, ...claims })}`;
	return `${text}.${by(text).toString('base64url')}`;
}

const email = () => `${fresh('who')}@example.com`;
const bearer = (token) => ({ headers: { authorization: `Bearer ${token}` } });
const cookie = (token, more = {}) =>
	({ headers: { cookie: `parley_token=${token}`, ...more } });

const stack = await stackFor({
	env: {
		PARLEY_JWT_SECRET: SECRET,
		PARLEY_JWT_SECRET_PREVIOUS: PREVIOUS,
		PARLEY_ORIGINS: `https://other.example ${ALLOWED}`,
		PARLEY_DOUBT_MS: '1000',
	},
});

/** GET /api/session as whoever options prove. */
const session = (options, at = stack) =>
	at.anyone.get('/api/session', options);

test('GET /api/session tells what the token says', async () => {
	const exp = now() + 1000;
	const token = mint({
		sub: ' Asha@Example.COM ', userId: 42, email: 'asha@example.com',
		role: 'seller', name: 'Asha é', exp,
	});
	for (const options of [bearer(token), cookie(token)])
		assert.deepEqual(ok(await session(options)), {
			ids: ['asha@example.com', '42'],
			role: 'seller',
			name: 'Asha é',
			expiresAt: new Date(exp * 1000).toISOString(),
		});
	assert.deepEqual(ok(await session(bearer(mint({ sub: 'a', exp })))), {
		ids: ['a'],
		role: '',
		name: '',
		expiresAt: new Date(exp * 1000).toISOString(),
	});
});

/**
 * Every route that wants to know who is asking.  Of the support chat that is
 * the desk alone: chat-guests.test.js has its visitors.
 */
function guarded() {
	const open =
		/^\/api\/(demo|health|metrics|openapi|chat$|chat\/history)/;
	return execFileSync(binary, ['--routes'], { encoding: 'utf8' })
		.trim().split('\n').map((line) => line.split(' '))
		.filter(([, target]) => !open.test(target));
}

test('without a credential that proves something, all is 401', async () => {
	const good = mint({ sub: 'a' });
	const [head, body, tail] = good.split('.');
	const bad = {
		none: {},
		'an empty bearer': { authorization: 'Bearer' },
		junk: { authorization: 'Bearer junk' },
		'another scheme': { authorization: `Basic ${good}` },
		'no scheme': { authorization: good },
		'an empty cookie': { cookie: 'parley_token=' },
		'another cookie': { cookie: `token=${good}` },
		'a cut token': bearer(good.slice(0, -1)).headers,
		'no signature': bearer(`${head}.${body}.`).headers,
		'other claims':
			bearer(`${head}.${part({ sub: 'b', exp: 4e9 })}.${tail}`)
				.headers,
		'alg none': bearer(`${part({ alg: 'none' })}.${body}.`).headers,
		'a foreign secret': bearer(mint({ sub: 'a' },
			{ by: hs256(randomBytes(32)) })).headers,
		'another alg': bearer(mint({ sub: 'a' }, { alg: 'HS512' }))
			.headers,
		expired: bearer(mint({ sub: 'a', exp: now() - 61 })).headers,
		'not valid yet': bearer(mint({ sub: 'a', nbf: now() + 90 }))
			.headers,
		'no expiry': bearer(mint({ sub: 'a', exp: undefined })).headers,
		'no account': bearer(mint({ role: 'admin' })).headers,
		'a token in the query': {},
	};
	const routes = guarded();
	assert.ok(routes.length >= 8);
	for (const [method, target] of routes) {
		for (const [what, headers] of Object.entries(bad)) {
			const query = /query/.test(what) ?
				`?token=${good}&parley_token=${good}` : '';
			const reply = await stack.anyone.request(method,
				target + query, { headers });
			assert.equal(reply.status, 401,
				`${method} ${target}: ${what}: ${reply.text}`);
			expect(reply, 401, 'unauthorized');
			assert.equal(reply.body.written, false);
			assert.match(reply.headers['www-authenticate'],
				/^Bearer/);
		}
	}
});

test('an expired token has a minute of leeway', async () => {
	for (const late of [1, 30, 55])
		ok(await session(bearer(mint({ sub: 'a', exp: now() - late }))));
});

test('a bearer is the only credential where there is one', async () => {
	const a = mint({ sub: 'a' });
	const b = mint({ sub: 'b' });
	const both = (authorization, token) => session({
		headers: { authorization, cookie: `parley_token=${token}` },
	});
	assert.deepEqual(ok(await both(`Bearer ${a}`, b)).ids, ['a']);
	assert.deepEqual(ok(await both(`bearer ${a}`, 'junk')).ids, ['a']);
	expect(await both('Bearer junk', b), 401, 'unauthorized');
	assert.deepEqual(ok(await both('Basic YTpi', b)).ids, ['b']);
});

test('a cookie changes state from an allowed origin only', async () => {
	const { id, customer } = await meet(stack, { said: 1 });
	const cases = [
		[403, {}],
		[403, { origin: 'https://evil.example' }],
		[403, { origin: 'null' }],
		[403, { origin: `${ALLOWED}.evil.example` }],
		[403, { origin: `${ALLOWED}/` }],
		[403, { origin: 'http://shop.example' }],
		[403, { 'sec-fetch-site': 'cross-site' }],
		[403, { 'sec-fetch-site': 'same-site' }],
		[403, { 'sec-fetch-site': 'none' }],
		[403, { referer: `${ALLOWED}/page` }],
		[200, { origin: ALLOWED }],
		[200, { origin: ALLOWED, 'sec-fetch-site': 'cross-site' }],
		[200, { 'sec-fetch-site': 'same-origin' }],
	];
	const changes = [
		['POST', C, { id }],
		['PUT', C, () => ({ conversationId: id, message: message('x') })],
		['PATCH', C, { conversationId: id, archive: true }],
	];
	for (const [status, headers] of cases) {
		const options = cookie(customer.token, headers);
		for (const [method, target, body] of changes) {
			const reply = await stack.anyone.request(method, target, {
				...options,
				body: body instanceof Function ? body() : body,
			});
			expect(reply, status,
				status === 403 ? 'origin' : undefined);
		}
		ok(await stack.anyone.get(C, options));
	}
	for (const target of [`${C}${of(id)}`, '/api/session'])
		expect(await stack.anyone.del(target, undefined,
			cookie(customer.token)), 403, 'origin');
});

test('a bearer needs no origin', async () => {
	const { id, customer } = await meet(stack);
	for (const origin of [undefined, 'https://evil.example'])
		ok(await stack.anyone.put(C,
			{ conversationId: id, message: message('x') }, {
				headers: {
					authorization: `Bearer ${customer.token}`,
					cookie: `parley_token=${customer.token}`,
					...(origin && { origin }),
				},
			}));
});

test('a foreign origin is refused before anything else is said', async () => {
	const token = mint({ sub: 'a' });
	const from = (extra) => cookie(token,
		{ origin: 'https://evil.example', ...extra });
	expect(await stack.anyone.put(C, 'not json',
		from({ 'content-type': 'text/plain' })), 403, 'origin');
	expect(await stack.anyone.patch('/api/session', {}, from()),
		403, 'origin');
	expect(await stack.anyone.patch('/api/absent', {}, from()),
		404, 'not_found');
});

/** Log out with what options prove. */
const leave = (options) =>
	stack.anyone.del('/api/session', undefined, options);

test('a log-out ends the session and clears the cookie', async () => {
	const who = email();
	const token = mint({ sub: who, sid: fresh('s') });
	const other = mint({ sub: who, sid: fresh('s') });
	const left = await leave(
		cookie(token, { 'sec-fetch-site': 'same-origin' }));
	assert.deepEqual(ok(left), {});
	const [set] = left.headers['set-cookie'];
	assert.match(set, /^parley_token=;/);
	for (const word of ['Path=/', 'HttpOnly', 'SameSite=Lax', 'Max-Age=0'])
		assert.ok(set.includes(`; ${word}`), set);

	for (const options of [bearer(token), cookie(token)]) {
		expect(await session(options), 401, 'unauthorized');
		expect(await stack.anyone.get(C, options), 401);
	}
	expect(await leave(bearer(token)), 401);
	ok(await session(bearer(other)));
});

test('a log-out ends all tokens of its session, and no others', async () => {
	const sid = fresh('s');
	const jti = fresh('j');
	const sub = email();
	const iat = now() - 100;
	const cases = [
		[{ sub, sid, iat, exp: now() + 5 }, [
			[401, { sub, sid, iat: now(), exp: now() + 100 }],
			[401, { sub, sid, jti: 'x' }],
			[200, { sub, sid: fresh('s') }],
			[200, { sub, jti: sid }],
			[200, { sub }],
		]],
		[{ sub, jti }, [
			[401, { sub, jti, name: 'x' }],
			[200, { sub, jti: fresh('j') }],
		]],
		[{ sub, exp: now() + 500 }, [
			[200, { sub, exp: now() + 501 }],
		]],
	];
	for (const [ended, others] of cases) {
		const token = mint(ended);
		ok(await leave(bearer(token)));
		expect(await session(bearer(token)), 401);
		for (const [status, claims] of others)
			expect(await session(bearer(mint(claims))), status);
	}
});

test('an ended session stays ended when programs are killed', async () => {
	const token = mint({ sub: email() });
	const alive = mint({ sub: email() });
	ok(await leave(bearer(token)));
	for (const name of ['api', 'mongod']) {
		await stack.restart(name);
		expect(await session(bearer(token)), 401, 'unauthorized');
		ok(await session(bearer(alive)));
	}
	await stack.restart('api');
	expect(await session(bearer(token)), 401, 'unauthorized');
});

test('a log-out that cannot be stored is 503 and may be repeated', async () => {
	const token = mint({ sub: email() });
	await stack.failCommand('alwaysOn', {
		failCommands: ['findAndModify', 'update', 'insert'],
		errorCode: 50, // MaxTimeMSExpired
	});
	try {
		const reply = expect(await leave(bearer(token)), 503,
			'unavailable');
		assert.ok(!reply.headers['set-cookie']);
	} finally {
		await stack.failCommand('off');
	}
	await until('the log-out to pass', async () =>
		(await leave(bearer(token))).status === 200);
	expect(await session(bearer(token)), 401);
});

test('two secrets are valid at a time', async () => {
	for (const [status, secret] of [
		[200, SECRET], [200, PREVIOUS], [401, randomBytes(32)],
	])
		expect(await session(bearer(
			mint({ sub: 'a' }, { by: hs256(secret) }))), status);
});

test('a demo login gives a cookie and the token in it', async () => {
	const who = email();
	const reply = await stack.anyone.post('/api/demo/login',
		{ email: ` ${who.toUpperCase()} `, role: 'seller', name: 'Ravi é' });
	const { token, expiresAt } = ok(reply);
	const [set] = reply.headers['set-cookie'];
	assert.ok(set.startsWith(`parley_token=${token}; `));
	assert.match(set,
		/; Path=\/; HttpOnly; SameSite=Lax; Max-Age=\d+$/);
	assert.deepEqual(ok(await session(cookie(token))),
		{ ids: [who], role: 'seller', name: 'Ravi é', expiresAt });

	const plain = ok(await stack.anyone.post('/api/demo/login',
		{ email: who, name: null, more: 1 }));
	const again = ok(await session(bearer(plain.token)));
	assert.equal(again.role, 'customer');
	assert.equal(again.name, '');

	ok(await leave(bearer(token)));
	ok(await session(bearer(plain.token)));
});

test('a demo login refuses what is no account', async () => {
	const long = '😀'.repeat(320);
	const cases = [
		['email', {}],
		['email', { email: null }],
		['email', { email: '' }],
		['email', { email: '  ' }],
		['email', { email: 7 }],
		['email', { email: ['a'] }],
		['email', { email: 'a\u0001' }],
		['email', { email: 'x'.repeat(321) }],
		['email', { email: long, name: long.slice(0, 400) }],
		['role', { email: 'a', role: 'root' }],
		['role', { email: 'a', role: '' }],
		['role', { email: 'a', role: 1 }],
		['name', { email: 'a', name: 1 }],
		['name', { email: 'a', name: 'a\nb' }],
		['name', { email: 'a', name: 'x'.repeat(201) }],
	];
	for (const [field, body] of cases) {
		const reply = expect(
			await stack.anyone.post('/api/demo/login', body),
			400, 'bad_field');
		assert.ok(reply.body.reason.includes(field), reply.text);
		assert.ok(!reply.headers['set-cookie']);
	}
	ok(await stack.anyone.post('/api/demo/login',
		{ email: 'x'.repeat(320), name: 'é'.repeat(200) }));
});

const CURVES = {
	RS256: ['rsa', { modulusLength: 2048 }],
	ES256: ['ec', { namedCurve: 'P-256' }],
	EdDSA: ['ed25519', {}],
};

/** A key pair and what signs with it, the public half in a file. */
function keyPair(alg, folder) {
	const { publicKey, privateKey } = generateKeyPairSync(...CURVES[alg]);
	const pem = publicKey.export({ type: 'spki', format: 'pem' });
	const file = path.join(folder, `${fresh('key')}.pem`);
	fs.writeFileSync(file, pem);
	const by = (text) => sign(alg === 'EdDSA' ? null : 'sha256',
		Buffer.from(text),
		{ key: privateKey, dsaEncoding: 'ieee-p1363' });
	return { file, pem, by };
}

for (const alg of Object.keys(CURVES)) {
	test(`${alg}: two public keys, and no way around them`, async () => {
		const folder = fs.mkdtempSync(path.join(stack.run, alg));
		const one = keyPair(alg, folder);
		const two = keyPair(alg, folder);
		const stranger = keyPair(alg, folder);
		const its = await start({
			env: {
				PARLEY_JWT_ALG: alg,
				PARLEY_JWT_KEY_FILE: one.file,
				PARLEY_JWT_KEY_FILE_PREVIOUS: two.file,
				PARLEY_JWT_ISSUER: 'https://login.example',
				PARLEY_JWT_AUDIENCE: 'parley',
				PARLEY_DEMO: 'off',
			},
		});
		const claims = {
			sub: 'a',
			iss: 'https://login.example',
			aud: ['shop', 'parley'],
		};
		const cases = [
			[200, mint(claims, { alg, by: one.by })],
			[200, mint(claims, { alg, by: two.by })],
			[401, mint(claims, { alg, by: stranger.by })],
			[401, mint(claims, { by: hs256(one.pem) })],
			[401, mint(claims, { alg, by: hs256(one.pem) })],
			[401, mint(claims, { alg: 'none', by: one.by })],
			[401, mint({ ...claims, iss: 'me' },
				{ alg, by: one.by })],
			[401, mint({ ...claims, aud: 'shop' },
				{ alg, by: one.by })],
		];
		try {
			for (const [status, token] of cases)
				expect(await session(bearer(token), its), status);
			expect(await its.anyone.post('/api/demo/login',
				{ email: 'a' }), 404, 'not_found');
		} finally {
			await its.stop();
		}
	});
}

test('settings that cannot work are refused at start by name', () => {
	const es256 = path.join(root, 'tests/data/rfc7515-es256.pem');
	const cases = [
		['jwt_secret', { PARLEY_JWT_SECRET: 'short' }],
		['jwt_alg', { PARLEY_JWT_ALG: 'none' }],
		['jwt_key_file', { PARLEY_JWT_ALG: 'ES256' }],
		['jwt_key_file', {
			PARLEY_JWT_ALG: 'RS256', PARLEY_JWT_KEY_FILE: es256,
		}],
		['jwt_key_file_previous', {
			PARLEY_JWT_ALG: 'ES256',
			PARLEY_JWT_KEY_FILE: es256,
			PARLEY_JWT_KEY_FILE_PREVIOUS: '/nowhere',
		}],
		['demo', {
			PARLEY_JWT_ALG: 'ES256',
			PARLEY_JWT_KEY_FILE: es256,
			PARLEY_DEMO: 'on',
		}],
	];
	for (const [setting, env] of cases) {
		assert.throws(() => execFileSync(binary, [], {
			env: {
				PARLEY_JWT_SECRET: SECRET,
				PARLEY_LISTEN: `${stack.run}/other.sock`,
				MONGODB_URI: stack.mongoUri,
				...env,
			},
			stdio: 'pipe',
			timeout: 20000,
		}), (error) => {
			const said = String(error.stderr);
			assert.equal(error.status, 1, said);
			assert.ok(said.includes(setting), said);
			assert.equal(said.trim().split('\n').length, 1, said);
			return true;
		});
	}
});
