import { Type } from '@sinclair/typebox'
import t from 'tap'
import { createClaimRelease } from '../../lib/oauth/subject-claims.js'
import { createPolicy } from '../../lib/policy/policy.js'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'

const { current: policy } = createPolicy({
  claimSets: { profile_claims: {}, contact_claims: {}, address_claims: {} },
  scopes: { contact: { reads: ['contact_claims'] }, profile: { reads: ['profile_claims'] }, address: { reads: ['address_claims'] }, 'profile:write': { writes: ['profile_claims'] } },
  roles: {}
})

const Claims = Type.Object({
  name: claimSet(['profile_claims', 'contact_claims'], Type.Optional(Type.String())),
  age: claimSet('profile_claims', Type.Optional(Type.Integer())),
  address: claimSet('address_claims', Type.Optional(Type.Object({ city: Type.String() })))
})

const claims = { name: 'Ada', age: 36, address: { city: 'London' }, secret: 'x' }

t.test('B65 claims → by the granted scopes, each once, under the first granted set', async t => {
  const { release } = createClaimRelease(Claims, policy, {})
  const released = (...scopes: string[]) => release({ clientId: 'crm', roles: [], claims }, scopes, policy)
  t.strictSame(released('profile'), { profile_claims: { name: 'Ada', age: 36 } })
  t.strictSame(released('contact'), { contact_claims: { name: 'Ada' } })
  t.strictSame(released('contact', 'profile', 'address'), { profile_claims: { name: 'Ada', age: 36 }, address_claims: { address: { city: 'London' } } })
})

t.test('B65 nothing to release → no claims at all', async t => {
  const { release } = createClaimRelease(Claims, policy, {})
  t.equal(release({ clientId: 'crm', roles: [], claims }, ['profile:write'], policy), undefined)
  t.equal(release({ clientId: 'crm', roles: [], claims: {} }, ['profile'], policy), undefined)
  t.equal(release({ clientId: 'crm', roles: [] }, ['profile'], policy), undefined)
  t.equal(release({ clientId: 'crm', roles: [], claims: { secret: 'x' } }, ['profile'], policy), undefined)
})

t.test('claims that do not fit the schema → server_error, their values nowhere', async t => {
  const { release } = createClaimRelease(Claims, policy, {})
  t.throws(() => release({ clientId: 'crm', roles: [], claims: { age: 'DE89370400440532013000' } }, ['profile'], policy), { code: 'server_error', cause: undefined })
})

t.test('a shared schema → read', async t => {
  const { release } = createClaimRelease(Type.Object({ address: claimSet('address_claims', Type.Ref('Address')) }), policy, { shared: { Address: Type.Object({ city: Type.String() }, { $id: 'Address' }) } })
  t.strictSame(release({ clientId: 'crm', roles: [], claims }, ['address'], policy), { address_claims: { address: { city: 'London' } } })
})

t.test('a schema that cannot be released → refused with every fault', async t => {
  const refused = (schema: object, message: RegExp) =>
    t.throws(() => createClaimRelease(schema as typeof Claims, policy, {}), { code: 'FST_KEYHOLE_OPTION_INVALID', message })
  refused(Type.Object({ name: Type.String(), age: claimSet('profil_claims', Type.Integer()) }), /^subjectClaims: no claim set on \/name\.[^]*subjectClaims: unknown claim set 'profil_claims' on \/age/)
  refused(Type.Object({ id: claimSet(ANY_TOKEN, Type.String()) }), /^subjectClaims: \/id: .*ANY_TOKEN/)
  refused(claimSet('profile_claims', Type.String()), /^subjectClaims: write an object schema/)
  refused([], /^subjectClaims: write an object schema/)
})
