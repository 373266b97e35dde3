import fc from 'fast-check'
import t from 'tap'
import { grantScopes, parseScope } from '../../lib/oauth/scope.js'
import { createPolicy } from '../../lib/policy/policy.js'

const { current: policy } = createPolicy({
  claimSets: { profile_claims: {}, address_claims: {} },
  scopes: {
    profile: { reads: ['profile_claims'] },
    'profile:write': { writes: ['profile_claims'] },
    address: { reads: ['address_claims'] },
    sync: { reads: ['profile_claims'], writes: ['address_claims'] },
    ping: {}
  },
  roles: { manager: ['address', 'profile'], editor: ['profile:write', 'profile'], robot: ['sync', 'ping'], writer: ['profile:write'], nobody: [] }
})

const held = (...roles: string[]) => policy.scopesOfRoles(roles)
const refusal = { name: 'OAuthError', code: 'invalid_scope', statusCode: 400 }

t.test('B26, B27 the grammar of RFC 6749 3.3, strictly', async t => {
  t.same([...parseScope('a b')], ['a', 'b'])
  t.same([...parseScope("!#$%&'()*+,-./:;<=>?@[]^_`{|}~")].length, 1)
  for (const scope of ['', ' ', 'a ', ' a', 'a  b', 'a"', 'a\\b', 'a\nb', 'a\tb', 'a\x7f', 'é', 'a\u00a0b', 'a\0']) t.throws(() => parseScope(scope), refusal, JSON.stringify(scope))
})

t.test('B29 a scope twice → once, in any order', async t => {
  t.same(grantScopes('address address profile', held('manager'), policy), ['profile', 'address'])
  t.same(grantScopes('profile address', held('manager'), policy), grantScopes('address profile', held('manager'), policy))
})

t.test('B28, B31 a scope that is not held → invalid_scope, nothing narrowed', async t => {
  for (const scope of ['profile:write', 'profile banking', 'manager', 'PROFILE', 'toString', '__proto__']) t.throws(() => grantScopes(scope, held('manager'), policy), refusal, scope)
  t.throws(() => grantScopes('profile', held('manage', 'nobody'), policy), refusal, 'no role that holds it')
})

t.test('B30 no scope asked for → what the roles hold and what writes nothing', async t => {
  t.same(grantScopes(undefined, held('manager'), policy), ['profile', 'address'])
  t.same(grantScopes(undefined, held('manager', 'editor', 'robot'), policy), ['profile', 'address', 'ping'])
  t.throws(() => grantScopes(undefined, held('writer'), policy), refusal)
  t.throws(() => grantScopes(undefined, held(), policy), refusal)
})

t.test('a writing scope → when asked for', async t => t.same(grantScopes('profile:write profile', held('editor'), policy), ['profile', 'profile:write']))

t.test('property: what is granted is what was asked, and held', async () => {
  const names = Object.keys(policy.document.scopes)
  fc.assert(fc.property(fc.subarray(names, { minLength: 1 }), fc.subarray(Object.keys(policy.document.roles)), (asked, roles) => {
    try {
      const granted = grantScopes(asked.join(' '), held(...roles), policy)
      return granted.length === asked.length && granted.every(scope => asked.includes(scope) && held(...roles).includes(scope))
    } catch {
      return asked.some(scope => !held(...roles).includes(scope))
    }
  }))
})
