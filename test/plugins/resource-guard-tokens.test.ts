import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { base64url, claims, forge, keyPair, NOW, publicPem, signature } from '../access-token/forge.js'
import { AUDIENCE, bearer, customerRoute, GUARD, guardedApp, INVALID_TOKEN, isRefusal, ISSUER, JANE, KEY, publicJwk, SECRET, tokenOf } from './resource-guard-app.js'

/** What the guard answers to tokens that do not hold. That each is refused for its own reason is shown in test/access-token. */

const { app, log } = await guardedApp(t, customerRoute())

type Tokens = Readonly<Record<string, string>>

async function allRefused (t: Test, tokens: Tokens, api = app): Promise<void> {
  for (const [what, token] of Object.entries(tokens)) {
    const response = await api.inject({ url: '/customer', headers: bearer(token) })
    isRefusal(t, response, 401, INVALID_TOKEN, what)
    t.notMatch(response.payload, SECRET, what)
  }
}

async function allAccepted (t: Test, tokens: Tokens, api = app): Promise<void> {
  for (const [what, token] of Object.entries(tokens)) {
    const response = await api.inject({ url: '/customer', headers: bearer(token) })
    t.equal(response.statusCode, 200, what)
    t.equal(response.json().id, JANE.id, what)
  }
}

/** Tokens that differ from a good one in these claims alone. */
function withClaims (changes: Readonly<Record<string, Record<string, unknown>>>): Tokens {
  return Object.fromEntries(Object.entries(changes).map(([what, change]) => [what, tokenOf('banking', change)]))
}

function withHeader (headers: Readonly<Record<string, Record<string, unknown>>>): Tokens {
  return Object.fromEntries(Object.entries(headers).map(([what, header]) => [what, tokenOf('banking', {}, { header })]))
}

/** The first two segments of a good token with this header, and a third of our own. */
function withSignature (header: Record<string, unknown>, sign: (input: string) => string | Buffer): string {
  const input = tokenOf('banking', {}, { header }).split('.').slice(0, 2).join('.')
  return `${input}.${base64url(sign(input))}`
}

t.test('a good token → its view', async t => allAccepted(t, { good: tokenOf('banking') }))

t.test('A1 alg none with an empty signature → 401', async t => allRefused(t, { none: withSignature({ alg: 'none' }, () => '') }))

t.test('A2 alg none in any case → 401', async t => {
  for (const alg of ['None', 'NONE', 'nOnE']) await allRefused(t, { [alg]: withSignature({ alg }, () => ''), [`${alg} signed`]: withSignature({ alg }, () => 'x') })
})

t.test('A3 alg none with a signature → 401, not 500', async t => allRefused(t, withHeader({ none: { alg: 'none' } })))

t.test('A4 an alg that is not the key\'s → 401, not 500', async t => {
  await allRefused(t, withHeader({ HS256: { alg: 'HS256' }, ES384: { alg: 'ES384' }, RS256: { alg: 'RS256' }, null: { alg: null }, absent: { alg: undefined } }))
})

t.test('A5 a MAC made with the public key as secret → 401', async t => {
  const secrets = [publicPem(KEY), publicPem(KEY).trim(), JSON.stringify(publicJwk(KEY)), JSON.stringify(GUARD.jwks), '']
  await allRefused(t, Object.fromEntries(secrets.map((secret, index) => [`secret ${index}`,
    withSignature({ alg: 'HS256' }, input => createHmac('sha256', secret).update(input).digest())])))
})

t.test('A10 an RSA key without alg → RS256 alone', async t => {
  const key = keyPair('r1', 'RS256')
  const { alg, ...jwk } = publicJwk(key)
  const { app } = await guardedApp(t, customerRoute(), { options: { jwks: { keys: [jwk] } } })
  await allAccepted(t, { RS256: tokenOf('', {}, { key }) }, app)
  for (const alg of ['RS384', 'RS512', 'PS256', 'PS384', 'PS512']) {
    const input = tokenOf('', {}, { key, header: { alg } }).split('.').slice(0, 2).join('.')
    await allRefused(t, { [alg]: `${input}.${base64url(signature(alg, key.privateKey, input))}` }, app)
  }
})

t.test('A12 an RSA key of 1024 bits → no boot', async t => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
  const jwks = { keys: [{ ...publicKey.export({ format: 'jwk' }) as { kty: string }, kid: 'short' }] }
  await t.rejects(guardedApp(t, customerRoute(), { options: { jwks } }), { code: 'FST_KEYHOLE_KEY_REFUSED', message: /"short" is refused: RSA of 1024 bits/ })
})

t.test('A9, A13 a key that is none, or a secret for HMAC of whatever length → no boot', async t => {
  for (const jwks of ['', null, {}, { keys: [] }, { keys: [null] }, { keys: [{}] }]) {
    await t.rejects(guardedApp(t, customerRoute(), { options: { jwks: jwks as never } }), { code: /^FST_KEYHOLE_(OPTION_INVALID|KEY_REFUSED)$/ }, JSON.stringify(jwks))
  }
  for (const length of [0, 4, 31, 32, 64]) {
    const secret = { kty: 'oct', kid: 'k1', alg: 'HS256', k: Buffer.alloc(length, 1).toString('base64url') }
    await t.rejects(guardedApp(t, customerRoute(), { options: { jwks: { keys: [secret] } } }), { code: 'FST_KEYHOLE_KEY_REFUSED', message: /type oct are not taken/ }, `${length} bytes`)
    await t.rejects(guardedApp(t, customerRoute(), { options: { jwks: { keys: [secret, publicJwk(KEY)] } } }), { code: 'FST_KEYHOLE_KEY_REFUSED' }, 'beside a good key')
  }
})

t.test('A25 EdDSA is the name of Ed25519 in tokens and keys → Ed25519 is refused, not misread', async t => {
  const key = keyPair('e1', 'EdDSA')
  const { app } = await guardedApp(t, customerRoute(), { options: { jwks: { keys: [publicJwk(key)] } } })
  await allAccepted(t, { EdDSA: tokenOf('banking', {}, { key }) }, app)
  await allRefused(t, { Ed25519: tokenOf('banking', {}, { key, header: { alg: 'Ed25519' } }) }, app)
  await t.rejects(guardedApp(t, customerRoute(), { options: { jwks: { keys: [{ ...publicJwk(key), alg: 'Ed25519' }] } } }), { code: 'FST_KEYHOLE_KEY_REFUSED', message: /for OKP Ed25519 write EdDSA/ })
})

t.test('A58 an audience or issuer that is no string, such as a pattern → no boot', async t => {
  for (const pattern of [/api/g, /api/y, /^(a+)+$/, ['https://api.example.com'], () => true]) {
    for (const option of ['audience', 'issuer']) {
      await t.rejects(guardedApp(t, customerRoute(), { options: { [option]: pattern } }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: new RegExp(`^${option}: write`) })
    }
    const issuers = [{ issuer: 'https://login.example.com', audience: pattern, jwks: GUARD.jwks }]
    await t.rejects(guardedApp(t, customerRoute(), { options: { issuers: issuers as never } }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /audience/ })
  }
})

t.test('A14 a key of the attacker\'s in the header, or the address of one → 401, and nobody asks there', async t => {
  const attacker = keyPair('attacker')
  let asked = 0
  const server = createServer((_request, response) => {
    asked++
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [publicJwk(attacker)] }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  const jku = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`
  await allRefused(t, {
    jwk: tokenOf('banking', {}, { key: attacker, header: { jwk: publicJwk(attacker) } }),
    'jwk with the kid of ours': tokenOf('banking', {}, { key: attacker, header: { jwk: publicJwk(attacker), kid: KEY.kid } }),
    'jwk without kid': tokenOf('banking', {}, { key: attacker, header: { jwk: publicJwk(attacker), kid: undefined } }),
    jku: tokenOf('banking', {}, { key: attacker, header: { jku } }),
    x5u: tokenOf('banking', {}, { key: attacker, header: { x5u: jku } })
  })
  t.equal(asked, 0)
})

t.test('A27 a signature of zeroes → 401', async t => allRefused(t, { zeroes: withSignature({}, () => Buffer.alloc(64)) }))

t.test('A28 a signature as DER, or of 3 bytes → 401, not 500', async t => {
  const der = (input: string) => sign('sha256', Buffer.from(input), { key: KEY.privateKey, dsaEncoding: 'der' })
  await allRefused(t, { DER: withSignature({}, der), '3 bytes': withSignature({}, () => 'abc'), '65 bytes': withSignature({}, () => Buffer.alloc(65, 1)) })
})

t.test('A29 an empty signature → 401', async t => {
  const [header, payload] = tokenOf('banking').split('.')
  await allRefused(t, { empty: `${header}.${payload}.`, 'no segment': `${header}.${payload}` })
})

t.test('A30 the signature of another token → 401', async t => {
  const [header, payload] = tokenOf('banking').split('.')
  await allRefused(t, { swapped: `${header}.${payload}.${tokenOf('profile').split('.')[2]}` })
})

t.test('A50 A51 A52 A53 a token without aud, iss, exp, sub, client_id, iat or jti → 401', async t => {
  for (const claim of ['aud', 'iss', 'exp', 'sub', 'client_id', 'iat', 'jti']) await allRefused(t, withClaims({ [claim]: { [claim]: undefined } }))
})

t.test('A54 iss as an array with the right one in it → 401', async t => allRefused(t, withClaims({ array: { iss: [ISSUER] }, other: { iss: `${ISSUER}/` } })))

t.test('A55 aud like ours, but not ours → 401', async t => {
  const like = ['https://api.evil', AUDIENCE.toUpperCase(), `${AUDIENCE}/`, `${AUDIENCE}/customers`, AUDIENCE.slice(0, -1), `${AUDIENCE}.evil.example`, `${AUDIENCE}\0`, ` ${AUDIENCE}`]
  await allRefused(t, withClaims(Object.fromEntries(like.map(aud => [JSON.stringify(aud), { aud }]))))
})

t.test('A56 aud in another shape → 401', async t => {
  const shapes = [[], [[AUDIENCE]], [AUDIENCE, 1], {}, '', null]
  await allRefused(t, withClaims(Object.fromEntries(shapes.map(aud => [JSON.stringify(aud), { aud }]))))
  await allAccepted(t, withClaims({ 'A57 among others': { aud: ['other', AUDIENCE] } }))
})

t.test('A59 exp equal to the current second, without tolerance → 401', async t => {
  const { app } = await guardedApp(t, customerRoute(), { options: { clockTolerance: 0 } })
  t.intercept(Date, 'now', { value: () => NOW * 1000 })
  await allRefused(t, { now: forge({ key: KEY, claims: claims({ iat: NOW - 300, exp: NOW }) }) }, app)
  await allAccepted(t, { 'a second later': forge({ key: KEY, claims: claims({ iat: NOW - 300, exp: NOW + 1 }) }) }, app)
})

t.test('A60 exp without an end → 401', async t => {
  const now = Math.floor(Date.now() / 1000)
  for (const exp of ['1e400', '1e20', '-1e400', String(now * 1000), String(now + 86_402)]) {
    const rawClaims = JSON.stringify(claims({ iat: now, exp: 0 })).replace('"exp":0', `"exp":${exp}`)
    await allRefused(t, { [exp]: forge({ key: KEY, rawClaims }) })
  }
})

t.test('A61 A79 a token that expired → 401 invalid_token', async t => {
  const now = Math.floor(Date.now() / 1000)
  const response = await app.inject({ url: '/customer', headers: bearer(tokenOf('', { iat: now - 600, exp: now - 300 })) })
  isRefusal(t, response, 401, /^Bearer error="invalid_token", error_description="The access token expired.", /)
  t.strictSame(response.json(), { statusCode: 401, code: 'FST_KEYHOLE_TOKEN_INVALID', error: 'Unauthorized', message: 'The access token expired.' })
})

t.test('A62 exp that is no number → 401, not 500', async t => {
  const shapes = ['9999999999', [9999999999], {}, true, null]
  await allRefused(t, withClaims(Object.fromEntries(shapes.map(exp => [JSON.stringify(exp), { exp }]))))
})

t.test('A63 exp with a fraction → accepted', async t => allAccepted(t, withClaims({ fraction: { exp: Math.floor(Date.now() / 1000) + 100.5 } })))

t.test('A64 nbf in the future → 401, not 500, and without the time', async t => {
  const nbf = Math.floor(Date.now() / 1000) + 100
  await allRefused(t, withClaims({ future: { nbf }, string: { nbf: String(nbf) } }))
  const response = await app.inject({ url: '/customer', headers: bearer(tokenOf('', { nbf })) })
  t.notMatch(/error_description="([^"]*)"/.exec(String(response.headers['www-authenticate']))?.[1], /\d/)
  t.notMatch(response.json().message, /\d/)
})

t.test('A65 iat in the future, or a string → 401', async t => {
  const iat = Math.floor(Date.now() / 1000) + 100
  await allRefused(t, withClaims({ future: { iat }, string: { iat: String(iat - 100) } }))
})

t.test('A66 a tolerance of 5 s: exp 4 s ago → accepted, 6 s ago → 401', async t => {
  t.intercept(Date, 'now', { value: () => NOW * 1000 })
  await allAccepted(t, { '4 s ago': forge({ key: KEY, claims: claims({ iat: NOW - 300, exp: NOW - 4 }) }) })
  await allRefused(t, { '6 s ago': forge({ key: KEY, claims: claims({ iat: NOW - 300, exp: NOW - 6 }) }) })
})

t.test('A67 typ of something else → 401, not 500', async t => {
  const types = ['JWT', undefined, null, ['at+jwt'], 'dpop+jwt', 'id_token', 'at+jwt; x', 'application/application/at+jwt']
  await allRefused(t, withHeader(Object.fromEntries(types.map(typ => [JSON.stringify(typ) ?? 'absent', { typ }]))))
  await allAccepted(t, withHeader({ 'A68 upper case': { typ: 'AT+JWT' }, 'A68 media type': { typ: 'application/at+jwt' } }))
})

t.test('A88 contents with ", \\, line ends and other characters → nothing of them in the answer', async t => {
  const hostile = 'x", error="none\\"\r\nset-cookie: a=b\u0000é☃'
  for (const [what, token] of Object.entries({ ...withClaims({ iss: { iss: hostile }, aud: { aud: hostile }, sub: { sub: hostile, exp: 0 } }), ...withHeader({ kid: { kid: hostile }, typ: { typ: hostile } }) })) {
    const response = await app.inject({ url: '/customer', headers: bearer(token) })
    isRefusal(t, response, 401, INVALID_TOKEN, what)
    t.notOk(response.headers['set-cookie'], what)
    t.notMatch(response.payload, 'set-cookie', what)
  }
})

t.test('A100 a handler that changes the claims → the next request with this token sees the old ones', async t => {
  const attempts: Array<(keyhole: { token: unknown, scopes: unknown }) => void> = [
    ({ token }) => { (token as { scope: string }).scope = 'banking' },
    ({ token }) => { (token as { roles: string[] }).roles.push('admin') },
    ({ scopes }) => { (scopes as string[]).push('banking') },
    keyhole => { keyhole.token = { scope: 'banking' } },
    keyhole => { keyhole.scopes = ['banking'] },
    keyhole => { Object.defineProperty(keyhole, 'granted', { value: { scopes: ['banking'], readable: new Set(['banking_claims']) } }) }
  ]
  let attempt = (_keyhole: { token: unknown, scopes: unknown }) => {}
  const { app } = await guardedApp(t, api => {
    customerRoute()(api)
    api.get('/change', { schema: { response: { 200: { type: 'object', claimSet: '*', properties: { scopes: { type: 'array', items: { type: 'string' } } } } } } }, async request => {
      try { attempt(request.keyhole) } catch {}
      return { scopes: request.keyhole.scopes }
    })
  })
  const token = tokenOf('profile', { roles: ['salesperson'] })
  for (attempt of attempts) {
    await app.inject({ url: '/change', headers: bearer(token) })
    const { payload } = await app.inject({ url: '/customer', headers: bearer(token) })
    t.equal(payload, JSON.stringify({ id: JANE.id, name: JANE.name, age: JANE.age }), attempt.toString())
  }
})

t.test('A101 a token without iat → 401, however often it comes', async t => {
  const token = tokenOf('', { iat: undefined })
  for (let time = 0; time < 3; time++) await allRefused(t, { [`time ${time}`]: token })
})

t.test('why a token was refused → in the log by a fixed word, the token never', async t => {
  const [line] = log.lines().filter(({ msg }) => msg === 'access token refused')
  t.match(line, { reason: 'malformed' })
  t.notMatch(log.text(), /eyJ/)
  t.notOk(log.lines().some(({ level }) => level > 30), 'nothing worse than info')
})
