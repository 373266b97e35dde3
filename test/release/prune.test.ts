import t from 'tap'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { faultsOf, object, released, string } from './releasing.js'

/** What is written for a view that sees some of a schema, construct by construct. */

const text = { type: 'string' }

/** Of which a view with profile and banking sees a part, so that no schema around it is written as it is. */
const mixed = object({ shown: string('profile'), hidden: string('address') })
const mixedValue = { shown: 's', hidden: 'h' }

const cases: [string, JsonSchema, unknown, readonly string[], string][] = [
  ['additionalProperties of which nothing is withheld → written', object({ m: mixed }, { additionalProperties: string('banking') }), { m: mixedValue, x: '1', y: '2' }, ['profile', 'banking'], '{"m":{"shown":"s"},"x":"1","y":"2"}'],
  ['patternProperties of which nothing is withheld → written', object({ m: mixed }, { patternProperties: { '^x': string('banking'), y$: string('profile') } }), { m: mixedValue, x1: '1', ay: '2', z: '3' }, ['profile', 'banking'], '{"m":{"shown":"s"},"x1":"1","ay":"2"}'],
  ['a part that is a withheld, empty object → says nothing', { allOf: [{ $ref: '#/definitions/E' }, object({ a: string('profile') })], definitions: { E: { type: 'object', claimSet: 'banking' } } }, { a: 'x' }, ['profile'], '{"a":"x"}'],
  ['if: true → then', object({ a: string('profile') }, { if: true, then: object({ b: string('profile'), c: string('banking') }), else: object({ b: string('profile'), c: string('banking') }) }), { a: '1', b: '2', c: '3' }, ['profile'], '{"a":"1","b":"2"}'],
  ['if: false → neither branch, as without the guard', object({ a: string('profile') }, { if: false, then: object({ c: string('banking') }), else: object({ b: string('profile') }), claimSet: { sets: '*', revealsBranch: true } }), { a: '1', b: '2', c: '3' }, ['profile'], '{"a":"1"}'],
  ['a list that can be null and shows nothing, beside a member → null where it is null', object({ list: { type: ['array', 'null'], items: string('banking') }, a: string('profile') }), { list: null, a: 'x' }, ['profile'], '{"a":"x"}']
]

for (const [what, schema, value, readable, expected] of cases) {
  t.test(what, async t => {
    t.equal(released(schema, value, readable), expected)
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
