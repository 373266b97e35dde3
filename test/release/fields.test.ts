import { Type } from '@sinclair/typebox'
import t from 'tap'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import { createRelease } from '../../lib/release/release.js'

const Account = Type.Object({ number: Type.String(), note: claimSet('profile_claims', Type.String()) })

const Customer = Type.Object({
  id: claimSet(ANY_TOKEN, Type.String()),
  name: claimSet(['profile_claims', 'contact_claims'], Type.String()),
  banking: claimSet('banking_claims', Type.Object({
    iban: Type.String(),
    branch: claimSet(ANY_TOKEN, Type.String(), { revealsParent: true }),
    accounts: Type.Array(Account),
    codes: Type.Array(Type.Integer()),
    rates: Type.Record(Type.String(), Type.Number())
  })),
  place: Type.Tuple([claimSet('address_claims', Type.Number()), claimSet('profile_claims', Type.Number())])
})

t.test('each field → its place in the data, who sees it, and what that reveals, in the order of the schema', async t => {
  t.strictSame(createRelease(Customer).fields, [
    { name: 'id', claimSets: ['*'], masks: {}, reveals: [] },
    { name: 'name', claimSets: ['profile_claims', 'contact_claims'], masks: {}, reveals: [] },
    { name: 'banking.iban', claimSets: ['banking_claims'], masks: {}, reveals: [] },
    { name: 'banking.branch', claimSets: ['*'], masks: {}, reveals: ['parent'] },
    { name: 'banking.accounts.*.number', claimSets: ['banking_claims'], masks: {}, reveals: ['length'] },
    { name: 'banking.accounts.*.note', claimSets: ['profile_claims'], masks: {}, reveals: ['length'] },
    { name: 'banking.codes.*', claimSets: ['banking_claims'], masks: {}, reveals: [] },
    { name: 'banking.rates.*', claimSets: ['banking_claims'], masks: {}, reveals: [] },
    { name: 'place.0', claimSets: ['address_claims'], masks: {}, reveals: [] },
    { name: 'place.1', claimSets: ['profile_claims'], masks: {}, reveals: [] }
  ])
})

t.test('a view → the names of what it sees and of what it does not; a tuple goes whole', async t => {
  const release = createRelease(Customer)
  t.strictSame(release.namesFor(new Set(['profile_claims'])), {
    released: ['id', 'name', 'banking.branch', 'banking.accounts.*.note'],
    masked: [],
    withheld: ['banking.iban', 'banking.accounts.*.number', 'banking.codes.*', 'banking.rates.*', 'place.0', 'place.1']
  })
  t.strictSame(release.namesFor(new Set(['profile_claims', 'address_claims', 'banking_claims'])).withheld, [])
  t.equal(release.namesFor(new Set(['profile_claims', 'unheard_of'])), release.namesFor(new Set(['profile_claims'])), 'made once for each view')
})

t.test('a name that branches govern differently → both released and withheld; a null beside branches is no field', async t => {
  const person = Type.Object({ kind: claimSet(ANY_TOKEN, Type.Literal('person')), note: claimSet('profile_claims', Type.String()) })
  const company = Type.Object({ kind: claimSet(ANY_TOKEN, Type.Literal('company')), note: claimSet('banking_claims', Type.String()) })
  const release = createRelease(Type.Union([person, company, Type.Null()]))
  t.strictSame(release.faults, [])
  t.strictSame(release.fields.map(({ name, claimSets }) => [name, ...claimSets]), [['kind', '*'], ['note', 'profile_claims'], ['note', 'banking_claims']])
  t.strictSame(release.namesFor(new Set(['profile_claims'])), { released: ['kind', 'note'], masked: [], withheld: ['note'] })
})

t.test('a union of which a withheld field tells the branch → its fields reveal the branch', async t => {
  const schema = claimSet('profile_claims', Type.Union([
    Type.Object({ secret: claimSet('banking_claims', Type.Literal(1)), one: Type.String() }),
    Type.Object({ secret: claimSet('banking_claims', Type.Literal(2)), two: Type.String() })
  ]), { revealsBranch: true })
  t.strictSame(createRelease(schema).fields.map(({ name, reveals }) => [name, ...reveals]), [['secret', 'branch'], ['one', 'branch'], ['two', 'branch']])
})

t.test('parts, patterns, conditions and recursion → each place once', async t => {
  const release = createRelease({
    $id: 'Tree',
    claimSet: 'profile_claims',
    type: 'object',
    allOf: [{ type: 'object', properties: { leaf: { type: 'string' } } }],
    properties: { children: { type: 'array', items: { $ref: 'Tree#' } }, kind: { type: 'string' } },
    patternProperties: { '^x-': { type: 'integer' } },
    if: { properties: { kind: { const: 'a' } } },
    then: { properties: { a: { type: 'string' } } },
    else: { properties: { b: { type: 'string' } } }
  })
  t.strictSame(release.fields.map(({ name }) => name), ['leaf', 'kind', '*', 'a', 'b'])
})

t.test('a scalar at the root → a field without a name; an ungoverned one is released to nobody', async t => {
  t.strictSame(createRelease(claimSet('profile_claims', Type.String())).fields, [{ name: '', claimSets: ['profile_claims'], masks: {}, reveals: [] }])
  const release = createRelease(Type.Object({ nickname: Type.String() }))
  t.strictSame(release.fields, [{ name: 'nickname', claimSets: [], masks: {}, reveals: [] }])
  t.strictSame(release.namesFor(new Set(['profile_claims'])), { released: [], masked: [], withheld: ['nickname'] })
})

t.test('what nothing governs, also where it refers to itself, and a union of nulls → fields that nobody sees', async t => {
  const tree = createRelease({ $id: 'Tree', type: 'object', properties: { leaf: { type: 'string' }, next: { $ref: '#' } } })
  t.strictSame(tree.fields, [{ name: 'leaf', claimSets: [], masks: {}, reveals: [] }])
  t.strictSame(createRelease({ anyOf: [{ type: 'null' }] }).fields, [{ name: '', claimSets: [], masks: {}, reveals: [] }])
})
