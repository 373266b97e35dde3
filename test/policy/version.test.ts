import t from 'tap'
import { policyVersion } from '../../lib/policy/version.js'
import { policyDocument } from './policy-document.js'

t.test('the SHA-256 of the canonical JSON', async t => {
  t.equal(policyVersion({ b: 1, a: [1, 'é'] }), 'sha256-hxesJepriFSPrpL8-TjG8HZPhZE7oCWBLhhZvwFm9dg')
})

t.test('members in another order → the same; lists in another order, or anything else → another', async t => {
  const { claimSets, scopes, roles } = policyDocument()
  const version = policyVersion({ claimSets, scopes, roles })
  t.equal(policyVersion({ roles, scopes: Object.fromEntries(Object.entries(scopes).reverse()), claimSets }), version)
  t.not(policyVersion({ claimSets, scopes, roles: { ...roles, manager: ['profile', 'contact'] } }), version)
  t.not(policyVersion({ claimSets, scopes, roles: { ...roles, idle: ['nothing'] } }), version)
})
