import t from 'tap'
import { createPolicy } from '../../lib/policy/policy.js'

const document = {
  claimSets: { profile_claims: {}, address_claims: { purpose: 'delivery', owner: 'sales' } },
  scopes: { profile: { reads: ['profile_claims'] }, 'profile:write': { writes: ['profile_claims'] }, address: { reads: ['address_claims'] } },
  roles: { manager: ['address', 'profile'], editor: ['profile', 'profile:write'] }
}

t.test('a good document → look-ups', async t => {
  const { current } = createPolicy(document)
  t.same(current.scopesOfRoles(['manager']), ['profile', 'address'])
  t.same([...current.readableBy(['profile', 'address'])], ['profile_claims', 'address_claims'])
})
