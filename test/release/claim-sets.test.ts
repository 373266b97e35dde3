import t from 'tap'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { createClaimSorter } from '../../lib/release/claim-sets.js'
import { CLAIM_SETS, object, string } from './releasing.js'

const Claims = object({
  name: string(['profile', 'contact']),
  email: string(['contact', 'profile']),
  age: { type: 'integer', claimSet: 'profile' },
  address: object({ city: { type: 'string' }, phone: string('contact') }, { claimSet: 'address' })
})
const JANE = { name: 'Jane', email: 'j@example.com', age: 41, address: { city: 'c', phone: '1' }, more: 'SECRET' }

const sort = (claims: Record<string, unknown>, readable: readonly string[], schema: JsonSchema = Claims) => createClaimSorter(schema).sort(claims, new Set(readable))

t.test('a claim of several sets → once, under the first readable one in the order of its annotation', async t => {
  t.strictSame(sort(JANE, ['profile']), { profile: { name: 'Jane', email: 'j@example.com', age: 41 } })
  t.strictSame(sort(JANE, ['profile', 'contact']), {
    contact: { email: 'j@example.com', address: { phone: '1' } }, profile: { name: 'Jane', age: 41 }
  })
  t.strictSame(sort(JANE, ['contact', 'other']), { contact: { name: 'Jane', email: 'j@example.com', address: { phone: '1' } } })
})

t.test('an object whose claims are of several sets → in each of them its part', async t => {
  t.strictSame(sort(JANE, ['address', 'contact']), {
    address: { address: { city: 'c' } }, contact: { name: 'Jane', email: 'j@example.com', address: { phone: '1' } }
  })
})

t.test('a masked claim → under the claim set of the mask, unless it is released itself', async t => {
  const schema = object({ iban: { type: 'string', claimSet: { sets: ['banking', 'profile'], mask: { year: 'address', last4: ['contact', 'address'] } } }, name: string('contact') })
  const claims = { iban: 'NL91ABNA0417164300', name: 'Jane' }
  t.strictSame(sort(claims, ['contact'], schema), { contact: { iban: '••••4300', name: 'Jane' } })
  t.strictSame(sort(claims, ['address', 'contact'], schema), { address: { iban: '••••' }, contact: { name: 'Jane' } })
  t.strictSame(sort(claims, ['contact', 'profile'], schema), { profile: { iban: 'NL91ABNA0417164300' }, contact: { name: 'Jane' } })
  t.strictSame(createClaimSorter(schema).namesFor(new Set(['contact'])), { released: ['name'], masked: ['iban'], withheld: [] })
})

t.test('a claim set without any claim → absent', async t => {
  t.strictSame(sort({ age: 41 }, ['profile', 'contact', 'address']), { profile: { age: 41 } })
  t.strictSame(sort({}, ['profile']), {})
  t.strictSame(sort(JANE, []), {})
})

t.test('asked again, in another order → the same', async t => {
  const sorter = createClaimSorter(Claims)
  t.strictSame(sorter.sort(JANE, new Set(['contact', 'profile'])), sorter.sort(JANE, new Set(['profile', 'contact'])))
  t.strictSame(sorter.sort({ age: 1 }, new Set(['contact', 'profile'])), { profile: { age: 1 } })
})

t.test('a claim that does not fit → the serializer\'s error', async t => {
  t.throws(() => sort({ age: 'SECRET' }, ['profile']), { message: 'The value "SECRET" cannot be converted to an integer.' })
  t.strictSame(sort({ age: 'SECRET' }, ['contact']), {})
})

t.test('a claim named __proto__ in a record → a claim', async t => {
  const sorted = sort(JSON.parse('{"__proto__":"x"}'), ['profile'], object({}, { additionalProperties: string('profile') }))
  t.strictSame(JSON.stringify(sorted), '{"profile":{"__proto__":"x"}}')
})

t.test('claims that refer to shared schemas → sorted', async t => {
  const sorter = createClaimSorter(object({ address: { $ref: 'Address' } }), { shared: { Address: { $id: 'Address', ...object({ city: string('address') }) } } })
  t.strictSame(sorter.faults, [])
  t.strictSame(sorter.sort({ address: { city: 'c' } }, new Set(['address'])), { address: { address: { city: 'c' } } })
})

t.test('the claim sets → those that the schema names, sorted', async t => { t.strictSame(createClaimSorter(Claims).claimSets, ['address', 'contact', 'profile']) })

t.test('what nothing governs, unknown claim sets, claims for any token → faults', async t => {
  t.strictSame(createClaimSorter(object({ a: { type: 'string' }, b: string('x'), c: string('*'), d: object({ e: { type: 'string' } }, { claimSet: '*' }) }), { known: CLAIM_SETS }).faults, [
    { kind: 'ungoverned', pointer: '/a' },
    { kind: 'unknown claim set', pointer: '/b', name: 'x' },
    { kind: 'other', pointer: '/d', message: 'a claim cannot be ANY_TOKEN: it would stand under no claim set. Name its claim sets.' },
    { kind: 'other', pointer: '/d/e', message: 'a claim cannot be ANY_TOKEN: it would stand under no claim set. Name its claim sets.' },
    { kind: 'other', pointer: '/c', message: 'a claim cannot be ANY_TOKEN: it would stand under no claim set. Name its claim sets.' }
  ])
  t.strictSame(createClaimSorter(Claims, { known: CLAIM_SETS }).faults, [])
})

t.test('a schema that the serializer does not take → a fault', async t => {
  t.strictSame(createClaimSorter(object({ a: string('profile', { minLength: 'x' }) })).faults, [
    { kind: 'other', pointer: '', message: 'the serializer cannot be built: schema is invalid: data/properties/a/minLength must be integer' }
  ])
})
