import t from 'tap'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { faultsOf, NOBODY, object, released, string } from './releasing.js'

/** Parts of one schema that the serializer merges: of `allOf`, beside a `$ref`, beside a union or condition, and its branches. */

const plain = { type: 'string' }
const SEVERAL = 'it stands in several parts of one schema, with different claim sets or in different ways. Write it once, or alike in all of them.'
const OPEN_AND_CLOSED = 'one part of the schema allows additionalProperties, another forbids them. Say the same in all of them.'
const ITEMS = 'items stands in several parts of one schema. Write it once.'
const CLOSED = (names: string) => `additionalProperties: false in one part of the schema makes the serializer write ${names} of another without looking at it. Close none of the parts, or write them in one.`

const TYPES = (some: string, other: string) => `schemas of the types ${some} and ${other} are merged. Write the union around both, and null as nullable: true.`

const both = (...allOf: JsonSchema[]): JsonSchema => ({ type: 'object', allOf })

const CONFLICT: JsonSchema = both(object({ x: string('profile') }), object({ x: string('banking') }))

const cases: [string, JsonSchema, string[]][] = [
  ...([
    ['of a list', '/*', { type: 'array', items: CONFLICT }], ['of a tuple', '/0', { type: 'array', items: [CONFLICT] }],
    ['under a pattern', '/*', object({}, { patternProperties: { '^a': CONFLICT } })], ['of any name', '/*', object({}, { additionalProperties: CONFLICT })],
    ['behind a reference, of a list', '/*', { type: 'array', items: { $ref: '#/definitions/Conflict' }, definitions: { Conflict: CONFLICT } }]
  ] as const).map(([where, pointer, schema]): [string, JsonSchema, string[]] => [`a merge that begins at a member or item ${where}`, schema, [`${pointer}/x: ${SEVERAL}`]]),
  ['one property in two parts, alike → none', both(object({ a: string('profile') }), object({ a: string('profile') })), []],
  ['the names of claim sets in another order → none', both(object({ a: string(['profile', 'contact']) }), object({ a: string(['contact', 'profile']) })), []],
  ['one property in two parts, in three ways → once for all', both(object({ a: string('profile') }), object({ a: string('contact') }), object({ a: string('banking') })), [`/a: ${SEVERAL}`]],
  ['objects with other members in each part → none', both(object({ a: object({ p: string('profile') }) }), object({ a: object({ q: string('banking') }) })), []],
  ['objects with one member in common, governed otherwise → refused there', both(object({ a: object({ p: string('profile'), q: string('banking') }) }), object({ a: object({ q: string('profile') }) })), [`/a/q: ${SEVERAL}`]],
  ['at any depth', both(object({ a: object({ b: object({ c: string('profile') }) }) }), object({ a: object({ b: object({ c: string('banking') }) }) })), [`/a/b/c: ${SEVERAL}`]],
  ['a member in a list of objects', both(object({ a: object({ b: { type: 'array', items: string('profile') } }) }), object({ a: object({ b: { type: 'array', items: string('banking') } }) })), [`/a/b: ${ITEMS}`, `/a/b/*: ${SEVERAL}`]],
  ['a value of any kind beside members of any name that are empty objects, governed otherwise → refused', { type: 'object', properties: { o: { allOf: [{ properties: { id: { claimSet: 'profile' } } }], additionalProperties: { type: 'object', claimSet: 'banking' } } } }, [`/o/id: ${SEVERAL}`]],
  ['the same, governed alike → none', { type: 'object', properties: { o: { allOf: [{ properties: { id: { claimSet: 'profile' } } }], additionalProperties: { type: 'object', claimSet: 'profile' } } } }, []],
  ['one pattern in two parts', both(object({}, { patternProperties: { '^x': string('profile') } }), object({}, { patternProperties: { '^x': string('banking') } })), [`/*: ${SEVERAL}`]],
  ['two patterns in two parts → none: a member that a withheld one matches is excluded', both(object({}, { patternProperties: { '^x': string('profile') } }), object({}, { patternProperties: { y$: string('banking') } })), []],
  ['two patterns, further down → refused', both(object({ a: object({}, { patternProperties: { '^x': string('profile') } }) }), object({ a: object({}, { patternProperties: { y$: string('banking') } }) })), [`/a/*: ${SEVERAL}`]],
  ['additionalProperties in two parts', both(object({}, { additionalProperties: string('profile') }), object({}, { additionalProperties: string('banking') })), [`/*: ${SEVERAL}`]],
  ['additionalProperties in two parts, alike → none', both(object({}, { additionalProperties: string('profile') }), object({}, { additionalProperties: string('profile') })), []],
  ['a property and additionalProperties of texts → none: it is excluded where it is withheld', both(object({ a: string('profile') }), object({}, { additionalProperties: string('banking') })), []],
  ['a property and additionalProperties, further down → refused', both(object({ x: object({ a: string('profile') }) }), object({ x: object({}, { additionalProperties: string('banking') }) })), [`/x/a: ${SEVERAL}`]],
  ['a property and a pattern that matches it', both(object({ ab: object({ p: string('profile') }) }), object({}, { patternProperties: { '^a': object({ p: string('banking') }) } })), [`/ab/p: ${SEVERAL}`]],
  ['a property and a pattern that does not match it → none', both(object({ ab: object({ p: string('profile') }) }), object({}, { patternProperties: { '^b': object({ p: string('banking') }) } })), []],
  ['a property, a pattern that matches it and additionalProperties → the pattern alone', both(
    object({ ab: object({ p: string('profile') }) }), object({}, { patternProperties: { '^a': object({ p: string('profile') }) }, additionalProperties: object({ p: string('banking') }) })
  ), []],
  ['a property of the part itself and its own additionalProperties → none', object({ a: object({ p: string('profile') }) }, { additionalProperties: object({ p: string('banking') }), allOf: [object({ b: object({ p: string('banking') }) })] }), []],
  ['a property of both parts and additionalProperties of one → the property alone', both(
    object({ a: object({ p: string('profile') }) }, { additionalProperties: object({ p: string('banking') }) }), object({ a: object({ p: string('profile') }) })
  ), []],
  ['one part open, another closed', both(object({}, { additionalProperties: string('profile') }), object({ a: string('banking') }, { additionalProperties: false })), [`(the whole value): ${OPEN_AND_CLOSED}`]],
  ['a pattern and a closed part', both(object({}, { patternProperties: { '^x': string('profile') } }), object({ a: string('banking') }, { additionalProperties: false })), [`(the whole value): ${OPEN_AND_CLOSED}`]],
  ['closed parts, of several claim sets', both(object({ a: string('profile') }, { additionalProperties: false }), object({ b: string('banking'), c: string('banking') })), [`(the whole value): ${CLOSED('b, c')}`]],
  ['closed parts, of one claim set → refused all the same', { ...both(object({ a: plain }, { additionalProperties: false }), object({ b: plain })), claimSet: 'profile' }, [`(the whole value): ${CLOSED('b')}`]],
  ['a closed part that declares all of the others → none', both(object({ a: string('profile'), b: string('banking') }, { additionalProperties: false }), object({ a: string('profile') })), []],
  ['a closed part with a pattern for those of the others → none', both({ type: 'object', patternProperties: { '^b': plain }, additionalProperties: false, claimSet: 'profile' }, object({ b1: string('profile') })), []],
  ['closed further down', { ...both(object({ x: object({ a: plain }, { additionalProperties: false }) }), object({ x: object({ b: plain }) })), claimSet: 'profile' }, [`/x: ${CLOSED('b')}`]],
  ['closed around allOf → none', object({ a: string('profile') }, { additionalProperties: false, allOf: [object({ b: string('banking') }, { allOf: [object({ c: string('profile') })] })] }), []],
  ['closed around allOf with a $ref → none', object({ a: string('profile') }, { additionalProperties: false, allOf: [{ $ref: '#/definitions/B' }], definitions: { B: object({ b: string('banking') }) } }), []],
  ['closed around a branch within allOf', object({ a: string('profile') }, { additionalProperties: false, allOf: [{ anyOf: [object({ b: string('profile') })] }] }), [`(the whole value): ${CLOSED('b')}`]],
  ['closed beside a $ref', { $ref: '#/definitions/B', properties: { a: string('profile') }, additionalProperties: false, definitions: { B: object({ b: string('banking') }) } }, [`(the whole value): ${CLOSED('b')}`]],
  ['a closed target beside properties', { $ref: '#/definitions/B', properties: { a: string('profile') }, definitions: { B: object({ b: string('banking') }, { additionalProperties: false }) } }, [`(the whole value): ${CLOSED('a')}`]],
  ['a closed branch', object({ a: string('*') }, { anyOf: [object({ a: string('*'), b: string('*') }, { additionalProperties: false }), object({ c: string('*') }, { additionalProperties: false })] }), [`(the whole value): ${CLOSED('a')}`]],
  ['closed branches without a base → none', { anyOf: [object({ a: string('*') }, { additionalProperties: false }), object({ b: string('*') }, { additionalProperties: false })] }, []],
  ['a property named as a member of every object, in one part of two', both(object({ toString: string('profile') }), object({ a: string('banking') })),
    ['(the whole value): toString is lost where the serializer merges parts of a schema, since every object has a member of that name. Write the schema in one, or name it otherwise.']],
  ['a property named as a member of every object, where all is governed alike → none', { ...both(object({ toString: plain }), object({ a: plain })), claimSet: 'profile' }, []],
  ['a property named as a member of every object, in a schema of one part → none', object({ toString: string('profile'), a: string('banking') }), []],
  ['items and a tuple', { type: 'array', allOf: [{ type: 'array', items: string('profile') }, { type: 'array', items: [string('banking')] }], claimSet: '*' }, [`(the whole value): ${SEVERAL}`, `(the whole value): ${ITEMS}`]],
  ['items in two parts of one claim set → none', { allOf: [{ type: 'array', items: plain }, { type: 'array', items: plain }], claimSet: 'profile' }, []],
  ['items in two parts of one claim set, one of them closed', { allOf: [{ type: 'array', items: object({ a: plain }, { additionalProperties: false }) }, { type: 'array', items: object({ b: plain }) }], claimSet: 'profile' }, [`/*: ${CLOSED('b')}`]],
  ['a text in two parts', object({ x: { allOf: [string('profile'), string('banking')] } }), [`/x: ${SEVERAL}`]],
  ['a text in one part, an object in another', object({ x: { allOf: [string('profile'), object({ a: string('banking') })] } }), [`/x: ${TYPES('object', 'string')}`, `/x: ${SEVERAL}`]],
  ['a text in one part, a list in another', object({ x: { allOf: [string('profile'), { type: 'array', items: string('banking') }] } }), [`/x: ${TYPES('array', 'string')}`, `/x: ${SEVERAL}`]],
  ['a text in one part, a tuple in another', object({ x: { allOf: [string('profile'), { type: 'array', items: [string('banking')] }] } }), [`/x: ${TYPES('array', 'string')}`, `/x: ${SEVERAL}`]],
  ['a text in one part, a record in another', object({ x: { allOf: [string('profile'), { type: 'object', additionalProperties: string('banking') }] } }), [`/x: ${TYPES('object', 'string')}`, `/x: ${SEVERAL}`]],
  ['any value in one property, an object in its namesake', both(object({ x: { claimSet: 'profile' } }), object({ x: object({ a: string('banking') }) })), [`/x: ${SEVERAL}`]],
  ['a part without type or members → none, for it writes nothing', object({ x: { allOf: [{ claimSet: 'profile' }, object({ a: string('banking') })] } }), []],
  ['an object without members in one part → none, for it writes none', object({ x: { allOf: [{ type: 'object', claimSet: 'profile' }, object({ a: string('banking') })] } }), []],
  ['a $ref to an object without members → none', object({ x: { $ref: '#/definitions/O', properties: { a: string('banking') } } }, { definitions: { O: { type: ['object', 'null'], claimSet: 'profile' } } }), []],
  ['true in one part', object({ x: { allOf: [true, object({ a: string('banking') })] } }, { claimSet: 'profile' }), [
    '/x: a boolean schema is written without being looked at', `/x: ${SEVERAL}`
  ]],
  ['true in one part, additionalProperties in another', both(object({ a: true }, { claimSet: 'profile' }), object({}, { additionalProperties: string('banking') })), [
    '/a: a boolean schema is written without being looked at', `/a: ${SEVERAL}`
  ]],
  ['a $ref to an object without members beside a text', object({ x: { allOf: [{ $ref: '#/definitions/O' }, string('banking')] } }, { definitions: { O: { type: 'object', claimSet: 'profile' } } }), [
    `/x: ${TYPES('object', 'string')}`
  ]],
  ['null in a union of a part that is an object elsewhere', object({ x: both({ $ref: '#/definitions/P' }, object({ z: string('banking') })) }, { definitions: { P: { anyOf: [object({ y: string('profile') }), { type: 'null' }] } } }), [
    `/x: ${TYPES('null', 'object')}`
  ]],
  ['types of which one is common → none', object({ x: { allOf: [{ ...string('profile'), type: ['string', 'null'] }, string('profile')] } }), []],
  ['a union beside a text', object({ x: { type: 'string', claimSet: { sets: 'profile', revealsBranch: true }, anyOf: [{ claimSet: 'banking' }, {}] } }), [`/x: ${SEVERAL}`]],
  ['a property of the base and of a branch', object({ a: string('profile') }, { oneOf: [object({ a: string('banking') })] }), [`/a: ${SEVERAL}`]],
  ['a property of a branch and of a condition', object({}, { claimSet: { sets: '*', revealsBranch: true }, anyOf: [object({ a: string('profile') })], if: {}, then: object({ a: string('banking') }) }), [`/a: ${SEVERAL}`]],
  ['a property of two branches → none', { anyOf: ['x', 'y'].map(kind => object({ kind: string('*', { const: kind }), a: string(kind === 'x' ? 'profile' : 'banking') }, { required: ['kind'] })) }, []],
  ['a property of then and of else → none', object({ k: string('*') }, { if: { properties: { k: { const: 1 } } }, then: object({ a: object({ p: string('*') }) }), else: object({ a: object({ p: string('*'), q: string('*') }) }) }), []],
  ['a property of branches of one union within those of another', { anyOf: [object({ a: string('profile') }, { oneOf: [object({ a: string('banking') })] })] }, [`/a: ${SEVERAL}`]],
  ['one schema twice → none', both({ $ref: '#/definitions/X' }, { $ref: '#/definitions/X' }), []],
  ['recursive parts, alike → none', both(object({ next: { $ref: '#/definitions/N' } }), object({ next: { $ref: '#/definitions/N' } })), []],
  ['recursive parts that differ', both({ $ref: '#/definitions/N' }, { $ref: '#/definitions/M' }), [`/v: ${SEVERAL}`]]
]
for (const [what, schema, faults] of cases) {
  t.test(what, async t => {
    const definitions = {
      X: object({ a: string('profile'), toString$: string('banking') }),
      N: object({ v: string('profile'), next: { $ref: '#/definitions/N' } }),
      M: object({ v: string('banking'), next: { $ref: '#/definitions/M' } })
    }
    const found = faultsOf({ ...schema, definitions: { ...definitions, ...schema.definitions as object } })
    t.strictSame(found.map(line => line.replace(/( is written without being looked at).*/, '$1')), faults)
  })
}

const IF = '(the whole value): if stands in several parts of one schema: the serializer looks at one of them only where another one holds. Write one, and the others within its then and else.'
const NOT = '(the whole value): a branch with not stands beside another union, with whose branches the serializer merges it. Write one union of both.'
const condition = (name: string, more: Record<string, unknown> = {}) => ({ if: { properties: { k: { const: name } } }, then: object({ [name]: string('*') }), ...more })
const union = (name: string, more: Record<string, unknown> = {}) => ({ anyOf: [object({ [name]: string('*') }, more)] })
const base = { k: string('*'), s: string('banking') }

const alternatives: [string, JsonSchema, string[]][] = [
  ['conditions in two parts', { type: 'object', allOf: [object(base, condition('a')), condition('b')] }, [IF]],
  ['a condition beside a $ref to one', { $ref: '#/definitions/C', ...condition('b'), definitions: { C: object(base, condition('a')) } }, [IF]],
  ['a condition of the base and one of a branch', object(base, { ...condition('a'), anyOf: [condition('b')] }), [IF]],
  ['a condition within then → none', object(base, condition('a', { then: object({ a: string('*') }, condition('b')) })), []],
  ['a condition within else → none', object(base, condition('a', { else: condition('b') })), []],
  ['a condition beside a union → none', object(base, { ...condition('a'), ...union('b', { not: { required: ['z'] } }) }), []],
  ['conditions in two parts, all governed alike → none', { type: 'object', allOf: [object({ k: string('*') }, condition('a')), condition('b')] }, []],
  ['two unions, one of them with not', { type: 'object', allOf: [object(base, union('a', { not: {} })), union('b')] }, [NOT]],
  ['two unions, the other with not', { type: 'object', allOf: [object(base, union('a')), union('b', { not: {} })] }, [NOT]],
  ['two unions without not → none', { type: 'object', allOf: [object(base, union('a')), union('b')] }, []],
  ['a union with not within a branch → none', object(base, { anyOf: [object({ a: string('*') }, { not: {}, oneOf: [object({ b: string('*') }, { not: {} })] })] }), []],
  ['anyOf and oneOf of one schema, with not → none, for one is within the other', object(base, { ...union('a', { not: {} }), oneOf: [object({ b: string('*') })] }), []]
]
for (const [what, schema, faults] of alternatives) t.test(what, async t => { t.strictSame(faultsOf(schema), faults) })

t.test('a property of one part, released; additionalProperties of another, withheld → each as it says', async t => {
  const schema = both(object({ a: string('*') }), object({}, { additionalProperties: string('banking') }))
  t.equal(released(schema, { a: '1', x: 'SECRET' }), '{"a":"1"}')
  const reversed = both(object({ a: string('banking') }), object({}, { additionalProperties: string('*') }))
  t.equal(released(reversed, { a: 'SECRET', x: '1' }), '{"x":"1"}')
})

t.test('patterns of two parts → what a withheld one matches is withheld', async t => {
  const schema = both(object({}, { patternProperties: { '^x': string('*') } }), object({}, { patternProperties: { y$: string('banking') } }))
  t.equal(released(schema, { xy: 'SECRET', xa: '1', ay: 'SECRET' }, NOBODY), '{"xa":"1"}')
})

t.test('members of any name beside a branch with names or patterns of its own', async t => {
  const depends = '(the whole value): which of its members patternProperties or additionalProperties govern depends on the branch that is taken. Write them in the branches.'
  const faults = (base: Record<string, unknown>, branch: JsonSchema) => faultsOf(object({ other: string('banking') }, {
    ...base, claimSet: { sets: '*', revealsBranch: true }, anyOf: [branch, object({})]
  }))
  const patterns = (pattern: string, sets: string) => ({ patternProperties: { [pattern]: string(sets) } })
  for (const [base, branch] of [
    [patterns('^a', 'profile'), object({}, patterns('b$', 'banking'))],
    [{ additionalProperties: string('profile') }, object({}, patterns('b$', 'profile'))],
    [{ additionalProperties: string('profile') }, object({}, patterns('b$', 'banking'))],
    [{ additionalProperties: string('profile') }, object({ b: string('banking') })],
    [patterns('^a', 'profile'), object({ ab: string('banking') })]
  ] as const) t.ok(faults(base, branch).includes(depends), JSON.stringify([base, branch]))
  for (const [base, branch] of [
    [patterns('^a', 'profile'), object({}, patterns('b$', 'profile'))],
    [{ additionalProperties: string('profile') }, object({ b: string('profile') })],
    [{ additionalProperties: string('profile') }, object({ other: string('banking') })],
    [{ additionalProperties: string('profile') }, object({}, { additionalProperties: string('profile') })],
    [patterns('^a', 'profile'), object({ b: string('banking') })],
    [{}, object({ b: string('banking') }, patterns('^c', 'profile'))]
  ] as const) t.notOk(faults(base, branch).includes(depends), JSON.stringify([base, branch]))
})
