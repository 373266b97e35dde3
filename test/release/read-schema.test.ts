import t from 'tap'
import { faultsOf, object, released, string } from './releasing.js'

const cases: [string, object, string[]][] = [
  ['a $ref that leads nowhere', object({ x: { $ref: '#/definitions/x' } }), ["/x: the reference '#/definitions/x' leads nowhere"]],
  ['a $ref to a schema that is not shared', object({ x: { $ref: 'Other#' } }), ["/x: the reference 'Other#' leads nowhere"]],
  ['several types with claim sets within that differ', object({ x: { type: ['object', 'string'], claimSet: 'profile', properties: { a: string('banking') } } }), [
    '/x: it has several types, though its fields have different claim sets. Use anyOf, one type each.'
  ]],
  ['several types with one claim set → none', object({ x: { type: ['object', 'string'], claimSet: 'profile', properties: { a: { type: 'string' } } } }), []]
]

for (const [what, schema, faults] of cases) {
  t.test(faults.length > 0 ? `${what} → refused` : what, async t => {
    const found = faultsOf(schema as Record<string, unknown>)
    for (const fault of faults) t.ok(found.includes(fault), found.join('\n'))
    if (faults.length === 0) t.strictSame(found, [])
  })
}

const here = (message: string) => [`(the whole value): ${message}`]
const base = object({ a: string('profile') })

t.test('a claim set inside of what only asserts → refused; inside of if and not, which may use a schema again → none', async t => {
  for (const keyword of ['contains', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties']) {
    t.strictSame(faultsOf({ ...base, [keyword]: string('profile') }), here(`a claim set inside of ${keyword} governs nothing, for nothing is written by it. Annotate the field where it is declared.`), keyword)
  }
  for (const keyword of ['dependencies', 'dependentSchemas']) {
    t.ok(faultsOf({ ...base, [keyword]: { a: string('profile') } }).includes(here(`a claim set inside of ${keyword} governs nothing, for nothing is written by it. Annotate the field where it is declared.`)[0]!), keyword)
  }
  t.strictSame(faultsOf({ ...base, not: object({ a: string('profile', { const: 'x' }) }, { required: ['a'] }) }), [])
  t.strictSame(faultsOf({ ...base, if: object({ a: string('profile') }) }), [])
})

t.test('a $ref that leads nowhere inside of what only asserts → refused', async t => {
  for (const keyword of ['if', 'not', 'contains', 'propertyNames', 'unevaluatedItems', 'unevaluatedProperties']) {
    t.ok(faultsOf({ ...base, [keyword]: { $ref: '#/definitions/none' } }).includes("(the whole value): the reference '#/definitions/none' leads nowhere"), keyword)
  }
})

t.test('a keyword that is not known → refused; one that looks like claimSet is told apart', async t => {
  for (const keyword of ['claimset', 'claimSets', 'claimsSet', 'claim-set', 'claim_sets', 'claim', 'Claims']) {
    t.strictSame(faultsOf({ ...base, [keyword]: 'profile' }), here(`the keyword '${keyword}' is not known, so what it releases is not either. Write 'claimSet'.`))
  }
  for (const keyword of ['myClaimSet', 'claimSetter', 'reclaim', 'claimsMade']) {
    t.strictSame(faultsOf({ ...base, [keyword]: 'profile' }), here(`the keyword '${keyword}' is not known, so what it releases is not either. Remove it, or name it 'x-…' if it only describes.`))
  }
})

t.test('properties of what is no object → not read, as the serializer does not', async t => {
  t.strictSame(faultsOf({ type: 'string', claimSet: 'profile', properties: { a: string('unheard') } }), [])
})

t.test('then without if, if without then and else → write nothing', async t => {
  t.strictSame(faultsOf({ ...base, then: object({ b: { type: 'string' } }), else: object({ c: { type: 'string' } }) }), [])
  t.equal(released({ ...base, if: object({}, { required: ['zzz'] }) }, { a: 'x', zzz: 1 }, ['profile']), '{"a":"x"}')
})

t.test('a condition without else in what is an object → none', async t => {
  t.strictSame(faultsOf({ type: 'object', if: object({}), then: object({ a: string('*') }), claimSet: { sets: '*', revealsBranch: true } }), [])
})

t.test('a list, and a branch that says more of it → items where they stand once', async t => {
  const list = { type: 'array', items: string('profile') }
  const opaque = here('an array without items is written without being looked at. Give it a type, or annotate the field itself with claimSet(...) to release it as one value.')
  t.strictSame(faultsOf({ ...list, anyOf: [{ minItems: 1 }, { maxItems: 3 }] }), [])
  t.ok(faultsOf({ ...list, anyOf: [{ type: 'array', minItems: 1 }] }).includes(opaque[0]!), 'one that states its type is taken as a list of its own')
  t.ok(faultsOf({ minItems: 1 }).includes(opaque[0]!), 'one that stands alone')
})

t.test('a branch without a type → has that of what it stands beside, at any depth', async t => {
  const several = '/x: it stands in several parts of one schema, with different claim sets or in different ways. Write it once, or alike in all of them.'
  const claimSet = { sets: 'profile', revealsBranch: true }
  for (const x of [
    { type: 'string', claimSet, anyOf: [{ claimSet: 'banking' }, {}] },
    { allOf: [{ type: 'string' }], claimSet, anyOf: [{ claimSet: 'banking' }, {}] },
    { type: 'string', claimSet, anyOf: [{ claimSet, anyOf: [{ claimSet: 'banking' }, {}] }, {}] }
  ]) t.ok(faultsOf(object({ x })).includes(several), JSON.stringify(x))
})
