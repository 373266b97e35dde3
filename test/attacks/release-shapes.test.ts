import t, { type Test } from 'tap'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { faultsOf, NOBODY, object, released, string, type Shared } from '../release/releasing.js'

/**
 * Schemas with which a careless author could let a withheld value, its presence or its length leak.
 * Each ends in one of two ways: it is refused at boot, or what leaves is exactly what the token may see.
 */

const SECRET = 'SECRET'

const SEVERAL = (pointer: string) => `${pointer}: it stands in several parts of one schema, with different claim sets or in different ways. Write it once, or alike in all of them.`

/** No view of a schema gets so far as to be served. */
function refused (t: Test, schema: JsonSchema, fault: string | RegExp, shared: Shared = {}): void {
  const faults = faultsOf(schema, shared)
  t.ok(faults.some(line => typeof fault === 'string' ? line === fault : fault.test(line)), `${faults.join('\n') || 'no fault'}\nwanted ${String(fault)}`)
  t.end()
}

const string$ = { type: 'string' }

t.test('parts of one schema that are merged', t => {
  t.test('a property withheld within, released by additionalProperties of another part → refused', t => refused(t, {
    type: 'object',
    allOf: [
      object({ x: object({ name: string('profile'), iban: string('banking') }) }),
      { type: 'object', additionalProperties: object({ iban: string('contact') }) }
    ]
  }, SEVERAL('/x/iban')))

  t.test('additionalProperties of two parts with different claim sets → refused', t => refused(t, {
    type: 'object',
    allOf: [{ type: 'object', additionalProperties: string('banking') }, { type: 'object', additionalProperties: string('contact') }]
  }, SEVERAL('/*')))

  t.test('a property in two parts, the claim sets of its members swapped → refused', t => refused(t, {
    type: 'object',
    allOf: [
      object({ x: object({ p: string('profile'), q: string('banking') }) }),
      object({ x: object({ p: string('banking'), q: string('profile') }) })
    ]
  }, SEVERAL('/x/p')))

  t.test('a property in two parts, the outer claim sets swapped in effect → refused', t => {
    const inner = object({ p: string('profile'), q: string('banking'), r: string$ })
    return refused(t, {
      type: 'object',
      allOf: [object({ x: inner }, { claimSet: 'profile' }), object({ x: inner }, { claimSet: 'banking' })]
    }, SEVERAL('/x/r'))
  })

  t.test('closed parts, which write a property of the others without looking at it → refused', t => refused(t, {
    type: 'object',
    claimSet: '*',
    allOf: [object({ a: object({ p: string$ }) }, { additionalProperties: false }), object({ b: string$ }, { additionalProperties: false })]
  }, /^\(the whole value\): additionalProperties: false in one part of the schema makes the serializer write a of another without looking at it\./))

  t.test('a branch that is closed beside properties of its base → refused', t => refused(t, object({ a: object({ p: string('*') }) }, {
    anyOf: [object({ b: string('*') }, { additionalProperties: false })]
  }), /makes the serializer write a of another without looking at it/))

  t.test('one closed schema with allOf → its parts are written as they are declared', t => {
    const schema = { type: 'object', additionalProperties: false, allOf: [object({ a: object({ p: string('*') }) }), object({ b: string('banking') })] }
    t.equal(released(schema, { a: { p: '1', q: SECRET }, b: SECRET }, NOBODY), '{"a":{"p":"1"}}')
    t.equal(released(schema, { a: { p: '1', q: SECRET }, b: 'b' }, ['banking']), '{"a":{"p":"1"},"b":"b"}')
    t.end()
  })

  t.test('a pattern of one part, additionalProperties of another → what the pattern governs stays with it', t => {
    const schema = {
      type: 'object',
      allOf: [
        { type: 'object', additionalProperties: object({ iban: string('contact') }) },
        object({ w: object({ z: string('banking') }) }, { patternProperties: { '^x': object({ name: string('profile'), iban: string('banking') }) } })
      ]
    }
    t.equal(released(schema, { x1: { name: 'n', iban: SECRET } }, ['profile', 'contact']), '{"x1":{"name":"n"}}')
    t.end()
  })

  t.test('a property named as a member of every object, which merging loses → refused', t => refused(t, {
    type: 'object',
    allOf: [
      object({ constructor: object({ name: string('profile'), iban: string('banking') }) }),
      { type: 'object', additionalProperties: object({ iban: string('contact') }) }
    ]
  }, '(the whole value): constructor is lost where the serializer merges parts of a schema, since every object has a member of that name. Write the schema in one, or name it otherwise.'))

  t.test('items in two parts → refused', t => refused(t, {
    type: 'array',
    claimSet: 'profile',
    allOf: [{ type: 'array', items: object({ q: string('banking') }) }, { type: 'array', items: object({ q: string('contact') }) }]
  }, SEVERAL('/*/q')))

  t.test('items beside a $ref to a list → refused', t => refused(t, {
    $ref: '#/definitions/List',
    items: object({ q: string('contact') }),
    definitions: { List: { type: 'array', items: object({ q: string('banking') }) } }
  }, SEVERAL('/*/q')))

  t.test('a text of one claim set in one part, of another in the next → refused', t => refused(t,
    object({ x: { allOf: [string('profile'), string('banking', { minLength: 1 })] } }), SEVERAL('/x')))

  t.test('a list open as a whole, its items withheld in a branch → refused', t => refused(t, object({
    x: { type: 'array', claimSet: { sets: '*', revealsBranch: true }, anyOf: [{ items: object({ k: { const: 1 } }) }, { items: object({ iban: string$ }, { claimSet: 'banking' }) }] }
  }), SEVERAL('/x')))

  t.test('a text open as a whole, withheld in a branch → refused', t => refused(t, object({
    x: { type: 'string', claimSet: { sets: '*', revealsBranch: true }, anyOf: [{ const: 'public' }, { minLength: 1, claimSet: 'banking' }] }
  }), SEVERAL('/x')))

  t.test('a text open as a whole, withheld by a condition → refused', t => refused(t, object({
    x: { type: 'string', claimSet: { sets: '*', revealsBranch: true }, if: { minLength: 10 }, then: { claimSet: 'banking' } }
  }), SEVERAL('/x')))

  t.test('any value in one part, its members withheld in another → refused', t => refused(t, {
    type: 'object',
    allOf: [object({ x: { claimSet: 'contact' } }), object({ x: object({ iban: string('banking') }) })]
  }, SEVERAL('/x')))

  t.end()
})

t.end()
