import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose'
import t, { type Test } from 'tap'
import { createTokenIssuer } from '../../lib/access-token/issue.js'
import { openKeyRing } from '../../lib/keys/key-ring.js'
import { rotateKeys } from '../../lib/keys/manage.js'
import { openStore } from '../../lib/store/open-store.js'
import { keyhole } from '../cli/running.js'
import { forkProgram } from '../fork-program.js'
import { AUDIENCE, form, ISSUER, tokenApp } from './token-endpoint-app.js'

const SERVER = fileURLToPath(new URL('rotating-server.ts', import.meta.url))

/** Two processes on one store that rotate their keys. */
async function twoServers (t: Test, rotateEvery: number, announce: number) {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const store = await openStore(url)
  const { clientSecret, apiKey } = await store.clients.create({ id: 'crm', roles: ['manager'] })
  const children = [1, 2].map(() => forkProgram(SERVER, [url, String(rotateEvery), String(announce)]))
  t.teardown(async () => {
    children.forEach(child => child.kill())
    await store.close()
  })
  const bases: string[] = await Promise.all(children.map(async child => (await once(child, 'message'))[0]))
  const body = form({ grant_type: 'client_credentials', client_id: 'crm', client_secret: clientSecret, api_key: apiKey })
  const token = async (base: string): Promise<string> => {
    const response = await fetch(`${base}/oauth2/token`, { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body })
    if (response.status !== 200) t.fail(`the token endpoint answered with ${response.status}`)
    const { access_token: issued } = await response.json() as { access_token: string }
    return issued
  }
  const status = async (base: string, token: string) => (await fetch(`${base}/thing`, { headers: { authorization: `Bearer ${token}` } })).status
  return { url, store, bases, token, status }
}

/** A verifier of somebody else's: it keeps the key set for as long as it may, and never asks for an unknown key. */
function patientVerifier (base: string) {
  let keys = createLocalJWKSet({ keys: [] })
  let freshUntil = 0
  return async (token: string) => {
    const asked = performance.now()
    if (asked >= freshUntil) {
      const response = await fetch(`${base}/oauth2/jwks`)
      freshUntil = asked + 1000 * Number(/max-age=(\d+)/.exec(response.headers.get('cache-control')!)![1])
      keys = createLocalJWKSet(await response.json() as JSONWebKeySet)
    }
    await jwtVerify(token, keys, { issuer: ISSUER, audience: AUDIENCE })
  }
}

t.test('E1, E3 two processes rotate under load, by time → not one valid token is refused, by either guard or a verifier that keeps the key set', async t => {
  const { store, bases, token, status } = await twoServers(t, 20, 10)
  const verifiers = bases.map(patientVerifier)
  const kids = new Set<string>()
  let [requests, oldest] = [0, '']
  while (kids.size < 3) {
    for (const base of bases) {
      const fresh = await token(base)
      oldest ||= fresh
      kids.add(decodeProtectedHeader(fresh).kid!)
      for (const guard of bases) if (await status(guard, fresh) !== 200 || await status(guard, oldest) !== 200) t.fail('a guard refused a valid token')
      for (const verify of verifiers) await verify(fresh)
      requests++
    }
  }
  t.ok(requests > 100, `${requests} tokens`)
  const stored = await store.keys.list()
  t.equal(stored.filter(({ state }) => state === 'retired').length, 2, 'two processes, one rotation each time')
})

t.test('E8, E3 a key retired by command → its tokens are refused by both processes, also those that were verified before; both sign with another', async t => {
  const { url, bases, token, status } = await twoServers(t, 86_400, 600)
  const old = await token(bases[0]!)
  for (const base of bases) t.equal(await status(base, old), 200)
  const { kid } = decodeProtectedHeader(old)
  t.match(await keyhole(['keys', 'retire', '--kid', kid!, '--store', url]), { exit: 0 })
  for (const base of bases) {
    while (await status(base, old) !== 401) await sleep(50)
    const jwks = await (await fetch(`${base}/oauth2/jwks`)).json() as JSONWebKeySet
    t.notOk(jwks.keys.some(key => key.kid === kid))
  }
  const fresh = await Promise.all(bases.map(token))
  t.equal(new Set(fresh.map(text => decodeProtectedHeader(text).kid)).size, 1)
  for (const base of bases) for (const text of fresh) t.equal(await status(base, text), 200)
})

t.test('a key set that others keep → a fitting max-age, an entity tag, 304 for who has it, and another tag after a rotation', async t => {
  const { app, store } = await tokenApp(t, { options: { keys: { announce: 100 } } })
  const get = (headers = {}) => app.inject({ url: '/oauth2/jwks', headers })
  const first = await get()
  t.match(first.headers, { 'cache-control': 'public, max-age=50', 'content-type': 'application/jwk-set+json', etag: /^"[\w+/=]{44}"$/ })
  const again = await get({ 'if-none-match': first.headers.etag })
  t.strictSame([again.statusCode, again.body, again.headers.etag], [304, '', first.headers.etag])
  t.equal((await get({ 'if-none-match': '"other"' })).statusCode, 200)
  const metadata = await app.inject('/.well-known/oauth-authorization-server')
  t.match(metadata.headers, { 'cache-control': 'public, max-age=300', etag: String })
  await rotateKeys(store.keys, 'EdDSA', { announce: 600, now: Math.floor(Date.now() / 1000) })
  let changed = first
  while (changed.headers.etag === first.headers.etag) {
    await sleep(50)
    changed = await get({ 'if-none-match': first.headers.etag })
    if (changed.statusCode === 304) changed = first
  }
  t.equal(changed.json().keys.length, 2)
})

t.test('every algorithm → tokens that jose verifies, and the guard takes', async t => {
  for (const algorithm of ['ES256', 'EdDSA', 'RS256', 'PS256'] as const) {
    const { app, post, request, manager } = await tokenApp(t, { options: { keys: { algorithm } } })
    const { access_token: token } = (await post(request(manager))).json()
    const { protectedHeader } = await jwtVerify(token, createLocalJWKSet((await app.inject('/oauth2/jwks')).json()), { issuer: ISSUER, audience: AUDIENCE })
    t.equal(protectedHeader.alg, algorithm)
    const introspected = await app.inject({ method: 'POST', url: '/oauth2/introspect', payload: { client_id: manager.id, client_secret: manager.clientSecret, api_key: manager.apiKey, token } })
    t.equal(introspected.json().active, true)
  }
})

t.test('E12 the key cannot be unwrapped any more → 503 with Retry-After, not a new key', async t => {
  const time = { passed: 0 }
  const store = await openStore('sqlite::memory:')
  t.teardown(store.close)
  const { app, post, request, manager } = await tokenApp(t, { options: { store: { keys: { ...store.keys, list: async () => { if (time.passed > 0) throw new Error('away'); return await store.keys.list() } } } } })
  const { now } = performance
  t.teardown(() => { performance.now = now })
  performance.now = () => now.call(performance) + time.passed
  t.equal((await post(request(manager))).statusCode, 200)
  time.passed = 301_000
  const response = await post(request(manager))
  t.match(response, { statusCode: 503, headers: { 'retry-after': '5', 'cache-control': 'no-store' } })
  t.match(response.json(), { error: 'temporarily_unavailable', error_description: 'the token could not be issued' })
  t.equal((await store.keys.list()).length, 1)
  await app.close()
})

t.test('C3 100,000 tokens → as many jti', async t => {
  const store = await openStore('sqlite::memory:')
  t.teardown(store.close)
  const rings = await Promise.all([openKeyRing(store.keys), openKeyRing(store.keys)])
  const issuers = rings.map(ring => createTokenIssuer({ issuer: ISSUER, signingKey: () => ring.signingKey }))
  const ids = new Set<string>()
  for (let count = 0; count < 50_000; count++) {
    for (const issuer of issuers) ids.add((await issuer.issue({ subject: 'crm', clientId: 'crm', audience: AUDIENCE, scopes: [], lifetime: 300 })).claims.jti)
  }
  t.equal(ids.size, 100_000)
})
