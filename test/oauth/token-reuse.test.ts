import fc from 'fast-check'
import t from 'tap'
import { createTokenIssuer, type TokenRequest } from '../../lib/access-token/issue.js'
import { ANY_AUDIENCE } from '../../lib/access-token/profile.js'
import { readRevocations, type Revocation } from '../../lib/access-token/revocation.js'
import { createTokenVerifier } from '../../lib/access-token/verify.js'
import type { KeySource } from '../../lib/keys/key-source.js'
import { checkedReuse, createTokenReuse } from '../../lib/oauth/token-reuse.js'
import { AUDIENCE, ISSUER, keyPair, keysOf, NOW } from '../access-token/forge.js'

const [key, other] = [keyPair('one'), keyPair('two')]

/** Reuse with real parts around it, a clock that stands, and a storage of revocations that can be out of reach. */
async function reusing ({ remaining = 60, size, keys = keysOf(key) }: { readonly remaining?: number, readonly size?: number, readonly keys?: KeySource } = {}) {
  const clock = { now: NOW }
  const now = () => clock.now
  const kept: Revocation[] = []
  const storage = {
    isDown: false,
    add: async (revocation: Revocation) => { kept.push(revocation) },
    async since (position: number) {
      if (storage.isDown) throw new Error('out of reach')
      return { revocations: kept.slice(position), position: kept.length }
    }
  }
  const revocations = await readRevocations(storage, now)
  const reuse = createTokenReuse({
    remaining,
    tokenIssuer: createTokenIssuer({ issuer: ISSUER, signingKey: () => key, now }),
    verifier: createTokenVerifier({ issuer: ISSUER, audience: ANY_AUDIENCE, keys, revocations, now }),
    revocations,
    now,
    ...(size !== undefined && { size })
  })
  return { clock, storage, reuse }
}

const REQUEST: TokenRequest = { subject: 'crm', clientId: 'crm', audience: AUDIENCE, scopes: ['profile', 'address'], roles: ['manager'], lifetime: 300 }

t.test('the same asked again → the same token, with the time that it has left, until that is too little', async t => {
  const { clock, reuse } = await reusing()
  const first = await reuse.issue(REQUEST, 'v1')
  t.equal(first.expiresIn, 300)
  for (const [passed, left] of [[0, 300], [0.5, 299], [1, 299], [239.9, 60], [240, 60]] as const) {
    clock.now = NOW + passed
    const again = await reuse.issue(REQUEST, 'v1')
    t.equal(again.token, first.token, `after ${passed} seconds`)
    t.equal(again.expiresIn, left)
    t.ok(clock.now + again.expiresIn <= first.claims.exp)
  }
  clock.now = NOW + 240.1
  const second = await reuse.issue(REQUEST, 'v1')
  t.not(second.token, first.token)
  t.equal(second.expiresIn, 300)
  t.equal((await reuse.issue(REQUEST, 'v1')).token, second.token)
})

t.test('anything that differs → another token: client, subject, scopes, audience, roles, actor, key, lifetime, policy', async t => {
  const { reuse } = await reusing()
  const others: [string, Partial<TokenRequest>, string?][] = [
    ['the same', {}],
    ['client', { clientId: 'cms' }],
    ['subject', { subject: 'cms' }],
    ['fewer scopes', { scopes: ['profile'] }],
    ['scopes of another cut', { scopes: ['profile address'] }],
    ['no scopes', { scopes: [] }],
    ['audience', { audience: 'https://billing.example.com' }],
    ['a list of one', { audience: [AUDIENCE] }],
    ['several', { audience: [AUDIENCE, 'https://billing.example.com'] }],
    ['several in one', { audience: [`${AUDIENCE}","https://billing.example.com`] }],
    ['roles', { roles: [] }],
    ['more roles', { roles: ['manager', 'editor'] }],
    ['actor', { act: { sub: 'cms' } }],
    ['key', { boundTo: 'A'.repeat(43) }],
    ['another key', { boundTo: 'B'.repeat(43) }],
    ['lifetime', { lifetime: 299 }],
    ['policy', {}, 'v2'],
    ['no policy', {}, '']
  ]
  const tokens = new Map<string, string>()
  for (const [name, changes, policy = 'v1'] of others) {
    const { token } = await reuse.issue({ ...REQUEST, ...changes }, policy)
    t.notOk(tokens.has(token), name)
    tokens.set(token, name)
  }
  for (const [name, changes, policy = 'v1'] of others) t.equal(tokens.get((await reuse.issue({ ...REQUEST, ...changes }, policy)).token), name)
})

t.test('E20 the token is revoked, or all of its client → a new one at once; another client\'s stays', async t => {
  const { storage, reuse } = await reusing()
  const first = await reuse.issue(REQUEST, 'v1')
  const foreign = await reuse.issue({ ...REQUEST, clientId: 'cms', subject: 'cms' }, 'v1')
  await storage.add({ kind: 'token', tokenId: first.claims.jti, expiresAt: first.claims.exp })
  const second = await reuse.issue(REQUEST, 'v1')
  t.not(second.token, first.token)
  t.equal((await reuse.issue(REQUEST, 'v1')).token, second.token)
  await storage.add({ kind: 'client', clientId: 'crm', issuedBefore: NOW + 1, expiresAt: NOW + 86_400 })
  t.not((await reuse.issue(REQUEST, 'v1')).token, second.token)
  t.equal((await reuse.issue({ ...REQUEST, clientId: 'cms', subject: 'cms' }, 'v1')).token, foreign.token)
})

t.test('E16 revocations cannot be read → a new token each time; later the last one again', async t => {
  const { storage, reuse } = await reusing()
  const first = await reuse.issue(REQUEST, 'v1')
  storage.isDown = true
  const second = await reuse.issue(REQUEST, 'v1')
  const third = await reuse.issue(REQUEST, 'v1')
  t.equal(new Set([first.token, second.token, third.token]).size, 3)
  storage.isDown = false
  t.equal((await reuse.issue(REQUEST, 'v1')).token, third.token)
})

t.test('the key that signed it is gone → a new token', async t => {
  let keys = keysOf(key)
  const { reuse } = await reusing({ keys: { find: (kid, alg) => keys.find(kid, alg), refresh: async () => {} } })
  const first = await reuse.issue(REQUEST, 'v1')
  t.equal((await reuse.issue(REQUEST, 'v1')).token, first.token)
  keys = keysOf(other)
  t.not((await reuse.issue(REQUEST, 'v1')).token, first.token)
})

t.test('where nothing can be revoked → the token again', async t => {
  const tokenIssuer = createTokenIssuer({ issuer: ISSUER, signingKey: () => key })
  const reuse = createTokenReuse({ remaining: 1, tokenIssuer, verifier: createTokenVerifier({ issuer: ISSUER, audience: ANY_AUDIENCE, keys: keysOf(key) }), revocations: undefined })
  t.equal((await reuse.issue(REQUEST, 'v1')).token, (await reuse.issue(REQUEST, 'v1')).token)
})

t.test('more than are remembered → those that were not asked for longest are forgotten', async t => {
  const { reuse } = await reusing({ size: 2 })
  const ask = async (clientId: string) => (await reuse.issue({ ...REQUEST, clientId }, 'v1')).token
  const [a, b] = [await ask('a'), await ask('b')]
  t.equal(await ask('a'), a)
  const c = await ask('c')
  t.equal(await ask('a'), a)
  t.equal(await ask('c'), c)
  t.not(await ask('b'), b)
})

t.test('the option → at least a second, less than tokens live', async t => {
  t.equal(checkedReuse(undefined, 300), undefined)
  t.strictSame(checkedReuse({ remaining: 299 }, 300), { remaining: 299 })
  for (const remaining of [0, -1, 1.5, NaN, 300, '60', undefined]) {
    t.throws(() => checkedReuse({ remaining } as never, 300), { code: 'FST_KEYHOLE_OPTION_INVALID', message: 'reuseTokens.remaining: write { remaining }, a whole number of seconds from 1 to 299, less than tokenLifetime.' })
  }
  for (const options of [null, 60, {}, true, { remaining: 60, size: 1 }]) {
    t.throws(() => checkedReuse(options as never, 300), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^reuseTokens: write \{ remaining \}/ })
  }
})

t.test('property: whatever happens in between, a token says what was asked, holds, is not revoked and has time enough', async () => {
  const name = fc.constantFrom('a', 'b')
  const request = fc.record({
    clientId: name,
    subject: name,
    scopes: fc.subarray(['profile', 'address']),
    audience: fc.constantFrom<string | string[]>(AUDIENCE, 'https://b.example.com', [AUDIENCE, 'https://b.example.com']),
    roles: fc.subarray(['manager', 'editor']),
    boundTo: fc.constantFrom(undefined, 'A'.repeat(43), 'B'.repeat(43)),
    lifetime: fc.constantFrom(90, 300)
  })
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant('ask' as const), request, policy: fc.constantFrom('v1', 'v2') }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant('wait' as const), seconds: fc.integer({ min: 0, max: 120 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke token' as const), index: fc.nat() }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('revoke client' as const), clientId: name }) }
  )
  await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
    const { clock, storage, reuse } = await reusing()
    const given: { readonly token: string, readonly jti: string, readonly asked: string }[] = []
    const revoked = new Set<string>()
    for (const step of steps) {
      switch (step.kind) {
        case 'wait': clock.now += step.seconds; break
        case 'revoke token': {
          const one = given[step.index % given.length]
          if (one === undefined) break
          revoked.add(one.jti)
          await storage.add({ kind: 'token', tokenId: one.jti, expiresAt: clock.now + 300 })
          break
        }
        case 'revoke client': {
          const theirs = given.filter(({ asked }) => JSON.parse(asked)[0].clientId === step.clientId)
          for (const { jti } of theirs) revoked.add(jti)
          await storage.add({ kind: 'client', clientId: step.clientId, issuedBefore: Math.floor(clock.now) + 1, expiresAt: clock.now + 86_400 })
          // What is issued within the same second is revoked as well.
          clock.now = Math.floor(clock.now) + 1
          break
        }
        default: {
          const { request, policy } = step
          const { token, claims, expiresIn } = await reuse.issue(request, policy)
          const asked = JSON.stringify([request, policy])
          const said = { clientId: claims.client_id, subject: claims.sub, scopes: claims.scope?.split(' ') ?? [], audience: claims.aud, roles: claims.roles, boundTo: claims.cnf?.jkt, lifetime: claims.exp - claims.iat }
          if (JSON.stringify([said, policy]) !== asked) throw new Error(`asked ${asked}, got ${JSON.stringify(said)}`)
          const before = given.find(other => other.token === token)
          if (before !== undefined && before.asked !== asked) throw new Error('it was given to somebody else')
          if (revoked.has(claims.jti)) throw new Error('it was revoked')
          if (expiresIn < 60 || clock.now + expiresIn > claims.exp) throw new Error('it has too little time left, or less than is told')
          given.push({ token, jti: claims.jti, asked })
        }
      }
    }
  }), { numRuns: 150 })
})
