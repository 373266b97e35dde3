import t from 'tap'
import { createSnapshot } from '../../lib/policy/snapshot.js'
import { policyVersion } from '../../lib/policy/version.js'
import { policyDocument } from './policy-document.js'

const snapshot = createSnapshot(policyDocument())

t.test('scopesOfRoles', t => {
  t.test('a role → its scopes, in the order of the document', async t => { t.strictSame(snapshot.scopesOfRoles(['editor']), ['profile', 'profile:write']) })
  t.test('several → all of theirs, each once', async t => { t.strictSame(snapshot.scopesOfRoles(['manager', 'editor']), ['profile', 'profile:write', 'contact']) })
  t.test('unknown ones, and names that every object has → none', async t => {
    t.strictSame(snapshot.scopesOfRoles(['nobody', 'constructor', '__proto__', 'idle']), [])
    t.strictSame(snapshot.scopesOfRoles([]), [])
  })
  t.test('the list → the caller\'s own', async t => {
    snapshot.scopesOfRoles(['manager']).push('banking')
    t.strictSame(snapshot.scopesOfRoles(['manager']), ['profile', 'contact'])
  })
  t.end()
})

t.test('readableBy, writableBy → what these scopes say, and nothing implied', async t => {
  t.strictSame([...snapshot.readableBy(['profile', 'address:all'])], ['profile_claims', 'contact_claims', 'address_claims'])
  t.strictSame([...snapshot.writableBy(['profile', 'address:all'])], ['address_claims', 'profile_claims'])
  t.strictSame([...snapshot.readableBy(['profile:write'])], [])
  t.strictSame([...snapshot.writableBy(['profile:write', 'contact', 'nothing'])], ['profile_claims'])
  t.strictSame([...snapshot.readableBy(['unknown', 'toString'])], [])
  t.strictSame([...snapshot.writableBy(new Set<string>())], [])
})

t.test('grantedByDefault → scopes that write nothing', async t => {
  t.strictSame(['profile', 'profile:write', 'address:all', 'contact', 'nothing', 'unknown'].map(scope => snapshot.grantedByDefault(scope)), [true, false, false, true, true, true])
})

t.test('scopesReading, scopesWriting → in the order of the document', async t => {
  t.strictSame(snapshot.scopesReading('contact_claims'), ['profile', 'contact'])
  t.strictSame(snapshot.scopesReading('address_claims'), ['address:all'])
  t.strictSame(snapshot.scopesWriting('profile_claims'), ['profile:write', 'address:all'])
  t.strictSame(snapshot.scopesWriting('contact_claims'), [])
  t.strictSame(snapshot.scopesReading('unknown'), [])
})

t.test('claimSets, document, version → frozen, whatever becomes of what was given', async t => {
  const document = policyDocument()
  const { claimSets, version, document: kept } = createSnapshot(document)
  t.strictSame(claimSets, ['profile_claims', 'contact_claims', 'address_claims'])
  t.equal(version, policyVersion(policyDocument()))
  for (const frozen of [snapshot, claimSets, kept, kept.claimSets, kept.claimSets.address_claims, kept.scopes, kept.scopes.profile, kept.scopes.profile!.reads, kept.roles, kept.roles.manager]) {
    t.ok(Object.isFrozen(frozen))
  }
})
