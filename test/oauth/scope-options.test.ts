import t from 'tap'
import { checkedResourceScopes, checkedScopeLifetimes, logUnknownScopes, requireKnownScopes } from '../../lib/oauth/scope-options.js'
import { createPolicy } from '../../lib/policy/policy.js'

const policy = createPolicy({ claimSets: { a: {} }, scopes: { profile: { reads: ['a'] }, banking: { reads: ['a'] } }, roles: {} }).current
const named = { trustedIssuers: [{ scopes: ['profile'] }, {}], resourceScopes: new Map([['https://b.example.com', ['banking']]]), scopeLifetimes: new Map([['banking', 60]]) }

t.test('lifetimes → whole seconds up to a day', async t => {
  t.strictSame([...checkedScopeLifetimes({ banking: 1, profile: 86_400 })], [['banking', 1], ['profile', 86_400]])
  t.strictSame([...checkedScopeLifetimes(), ...checkedResourceScopes()], [])
  for (const seconds of [0, -1, 1.5, NaN, Infinity, 86_401, '60', null]) {
    t.throws(() => checkedScopeLifetimes({ banking: seconds }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: "scopeLifetimes['banking']: write a whole number of seconds from 1 to 86400." })
  }
  for (const given of [null, 60, 'banking']) t.throws(() => checkedScopeLifetimes(given), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^scopeLifetimes: write an object/ })
})

t.test('scopes that the policy has → taken', async t => {
  requireKnownScopes(named, policy)
  requireKnownScopes({ trustedIssuers: [], resourceScopes: new Map(), scopeLifetimes: new Map() }, policy)
})

t.test('scopes that it has not → refused, each option by name', async t => {
  const unknown = { trustedIssuers: [{}, { scopes: ['profile', 'openid', 'toString'] }], resourceScopes: new Map([['api', ['banking', 'Banking']]]), scopeLifetimes: new Map([['__proto__', 60]]) }
  t.throws(() => requireKnownScopes(unknown, policy), {
    code: 'FST_KEYHOLE_OPTION_INVALID',
    message: [
      'trustedIssuers[1].scopes: the policy has no scope openid, toString.',
      "resourceScopes['api']: the policy has no scope Banking.",
      'scopeLifetimes: the policy has no scope __proto__.',
      'It has profile, banking.'
    ].join('\n')
  })
})

t.test('a policy that lost scopes → a warning for each option', async t => {
  const { current } = createPolicy({ claimSets: { a: {} }, scopes: { profile: {} }, roles: {} })
  const said: object[] = []
  logUnknownScopes({ warn: details => { said.push(details) } }, named, current)
  t.strictSame(said, [
    { policy: current.version, option: "resourceScopes['https://b.example.com']", scopes: ['banking'] },
    { policy: current.version, option: 'scopeLifetimes', scopes: ['banking'] }
  ])
})
