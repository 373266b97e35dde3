import t, { type Test } from 'tap'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { createWriteCheck } from '../../lib/release/write-check.js'
import type { WriteRefusal } from '../../lib/release/write-refusal.js'
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

/** Values that differ in what is withheld alone are written alike. */
function alike (t: Test, schema: JsonSchema, values: readonly unknown[], expected: string, readable: readonly string[] = NOBODY, shared: Shared = {}): void {
  for (const value of values) t.equal(released(schema, value, readable, shared), expected)
  t.end()
}

const BRANCH_SHOWS = (pointers: string, where = '(the whole value)') => `${where}: which branch was taken shows in ${pointers} to tokens that may not read what decides it. ` +
  'Give each branch a member with a constant that these tokens may read too, or accept it with { revealsBranch: true }.'

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
  }, '(the whole value): items stands in several parts of one schema. Write it once.'))

  t.test('items beside a $ref to a list → refused', t => refused(t, {
    $ref: '#/definitions/List',
    items: object({ q: string('contact') }),
    definitions: { List: { type: 'array', items: object({ q: string('banking') }) } }
  }, '(the whole value): items stands in several parts of one schema. Write it once.'))

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

  t.test('additionalItems in one part, a tuple in another → refused', t => refused(t, object({
    x: { allOf: [{ type: 'array', items: [string('*')] }, { additionalItems: {} }] }
  }), '/x: additionalItems are written without being looked at. Give it a type, or annotate the field itself with claimSet(...) to release it as one value.'))

  t.test('a list in one part, an object of any name in another → refused', t => refused(t, {
    type: 'object',
    additionalProperties: { type: 'object', claimSet: 'banking' },
    allOf: [object({ x: { type: 'array', items: [string('*')] } })]
  }, SEVERAL('/x')))

  t.test('any value in one part, its members withheld in another → refused', t => refused(t, {
    type: 'object',
    allOf: [object({ x: { claimSet: 'contact' } }), object({ x: object({ iban: string('banking') }) })]
  }, SEVERAL('/x')))

  t.end()
})

t.test('unions and conditions', t => {
  t.test('a member reached by the same $ref twice, in one branch more often → refused', t => refused(t, {
    anyOf: [
      object({ a: { $ref: '#/definitions/X' }, b: { $ref: '#/definitions/X' }, secret: string('banking') }, { required: ['secret'] }),
      object({ a: { $ref: '#/definitions/X' } })
    ],
    definitions: { X: string('*') }
  }, BRANCH_SHOWS('/b')))

  t.test('the order of members tells the branches apart → refused', t => refused(t, {
    anyOf: [
      object({ a: string('*'), b: string('*'), secret: string('banking') }, { required: ['secret'] }),
      object({ b: string('*'), a: string('*') })
    ]
  }, BRANCH_SHOWS('/a, /b')))

  t.test('required members, which are written first, tell the branches apart → refused', t => refused(t, {
    anyOf: [
      object({ a: string('*'), b: string('*'), secret: string('banking') }, { required: ['secret', 'b'] }),
      object({ a: string('*'), b: string('*') })
    ]
  }, BRANCH_SHOWS('/b')))

  t.test('required members of the base, written first by one branch → refused', t => refused(t, object({ a: string('*'), b: string('*'), secret: string('banking') }, {
    anyOf: [object({ c: string('*') }, { required: ['secret', 'b'] }), object({ c: string('*') })]
  }), BRANCH_SHOWS('/b')))

  t.test('branches that only say which members of the base come first → refused', t => refused(t,
    object({ a: string('*'), b: string('*'), secret: string('banking') }, { anyOf: [{ required: ['secret', 'b'] }, { required: ['a'] }] }), BRANCH_SHOWS('/b, /a')))

  t.test('branches that require withheld members alone → nothing of it shows', t => alike(t,
    object({ a: string('*'), b: string('*'), secret: string('banking') }, { anyOf: [{ required: ['secret'] }, { properties: {} }] }),
    [{ a: '1', b: '2', secret: SECRET }, { a: '1', b: '2' }], '{"a":"1","b":"2"}'))

  t.test('a withheld member of the base decides → refused', t => refused(t,
    object({ a: string('*'), secret: string('banking') }, { anyOf: [{ required: ['secret'] }, object({ b: string('*') })] }), BRANCH_SHOWS('/b')))

  t.test('a withheld member of another part of an allOf decides → refused', t => refused(t, {
    type: 'object',
    allOf: [object({ secret: string('banking') }), { anyOf: [object({ a: string('*') }, { required: ['secret'] }), object({ b: string('*') })] }]
  }, BRANCH_SHOWS('/a, /b')))

  t.test('a withheld member beside a $ref to the union decides → refused', t => refused(t, {
    $ref: '#/definitions/U',
    properties: { secret: string('banking') },
    definitions: { U: { anyOf: [object({ a: string('*') }, { required: ['secret'] }), object({ b: string('*') })] } }
  }, BRANCH_SHOWS('/a, /b')))

  t.test('a discriminator that is withheld in one of its own branches → refused', t => refused(t, {
    anyOf: ['x', 'y'].map((kind, index) => object({
      kind: { claimSet: { sets: '*', revealsBranch: true }, anyOf: [index === 0 ? string('banking', { const: kind }) : { type: 'string', const: kind }] },
      [`f${index}`]: string('*')
    }, { required: ['kind'] }))
  }, /^\(the whole value\): which branch was taken shows in \/f0, \/kind, \/f1 /))

  t.test('a discriminator that is not required → refused', t => refused(t, {
    anyOf: ['x', 'y'].map((kind, index) => object({ kind: string('*', { const: kind }), [`f${index}`]: string('*'), s: string('banking') }))
  }, /which branch was taken shows in \/kind, \/f0, \/f1 /))

  t.test('discriminators with a value in common → refused', t => refused(t, {
    anyOf: [['x', 'y'], ['y', 'z']].map((kinds, index) => object({ kind: string('*', { enum: kinds }), [`f${index}`]: string('*'), s: string('banking') }, { required: ['kind'] }))
  }, /which branch was taken shows in \/kind, \/f0, \/f1 /))

  t.test('a discriminator in an object that can be null → refused', t => refused(t, {
    anyOf: ['x', 'y'].map((kind, index) => object({ kind: string('*', { const: kind }), [`f${index}`]: string('*'), s: string('banking') }, { required: ['kind'], nullable: true }))
  }, /which branch was taken shows in \/kind, \/f0, \/f1 /))

  t.test('a discriminator that every token may read → branches are told apart by it alone', t => {
    const schema = { anyOf: ['x', 'y'].map(kind => object({ kind: string('*', { const: kind }), [kind]: string('*'), s: string('banking') }, { required: ['kind'] })) }
    t.equal(released(schema, { kind: 'y', x: '1', y: '2', s: SECRET }), '{"kind":"y","y":"2"}')
    t.equal(released(schema, { kind: 'x', x: '1', y: '2' }), '{"kind":"x","x":"1"}')
    t.end()
  })

  t.test('null in one branch, a tuple that nobody may read whole in the other → absent for both', t => alike(t, object({
    t: { anyOf: [{ type: 'null' }, { type: 'array', items: [string('profile'), string('banking')] }] },
    id: string('*')
  }), [{ id: '1', t: null }, { id: '1', t: ['a', SECRET] }], '{"id":"1"}', ['profile']))

  t.test('one branch writes an empty object for null, the other null → refused', t => refused(t, {
    anyOf: [
      object({ x: object({ p: string('*') }, { nullable: true }), secret: string('banking') }, { required: ['secret'] }),
      object({ x: object({ p: string('*') }) })
    ]
  }, BRANCH_SHOWS('/x')))

  t.test('a default in one branch alone → refused', t => refused(t, {
    anyOf: [
      object({ x: object({ p: string$ }, { default: { p: 'd' }, claimSet: '*' }), secret: string('banking') }, { required: ['secret'] }),
      object({ x: object({ p: string$ }, { claimSet: '*' }) })
    ]
  }, BRANCH_SHOWS('/x')))

  t.test('a name that one branch withholds and the other writes as additional property → refused', t => refused(t, {
    anyOf: [
      object({ iban: string('banking') }, { required: ['iban'], additionalProperties: string('*') }),
      object({}, { additionalProperties: string('*') })
    ]
  }, BRANCH_SHOWS('/*')))

  t.test('patterns that differ between branches → refused', t => refused(t, {
    anyOf: [
      object({ secret: string('banking') }, { required: ['secret'], patternProperties: { '^x': string('*') } }),
      { type: 'object', patternProperties: { '^y': string('*') } }
    ]
  }, BRANCH_SHOWS('/*')))

  t.test('a list in one branch, a map in the other, at one place → refused', t => refused(t, {
    anyOf: [
      object({ x: { type: 'array', items: string('*') }, secret: string('banking') }, { required: ['secret'] }),
      object({ x: { type: 'object', additionalProperties: string('*') } })
    ]
  }, BRANCH_SHOWS('/x/*')))

  t.test('tuples of other lengths → refused', t => refused(t, {
    anyOf: [
      object({ x: { type: 'array', items: [string('*'), string('*')], minItems: 2 }, secret: string('banking') }, { required: ['secret'] }),
      object({ x: { type: 'array', items: [string('*')] } })
    ]
  }, BRANCH_SHOWS('/x/1')))

  t.test('unions within branches, in another order → refused', t => refused(t, {
    anyOf: [
      object({ x: { anyOf: [object({ p: string('*') }), object({ q: string('*') })] }, secret: string('banking') }, { required: ['secret'] }),
      object({ x: { anyOf: [object({ q: string('*') }), object({ p: string('*') })] } })
    ]
  }, BRANCH_SHOWS('/x/p, /x/q')))

  t.test('recursion in one branch alone → refused', t => refused(t, {
    anyOf: [object({ secret: string('banking'), id: string('*'), next: { $ref: '#/definitions/Node' } }, { required: ['secret'] }), object({ id: string('*') })],
    definitions: { Node: object({ id: string('*'), next: { $ref: '#/definitions/Node' } }) }
  }, BRANCH_SHOWS('/next/id, /next/next')))

  t.test('a condition on a withheld member of another part → refused', t => refused(t, {
    type: 'object',
    allOf: [object({ secret: string('banking') }), { if: { properties: { secret: { const: SECRET } } }, then: object({ a: string('*') }), else: object({ b: string('*') }) }]
  }, BRANCH_SHOWS('/a, /b')))

  t.test('a condition on the presence of a withheld member → refused', t => refused(t,
    object({ secret: string('banking') }, { if: { properties: {}, required: ['secret'] }, then: object({ a: string('*') }) }), BRANCH_SHOWS('/a')))

  t.test('a condition on how many members there are → refused', t => refused(t,
    object({ secret: string('banking') }, { if: { minProperties: 2 }, then: object({ a: string('*') }) }), BRANCH_SHOWS('/a')))

  t.test('a condition on any name → refused', t => refused(t,
    object({ secret: string('banking') }, { if: { propertyNames: { enum: ['a'] } }, then: object({ a: string('*') }) }), BRANCH_SHOWS('/a')))

  t.test('a condition on a member that no schema declares → refused, though all that is declared is governed alike', t => refused(t,
    object({ a: string('*') }, { if: { properties: { rich: { const: true } }, required: ['rich'] }, then: object({ lounge: string('*') }) }),
    '(the whole value): which branch was taken shows in /lounge, though no schema declares what the condition asks about: rich. Declare it, annotated, or accept it with { revealsBranch: true }.'))

  t.test('a condition on a member that only a pattern declares → refused', t => refused(t,
    object({}, { patternProperties: { '^s': string('banking') }, if: { properties: { s1: { const: SECRET } } }, then: object({ a: string('*') }) }), BRANCH_SHOWS('/a')))

  t.test('a condition on a member that the same tokens see → released by it', t => {
    const schema = object({ kind: string('*'), secret: string('banking') }, { if: { properties: { kind: { const: 'x' } }, required: ['kind'] }, then: object({ a: string('*') }), else: object({ b: string('*') }) })
    t.equal(released(schema, { kind: 'x', a: '1', b: '2', secret: SECRET }), '{"kind":"x","a":"1"}')
    t.equal(released(schema, { kind: 'y', a: '1', b: '2' }), '{"kind":"y","b":"2"}')
    t.end()
  })

  t.test('a union that accepts that its branch shows → shows the branch, but no value', t => {
    const schema = { claimSet: { sets: ['profile', 'banking'], revealsBranch: true }, anyOf: [object({ a: string('profile'), s: string('banking') }, { required: ['s'] }), object({ b: string('profile') })] }
    t.equal(released(schema, { a: '1', b: '2', s: SECRET }, ['profile']), '{"a":"1"}')
    t.equal(released(schema, { a: '1', b: '2' }, ['profile']), '{"b":"2"}')
    t.end()
  })

  t.test('a withheld branch that matches texts → an empty object, whatever the text', t => alike(t, object({
    v: { claimSet: { sets: ['profile', 'banking'], revealsBranch: true }, anyOf: [{ type: 'integer', claimSet: 'profile' }, string('banking')] }
  }), [{ v: SECRET }, { v: '' }], '{"v":{}}', ['profile']))

  t.test('a withheld branch that can be null → the same for null', t => alike(t, object({
    v: { claimSet: { sets: ['profile', 'banking'], revealsBranch: true }, anyOf: [{ type: 'integer', claimSet: 'profile' }, string('banking', { type: ['string', 'null'] })] }
  }), [{ v: SECRET }, { v: null }], '{"v":{}}', ['profile']))

  t.test('a value that fits no branch → the error names no value', t => {
    const schema = { anyOf: [object({ kind: string('*', { const: 'x' }), s: string('banking') }, { required: ['kind'] })] }
    t.throws(() => released(schema, { kind: SECRET }), { message: /^The value of '[^']*' does not match schema definition\.$/ })
    t.end()
  })

  t.test('conditions in two parts, of which the serializer looks at one alone → refused', t => refused(t, {
    type: 'object',
    allOf: ['x', 'y'].map(kind => object({ kind: string('*'), s: string('banking') }, { if: { properties: { kind: { const: kind } }, required: ['kind'] }, then: object({ [kind]: string('*') }) }))
  }, '(the whole value): if stands in several parts of one schema: the serializer looks at one of them only where another one holds. Write one, and the others within its then and else.'))

  t.test('a condition in the else of another → each as it says', t => {
    const kindIs = (kind: string) => ({ properties: { kind: { const: kind } }, required: ['kind'] })
    const schema = object({ kind: string('*'), s: string('banking') }, { if: kindIs('x'), then: object({ x: string('*') }), else: { if: kindIs('y'), then: object({ y: string('*') }) } })
    for (const readable of [NOBODY, ['profile']]) {
      t.equal(released(schema, { kind: 'x', x: '1', y: '2', s: SECRET }, readable), '{"kind":"x","x":"1"}')
      t.equal(released(schema, { kind: 'y', x: '1', y: '2', s: SECRET }, readable), '{"kind":"y","y":"2"}')
      t.equal(released(schema, { kind: 'z', x: '1', y: '2', s: SECRET }, readable), '{"kind":"z"}')
    }
    t.equal(released(schema, { kind: 'y', x: '1', y: '2', s: 's' }, ['banking']), '{"kind":"y","s":"s","y":"2"}')
    t.end()
  })

  t.test('two unions side by side, a branch of one with not → refused', t => refused(t, {
    type: 'object',
    allOf: [
      { anyOf: [object({ a: string('*'), s: string('banking') }, { not: { required: ['z'] } })] },
      { oneOf: [object({ b: string('*') })] }
    ]
  }, '(the whole value): a branch with not stands beside another union, with whose branches the serializer merges it. Write one union of both.'))

  t.test('two unions side by side → each told apart by its own constant', t => {
    const union = (name: string) => ({ anyOf: ['x', 'y'].map(kind => object({ [name]: string('*', { const: kind }), [`${name}-${kind}`]: string('*'), [`${name}-s`]: string('banking') }, { required: [name] })) })
    const schema = { type: 'object', allOf: [union('k'), union('m')] }
    const value = { k: 'x', m: 'y', 'k-x': '1', 'k-y': '2', 'm-x': '3', 'm-y': '4' }
    return alike(t, schema, [{ ...value, 'k-s': SECRET, 'm-s': SECRET }, value], '{"k":"x","m":"y","k-x":"1","m-y":"4"}')
  })

  t.end()
})

t.test('references', t => {
  t.test('a text const beside a $ref to an object, which the serializer drops → refused', t => refused(t, object({
    x: { $ref: '#/definitions/C', type: 'string', const: 'k', claimSet: '*' }
  }, { definitions: { C: object({ iban: string('banking') }) } }), SEVERAL('/x')))

  t.test('claim sets on a $ref whose target refers on to other claim sets → refused', t => refused(t, object({
    x: { $ref: '#/definitions/A', claimSet: 'banking' }
  }, { definitions: { A: { $ref: '#/definitions/B' }, B: string('contact') } }), "/x: the reference '#/definitions/A' and its target have different claim sets. Annotate one of them."))

  t.test('claim sets on a $ref that leads around in a circle → refused', t => refused(t, object({
    x: { $ref: '#/definitions/A', claimSet: 'banking' }
  }, { definitions: { A: { $ref: '#/definitions/B' }, B: { $ref: '#/definitions/A' } } }), /no claim set on \(the whole value\)/))

  t.test('a recursion in which nothing is governed but its shape → refused', t => refused(t, object({ id: string('*'), tree: { $ref: '#/definitions/T' } }, {
    definitions: { T: object({ l: { $ref: '#/definitions/T' }, r: { $ref: '#/definitions/T' } }) }
  }), 'no claim set on /tree, /tree/l, /tree/r. Wrap them in claimSet(...) with profile, contact, address, banking or ANY_TOKEN, or annotate their parent.'))

  const k = object({ k: string('*') })
  const asksForK = { properties: { k: { const: 'a' } }, required: ['k'] }
  for (const [lacks, branches] of [['else', { then: k }], ['then', { else: k }]] as const) {
    t.test(`a condition without ${lacks} and without a type → refused, it would be written whole there`, t => refused(t, object({ x: { if: asksForK, ...branches } }),
      /its condition lacks a branch, and there it has no type/))
  }

  t.test('lists of lists without any field, the inner ones withheld → refused, the outer one would be written whole', t => refused(t,
    object({ x: { $ref: '#/definitions/T', claimSet: '*' } }, {
      definitions: { T: object({ l: { type: 'array', nullable: true, items: { type: 'array', items: { $ref: '#/definitions/T', claimSet: 'banking' }, claimSet: 'banking' } } }) }
    }), /^\/x\/l: it is a list of lists without any field, though they have different claim sets\./))

  t.test('a property of two parts, an empty object in one of them and withheld there → withheld', t => alike(t, object({
    x: { allOf: [object({ y: { type: 'object', claimSet: 'banking' } }), object({ y: object({ id: string('*') }) })] }
  }), [{ x: { y: { id: SECRET } } }, { x: {} }], '{"x":{}}'))

  t.test('a branch that shows nothing but null → null, as the branch has it', t => {
    const schema = object({ x: { properties: { id: string('*'), s: string('banking') }, anyOf: [{ type: 'object', nullable: true, claimSet: 'contact' }, { required: ['s'] }] } })
    return alike(t, schema, [{ x: null }], '{"x":null}')
  })

  for (const list of [{ type: 'array', nullable: true }, { type: ['array', 'null'] }]) {
    t.test(`a condition whose branch is a withheld list, ${JSON.stringify(list)} → the members beside it, or null`, t => {
      const schema = object({ x: { properties: { k: string('*') }, required: ['k'], if: { properties: { k: { const: 'a' } } }, then: { ...list, items: string('banking'), claimSet: '*' } } })
      t.equal(released(schema, { x: { k: 'b', s: SECRET } }), '{"x":{"k":"b"}}')
      t.equal(released(schema, { x: null }), '{"x":null}')
      t.end()
    })
  }

  t.test('a union of nothing but null → governed by its own annotation', t => {
    const schema = object({ x: { anyOf: [{ type: 'null' }], claimSet: 'banking' } })
    t.equal(released(schema, { x: null }), '{}')
    t.equal(released(object({ ...schema.properties as object, y: string('contact') }), { x: null }, ['banking']), '{"x":null}')
    t.end()
  })

  t.test('a base that governs additional members beside a branch that names one → refused', t => refused(t, object({ kind: { const: 'k', type: 'string', claimSet: '*' } }, {
    required: ['kind'], additionalProperties: string('*'), anyOf: [{ properties: { iban: string('banking') } }]
  }), /which of its members patternProperties or additionalProperties govern depends on the branch/))

  t.test('a recursive schema under two annotations → each use by its own', t => {
    const schema = object({ open: { $ref: '#/definitions/Node', claimSet: '*' }, secret: { $ref: '#/definitions/Node', claimSet: 'banking' } }, {
      definitions: { Node: object({ v: string$, next: { $ref: '#/definitions/Node' } }) }
    })
    const chain = { v: '1', next: { v: '2', next: { v: '3' } } }
    return alike(t, schema, [{ open: chain, secret: chain }, { open: chain }], `{"open":${JSON.stringify(chain)}}`)
  })

  t.test('a recursive schema that withholds a field of its own → at every depth', t => alike(t, {
    $ref: '#/definitions/Node',
    definitions: { Node: object({ v: string('*'), s: string('banking'), next: { $ref: '#/definitions/Node' } }) }
  }, [{ v: '1', s: SECRET, next: { v: '2', s: SECRET, next: { s: SECRET } } }, { v: '1', next: { v: '2', next: {} } }], '{"v":"1","next":{"v":"2","next":{}}}'))

  t.test('a condition with a $ref below an $id of its own → refused', t => refused(t, object({ a: string('*'), b: string('banking') }, {
    if: { $id: 'other', properties: { a: { $ref: '#/definitions/x' } }, definitions: { x: { const: 'k' } } }, then: object({ d: string('*') })
  }), "(the whole value): the reference '#/definitions/x' stands below an $id of its own, where serializer and validator read it differently. Refer to the $id."))

  t.test('a condition with a $ref that leads nowhere → refused', t => refused(t, object({ a: string('*'), b: string('banking') }, {
    if: { properties: { a: { $ref: '#/definitions/x' } } }, then: object({ d: string('*') })
  }), "(the whole value): the reference '#/definitions/x' leads nowhere"))

  t.test('a $ref below an $id of its own, which could lead to another definition → refused', t => refused(t, object({
    x: { $id: 'inner', ...object({ y: { $ref: '#/definitions/D' } }), definitions: { D: string('banking') } }
  }, { definitions: { D: string('*') } }), /^\/x\/y: the reference '#\/definitions\/D' stands below an \$id of its own/))

  t.test('two shared schemas with a definition of one name → each its own', t => alike(t, object({ a: { $ref: 'A#' }, b: { $ref: 'B#' } }), [
    { a: { v: '1' }, b: { v: SECRET } }, { a: { v: '1' }, b: { v: '' } }
  ], '{"a":{"v":"1"}}', NOBODY, {
    A: { $id: 'A', ...object({ v: { $ref: '#/definitions/D' } }), definitions: { D: string('*') } },
    B: { $id: 'B', ...object({ v: { $ref: '#/definitions/D' } }), definitions: { D: string('banking') } }
  }))

  t.test('definitions of one name beside a $ref and in its target → refused, the serializer may take the target alone', t => refused(t, {
    $ref: 'A#', nullable: true, definitions: { D: object({ x: string('*') }) }
  }, '(the whole value): both it and the target of its $ref have definitions of D, which the serializer would merge. Name them otherwise.', {
    A: { $id: 'A', ...object({ id: string('*') }), definitions: { D: object({ x: { type: 'null' } }) } }
  }))

  t.test('two schemas with one $id → refused', t => refused(t, object({ x: { $id: 'A', ...string('*') } }),
    '(the whole value): its references cannot be resolved: There is already another schema with id "A".', { B: { $id: 'B', ...object({ y: { $id: 'A', ...string('banking') } }) } }))

  t.test('format unsafe beside a $ref to a text → refused', t => refused(t, object({
    x: { $ref: '#/definitions/S', format: 'unsafe' }
  }, { definitions: { S: string('*') } }), "/x: format 'unsafe' is written without being escaped. Give it a type, or annotate the field itself with claimSet(...) to release it as one value."))

  t.end()
})

t.test('schemas without end', t => {
  const ITSELF = /it refers to itself without a member or an item between, so there is no end to it/
  const MERGED = /the serializer would merge it with itself without end/

  for (const [what, schema] of Object.entries<JsonSchema>({
    'a part': { type: 'object', claimSet: '*', properties: { a: string$ }, allOf: [{ $ref: '#' }] },
    'a part, twice': { type: 'object', claimSet: '*', properties: { a: string$ }, allOf: [{ $ref: '#' }, { $ref: '#' }] },
    'a branch': { claimSet: '*', anyOf: [string$, { $ref: '#' }] },
    'a branch of a condition': object({ a: string$ }, { claimSet: '*', if: { required: ['a'] }, then: { $ref: '#' } }),
    'a part of a branch': { $ref: '#/definitions/A', claimSet: '*', definitions: { A: { anyOf: [{ $ref: '#/definitions/B' }] }, B: { allOf: [{ $ref: '#/definitions/A' }] } } }
  })) {
    t.test(`a schema that is itself ${what} of it → refused`, t => refused(t, schema, ITSELF))
  }

  for (const [what, x] of Object.entries<JsonSchema>({
    'a part': { allOf: [{ $ref: '#' }, object({ b: string$ })] },
    'two parts': { allOf: [{ $ref: '#' }, { $ref: '#' }] },
    'then, beside a type': object({ b: string$ }, { if: { required: ['b'] }, then: { $ref: '#' } }),
    'else, over a definition': object({ b: string$ }, { if: { required: ['b'] }, then: {}, else: { $ref: '#/definitions/D' } }),
    'a part of items': { type: 'array', items: { allOf: [{ $ref: '#' }, object({ b: string$ })] } }
  })) {
    t.test(`a member with the whole as ${what} → refused, the serializer would merge it without end`, t => refused(t,
      object({ a: string$, x }, { claimSet: '*', definitions: { D: { $ref: '#' } } }), MERGED))
  }

  const many = <Item>(count: number, make: (index: number) => Item): Item[] => Array.from({ length: count }, (_none, index) => make(index))
  const definitions = (count: number, make: (index: number) => object) => Object.fromEntries(many(count, index => [`d${index}`, make(index)]))
  const $ref = (index: number) => ({ $ref: `#/definitions/d${index}` })
  const last = object({ v: string('profile'), w: string('banking') })
  const nested = (depth: number): JsonSchema => object({ k: string('*', { const: 'k' }), z: string('banking'), ...depth > 0 && { n: { anyOf: [{ type: 'null' }, nested(depth - 1)] } } }, { required: ['k'] })
  const beside = (depth: number): JsonSchema => depth === 0
    ? string('*')
    : object({ n: beside(depth - 1), z: string('banking') }, {
      anyOf: ['x', 'y'].map(k => object({ k: string('*', { const: k }) }, { required: ['k'] }))
    })

  for (const [what, fault, schema] of [
    ['30 unions side by side', /it merges more than 1000 parts/, { type: 'object', allOf: many(30, index => ({ anyOf: ['x', 'y'].map(k => object({ [`k${index}`]: string('*', { const: k }), [`v${index}`]: string('banking') }, { required: [`k${index}`] })) })) }],
    ['30 parts, each of them twice the next', /it merges more than 1000 parts/, { ...$ref(0), definitions: definitions(31, index => index === 30 ? last : { allOf: [$ref(index + 1), $ref(index + 1)] }) }],
    ['20 members of a union each beside the next', /it merges more than 1000 parts/, beside(20)],
    ['40 definitions, each of which refers to the next twice', /more than 100000 ways lead through its references/, { ...$ref(0), definitions: definitions(41, index => index === 40 ? last : object({ l: $ref(index + 1), r: $ref(index + 1) })) }],
    ['50 definitions, each of which refers to all', /more than 100000 ways lead through its references/, { ...$ref(0), definitions: definitions(50, () => object({ v: string('*'), ...definitions(50, $ref) })) }],
    ['40 unions, each within the next', /the validator would look at more than 15000 fields/, nested(40)],
    ['200 levels', /schema exceeds maximum depth of 100/, many(200, index => index).reduce<JsonSchema>(inner => object({ n: inner, v: string('banking') }), string('*'))]
  ] as const) {
    t.test(`${what} → refused, and soon`, t => refused(t, schema, fault))
  }

  t.test('500 members, 60 levels, 40 branches, 50 definitions that lead around → boot, and what is withheld is', t => {
    const kinds = many(40, index => object({ k: string('*', { const: `k${index}` }), v: string('banking'), next: $ref(0) }, { required: ['k'] }))
    const schema = object({
      ...Object.fromEntries(many(500, index => [`p${index}`, string(index % 2 === 0 ? '*' : 'banking')])),
      deep: many(60, index => index).reduce<JsonSchema>(inner => object({ n: inner, s: string('banking') }), object({ v: string('*') })),
      one: { anyOf: kinds }
    }, { definitions: definitions(50, index => object({ v: string('*'), s: string('banking'), next: $ref((index + 1) % 50) })) })
    return alike(t, schema, [SECRET, 'other'].map(s => ({ p0: '1', p1: s, one: { k: 'k39', v: s, next: { v: '2', s, next: { s } } } })), '{"p0":"1","one":{"k":"k39","next":{"v":"2","next":{}}}}')
  })

  t.test('the same in a definition, which the member refers to → as deep as the value goes', t => {
    const schema = object({ a: string('*'), s: string('banking'), x: { $ref: '#/definitions/X' } }, { definitions: { X: { allOf: [{ $ref: '#' }, object({ b: string('*') })] } } })
    const value = (s: object) => ({ a: '1', ...s, x: { a: '2', b: '3', ...s, x: { b: '4', x: {} } } })
    return alike(t, schema, [value({ s: SECRET }), value({})], '{"a":"1","x":{"a":"2","x":{"x":{},"b":"4"},"b":"3"}}')
  })

  t.test('a member that is the whole or null → as deep as the value goes', t => alike(t,
    object({ a: string('*'), s: string('banking'), x: { $ref: '#', nullable: true } }),
    [{ s: SECRET, x: { a: '1', s: SECRET, x: null } }, { x: { a: '1', x: null } }], '{"x":{"a":"1","x":null}}'))

  t.test('a branch that refers to the whole, beside a base → as deep as the value goes', t => alike(t,
    object({ a: string('*'), s: string('banking'), x: { anyOf: [{ type: 'null' }, { $ref: '#' }] } }),
    [{ s: SECRET, x: { a: '1', s: SECRET, x: null } }, { x: { a: '1', x: null } }], '{"x":{"a":"1","x":null}}'))

  t.end()
})

t.test('keywords that decide less than they seem to', t => {
  t.test('members of a list by prefixItems, which the serializer does not look at → refused', t => refused(t, object({
    x: { type: 'array', prefixItems: [string('banking')], items: string('*') }
  }), '/x: the serializer does not look at prefixItems. Write them as items: [ … ].'))

  t.test('claim sets inside of contains → refused', t => refused(t, object({ x: { type: 'array', contains: string('banking'), items: string('*') } }),
    '/x: a claim set inside of contains governs nothing, for nothing is written by it. Annotate the field where it is declared.'))

  for (const keyword of ['dependencies', 'dependentSchemas']) {
    t.test(`claim sets inside of ${keyword} → refused`, t => refused(t, object({ a: string('*') }, { [keyword]: { a: object({ s: string('banking') }) } }),
      `(the whole value): a claim set inside of ${keyword} governs nothing, for nothing is written by it. Annotate the field where it is declared.`))
  }

  t.test('an annotated schema in a condition → what it decides, it decides as it is', t => alike(t, object({ kind: string('*'), s: string('banking') }, {
    if: object({ kind: string('*', { const: 'x' }) }), then: object({ a: string('*') })
  }), [{ kind: 'x', a: '1', s: SECRET }, { kind: 'x', a: '1' }], '{"kind":"x","a":"1"}'))

  t.test('a list whose branches imply the type object by another keyword → their items are read all the same', t => refused(t, object({
    x: { type: 'array', items: object({ id: string('*') }), anyOf: [{ minProperties: 0, items: object({ iban: string('banking') }) }] }
  }), '/x: items stands in several parts of one schema. Write it once.'))

  t.test('a pattern with a named group → refused', t => refused(t, object({ a: string('banking') }, { patternProperties: { '^(?<n>x)': string('*') } }),
    "(the whole value): the pattern '^(?<n>x)' names or refers to its own groups, so it cannot be combined with others. Write it without."))

  t.test('a pattern that looks at what stands around it → combined as it is', t => alike(t, object({ ab: string('banking') }, {
    patternProperties: { '(?<=a)b$': string('*'), '(?<!x)z|^q(?!w)': string('profile') }
  }), [{ ab: SECRET, cab: '1', z: SECRET, q: '2' }, { cab: '1' }], '{"cab":"1"}'))

  t.test('names with the characters of regular expressions → excluded as they are', t => {
    const names = ['a.b', 'a|b', '^', '$', '(', '[', '\\', '*', '/', '\n', '\u2028', '😀', '\ud800', ' ', '']
    const schema = object(Object.fromEntries(names.map(name => [name, string('banking')])), { additionalProperties: string('*') })
    return alike(t, schema, [Object.fromEntries([...names.map(name => [name, SECRET]), ['axb', '1'], ['a', '2']]), { axb: '1', a: '2' }], '{"axb":"1","a":"2"}')
  })

  t.test('overlapping patterns, the withheld one second → what it matches is withheld', t => alike(t, {
    type: 'object', patternProperties: { '^i': string('*'), n$: string('banking') }
  }, [{ iban: SECRET, id: '1' }, { id: '1' }], '{"id":"1"}'))

  t.test('an enumeration of withheld values → none of them', t => alike(t, object({ s: string('banking', { enum: [SECRET, 'x'] }), id: string('*') }), [{ id: '1', s: SECRET }, { id: '1' }], '{"id":"1"}'))

  t.test('a default of a part of an object → refused', t => refused(t, object({ x: object({ a: string('*'), s: string('banking') }, { default: { a: '1', s: SECRET } }) }),
    '/x: its default would be written whole, though its fields have different claim sets. Give the fields their own defaults.'))

  t.end()
})

t.test('writing', t => {
  const refusal = (schema: JsonSchema, body: unknown, writable: readonly string[] = NOBODY): WriteRefusal | undefined => {
    const { faults, refusal } = createWriteCheck(schema)
    if (faults.length > 0) throw new Error(JSON.stringify(faults))
    return refusal(body, new Set(writable))
  }
  const forbidden = (pointer: string, ...claimSets: string[]): WriteRefusal => ({ kind: 'forbidden', pointer, claimSets })

  t.test('more items than a tuple declares → unknown', async t => {
    const schema = object({ pair: { type: 'array', items: [string('profile')] } })
    t.strictSame(refusal(schema, { pair: ['a', { isAdmin: true }] }, ['profile']), { kind: 'unknown', pointer: '/pair/1' })
    t.equal(refusal(schema, { pair: ['a'] }, ['profile']), undefined)
  })

  t.test('more items than a tuple declares, where additionalItems are one value → its claim sets', async t => {
    const schema = object({ pair: { type: 'array', items: [string('profile')], additionalItems: string$, claimSet: 'banking' } })
    t.strictSame(refusal(schema, { pair: ['a', 'b'] }, ['profile']), forbidden('/pair/1', 'banking'))
    t.equal(refusal(schema, { pair: ['a', 'b'] }, ['profile', 'banking']), undefined)
  })

  t.test('a member that one branch opens and another does not → takes the right for both', async t => {
    const schema = { anyOf: [object({ v: string('*') }), object({ v: string('banking') })] }
    t.strictSame(refusal(schema, { v: '1' }), forbidden('/v', 'banking'))
    t.equal(refusal(schema, { v: '1' }, ['banking']), undefined)
  })

  t.test('a union that nothing tells apart → no matter for a body', async t => {
    const schema = { anyOf: [object({ name: string('profile') }), object({ iban: string('banking') })] }
    t.equal(refusal(schema, { name: 'n' }, ['profile']), undefined)
    t.strictSame(refusal(schema, { name: 'n', iban: SECRET }, ['profile']), forbidden('/iban', 'banking'))
  })

  t.test('a member of a branch that is not taken → takes its right', async t => {
    const schema = { anyOf: ['x', 'y'].map(kind => object({ kind: string('*', { const: kind }), [kind]: string(kind === 'x' ? 'profile' : 'banking') }, { required: ['kind'] })) }
    t.strictSame(refusal(schema, { kind: 'x', x: '1', y: '2' }, ['profile']), forbidden('/y', 'banking'))
  })

  t.test('a member of then and of else → takes the right of both', async t => {
    const schema = object({ kind: string('*') }, { if: { required: ['kind'] }, then: object({ v: string('profile') }), else: object({ v: string('banking') }) })
    t.strictSame(refusal(schema, { v: '1' }, ['profile']), forbidden('/v', 'banking'))
    t.strictSame(refusal(schema, { v: '1' }, ['banking']), forbidden('/v', 'profile'))
  })

  for (const [what, value] of [['null', null], ['an empty object', {}], ['an empty list', []], ['a text', ''], ['a number', 0], ['false', false]] as const) {
    t.test(`${what} in place of an object → takes the right to write all of it`, async t => {
      const schema = object({ banking: object({ label: string('profile'), iban: string('banking') }) })
      t.strictSame(refusal(schema, { banking: value }, ['profile']), forbidden('/banking', 'banking'))
      t.equal(refusal(schema, { banking: value }, ['profile', 'banking']), undefined)
    })
  }

  t.test('a list of one in place of a text → the same right', async t => {
    t.strictSame(refusal(object({ iban: string('banking') }), { iban: [SECRET] }), forbidden('/iban', 'banking'))
  })

  t.test('an object in place of a list of objects → takes the right to write all of it', async t => {
    const schema = object({ accounts: { type: 'array', items: object({ label: string('profile'), iban: string('banking') }) } })
    t.strictSame(refusal(schema, { accounts: { label: 'x' } }, ['profile']), forbidden('/accounts', 'banking'))
  })

  t.test('a list in place of the body → takes the right to write all of it', async t => {
    t.strictSame(refusal(object({ name: string('profile'), iban: string('banking') }), [{ name: 'n' }], ['profile']), forbidden('', 'banking'))
  })

  t.test('names of members that every object has → unknown', async t => {
    const schema = object({ name: string('profile') })
    for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty', '']) {
      t.strictSame(refusal(schema, JSON.parse(`{"${name}":1}`), ['profile']), { kind: 'unknown', pointer: `/${name}` }, name)
    }
  })

  t.test('a member of a body that is inherited → none of its own, so that it erases what it stands for', async t => {
    t.strictSame(refusal(object({ account: object({ iban: string('banking') }) }), { account: Object.create({ iban: SECRET }) }), forbidden('/account', 'banking'))
  })

  t.test('a name that a pattern and additionalProperties govern → the pattern', async t => {
    const schema = { type: 'object', patternProperties: { '^x-': string('banking') }, additionalProperties: string('*') }
    t.strictSame(refusal(schema, { 'x-a': '1' }), forbidden('/x-a', 'banking'))
    t.equal(refusal(schema, { a: '1' }), undefined)
  })

  t.test('a name that two patterns govern → takes the right of both', async t => {
    const schema = { type: 'object', patternProperties: { '^x': string('profile'), y$: string('banking') } }
    t.strictSame(refusal(schema, { xy: '1' }, ['profile']), forbidden('/xy', 'banking'))
    t.strictSame(refusal(schema, { xy: '1' }, ['banking']), forbidden('/xy', 'profile'))
    t.equal(refusal(schema, { xy: '1' }, ['profile', 'banking']), undefined)
  })

  t.end()
})

t.end()
