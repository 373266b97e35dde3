import fc from 'fast-check'
import t from 'tap'
import { lifetimeOf } from '../../lib/oauth/lifetime.js'

const client = { clientId: 'crm', roles: [] }
const itself = { subject: 'crm' }

t.test('C8 the shortest of endpoint, client and all scopes that are granted → holds', async t => {
  const lifetimes = { longest: 300, ofScopes: new Map([['banking', 60], ['payments', 30], ['profile', 3600]]) }
  t.equal(lifetimeOf(client, itself, ['profile'], lifetimes), 300)
  t.equal(lifetimeOf(client, itself, ['profile', 'banking'], lifetimes), 60)
  t.equal(lifetimeOf(client, itself, ['payments', 'banking', 'other'], lifetimes), 30)
  t.equal(lifetimeOf({ ...client, tokenLifetime: 45 }, itself, ['banking'], lifetimes), 45)
  t.equal(lifetimeOf({ ...client, tokenLifetime: 45 }, itself, ['payments'], lifetimes), 30)
})

t.test('C24 what was presented → bounds too; nothing left: invalid_grant', async t => {
  const now = Date.now() / 1000
  const lifetimes = { longest: 300, ofScopes: new Map([['banking', 60]]) }
  t.ok(lifetimeOf(client, { ...itself, expiresAt: now + 20 }, ['banking'], lifetimes) <= 20)
  t.equal(lifetimeOf(client, { ...itself, expiresAt: now + 200 }, ['banking'], lifetimes), 60)
  for (const expiresAt of [now - 1, now, now + 0.5]) {
    t.throws(() => lifetimeOf(client, { ...itself, expiresAt }, ['banking'], lifetimes), { name: 'OAuthError', code: 'invalid_grant' })
  }
})

t.test('property: never longer than anything that bounds it, and as long as one of them', async () => {
  const seconds = fc.integer({ min: 1, max: 86_400 })
  fc.assert(fc.property(seconds, fc.option(seconds, { nil: undefined }), fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), seconds), fc.subarray(['a', 'b', 'c', 'd']), (longest, tokenLifetime, ofScopes, scopes) => {
    const bounds = [longest, ...tokenLifetime === undefined ? [] : [tokenLifetime], ...scopes.flatMap(scope => Object.hasOwn(ofScopes, scope) ? [ofScopes[scope]!] : [])]
    const lifetime = lifetimeOf({ ...client, ...(tokenLifetime !== undefined && { tokenLifetime }) }, itself, scopes, { longest, ofScopes: new Map(Object.entries(ofScopes)) })
    return bounds.includes(lifetime) && bounds.every(bound => lifetime <= bound)
  }))
})
