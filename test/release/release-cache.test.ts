import { Type } from '@sinclair/typebox'
import t from 'tap'
import { claimSet } from '../../lib/release/annotation.js'
import type { SchemaContext } from '../../lib/release/classify.js'
import { createMasks } from '../../lib/release/masks.js'
import { ReleaseCache } from '../../lib/release/release-cache.js'

const OPTIONS = {}
const KNOWN = ['profile_claims']
const MASKS = createMasks()
const shared = { Name: { $id: 'Name', ...claimSet('profile_claims', Type.String()) } }
const schema = Type.Object({ name: claimSet('profile_claims', Type.String()) })

function contextOf (changes: SchemaContext = {}): SchemaContext {
  return { shared: { ...shared }, known: KNOWN, masks: MASKS, ...changes }
}

t.test('one schema object, asked for from contexts that are alike → one release', async t => {
  const cache = new ReleaseCache()
  const release = cache.get(schema, contextOf(), OPTIONS)
  t.equal(cache.get(schema, contextOf(), OPTIONS), release)
  const bare = cache.get(schema, {}, OPTIONS)
  t.not(bare, release)
  t.equal(cache.get(schema, {}, OPTIONS), bare)
  t.equal(cache.get(schema, contextOf(), OPTIONS), release, 'the first is still known')
})

t.test('anything that the release may depend on is another → a release of its own', async t => {
  const cache = new ReleaseCache()
  const release = cache.get(schema, contextOf(), OPTIONS)
  t.not(cache.get({ ...schema }, contextOf(), OPTIONS), release, 'an equal schema')
  t.not(cache.get(schema, contextOf(), {}), release, 'options')
  t.not(cache.get(schema, contextOf({ masks: createMasks() }), OPTIONS), release, 'masks')
  t.not(cache.get(schema, contextOf({ shared: {} }), OPTIONS), release, 'a shared schema less')
  t.not(cache.get(schema, contextOf({ shared: { ...shared, More: {} } }), OPTIONS), release, 'a shared schema more')
  t.not(cache.get(schema, contextOf({ shared: { Name: { ...shared.Name } } }), OPTIONS), release, 'another shared schema of that name')
  t.not(cache.get(schema, contextOf({ shared: { Other: shared.Name } }), OPTIONS), release, 'the shared schema under another name')
  const other = cache.get(schema, contextOf({ known: [] }), OPTIONS)
  t.strictSame(other.faults.map(({ kind }) => kind), ['unknown claim set'], 'claim sets')
  t.strictSame(release.faults, [])
})
