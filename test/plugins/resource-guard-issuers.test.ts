import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import type { GuardIssuerOption } from '../../lib/issuers/guard-issuer.js'
import { PRESETS, type PresetName } from '../../lib/issuers/presets.js'
import resourceGuard, { type ResourceGuardOptions } from '../../plugins/resource-guard.js'
import { forge, keyPair, type KeyPair } from '../access-token/forge.js'
import { ath, prover } from '../dpop/client.js'
import { jwksOf, OIDC, serve, serveIssuer, type IssuerServer } from '../issuers/issuer-server.js'
import { VENDORS } from '../issuers/vendor-tokens.js'
import { AUDIENCE, Customer, GUARD, ISSUER, JANE, POLICY, tokenOf } from './resource-guard-app.js'

const rsa = keyPair('k1', 'RS256')

/** Claims of an access token as RFC 9068 says, of this issuer. */
function claimsBy (iss: string, changes: object = {}) {
  const iat = Math.floor(Date.now() / 1000)
  return { iss, aud: AUDIENCE, sub: 'ada', client_id: 'app', jti: Math.random().toString(36), iat, exp: iat + 300, scope: 'profile', ...changes }
}

function signed (key: KeyPair, iss: string, changes: object = {}, header: Record<string, unknown> = {}): string {
  return forge({ key, header, claims: claimsBy(iss, changes) })
}

interface Api {
  readonly url: string
  readonly log: () => { readonly level: number, readonly msg: string, readonly reason?: string }[]
  /** Over a socket. */
  get (token: string): Promise<{ readonly status: number, readonly headers: Headers, readonly body: Record<string, unknown> }>
}

async function apiOf (t: Test, options: Partial<ResourceGuardOptions>): Promise<Api> {
  const written: string[] = []
  const app = Fastify({ logger: { level: 'trace', stream: { write: (line: string) => { written.push(line) } } } }) as unknown as FastifyInstance
  t.teardown(() => app.close())
  app.register(async api => {
    await api.register(resourceGuard, { policy: POLICY, ...options })
    api.get('/customer', { schema: { response: { 200: Customer } } }, async request => ({ ...JANE, id: JSON.stringify([request.keyhole.token.client_id, request.keyhole.token.jti, request.keyhole.scopes]) }))
  })
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  return {
    url,
    log: () => written.map(line => JSON.parse(line)),
    async get (token) {
      const response = await fetch(`${url}/customer`, { headers: { authorization: `Bearer ${token}` } })
      return { status: response.status, headers: response.headers, body: await response.json() as Record<string, unknown> }
    }
  }
}

/** An issuer at a path of a server, with its metadata and keys as vendors have them. */
async function vendorAt (t: Test, path: string, key: KeyPair): Promise<{ readonly issuer: string, readonly server: IssuerServer }> {
  const server = await serve(t, { '/keys': jwksOf(key) })
  const issuer = server.url + path
  server.answers[path.replace(/\/$/, '') + OIDC] = { issuer, jwks_uri: `${server.url}/keys` }
  return { issuer, server }
}

for (const preset of Object.keys(PRESETS) as PresetName[]) {
  const { path, option, header, access, read, others } = VENDORS[preset]

  t.test(`${preset}: its access tokens → taken over a socket, and nothing else that it signs`, async t => {
    const { issuer } = await vendorAt(t, path, rsa)
    const { get } = await apiOf(t, { issuers: [{ issuer, preset, ...option }] })
    const token = (changes: object = {}, more: object = {}) => signed(rsa, issuer, { client_id: undefined, jti: undefined, aud: undefined, scope: undefined, ...access, ...changes }, { typ: undefined, ...header, ...more })
    const { status, body } = await get(token())
    t.equal(status, 200)
    const [clientId, tokenId, scopes] = JSON.parse(body.id as string)
    t.equal(clientId, read.clientId)
    if (read.tokenId === undefined) t.match(tokenId, /^[\w-]{43}$/)
    else t.equal(tokenId, read.tokenId)
    t.strictSame(scopes, ['profile'])
    t.strictSame(Object.keys(body), ['id', 'name', 'age'])

    for (const [what, changes] of Object.entries(others)) t.equal((await get(token(changes))).status, 401, what)
    for (const [what, changes] of Object.entries({ 'no audience': { aud: undefined, client_id: undefined }, 'another audience': { aud: 'https://other.example.com', client_id: 'x' }, expired: { exp: 1, iat: 0 }, 'no sub': { sub: undefined }, 'another issuer': { iss: issuer + 'x' } })) {
      t.equal((await get(token(changes))).status, 401, what)
    }
    for (const typ of ['dpop+jwt', 'logout+jwt', 1, ['JWT'], 'id_token']) t.equal((await get(token({}, { typ }))).status, 401, String(typ))
    t.equal((await get(token({}, { crit: ['exp'] }))).status, 401)
    t.equal((await get(forge({ key: keyPair('k1', 'RS256'), header: { typ: undefined, ...header }, claims: claimsBy(issuer, access) }))).status, 401, 'another key')
  })

  t.test(`${preset}: it names the page where this stands`, async t => {
    t.match(PRESETS[preset].documentation, /^https:\/\//)
  })
}

t.test('Entra ID: an app-only token of version 1.0 → its roles are its scopes', async t => {
  const { issuer } = await vendorAt(t, '/tenant/', rsa)
  const { get } = await apiOf(t, { issuers: [{ issuer, audience: 'api://x', preset: 'entra-id', scopes: { 'Customers.Read.All': ['profile', 'contact'] } }] })
  const { body } = await get(signed(rsa, issuer, { aud: 'api://x', client_id: undefined, jti: undefined, scope: undefined, appid: 'daemon', ver: '1.0', uti: 'u', roles: ['Customers.Read.All', 'Other'] }, { typ: 'JWT' }))
  t.strictSame(JSON.parse(body.id as string), ['daemon', 'u', ['profile', 'contact']])
})

t.test('Entra ID: the client\'s id by another claim → ID tokens are told apart all the same', async t => {
  const { issuer } = await vendorAt(t, '/tenant/v2.0', rsa)
  const { access, option } = VENDORS['entra-id']
  const { get } = await apiOf(t, { issuers: [{ issuer, preset: 'entra-id', ...option, claims: { clientId: 'oid' } }] })
  const { body } = await get(signed(rsa, issuer, access, { typ: 'JWT' }))
  t.strictSame(JSON.parse(body.id as string), ['o', 'uti-1', ['profile']])
  t.equal((await get(signed(rsa, issuer, { ...access, azp: undefined }, { typ: 'JWT' }))).status, 401)
})

t.test('Keycloak: roles by a path of names', async t => {
  const { issuer } = await vendorAt(t, '/realms/acme', rsa)
  const { access } = VENDORS.keycloak
  const scopesBy = async (claims: GuardIssuerOption['claims']) => {
    const { get } = await apiOf(t, { issuers: [{ issuer, audience: AUDIENCE, preset: 'keycloak', ...(claims !== undefined && { claims }) }] })
    return JSON.parse((await get(signed(rsa, issuer, access, { typ: 'JWT' }))).body.id as string)
  }
  t.strictSame(await scopesBy({ scope: ['realm_access', 'roles'] }), ['callcenter', access.jti, ['banking']])
  t.strictSame(await scopesBy({ scope: ['realm_access', 'roles', 'x'] }), ['callcenter', access.jti, []])
  t.strictSame(await scopesBy({ scope: ['constructor', 'name'], clientId: 'sub' }), ['f1c4f64e', access.jti, []])
})

t.test('tokens as RFC 9068 says, of an issuer without a preset → taken; a typ that is another → refused', async t => {
  const key = keyPair('a')
  const server = await serveIssuer(t, key)
  const { get } = await apiOf(t, { issuers: [{ issuer: server.url, audience: AUDIENCE }] })
  t.equal((await get(signed(key, server.url))).status, 200)
  for (const typ of [undefined, 'JWT', null]) t.equal((await get(signed(key, server.url, {}, { typ }))).status, 401)
  for (const claim of ['sub', 'client_id', 'iat', 'jti', 'exp', 'aud', 'iss']) t.equal((await get(signed(key, server.url, { [claim]: undefined }))).status, 401, claim)
})

t.test('scope values → a list counts item by item, none is torn apart, and what is no scope token grants nothing', async t => {
  const key = keyPair('a')
  const server = await serveIssuer(t, key)
  const scopesOf = async (scope: unknown, option: Partial<GuardIssuerOption> = {}) => {
    const { get } = await apiOf(t, { issuers: [{ issuer: server.url, audience: AUDIENCE, ...option }] })
    return JSON.parse((await get(signed(key, server.url, { scope }))).body.id as string)[2]
  }
  t.strictSame(await scopesOf(['profile', 'contact', 1, null]), ['profile', 'contact'])
  t.strictSame(await scopesOf(['profile banking', 'contact']), ['contact'])
  t.strictSame(await scopesOf({ profile: true }), [])
  t.strictSame(await scopesOf(undefined), [])
  const scopes = { 'Sales Person': 'profile', reader: ['contact', 'address'] }
  t.strictSame(await scopesOf(['Sales Person', 'banking', 'constructor', '__proto__'], { scopes }), ['profile'])
  t.strictSame(await scopesOf('reader banking', { scopes }), ['contact', 'address'])
})

t.test('A26 several issuers of one kid → each token by its own issuer\'s keys; from memory too', async t => {
  const [a, b] = [keyPair('k1'), keyPair('k1')]
  const [first, second] = [await serveIssuer(t, a), await serveIssuer(t, b)]
  const { get, log } = await apiOf(t, { ...GUARD, issuers: [{ issuer: first.url, audience: AUDIENCE }, { issuer: second.url, audience: AUDIENCE, scopes: { profile: 'contact' } }] })
  const good = [signed(a, first.url), signed(b, second.url), tokenOf('profile')]
  const bad = [signed(a, second.url), signed(b, first.url), signed(a, ISSUER), signed(a, 'https://evil.example'), forge({ key: a, claims: { ...claimsBy(first.url), iss: [first.url] } })]
  for (let round = 0; round < 3; round++) {
    for (const token of good) t.equal((await get(token)).status, 200)
    for (const token of bad) t.equal((await get(token)).status, 401)
  }
  const scopes = async (token: string) => JSON.parse((await get(token)).body.id as string)[2]
  t.strictSame(await scopes(good[0]!), ['profile'])
  t.strictSame(await scopes(good[1]!), ['contact'])
  t.strictSame(await scopes(good[2]!), ['profile'])
  t.ok(log().some(({ reason }) => reason === 'issuer'))
  t.equal(first.asked.filter(path => path === '/jwks').length, 1)
})

t.test('E6 a thousand requests → one reading of the keys; unknown keys, or a set that is out of reach → no further one', async t => {
  const [old, fresh] = [keyPair('old'), keyPair('new')]
  const server = await serve(t, { '/jwks': (_, response) => { response.writeHead(503).end() } })
  const { get } = await apiOf(t, { issuer: ISSUER, audience: AUDIENCE, jwks: `${server.url}/jwks` })
  const down = await get(signed(old, ISSUER))
  t.equal(down.status, 503)
  t.equal(down.headers.get('retry-after'), '5')
  t.equal(server.asked.length, 1, 'the reading at boot is told again, no other is begun within ten seconds')
  const served = await serve(t, { '/jwks': jwksOf(old, fresh) })
  const api = await apiOf(t, { issuer: ISSUER, audience: AUDIENCE, jwks: `${served.url}/jwks` })
  const statuses = await Promise.all(Array.from({ length: 1000 }, (_, index) => api.get(signed(index % 2 === 0 ? old : fresh, ISSUER)).then(({ status }) => status)))
  t.ok(statuses.every(status => status === 200))
  t.equal(served.asked.length, 1)
  const unknown = await Promise.all(Array.from({ length: 100 }, () => api.get(signed(keyPair('nobody'), ISSUER)).then(({ status }) => status)))
  t.ok(unknown.every(status => status === 401))
  t.equal(served.asked.length, 1)
})

t.test('E4 a hundred requests with a key that the issuer has begun to use → one reading, and each is answered; a kid that is nobody\'s reads nothing', async t => {
  const passed = { milliseconds: 0 }
  const { now } = performance
  t.teardown(() => { performance.now = now })
  performance.now = () => now.call(performance) + passed.milliseconds
  const [old, fresh, stranger] = [keyPair('old'), keyPair('fresh'), keyPair('stranger')]
  const server = await serveIssuer(t, old)
  const readings = () => server.asked.filter(path => path === '/jwks').length
  const { get } = await apiOf(t, { issuers: [{ issuer: server.url, audience: AUDIENCE }] })
  t.equal((await get(signed(old, server.url))).status, 200)
  t.equal(readings(), 1)

  server.answers['/jwks'] = jwksOf(old, fresh)
  passed.milliseconds = 10_000
  const answers = await Promise.all(Array.from({ length: 100 }, () => get(signed(fresh, server.url))))
  t.ok(answers.every(({ status }) => status === 200))
  t.equal(readings(), 2)
  for (let time = 0; time < 10; time++) t.equal((await get(signed(stranger, server.url))).status, 401)
  t.equal(readings(), 2, 'not again within ten seconds')
  t.equal((await get(signed(old, server.url))).status, 200)
})

t.test('C105 metadata that is another issuer\'s → no boot; an issuer that is down → a boot, and 503', async t => {
  const server = await serve(t)
  server.answers[OIDC] = { issuer: 'https://evil.example', jwks_uri: `${server.url}/jwks` }
  await t.rejects(apiOf(t, { issuers: [{ issuer: server.url, audience: AUDIENCE }] }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /says that its issuer is "https:\/\/evil\.example"/ })
  const { get, log } = await apiOf(t, { issuers: [{ issuer: 'http://127.0.0.1:1', audience: AUDIENCE }] })
  t.equal((await get(signed(rsa, 'http://127.0.0.1:1'))).status, 503)
  t.ok(log().some(({ level, msg }) => level === 50 && msg.startsWith('the keys of an issuer cannot be read')))
})

t.test('Google: where its keys are is known; its accounts\' scopes must be written', async t => {
  const wrong: [object, RegExp][] = [
    [{}, /^issuers\[0\]\.scopes: write which account/],
    [{ scopes: {}, claims: { scope: 'email' } }, /^issuers\[0\]\.claims\.scope: leave it out/]
  ]
  for (const [change, message] of wrong) {
    await t.rejects(apiOf(t, { issuers: [{ issuer: 'https://accounts.google.com', audience: AUDIENCE, preset: 'google', ...change }] }), { code: 'FST_KEYHOLE_OPTION_INVALID', message })
  }
  t.equal(PRESETS.google.jwksOrigin, 'https://www.googleapis.com')
})

t.test('a wrong issuer → refused at boot, by its place and with its cure', async t => {
  const good = { issuer: 'https://login.example.com', audience: AUDIENCE, jwks: jwksOf(rsa) }
  const wrong: [unknown, RegExp][] = [
    [[], /^issuers: write a list/],
    [{}, /^issuers: write a list/],
    [[{ ...good, issuer: 'login.example.com' }], /^issuers\[0\]\.issuer: write/],
    [[{ ...good, audience: undefined }], /^issuers\[0\]\.audience: write/],
    [[good, { ...good, issuer: 'https://b.example.com', audience: [AUDIENCE] }], /^issuers\[1\]\.audience: write/],
    [[{ ...good, preset: 'azure' }], /^issuers\[0\]\.preset: write auth0, cognito, entra-id, google, keycloak, okta/],
    [[{ ...good, preset: 'constructor' }], /^issuers\[0\]\.preset: write/],
    [[{ ...good, claims: 'scp' }], /^issuers\[0\]\.claims: write/],
    [[{ ...good, claims: { scopes: 'scp' } }], /^issuers\[0\]\.claims: write/],
    [[{ ...good, claims: { scope: '' } }], /^issuers\[0\]\.claims\.scope: write/],
    [[{ ...good, claims: { scope: [] } }], /^issuers\[0\]\.claims\.scope: write/],
    [[{ ...good, claims: { clientId: ['azp'] } }], /^issuers\[0\]\.claims\.clientId: write/],
    [[{ ...good, scopes: ['profile'] }], /^issuers\[0\]\.scopes: write/],
    [[{ ...good, scopes: { a: 1 } }], /^issuers\[0\]\.scopes: write/],
    [[{ ...good, algorithms: ['none'] }], /^issuers\[0\]\.algorithms: there is no such member/],
    [[good, good], /stands there twice/]
  ]
  for (const [issuers, message] of wrong) await t.rejects(apiOf(t, { issuers: issuers as never }), { code: 'FST_KEYHOLE_OPTION_INVALID', message }, JSON.stringify(issuers))
  await t.rejects(apiOf(t, { ...GUARD, issuers: [{ ...good, issuer: ISSUER }] }), { message: `issuers: '${ISSUER}' is the option issuer already; write it once.` })
  await t.rejects(apiOf(t, { audience: AUDIENCE, issuers: [good] }), { message: /^issuer: write/ })
  await t.resolves(apiOf(t, { issuers: [good] }))
})

t.test('another issuer\'s token that is bound to a key → taken with a proof of it, never as Bearer', async t => {
  const foreign = keyPair('k1')
  const issuer = 'https://login.example.com'
  const { url, get } = await apiOf(t, { issuers: [{ issuer, audience: AUDIENCE, jwks: jwksOf(foreign) }] })
  const { thumbprint, proof } = await prover()
  const bound = signed(foreign, issuer, { cnf: { jkt: thumbprint } })
  const proven = async (token: string) => {
    const dpop = await proof({ htm: 'GET', htu: `${AUDIENCE}/customer`, ath: ath(token) })
    return (await fetch(`${url}/customer`, { headers: { authorization: `DPoP ${token}`, dpop } })).status
  }
  for (let time = 0; time < 2; time++) {
    t.equal((await get(bound)).status, 401, 'remembered or not')
    t.equal(await proven(bound), 200)
  }
  t.equal(await proven(signed(foreign, issuer)), 401, 'bound to nothing')
  for (const cnf of [{ jkt: 'x' }, { 'x5t#S256': thumbprint }, {}, null]) {
    const token = signed(foreign, issuer, { cnf })
    t.strictSame([(await get(token)).status, await proven(token)], [401, 401], JSON.stringify(cnf))
  }
})
