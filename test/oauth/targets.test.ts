import fc from 'fast-check'
import t from 'tap'
import { scopesAt, targetsOf } from '../../lib/oauth/targets.js'

const API = 'https://api.example.com'
const BILLING = 'https://billing.example.com'
const client = { clientId: 'crm', roles: [], resources: [BILLING, 'https://stock.example.com'] }
const request = (more: object) => ({ grant_type: 'client_credentials', ...more })
const refusal = { name: 'OAuthError', code: 'invalid_target', statusCode: 400 }

t.test('C6 nothing asked → the endpoint\'s own audience', async t => t.strictSame(targetsOf(request({}), API, client), [API]))

t.test('C12 several → each once, resource before audience', async t => {
  t.strictSame(targetsOf(request({ audience: [API, BILLING], resource: [BILLING, BILLING] }), API, client), [BILLING, API])
})

t.test('C11 one that is not the client\'s among several → invalid_target', async t => {
  for (const more of [{ resource: [API, 'https://other.example.com'] }, { audience: ['other', API] }, { resource: [API], audience: [''] }]) {
    t.throws(() => targetsOf(request(more), API, client), refusal, JSON.stringify(more))
  }
  t.throws(() => targetsOf(request({ resource: [BILLING] }), API, { clientId: 'crm', roles: [] }), refusal)
})

t.test('C15 scopes at targets → those that mean something at each; none: invalid_target', async t => {
  const meanings = new Map([[API, ['profile', 'ping']], [BILLING, ['invoices', 'ping']], ['https://nothing.example.com', []]])
  t.strictSame(scopesAt([API], ['profile', 'invoices'], meanings), ['profile'])
  t.strictSame(scopesAt([API, BILLING], ['profile', 'invoices', 'ping'], meanings), ['ping'])
  t.strictSame(scopesAt(['https://stock.example.com'], ['profile', 'invoices'], meanings), ['profile', 'invoices'])
  t.throws(() => scopesAt([API, BILLING], ['profile', 'invoices'], meanings), refusal)
  t.throws(() => scopesAt(['https://nothing.example.com'], ['profile'], meanings), refusal)
  t.strictSame(scopesAt([BILLING], [], meanings), [], 'who holds nothing is not told of targets')
})

t.test('property: targets are among what was asked and what is allowed; nothing else is refused', async () => {
  const name = fc.constantFrom(API, BILLING, 'https://stock.example.com', 'https://other.example.com')
  fc.assert(fc.property(fc.array(name), fc.array(name), fc.subarray([BILLING, 'https://stock.example.com']), (resource, audience, resources) => {
    const asked = [...resource, ...audience]
    const allowed = asked.every(target => [API, ...resources].includes(target))
    try {
      const targets = targetsOf(request({ resource, audience }), API, { clientId: 'crm', roles: [], resources })
      return allowed && (asked.length === 0 ? targets.join() === API : new Set(targets).size === targets.length && asked.every(target => targets.includes(target)) && targets.every(target => new Set<string>(asked).has(target)))
    } catch {
      return !allowed
    }
  }))
})
