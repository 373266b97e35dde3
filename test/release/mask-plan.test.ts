import { Type } from '@sinclair/typebox'
import t from 'tap'
import { claimSet } from '../../lib/release/annotation.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import type { Masks } from '../../lib/release/masks.js'
import { createRelease } from '../../lib/release/release.js'
import { faultsOf, masked } from './masking.js'
import { object, string } from './releasing.js'

const ONE_VALUE = 'a mask stands on a field of one value: text, number or boolean, or null beside it. Annotate the fields beneath it one by one.'
const BRANCH = 'a mask stands on the field itself, not on one of the schemas that are merged for it. Annotate the union, or the member.'
const DIFFERENT = 'it has different claim sets or masks in different branches. Give it the same in all of them.'
const OPEN = 'a mask of members of any name, or beneath them, takes one schema with one pattern or additionalProperties. Write them in one, or declare the members by name.'
const LISTS = 'a mask of items of a tuple, or beneath them, takes one schema with items. Write them in one.'
const WHOLE = 'it has masks beneath it, though one of its schemas writes it as one value. Give that one its members, too.'
const PARTS = 'it has a mask, and stands in several parts of one schema. Write it once.'

const breaks = (mask: string, keyword: string) =>
  `/x: what the mask '${mask}' gives could break its '${keyword}', so those who check answers would refuse it. Take '${keyword}' off the schema of the answer, or mask it otherwise.`

const x = (schema: JsonSchema, mask: Record<string, unknown> = { last4: 'support' }) => object({ x: { ...schema, claimSet: { sets: 'banking', mask } } })

const kind = (value: string) => ({ const: value, claimSet: '*' })
const branch = (value: string, properties: Record<string, unknown>, more: Record<string, unknown> = {}) =>
  object({ kind: kind(value), ...properties }, { required: ['kind'], ...more })

t.test('a mask that there is not, a claim set that there is not → faults, in bodies too', async t => {
  t.strictSame(faultsOf(object({ x: masked({}, { last5: 'support' }) })), [
    "/x: there is no mask 'last5'; there are last4, email, year, initials, null, hash. Register yours with the option masks."
  ])
  t.equal(faultsOf(object({ x: masked({ not: { const: 'a' } }, { last5: 'support' }) })).length, 1, 'and no other of a mask that there is not')
  t.strictSame(faultsOf(object({ x: masked({}, { last4: ['support', 'suport'] }) })), ["unknown claim set 'suport' on /x. The policy has profile, banking, support, match."])
  t.strictSame(createRelease(object({ x: masked({}, { hash: 'support' }) })).faults.map(fault => 'message' in fault && fault.message), [
    "the mask 'hash' takes a key. Write the option maskKey: at least 32 random bytes, from where you keep secrets."
  ])
})

t.test('a value of one type, null beside it, references to one → takes a mask', async t => {
  const shared = { Iban: { $id: 'Iban', type: 'string' }, Masked: { $id: 'Masked', ...masked() } }
  const fitting: JsonSchema[] = [
    masked(), masked({ type: ['string', 'null'] }), masked({ nullable: true }), masked({ title: 'IBAN', examples: ['x'], 'x-note': 1, default: 'NL91ABNA0417164300' }),
    masked({ type: undefined, anyOf: [{ type: 'string' }, { type: 'null' }], description: 'an IBAN' }), masked({ type: undefined, oneOf: [{ type: 'null' }, { $ref: 'Iban#' }] }),
    masked({ type: undefined, anyOf: [{ type: 'string' }, { type: 'null' }], $id: 'IbanOrNull' }),
    masked({ type: undefined, $ref: 'Iban#' }), { $ref: 'Masked#' }, masked({ type: ['string', 'integer'] }), masked({ type: undefined, minLength: 8 })
  ]
  for (const schema of fitting) {
    const { type, ...untyped } = schema
    t.strictSame(faultsOf(object({ x: type === undefined ? untyped : schema }), shared), [])
  }
  t.strictSame(faultsOf(masked()), [], 'also as the whole answer')
  t.strictSame(faultsOf(claimSet('banking', Type.Array(claimSet('banking', Type.Union([Type.String(), Type.Null()]), { mask: { last4: 'support' } })))), [])
})

t.test('an object, a list, a value of any type, several types of union → no', async t => {
  const schemas: JsonSchema[] = [
    object({ a: { type: 'string' } }), { type: 'array', items: { type: 'string' } }, {}, { type: 'object' }, { type: ['string', 'object'] },
    { anyOf: [{ type: 'string' }, { type: 'integer' }] }, { anyOf: [{ type: 'null' }] }, { anyOf: [{ type: 'string', claimSet: 'banking' }, { type: 'null' }] },
    { type: 'string', anyOf: [{ type: 'string' }, { type: 'null' }] }, { allOf: [{ type: 'string' }] }, { not: {} }, { if: { const: 'a' }, then: { type: 'string' } },
    ...[{ format: 'uuid' }, { not: { const: 'a' } }, { default: 'a' }, { enum: ['a'] }, { nullable: true }].map(more => ({ anyOf: [{ type: 'string' }, { type: 'null' }], ...more }))
  ]
  for (const schema of schemas) t.ok(faultsOf(x(schema)).includes(`/x: ${ONE_VALUE}`), JSON.stringify(schema))
})

t.test('a result that could break the schema of the field → no, by the keyword', async t => {
  const broken: [string, JsonSchema, Record<string, unknown>?][] = [
    ['pattern', { type: 'string', pattern: '^[A-Z]' }], ['format', { type: 'string', format: 'uuid' }], ['enum', { type: 'string', enum: ['a'] }], ['const', { const: 'a', type: 'string' }],
    ['minLength', { type: 'string', minLength: 9 }], ['maxLength', { type: 'string', maxLength: 7 }], ['type', { type: 'integer' }], ['type', { type: 'boolean' }],
    ['contentEncoding', { type: 'string', contentEncoding: 'base64' }], ['not', { type: 'string', not: { const: 'a' } }],
    ['format', { type: 'string', format: 'date' }, { year: 'support' }], ['type', { type: 'number' }, { year: 'support' }], ['type', { type: 'string' }, { null: 'support' }],
    ['maxLength', { type: 'string', maxLength: 42 }, { hash: 'support' }], ['maxLength', { type: 'string', maxLength: 4 }, { initials: 'support' }],
    ['maxLength', { type: 'string', format: 'email', maxLength: 100 }, { email: 'support' }], ['pattern', { type: 'string', format: 'email', pattern: '@' }, { email: 'support' }],
    ['enum', { type: ['string', 'null'], enum: ['a'] }, { null: 'support' }]
  ]
  for (const [keyword, schema, mask = { last4: 'support' }] of broken) t.strictSame(faultsOf(x(schema, mask)), [breaks(Object.keys(mask)[0]!, keyword)], JSON.stringify(schema))
  const kept: [JsonSchema, Record<string, unknown>?][] = [
    [{ type: 'string', minLength: 8, maxLength: 8 }], [{ type: ['string', 'null'], pattern: 'x', maxLength: 1 }, { null: 'support' }],
    [{ type: ['string', 'null'], enum: ['a', null] }, { null: 'support' }], [{ type: 'integer', nullable: true, minimum: 1 }, { null: 'support' }],
    [{ type: 'string', format: 'email', maxLength: 254 }, { email: 'support' }], [{ type: 'string', minLength: 1 }, { initials: 'support' }]
  ]
  for (const [schema, mask] of kept) t.strictSame(faultsOf(x(schema, mask)), [], JSON.stringify(schema))
})

t.test('what a mask of the application promises → held against the schema of the field', async t => {
  const own: Masks = {
    none: { result: { type: 'string', enum: ['none', 'some'] }, mask: () => 'none' },
    one: { result: { const: 'one', type: 'string' }, mask: () => 'one' },
    code: { result: { type: 'string', pattern: '^x', maxLength: 3 }, mask: () => 'x' },
    round: { result: { type: 'integer', minimum: 0, maximum: 100, multipleOf: 10 }, mask: () => 10 }
  }
  const of = (schema: JsonSchema, name: string) => faultsOf(x(schema, { [name]: 'support' }), {}, own)
  t.strictSame(of({ type: 'string', enum: ['none', 'some', 'more'] }, 'none'), [])
  t.strictSame(of({ type: 'string', enum: ['none'] }, 'none'), [breaks('none', 'enum')])
  t.strictSame(of({ type: 'string', const: 'one' }, 'one'), [])
  t.strictSame(of({ type: 'string', enum: ['one', 'two'] }, 'one'), [])
  t.strictSame(of({ type: 'string', const: 'none' }, 'none'), [breaks('none', 'const')])
  t.strictSame(of({ type: 'string', pattern: '^x' }, 'code'), [])
  t.strictSame(of({ type: 'string', pattern: '^y' }, 'code'), [breaks('code', 'pattern')])
  t.strictSame(of({ type: 'number', minimum: 0, maximum: 100, multipleOf: 10 }, 'round'), [])
  t.strictSame(of({ type: 'number', minimum: 1 }, 'round'), [breaks('round', 'minimum')])
  t.strictSame(of({ type: 'number', maximum: 99 }, 'round'), [breaks('round', 'maximum')])
  t.strictSame(of({ type: 'number', exclusiveMaximum: 200 }, 'round'), [breaks('round', 'exclusiveMaximum')])
  t.strictSame(of({ type: 'string' }, 'round'), [breaks('round', 'type')])
})

t.test('a mask of a branch or a part → no', async t => {
  t.strictSame(faultsOf(object({ x: { anyOf: [masked(), { type: 'null' }] } })), [`/x: ${BRANCH}`])
  t.strictSame(faultsOf(object({ x: { allOf: [masked()] } })), [`/x: ${BRANCH}`])
  const shared = { Masked: { $id: 'Masked', ...masked() } }
  t.strictSame(faultsOf(object({ x: { $ref: 'Masked#' }, y: { anyOf: [{ $ref: 'Masked#' }, { type: 'null' }] } }), shared), [`/x: ${BRANCH}`], 'named where it was read first')
})

t.test('a reference and its target with different masks → no', async t => {
  const shared = { Masked: { $id: 'Masked', ...masked() } }
  t.strictSame(faultsOf(object({ x: { $ref: 'Masked#', claimSet: 'banking' } }), shared), ["/x: the reference 'Masked#' and its target have different masks. Annotate one of them."])
  t.strictSame(faultsOf(object({ x: { $ref: 'Masked#', claimSet: { sets: 'banking', mask: { last4: 'support' } } } }), shared), [])
})

t.test('a member with masks in several branches → the same in all, or in one of them alone', async t => {
  const union = (...branches: JsonSchema[]) => ({ anyOf: branches })
  t.strictSame(faultsOf(union(branch('a', { x: masked() }), branch('b', { x: masked() }), branch('c', { y: string('banking') }))), [])
  t.strictSame(faultsOf(union(branch('a', { x: masked() }), branch('b', { x: masked({}, { year: 'support' }) }))), [`/x: ${DIFFERENT}`])
  t.strictSame(faultsOf(union(branch('a', { x: masked() }), branch('b', { x: string('banking') }))), [`/x: ${DIFFERENT}`])
  t.strictSame(faultsOf(union(branch('a', { x: masked() }), branch('b', { x: { ...masked(), claimSet: { sets: 'profile', mask: { last4: 'support' } } } }))), [`/x: ${DIFFERENT}`])
  t.strictSame(faultsOf(union(branch('a', { x: masked() }), branch('b', { x: masked({ pattern: 'x' }) }))), [breaks('last4', 'pattern')])
  t.strictSame(faultsOf(union(branch('a', { x: object({ y: masked() }) }), branch('b', { x: { claimSet: 'banking' } }))), [`/x: ${WHOLE}`])
  t.strictSame(faultsOf(union(branch('a', { x: object({ y: masked() }) }), branch('b', { x: { type: 'object', claimSet: 'banking' } }), branch('c', { x: string('banking') }))), [])
  const beside = (type: unknown) => faultsOf(union(branch('a', { x: object({ y: masked() }) }), branch('b', { x: { type, claimSet: 'banking' } })))
  for (const type of [['object', 'null'], ['string', 'integer'], ['null', 'string']]) t.strictSame(beside(type), [], String(type))
  for (const type of [['object', 'string'], 'array', ['string', 'array'], 'null']) t.strictSame(beside(type), [`/x: ${WHOLE}`], String(type))
  t.strictSame(faultsOf(union(branch('a', { x: masked({ pattern: 'x' }) }), branch('b', { x: masked() }))), [breaks('last4', 'pattern')])
})

t.test('a member with masks in several parts that apply together → no', async t => {
  t.strictSame(faultsOf({ allOf: [object({ x: masked() }), object({ x: masked() })] }), [`/x: ${PARTS}`])
  t.strictSame(faultsOf({ allOf: [object({ x: masked() }), object({ y: string('banking') })] }), [])
  t.strictSame(faultsOf({ ...object({ x: masked() }), anyOf: [branch('a', { x: masked() }), branch('b', { y: string('banking') })] }), [`/x: ${PARTS}`])
  const shared = { Masked: { $id: 'Masked', ...masked() } }
  t.ok(faultsOf({ allOf: [object({ x: { $ref: 'Masked#' } }), object({ x: string('banking') })] }, shared).includes(`/x: ${PARTS}`))
})

t.test('members of any name → masks in one schema with one pattern, whatever is declared beside it', async t => {
  const record = { type: 'object', patternProperties: { '^x': masked() } }
  t.strictSame(faultsOf(record), [])
  t.strictSame(faultsOf({ ...record, ...object({ name: string('profile'), y: masked() }) }), [])
  t.strictSame(faultsOf(object({}, { additionalProperties: object({ y: masked() }) })), [])
  t.strictSame(faultsOf({ anyOf: [record, { type: 'null' }] }), [])
  t.strictSame(faultsOf({ ...record, additionalProperties: { type: 'string', claimSet: 'banking' } }), [`/*: ${OPEN}`])
  t.strictSame(faultsOf({ type: 'object', patternProperties: { '^x': masked(), 1: masked() } }), [`/*: ${OPEN}`])
  t.strictSame(faultsOf({ anyOf: [branch('a', {}, { additionalProperties: masked() }), branch('b', { y: string('banking') })] }), [`/*: ${OPEN}`])
  t.ok(faultsOf({ anyOf: [branch('a', { x: masked() }), branch('b', {}, { additionalProperties: string('banking') })] }).includes(`/x: ${OPEN}`))
  t.strictSame(faultsOf({ anyOf: [branch('a', { x: masked() }), branch('b', {}, { patternProperties: { '^x': string('banking') } })] }), [`/x: ${OPEN}`])
  t.strictSame(faultsOf({ type: 'object', patternProperties: { '^a': string('banking'), '^b': string('banking') }, ...object({ y: masked() }) }), [], 'the masks are not of members of any name')
})

t.test('items and tuples → masks in one schema with items, or the same in all', async t => {
  const list = (items: unknown) => ({ type: 'array', items })
  t.strictSame(faultsOf(list(masked())), [])
  t.strictSame(faultsOf(list([masked(), string('banking'), object({ y: masked() })])), [])
  t.strictSame(faultsOf({ anyOf: [branch('a', { x: list(masked()) }), branch('b', { x: list(masked()) })] }), [])
  t.strictSame(faultsOf({ anyOf: [branch('a', { x: list(masked()) }), branch('b', { x: list(string('banking')) })] }), [`/x/*: ${DIFFERENT}`])
  t.strictSame(faultsOf({ anyOf: [branch('a', { x: list([masked()]) }), branch('b', { x: list([masked()]) })] }), [`/x/*: ${LISTS}`])
  t.strictSame(faultsOf({ anyOf: [branch('a', { x: list([masked()]) }), branch('b', { x: list(masked()) })] }), [`/x/*: ${LISTS}`])
  t.strictSame(faultsOf({ anyOf: [branch('a', { x: list([string('banking')]) }), branch('b', { x: list(masked()) })] }), [`/x/*: ${LISTS}`])
  t.strictSame(faultsOf({ anyOf: ['a', 'b'].map(name => branch(name, { x: list([masked(), string('banking')]) })) }), [`/x/*: ${LISTS}`])
  t.strictSame(faultsOf({ anyOf: [...['a', 'b'].map(name => branch(name, { x: list([string('banking')]) })), branch('c', { x: object({ y: masked() }) })] }), [], 'no item has one')
})

t.test('a recursion → its masks once', async t => {
  const tree = { $id: 'Tree', ...object({ iban: masked(), next: { $ref: '#' }, more: { type: 'array', items: { $ref: 'Tree#' } } }) }
  t.strictSame(faultsOf(tree), [])
  t.strictSame(createRelease(tree).fields.map(({ name, claimSets, masks }) => ({ name, claimSets, masks })), [{ name: 'iban', claimSets: ['banking'], masks: { last4: ['support'] } }])
})

t.test('a union that a masked field would decide, or of which a mask shows the branch → no, whatever is accepted', async t => {
  const hint = '. Where a field has masks, revealsBranch cannot accept it: they would decide.'
  const shows = 'which branch was taken shows in /x to tokens that may not read what decides it. Give each branch a member with a constant that these tokens may read too'
  const union = (more: Record<string, unknown>) => ({ anyOf: [object({ x: masked() }, { required: ['x'] }), object({ y: string('banking') })], ...more })
  t.strictSame(faultsOf(union({ claimSet: 'banking' })), [`(the whole value): ${shows}${hint}`])
  t.strictSame(faultsOf(union({ claimSet: { sets: 'banking', revealsBranch: true } })), [`(the whole value): ${shows}${hint}`])
  const byMasked = { ...object({ x: masked(), y: string('banking') }), if: { properties: { x: { const: 'a' } } }, then: object({ z: string('support') }) }
  t.match(faultsOf(byMasked), [/which branch was taken shows in \/z/])
  t.match(faultsOf({ ...byMasked, if: { properties: { q: { const: 'a' } } } }), [/no schema declares what the condition asks about: q\. Declare it, annotated\. Where a field has masks/])
  t.strictSame(faultsOf({ ...byMasked, if: { properties: { y: { const: 'a' } } }, then: object({ z: string('banking') }) }), [])
})

t.test('an object with a default, of which a field has masks → no', async t => {
  t.strictSame(faultsOf(object({ x: object({ y: masked() }, { default: { y: 'secret' } }) })), ['/x: its default would be written whole, though its fields have different claim sets. Give the fields their own defaults.'])
})
