import { Type } from '@sinclair/typebox'
import t from 'tap'
import { ANY_TOKEN, annotationOf, claimSet, isBareNull, withoutAnnotations } from '../../lib/release/annotation.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'

t.test('claimSet', t => {
  t.test('a name, a list of names, options → the keyword of a copy', async t => {
    const schema = Object.freeze(Type.String({ minLength: 1 }))
    t.strictSame({ ...claimSet('profile_claims', schema) }, { ...schema, claimSet: { sets: ['profile_claims'] } })
    t.strictSame(claimSet(['a', 'b'], schema).claimSet, { sets: ['a', 'b'] })
    t.strictSame(claimSet(ANY_TOKEN, schema, { revealsParent: true }).claimSet, { sets: ['*'], revealsParent: true })
    t.strictSame(claimSet('a', schema, { revealsBranch: true }).claimSet, { sets: ['a'], revealsBranch: true })
    t.notOk('claimSet' in schema)
  })

  t.test('a list that changes afterwards → not the annotation', async t => {
    const names = ['a']
    const schema = claimSet(names, Type.String())
    names.push('b')
    t.strictSame(schema.claimSet.sets, ['a'])
  })

  t.test('masks → in the keyword; a list that changes afterwards is not the annotation', async t => {
    const names = ['b']
    const schema = claimSet('a', Type.String(), { mask: { last4: names, year: 'c' } })
    names.push('d')
    t.strictSame(schema.claimSet, { sets: ['a'], mask: { last4: ['b'], year: 'c' } })
  })

  t.test('on a schema that has claim sets → those written last', async t => {
    t.strictSame(claimSet('b', claimSet('a', Type.String(), { revealsParent: true })).claimSet, { sets: ['b'] })
  })

  t.test('symbols of TypeBox → kept', async t => {
    const schema = Type.Optional(Type.String())
    t.strictSame(Object.getOwnPropertySymbols(claimSet('a', schema)), Object.getOwnPropertySymbols(schema))
    t.strictSame(Type.Object({ x: claimSet('a', schema) }).required, undefined)
  })

  t.test('members that are not enumerable, as TypeBox 1 has them → kept; the keyword can be changed like any other', async t => {
    const schema = Object.freeze(Object.defineProperty({ type: 'string', claimSet: 'b' }, '~optional', { value: true, enumerable: false }))
    const annotated = claimSet('a', schema) as unknown as Record<string, unknown>
    t.strictSame(Object.getOwnPropertyNames(annotated), ['type', 'claimSet', '~optional'])
    t.equal(annotated['~optional'], true)
    t.strictSame(Object.getOwnPropertyDescriptor(annotated, 'claimSet'), { value: { sets: ['a'] }, enumerable: true, configurable: true, writable: true })
  })
  t.end()
})

t.test('annotationOf', t => {
  const none = {}
  const read: [string, unknown, string[], object?][] = [
    ['a name', 'a', ['a']],
    ['a list', ['a', 'b'], ['a', 'b']],
    ['a list with a name twice', ['a', 'b', 'a'], ['a', 'b']],
    ['any token', '*', ['*']],
    ['an object with a name', { sets: 'a' }, ['a']],
    ['an object with a list and options', { sets: ['a'], revealsParent: false, revealsBranch: true }, ['a'], { revealsParent: false, revealsBranch: true }]
  ]
  for (const [what, claimSet, sets, options = none] of read) {
    t.test(`${what} → its sets and options`, async t => {
      t.strictSame(annotationOf({ claimSet }), { sets, masks: [], options })
    })
  }

  t.test('masks → their claim sets, in the order written', async t => {
    t.strictSame(annotationOf({ claimSet: { sets: 'a', mask: { year: ['c', 'b', 'c'], last4: 'b' }, revealsBranch: true } }), {
      sets: ['a'], masks: [{ name: 'year', sets: ['c', 'b'] }, { name: 'last4', sets: ['b'] }], options: { revealsBranch: true }
    })
  })

  const NAMES = 'claimSet must be the name of a claim set, or a list of names that is not empty'
  const wrong: [string, unknown, string][] = [
    ['undefined', undefined, NAMES],
    ['null', null, NAMES],
    ['a number', 1, NAMES],
    ['true', true, NAMES],
    ['an empty name', '', NAMES],
    ['an empty list', [], NAMES],
    ['a list with an empty name', ['a', ''], NAMES],
    ['a list with null', ['a', null], NAMES],
    ['a list in a list', [['a']], NAMES],
    ['an empty object', {}, NAMES],
    ['an object whose sets are none', { sets: [] }, NAMES],
    ['any token beside a name', ['*', 'a'], 'ANY_TOKEN stands alone: any token may see the field already'],
    ['an unknown option', { sets: 'a', masks: {} }, "claimSet has no option 'masks'; it has mask, revealsParent, revealsBranch"],
    ['a mask that is no object', { sets: 'a', mask: 'last4' }, "claimSet: mask must be an object with masks and their claim sets, such as { last4: 'support_claims' }"],
    ['a mask for no claim set', { sets: 'a', mask: { last4: [] } }, 'claimSet: mask.last4 must be the name of a claim set, or a list of names that is not empty'],
    ['a mask for something else', { sets: 'a', mask: { last4: 'b', year: ['b', 1] } }, 'claimSet: mask.year must be the name of a claim set, or a list of names that is not empty'],
    ['a mask for any token', { sets: 'a', mask: { last4: '*' } }, 'claimSet: mask.last4 cannot be ANY_TOKEN. Name the claim sets that see the mask'],
    ['a mask of what any token sees', { sets: '*', mask: { last4: 'b' } }, 'claimSet: mask.last4 hides nothing from any token, who sees the field as it is. Take it off'],
    ['a mask for who sees the field', { sets: ['a', 'b'], mask: { last4: ['c', 'b'] } }, 'claimSet: mask.last4 hides nothing from b, who sees the field as it is. Take it off'],
    ['an option that is no boolean', { sets: 'a', revealsParent: 'yes' }, 'claimSet: revealsParent must be true or false'],
    ['another option that is no boolean', { sets: 'a', revealsParent: true, revealsBranch: undefined }, 'claimSet: revealsBranch must be true or false']
  ]
  for (const [what, claimSet, message] of wrong) {
    t.test(`D45 ${what} → what to write instead`, async t => {
      t.equal(annotationOf({ claimSet }), message)
    })
  }

  t.test('no keyword, or one that is inherited → none', async t => {
    t.equal(annotationOf({}), undefined)
    t.equal(annotationOf(Object.create({ claimSet: 'a' })), undefined)
  })
  t.end()
})

t.test('isBareNull', async t => {
  t.equal(isBareNull({ type: 'null' }), true)
  t.equal(isBareNull({ type: 'null', description: 'none' }), true)
  t.equal(isBareNull({ type: 'null', claimSet: 'a' }), false)
  t.equal(isBareNull({ type: ['null'] }), false)
  t.equal(isBareNull({ type: 'string' }), false)
  t.equal(isBareNull({}), false)
  t.equal(isBareNull(true), false)
})

t.test('withoutAnnotations → a copy without the keyword, in every schema and nowhere else', async t => {
  const kept = { claimSet: 'kept', nested: { claimSet: 'kept' } }
  const annotated = (more: object = {}): JsonSchema => ({ type: 'object', ...more, claimSet: 'a' })
  const bare = (more: object = {}): JsonSchema => ({ type: 'object', ...more })
  const build = (schema: typeof annotated): JsonSchema => schema({
    properties: { claimSet: schema(), x: schema({ items: [schema(), true] }) },
    patternProperties: { '^x': schema() },
    additionalProperties: schema(),
    definitions: { D: schema() },
    $defs: { D: schema({ not: schema() }) },
    dependentSchemas: { x: schema() },
    dependencies: { x: schema(), y: ['x'] },
    items: schema(),
    prefixItems: [schema()],
    allOf: [schema()],
    anyOf: [schema(), false],
    oneOf: [schema()],
    additionalItems: schema(),
    contains: schema(),
    propertyNames: schema(),
    not: schema(),
    if: schema(),
    then: schema(),
    else: schema(),
    unevaluatedItems: schema(),
    unevaluatedProperties: schema(),
    default: kept,
    const: kept,
    enum: [kept],
    examples: [kept]
  })
  const given = deepFreeze(build(annotated))
  t.strictSame(withoutAnnotations(given), build(bare))
  t.not(withoutAnnotations(given), given)
})

function deepFreeze<Value> (value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
