import t from 'tap'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { faultsOf, object, released, string } from './releasing.js'

/** What is written for a view that sees some of a schema, construct by construct. */

const text = { type: 'string' }
const REVEALED = { sets: '*', revealsBranch: true }

/** Of which a view with profile and banking sees a part, so that no schema around it is written as it is. */
const mixed = object({ shown: string('profile'), hidden: string('address') })
const mixedValue = { shown: 's', hidden: 'h' }

const cases: [string, JsonSchema, unknown, readonly string[], string][] = [
  ['additionalProperties of which nothing is withheld → written', object({ m: mixed }, { additionalProperties: string('banking') }), { m: mixedValue, x: '1', y: '2' }, ['profile', 'banking'], '{"m":{"shown":"s"},"x":"1","y":"2"}'],
  ['patternProperties of which nothing is withheld → written', object({ m: mixed }, { patternProperties: { '^x': string('banking'), y$: string('profile') } }), { m: mixedValue, x1: '1', ay: '2', z: '3' }, ['profile', 'banking'], '{"m":{"shown":"s"},"x1":"1","ay":"2"}'],
  ['a part that is a withheld, empty object → says nothing', { allOf: [{ $ref: '#/definitions/E' }, object({ a: string('profile') })], definitions: { E: { type: 'object', claimSet: 'banking' } } }, { a: 'x' }, ['profile'], '{"a":"x"}'],
  ['one definition in two merges that withhold different names → each without its own', object({
    one: { allOf: [{ $ref: '#/definitions/P' }, object({ xa: string('banking') })] }, two: { allOf: [{ $ref: '#/definitions/P' }, object({ xb: string('banking') })] }
  }, { definitions: { P: object({}, { patternProperties: { '^x': string('profile') } }) } }), { one: { xa: '1', xb: '2' }, two: { xa: '3', xb: '4' } }, ['profile'], '{"one":{"xb":"2"},"two":{"xa":"3"}}'],
  ['a union of which everything is withheld, beside a member → nothing of it', object({ a: string('profile') }, { anyOf: [object({ b: string('banking') }), object({ c: string('banking') })], claimSet: REVEALED }), { a: '1', b: '2', c: '3' }, ['profile'], '{"a":"1"}'],
  ['the same with oneOf → nothing of it', object({ a: string('profile') }, { oneOf: [object({ b: string('banking') }, { required: ['b'] }), object({ c: string('banking') }, { required: ['c'] })], claimSet: REVEALED }), { a: '1', b: '2' }, ['profile'], '{"a":"1"}'],
  ['if: true → then', object({ a: string('profile') }, { if: true, then: object({ b: string('profile'), c: string('banking') }), else: object({ b: string('profile'), c: string('banking') }) }), { a: '1', b: '2', c: '3' }, ['profile'], '{"a":"1","b":"2"}'],
  ['if: false → neither branch, as without the guard', object({ a: string('profile') }, { if: false, then: object({ c: string('banking') }), else: object({ b: string('profile') }), claimSet: REVEALED }), { a: '1', b: '2', c: '3' }, ['profile'], '{"a":"1"}'],
  ['a tuple that contains itself, of which everything is seen, in a schema of which not everything is → written whole', object({
    a: string('banking'), tree: { $ref: '#/definitions/T' }
  }, { definitions: { T: object({ pair: { type: 'array', items: [{ $ref: '#/definitions/T' }, string('profile')] } }, { claimSet: 'profile' }) } }), { a: '1', tree: { pair: [{ pair: [{}, 'x'] }, 'y'] } }, ['profile'], '{"tree":{"pair":[{"pair":[{},"x"]},"y"]}}'],
  ['the same, with a withheld leaf in it → nothing of it', object({
    a: string('banking'), tree: { $ref: '#/definitions/T' }
  }, { definitions: { T: object({ pair: { type: 'array', items: [{ $ref: '#/definitions/T' }, string('contact')] } }, { claimSet: 'profile' }) } }), { a: '1', tree: { pair: [{}, 'y'] } }, ['banking'], '{"a":"1"}'],
  ['a list that can be null and shows nothing, beside a member → null where it is null', object({ list: { type: ['array', 'null'], items: string('banking') }, a: string('profile') }), { list: null, a: 'x' }, ['profile'], '{"a":"x"}']
]

for (const [what, schema, value, readable, expected] of cases) {
  t.test(what, async t => {
    t.equal(released(schema, value, readable), expected)
  })
}

/** What a schema may say of the whole value; the validator has to find all that it refers to. */
const assertions: [string, Record<string, unknown>][] = [
  ['an $id', { $id: 'Inner' }],
  ['definitions, annotated', { definitions: { D: object({ x: string('banking') }) }, $defs: { D: string('profile') } }],
  ['propertyNames by $ref', { propertyNames: { $ref: '#/definitions/Name' } }],
  ['dependencies', { dependencies: { b: ['a'] } }],
  ['dependentSchemas by $ref', { dependentSchemas: { a: { $ref: '#/definitions/Any' } } }],
  ['not by $ref', { not: { $ref: '#/definitions/None' } }],
  ['not, of an annotated schema', { not: object({ a: string('banking', { const: 'zzz' }) }, { required: ['a'] }) }],
  ['sizes', { minProperties: 2, maxProperties: 5, dependentRequired: { a: ['b'] } }],
  ['unevaluatedProperties by $ref', { unevaluatedProperties: { $ref: '#/definitions/Any' } }]
]
for (const [what, more] of assertions) {
  t.test(`${what} in a branch of which a part is withheld → the branch is found, and written without that part`, async t => {
    const branch = (kind: string, more: object) => object({ kind: string('*', { const: kind }), a: string('profile'), b: string('banking') }, { required: ['kind'], ...more })
    const schema = {
      anyOf: [branch('x', {}), branch('y', more)],
      definitions: { Name: { type: 'string', maxLength: 9 }, Any: { type: 'object' }, None: { type: 'string' } }
    }
    t.equal(released(schema, { kind: 'y', a: '1', b: '2' }, ['profile']), '{"kind":"y","a":"1"}')
  })
}

t.test('a boolean in place of a schema → refused, wherever it stands', async t => {
  for (const schema of [
    object({ a: true }, { claimSet: 'profile' }),
    object({ a: string('banking') }, { claimSet: 'profile', allOf: [true] }),
    { claimSet: 'profile', anyOf: [true, string('banking')] },
    object({ kind: true, a: string('banking') }, { claimSet: 'profile' }),
    { claimSet: 'profile', anyOf: ['x', 'y'].map(name => object({ kind: true, [name]: string('banking') }, { required: ['kind'] })) },
    { claimSet: 'profile', allOf: [object({ a: true }), { type: 'object', additionalProperties: text }, object({ b: string('banking') })] }
  ]) {
    t.ok(faultsOf(schema).some(line => line.includes('a boolean schema is written without being looked at. Give it a type')), JSON.stringify(schema))
  }
})
