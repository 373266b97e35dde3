import { Type } from '@sinclair/typebox'
import t from 'tap'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { createRelease } from '../../lib/release/release.js'
import { CLAIM_SETS, faultsOf, NOBODY, object, OPEN, released, string } from './releasing.js'

/** Shapes of schemas and values, each with the number of its case. */

const plain = { type: 'string' }
const CURE = 'Wrap them in claimSet(...) with profile, contact, address, banking or ANY_TOKEN, or annotate their parent.'
const OPAQUE_CURE = 'Give it a type, or annotate the field itself with claimSet(...) to release it as one value.'

t.test('D22 what nothing governs → refused at boot, by its pointer', t => {
  const cases: [string, JsonSchema, string, Record<string, JsonSchema>?][] = [
    ['a property', object({ id: string('*'), name: plain }), '/name'],
    ['a nested property', object({ address: object({ city: string('address'), zip: plain }) }), '/address/zip'],
    ['a property with the characters of pointers', object({ 'a/b': plain, 'c~d': plain, '': plain }), '/a~1b, /c~0d, /'],
    ['the whole value', plain, '(the whole value)'],
    ['array items', object({ list: { type: 'array', items: plain } }), '/list/*'],
    ['a tuple member', object({ pair: { type: 'array', items: [string('*'), plain] } }), '/pair/1'],
    ['a patternProperties schema', { type: 'object', patternProperties: { '^x': plain } }, '/*'],
    ['the value of a record', Type.Object({ r: Type.Record(Type.String(), Type.String()) }) as unknown as JsonSchema, '/r/*'],
    ['an additionalProperties schema', { type: 'object', additionalProperties: plain }, '/*'],
    ['an anyOf branch', object({ u: { anyOf: [string('*'), { type: 'integer' }] } }), '/u'],
    ['a oneOf branch', { oneOf: [object({ a: string('*') }), object({ b: plain })] }, '/b'],
    ['an allOf part', { type: 'object', allOf: [object({ a: string('*') }), object({ b: plain })] }, '/b'],
    ['then', object({ a: string('*') }, { if: { properties: { a: { const: 'x' } } }, then: object({ b: plain }) }), '/b'],
    ['else', object({ a: string('*') }, { if: { properties: { a: { const: 'x' } } }, else: object({ b: plain }) }), '/b'],
    ['a $ref target', object({ a: { $ref: '#/definitions/A' } }, { definitions: { A: object({ b: plain }) } }), '/a/b'],
    ['a target in $defs', object({ a: { $ref: '#/$defs/A' } }, { $defs: { A: plain } }), '/a'],
    ['a shared target', object({ a: { $ref: 'A#/properties/b' } }), '/a', { A: { $id: 'A', ...object({ b: plain }) } }],
    ['a recursive node', Type.Recursive(This => Type.Object({ v: Type.String(), next: Type.Optional(This) })) as unknown as JsonSchema, '/v'],
    ['an object without members', object({ o: { type: 'object' } }), '/o'],
    ['a constant', object({ c: { const: 'x' } }), '/c'],
    ['null', object({ n: { type: 'null' } }), '/n']
  ]
  for (const [what, schema, pointers, shared = {}] of cases) {
    t.test(what, async t => { t.strictSame(faultsOf(schema, shared), [`no claim set on ${pointers}. ${CURE}`]) })
  }

  t.test('not, a property schema within it → written by nobody, so nothing to govern', async t => {
    t.strictSame(faultsOf(object({ a: string('*', { not: object({ b: plain }) }) })), [])
  })

  t.test('dependentSchemas → written by nobody', async t => {
    t.equal(released(object({ a: string('*') }, { dependentSchemas: { a: object({ b: plain }) } }), { a: '1', b: 'SECRET' }), '{"a":"1"}')
  })

  t.test('definitions that nothing refers to → written by nobody', async t => {
    t.strictSame(faultsOf(object({ a: string('*') }, { definitions: { B: object({ b: plain }) } })), [])
  })

  t.test('headers beside the schema → a keyword that is not known', async t => {
    t.strictSame(faultsOf(object({ a: string('*') }, { headers: { 'x-a': plain } })),
      ["(the whole value): the keyword 'headers' is not known, so what it releases is not either. Remove it, or name it 'x-…' if it only describes."])
  })

  t.test('several at once → all of them, each kind with its cure', async t => {
    t.strictSame(faultsOf(object({ a: plain, b: object({ c: plain }), d: string('bankng'), e: { type: 'array' } })), [
      `no claim set on /a, /b/c. ${CURE}`,
      `/e: an array without items is written without being looked at. ${OPAQUE_CURE}`,
      "unknown claim set 'bankng' on /d. The policy has profile, contact, address, banking."
    ])
  })

  t.end()
})

t.test('D23 what the serializer writes without looking → refused, unless annotated as one value', t => {
  const untyped = 'it has no type, so it is written without being looked at'
  const cases: [string, JsonSchema, string][] = [
    ['Type.Any', { ...Type.Any() }, untyped],
    ['Type.Unknown', { ...Type.Unknown() }, untyped],
    ['Type.Unsafe', { ...Type.Unsafe({}) }, untyped],
    ['Type.Never', { ...Type.Never() }, untyped],
    ['not', { not: { type: 'string' } }, untyped],
    ['an enum without a type', { enum: ['a', 'b'] }, untyped],
    ['a format without a type', { format: 'date' }, untyped],
    ['an array without items', { type: 'array' }, 'an array without items is written without being looked at'],
    ['an array of anything', { type: 'array', items: {} }, untyped],
    ['contains without items', { type: 'array', contains: { type: 'string' } }, 'an array without items is written without being looked at'],
    ['additionalItems', { type: 'array', items: [plain], additionalItems: plain }, 'additionalItems are written without being looked at'],
    ['additionalProperties: true', object({}, { additionalProperties: true }), 'a boolean schema is written without being looked at'],
    ['additionalProperties: {}', object({}, { additionalProperties: {} }), untyped],
    ['a property true', object({ x: true }), 'a boolean schema is written without being looked at'],
    ['items: true', { type: 'array', items: true }, 'a boolean schema is written without being looked at'],
    ['a pattern for anything', object({}, { patternProperties: { x: {} } }), untyped],
    ['a branch without a type', { anyOf: [plain, {}] }, untyped],
    ['a part without a type', { allOf: [{}] }, untyped],
    ['a $ref to anything', { $ref: '#/definitions/Anything' }, untyped],
    ["format 'unsafe'", { type: 'string', format: 'unsafe' }, "format 'unsafe' is written without being escaped"]
  ]
  for (const [what, schema, reason] of cases) {
    t.test(`${what}, under an annotated parent → refused`, async t => {
      const faults = faultsOf({ ...object({ x: schema }, { claimSet: 'banking' }), definitions: { Anything: {} } })
      t.equal(faults.length, 1)
      t.match(faults[0], new RegExp(`^/x(/\\*|/x)?: ${reason}\\. ${OPAQUE_CURE.replace(/[.()]/g, '\\$&')}$`))
    })
  }

  for (const [what, opaque, value, text] of [
    ['Type.Any', claimSet('banking', Type.Any()), { a: [1, { b: null }] }, '{"a":[1,{"b":null}]}'],
    ['an array without items', claimSet('banking', Type.Unsafe({ type: 'array' })), [1, { b: 2 }], '[1,{"b":2}]'],
    ['an enum without a type', { enum: ['a', 1], claimSet: 'banking' }, 1, '1'],
    ["format 'unsafe'", string('banking', { format: 'unsafe' }), 'plain', '"plain"'],
    ['additionalItems', { type: 'array', items: [plain], additionalItems: plain, claimSet: 'banking' }, ['a', 'b'], '["a","b"]']
  ] as const) {
    t.test(`${what}, annotated itself → whole or not at all`, async t => {
      const schema = object({ id: string('*'), x: opaque })
      t.equal(released(schema, { id: '1', x: value }, ['banking']), `{"id":"1","x":${text}}`)
      t.equal(released(schema, { id: '1', x: value }), '{"id":"1"}')
    })
  }

  t.test('additionalItems of a list that is annotated itself, beside an item with other claim sets → refused; without them, or where the list is a closed tuple, not', async t => {
    const list = { type: 'array', claimSet: 'banking', items: [string('profile'), plain] }
    t.strictSame(faultsOf(object({ x: { ...list, additionalItems: plain } })), ['/x: additionalItems are written without being looked at, though the items have different claim sets.'])
    for (const more of [{}, { additionalItems: false }]) t.strictSame(faultsOf(object({ x: { ...list, ...more } })), [])
  })

  t.test('any member, annotated itself → whole or not at all', async t => {
    const schema = object({ id: string('*') }, { additionalProperties: claimSet('banking', Type.Any()) })
    t.equal(released(schema, { id: '1', x: { y: 1 } }, ['banking']), '{"id":"1","x":{"y":1}}')
    t.equal(released(schema, { id: '1', x: { y: 1 } }), '{"id":"1"}')
  })

  t.test("serializerOpts.largeArrayMechanism 'json-stringify' → refused, the other one not", async t => {
    t.strictSame(faultsOf(object({ a: string('*') }), {}, { largeArrayMechanism: 'json-stringify' }),
      ["(the whole value): serializerOpts.largeArrayMechanism 'json-stringify' writes long lists without looking at their schema. Leave it at 'default'."])
    t.strictSame(faultsOf(object({ a: string('*') }), {}, { largeArrayMechanism: 'default' }), [])
  })

  t.end()
})

t.test('D24 an object without properties → stays empty', async t => {
  t.equal(released({ type: 'object', claimSet: '*' }, { secret: 'SECRET' }), '{}')
  t.equal(released({ type: 'object', properties: {}, claimSet: '*' }, { secret: 'SECRET' }), '{}')
  t.equal(released({ type: 'object', patternProperties: {}, claimSet: '*' }, { secret: 'SECRET' }), '{}')
})

t.test('D25 patternProperties with additionalProperties: false → what matches alone', async t => {
  const schema = { type: 'object', patternProperties: { '^p_': string('profile'), '^b_': string('banking') }, additionalProperties: false }
  const value = { p_a: '1', b_a: 'SECRET', other: 'SECRET' }
  t.equal(released(schema, value, ['profile']), '{"p_a":"1"}')
  t.equal(released(schema, value, ['profile', 'banking']), '{"p_a":"1","b_a":"SECRET"}')
  t.equal(released(schema, value), '{}')
})

t.test('D26 a pattern that a named property matches → its own annotation governs', async t => {
  const withheld = object({ iban: string('banking') }, { patternProperties: { '^i': string('*') } })
  t.equal(released(withheld, { iban: 'SECRET', id: '1' }), '{"id":"1"}')
  t.equal(released(withheld, { iban: 'SECRET', id: '1' }, ['banking']), '{"iban":"SECRET","id":"1"}')
  const open = object({ id: string('*') }, { patternProperties: { '^i': string('banking') } })
  t.equal(released(open, { iban: 'SECRET', id: '1' }), '{"id":"1"}')
  const rest = object({ iban: string('banking') }, { additionalProperties: string('*') })
  t.equal(released(rest, { iban: 'SECRET', x: '1' }), '{"x":"1"}')
})

t.test('D26 two patterns that overlap → a member that a withheld one matches is withheld', async t => {
  for (const patternProperties of [{ '^i': string('*'), n$: string('banking') }, { n$: string('banking'), '^i': string('*') }]) {
    t.equal(released({ type: 'object', patternProperties }, { iban: 'SECRET', id: '1', bin: 'SECRET' }), '{"id":"1"}')
  }
})

t.test('D27 a record whose values are withheld → its keys are too', async t => {
  const schema = object({ id: string('*'), accounts: { type: 'object', patternProperties: { '^(.*)$': object({ balance: string('banking') }) } } })
  t.equal(released(schema, { id: '1', accounts: { DE89: { balance: '5' } } }), '{"id":"1"}')
  t.equal(released(schema, { id: '1', accounts: { DE89: { balance: '5' } } }, ['banking']), '{"id":"1","accounts":{"DE89":{"balance":"5"}}}')
})

const kinds = (kindSets: unknown) => ({
  anyOf: [
    object({ kind: { type: 'string', const: 'a', claimSet: kindSets }, x: string('profile') }, { required: ['kind'] }),
    object({ kind: { type: 'string', const: 'b', claimSet: kindSets }, x: string('banking'), y: string('profile') }, { required: ['kind'] })
  ]
})

t.test('D28 a union whose discriminator is withheld → refused; where its branch may show, told apart on the whole value', async t => {
  t.match(faultsOf(kinds('contact')), [/^\(the whole value\): which branch was taken shows in \/x, \/y to tokens that may not read what decides it\./])
  const schema = { ...kinds('contact'), claimSet: { sets: ['profile', 'contact', 'banking'], revealsBranch: true } }
  const value = { kind: 'b', x: 'SECRET', y: '1' }
  t.equal(released(schema, value, ['profile']), '{"y":"1"}')
  t.equal(released(schema, value, ['profile', 'contact']), '{"kind":"b","y":"1"}')
})

t.test('D28 a union whose discriminator any token may read → the right branch, without its withheld members', async t => {
  t.equal(released(kinds('*'), { kind: 'b', x: 'SECRET', y: '1' }, ['profile']), '{"kind":"b","y":"1"}')
  t.equal(released(kinds('*'), { kind: 'a', x: '1', y: 'SECRET' }, ['profile']), '{"kind":"a","x":"1"}')
  t.equal(released(kinds('*'), { kind: 'a', x: 'SECRET' }), '{"kind":"a"}')
})

t.test('D29 branches that govern one key differently → refused, unless the branch may show; then the branch decides', async t => {
  const branches = [object({ v: string('*', { maxLength: 3 }) }), object({ v: string('banking') })]
  t.match(faultsOf({ anyOf: branches }), [/which branch was taken shows in \/v to tokens/])
  const schema = { anyOf: branches, claimSet: { sets: '*', revealsBranch: true } }
  t.equal(released(schema, { v: 'abc' }), '{"v":"abc"}')
  t.equal(released(schema, { v: 'SECRET' }), '{}')
  t.equal(released(schema, { v: 'SECRET' }, ['banking']), '{"v":"SECRET"}')
})

t.test('D30 {id} | {id, secret} → refused where the branch would show; the bytes of the first match where it does not', async t => {
  const schema = { anyOf: [object({ id: string('*'), secret: string('banking') }, { required: ['id', 'secret'] }), object({ id: string('*') }, { required: ['id'] })] }
  for (const value of [{ id: '1', secret: 'SECRET' }, { id: '1' }]) t.equal(released(schema, value), '{"id":"1"}')
  t.equal(released(schema, { id: '1', secret: 's' }, ['banking']), '{"id":"1","secret":"s"}')
  const reversed = { anyOf: [...schema.anyOf].reverse() }
  t.equal(released(reversed, { id: '1', secret: 'SECRET' }, ['banking']), '{"id":"1"}')
})

t.test('D31 no branch matches → an error without the value', async t => {
  t.throws(() => released(kinds('*'), { kind: 'SECRET' }, ['profile']), { message: "The value of '#' does not match schema definition." })
})

t.test('D32 a condition on a withheld field → refused; where its branch may show, released as it says', async t => {
  const schema = (more: object = {}) => object({ rich: { type: 'boolean', claimSet: 'banking' }, greeting: string('*') }, {
    if: { properties: { rich: { const: true } } }, then: object({ lounge: string('*') }), else: object({ counter: string('*') }), ...more
  })
  t.match(faultsOf(schema()), [/^\(the whole value\): which branch was taken shows in \/lounge, \/counter to tokens that may not read what decides it\./])
  t.equal(released(schema({ claimSet: { sets: '*', revealsBranch: true } }), { rich: true, lounge: 'l', counter: 'c' }), '{"lounge":"l"}')
  t.equal(released(schema({ claimSet: { sets: '*', revealsBranch: true } }), { rich: false, lounge: 'l', counter: 'c' }), '{"counter":"c"}')
})

t.test('D33 one property in two parts, annotated differently → refused', async t => {
  t.strictSame(faultsOf(Type.Intersect([Type.Object({ iban: claimSet('banking', Type.String()) }), Type.Object({ iban: claimSet(ANY_TOKEN, Type.String()) })]) as unknown as JsonSchema),
    ['/iban: it stands in several parts of one schema, with different claim sets or in different ways. Write it once, or alike in all of them.'])
})

t.test('D33 parts with properties of their own → each by its own', async t => {
  const schema = Type.Intersect([Type.Object({ id: claimSet(ANY_TOKEN, Type.String()) }), Type.Object({ iban: claimSet('banking', Type.String()) })]) as unknown as JsonSchema
  t.equal(released(schema, { id: '1', iban: 'SECRET' }), '{"id":"1"}')
  t.equal(released(schema, { id: '1', iban: 'SECRET' }, ['banking']), '{"id":"1","iban":"SECRET"}')
})

t.test('D34 a shared schema under two parents with other claim sets → each use by its path, the schema unchanged', async t => {
  const Address = deepFreeze({ $id: 'Address', ...object({ city: plain, zip: string('profile') }) })
  const schema = deepFreeze(object({ home: { $ref: 'Address#', claimSet: 'address' }, bank: { $ref: 'Address#', claimSet: 'banking' } }))
  const value = { home: { city: 'Home', zip: '1' }, bank: { city: 'Bank', zip: '2' } }
  t.equal(released(schema, value, ['address'], { Address }), '{"home":{"city":"Home"}}')
  t.equal(released(schema, value, ['banking'], { Address }), '{"bank":{"city":"Bank"}}')
  t.equal(released(schema, value, ['profile'], { Address }), '{"home":{"zip":"1"},"bank":{"zip":"2"}}')
  t.equal(released(object({ a: { $ref: 'Address' } }, { claimSet: '*' }), { a: value.home }, NOBODY, { Address }), '{"a":{"city":"Home"}}')
})

t.test('D35 a $ref with siblings → both are governed', async t => {
  const schema = (iban: JsonSchema) => object({ x: { $ref: '#/definitions/X', properties: { iban } } }, { definitions: { X: object({ id: string('*') }) } })
  t.strictSame(faultsOf(schema(plain)), [`no claim set on /x/iban. ${CURE}`])
  t.equal(released(schema(string('banking')), { x: { id: '1', iban: 'SECRET' } }), '{"x":{"id":"1"}}')
  t.equal(released(schema(string('banking')), { x: { id: '1', iban: 'i' } }, ['banking']), '{"x":{"id":"1","iban":"i"}}')
})

t.test('D36 Type.Recursive → its annotations at every depth', async t => {
  const Node = Type.Recursive(This => Type.Object({ v: claimSet('profile', Type.String()), s: claimSet('banking', Type.String()), kids: Type.Array(This) }))
  const schema = Node as unknown as JsonSchema
  const value = { v: '1', s: 'SECRET', kids: [{ v: '2', s: 'SECRET', kids: [{ v: '3', s: 'SECRET', kids: [] }] }] }
  t.equal(released(schema, value, ['profile']), '{"v":"1","kids":[{"v":"2","kids":[{"v":"3","kids":[]}]}]}')
  t.equal(released(schema, value), '{}')
})

t.test('D36 a value 1,000 deep → written; 100,000 deep → an error, as of the serializer itself', async t => {
  const schema = { $ref: '#/definitions/N', definitions: { N: object({ v: string('*'), s: string('banking'), next: { $ref: '#/definitions/N' } }) } }
  const deep = (depth: number) => {
    let value: object = { v: 'end' }
    for (let level = 0; level < depth; level++) value = { s: 'SECRET', next: value }
    return value
  }
  t.equal(released(schema, deep(1000)), '{"next":'.repeat(1000) + '{"v":"end"}' + '}'.repeat(1000))
  t.throws(() => released(schema, deep(100_000)), RangeError)
})

t.test('D38 default and const of a withheld field → not written', async t => {
  const schema = object({ id: string('*', { default: 'none' }), plan: string('banking', { default: 'gold' }), tier: string('banking', { const: 'first' }) }, { required: ['plan', 'tier'] })
  t.equal(released(schema, {}), '{"id":"none"}')
  t.equal(released(schema, { id: '1', plan: 'x', tier: 'x' }), '{"id":"1"}')
  t.equal(released(schema, { tier: 'anything' }, ['banking']), '{"plan":"gold","tier":"first","id":"none"}')
})

t.test('D39 a withheld field that can be null → absent for null and for a value', async t => {
  for (const schema of [string('banking', { nullable: true }), string('banking', { type: ['string', 'null'] }), { anyOf: [plain, { type: 'null' }], claimSet: 'banking' }, { anyOf: [string('banking'), { type: 'null' }] }]) {
    for (const x of [null, 'SECRET', undefined]) t.equal(released(object({ id: string('*'), x: schema }), { id: '1', x }), '{"id":"1"}')
    t.equal(released(object({ id: string('*'), x: schema }), { id: '1', x: null }, ['banking']), '{"id":"1","x":null}')
    t.equal(released(object({ id: string('*'), x: schema }), { id: '1', x: 'v' }, ['banking']), '{"id":"1","x":"v"}')
  }
})

t.test('D39 an object that can be null, of which something is released → null, or the rest of it', async t => {
  const schema = object({ x: object({ a: string('*'), s: string('banking') }, { nullable: true }) })
  t.equal(released(schema, { x: null }), '{"x":null}')
  t.equal(released(schema, { x: { a: '1', s: 'SECRET' } }), '{"x":{"a":"1"}}')
})

t.test('D41 a released text that is given something else → what the serializer makes of it; a withheld one is not asked', async t => {
  const schema = object({ name: string('*'), secret: string('banking') })
  const untouched = { toString: () => { throw new Error('asked') } }
  for (const [name, text] of [[['1', 'x'], '1,x'], [new Error('SELECT 1'), 'Error: SELECT 1'], [/x/, 'x'], [new Date(0), '1970-01-01T00:00:00.000Z'], [null, '']] as const) {
    t.equal(released(schema, { name, secret: untouched }), `{"name":${JSON.stringify(text)}}`)
  }
})

t.test('D42 toJSON → what it returns is released; that of a withheld value is not called', async t => {
  const schema = object({ id: string('*'), inner: object({ a: string('*'), s: string('banking') }), secret: object({ s: plain }, { claimSet: 'banking' }) })
  const value = {
    toJSON: () => ({
      id: '1', more: 'SECRET', inner: { toJSON: () => ({ a: '2', s: 'SECRET', more: 'SECRET' }) }, secret: { toJSON: () => { throw new Error('called') } }
    })
  }
  t.equal(released(schema, value), '{"id":"1","inner":{"a":"2"}}')
  t.equal(released({ ...object({ s: plain }), claimSet: 'banking' }, { toJSON: () => { throw new Error('called') } }), '{}')
})

t.test('D44 values that are no plain objects → as without the guard, without what is withheld', t => {
  const schema = object({ id: string('*'), n: { type: 'integer', claimSet: '*' }, list: { type: 'array', items: string('*', { nullable: true }) }, secret: object({ s: plain }, { claimSet: 'banking' }) })
  class Customer {
    secret = { s: 'SECRET' }
    get id () { return '1' }
  }
  const cyclic: { id: string, secret: object } = { id: '1', secret: {} }
  cyclic.secret = cyclic
  const cases: [string, unknown, string][] = [
    ['a class instance with a getter', new Customer(), '{"id":"1"}'],
    ['inherited members', Object.create({ id: '1', secret: { s: 'SECRET' } }), '{"id":"1"}'],
    ['no prototype', Object.assign(Object.create(null), { id: '1', secret: { s: 'SECRET' } }), '{"id":"1"}'],
    ['a proxy', new Proxy({ id: '1', secret: { s: 'SECRET' } }, {}), '{"id":"1"}'],
    ['a map', new Map([['id', '1']]), '{}'],
    ['a date', new Date(0), '{}'],
    ['a getter of what is withheld', { id: '1', get secret () { throw new Error('asked') } }, '{"id":"1"}'],
    ['a member by symbol', { id: '1', [Symbol('secret')]: 'SECRET' }, '{"id":"1"}'],
    ['a BigInt', { id: '1', n: 2n ** 64n }, '{"id":"1","n":18446744073709551616}'],
    ['a sparse array', { list: Object.assign(Array(3), { 1: 'a', 0: null, 2: null }) }, '{"list":[null,"a",null]}'],
    ['a cycle below what is withheld', cyclic, '{"id":"1"}'],
    ['undefined', { id: undefined, secret: undefined }, '{}'],
    ['a lone surrogate', { id: '\ud800' }, '{"id":"\\ud800"}'],
    ['2^53 + 1 as a text', { id: '9007199254740993' }, '{"id":"9007199254740993"}'],
    ['-0', { n: -0 }, '{"n":0}']
  ]
  for (const [what, value, text] of cases) t.test(what, async t => { t.equal(released(schema, value), text) })

  t.test('getters and toJSON with side effects → not called where withheld, in lists, records and recursions neither', async t => {
    const called: string[] = []
    const secret = { get s () { called.push('getter'); return 'SECRET' }, toJSON () { called.push('toJSON'); return {} } }
    const member = () => ({ id: '1', get secret () { called.push('member'); return secret } })
    const Item = object({ id: string('*'), secret: object({ s: plain }, { claimSet: 'banking' }) })
    const schema = object({ ...Item.properties as object, list: { type: 'array', items: Item }, map: object({}, { additionalProperties: Item }), next: { $ref: '#' } })
    const value = { id: '1', get secret () { called.push('member'); return secret }, list: [member()], map: { x: member() }, next: member() }
    t.equal(released(schema, value), '{"id":"1","list":[{"id":"1"}],"map":{"x":{"id":"1"}},"next":{"id":"1"}}')
    t.strictSame(called, [])
  })

  t.test('a getter of what is withheld in a union → may be asked, since the whole value decides; what it gives does not leave', async t => {
    let asked = 0
    const schema = { anyOf: ['a', 'b'].map(k => object({ k: string('*', { const: k }), [k]: string('*'), secret: string('banking') }, { required: ['k'] })) }
    t.equal(released(schema, { k: 'b', a: '1', b: '2', get secret () { asked++; return 'SECRET' } }), '{"k":"b","b":"2"}')
    t.ok(asked > 0)
    t.throws(() => released(schema, { k: 'b', get secret () { throw new Error('asked') } }), { message: 'asked' })
  })

  t.test('propertyNames, dependentRequired, dependencies → nothing of them is written, and nothing decided by them', async t => {
    const schema = object({ a: string('*'), b: string('banking') }, { propertyNames: { maxLength: 1 }, dependentRequired: { a: ['b'] }, dependencies: { b: ['a'] } })
    for (const value of [{ a: '1', b: 'SECRET' }, { a: '1' }, { a: '1', long: 'SECRET' }]) t.equal(released(schema, value), '{"a":"1"}')
  })

  t.test('NaN → an error where it is released, nothing where it is not', async t => {
    t.throws(() => released(object({ n: { type: 'number', claimSet: '*' } }), { n: NaN }), { message: 'The value "NaN" cannot be converted to a number.' })
    t.equal(released(object({ id: string('*'), n: { type: 'number', claimSet: 'banking' } }), { id: '1', n: NaN }), '{"id":"1"}')
  })

  t.test('a cycle in what is released → an error, not a hang', async t => {
    const loop: { id: string, next?: unknown } = { id: '1' }
    loop.next = loop
    const schema = { $ref: '#/definitions/N', definitions: { N: object({ id: string('*'), s: string('banking'), next: { $ref: '#/definitions/N' } }) } }
    t.throws(() => released(schema, loop), RangeError)
  })

  t.test('members named as those of every object → by their annotations', async t => {
    const names = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '']
    const schema = object(Object.fromEntries([...names.map(name => [name, string('banking')]), ['id', string('*')]]), { additionalProperties: string('*') })
    t.equal(released(schema, Object.fromEntries([...names, 'id', 'x'].map(name => [name, 'v']))), '{"id":"v","x":"v"}')
    t.equal(released(schema, Object.fromEntries([...names, 'id'].map(name => [name, 'v'])), ['banking']), `{${[...names, 'id'].map(name => `"${name}":"v"`).join()}}`)
  })

  t.test('a property named __proto__ → refused; as a member of a record, by the annotation of the record', async t => {
    t.strictSame(faultsOf(object(JSON.parse('{"__proto__":{"type":"string","claimSet":"banking"}}'))), ["(the whole value): a property cannot be named '__proto__'"])
    const record = object({ id: string('banking') }, { additionalProperties: string('*') })
    t.equal(released(record, JSON.parse('{"__proto__":"own","id":"SECRET"}')), '{"__proto__":"own"}')
  })

  t.end()
})

t.test('D45 an annotation that is written wrong → refused', t => {
  const NAMES = 'claimSet must be the name of a claim set, or a list of names that is not empty'
  const cases: [string, JsonSchema, string[]][] = [
    ['claim', object({ a: { type: 'string', claim: 'banking', claimSet: '*' } }), ["/a: the keyword 'claim' is not known, so what it releases is not either. Write 'claimSet'."]],
    ['claims', object({ a: { type: 'string', claims: 'banking' } }, { claimSet: '*' }), ["/a: the keyword 'claims' is not known, so what it releases is not either. Write 'claimSet'."]],
    ...['claimsets', 'claim_set', 'claim-sets', 'ClaimSet', 'claimsSet'].map((keyword): [string, JsonSchema, string[]] =>
      [keyword, object({ a: { type: 'string', [keyword]: 'banking' } }, { claimSet: '*' }), [`/a: the keyword '${keyword}' is not known, so what it releases is not either. Write 'claimSet'.`]]),
    ['an unknown claim set', object({ a: string('bankng') }), ["unknown claim set 'bankng' on /a. The policy has profile, contact, address, banking."]],
    ['an unknown one among known', object({ a: string(['banking', 'x']) }), ["unknown claim set 'x' on /a. The policy has profile, contact, address, banking."]],
    ['an empty list', object({ a: string([]) }), [`no claim set on /a. ${CURE}`, `/a: ${NAMES}`]],
    ['null', object({ a: { type: 'string', claimSet: null } }, { claimSet: '*' }), [`/a: ${NAMES}`]],
    ['an unknown option', object({ a: { type: 'string', claimSet: { sets: 'banking', reveals: true } } }, { claimSet: '*' }), ["/a: claimSet has no option 'reveals'; it has mask, revealsParent, revealsBranch"]],
    ['any keyword that nobody knows', object({ a: { type: 'string', unevaluated: 1, claimSet: '*' } }), ["/a: the keyword 'unevaluated' is not known, so what it releases is not either. Remove it, or name it 'x-…' if it only describes."]],
    ['an unknown type', object({ a: { type: 'Date', claimSet: '*' } }), ["/a: the serializer does not know the type 'Date'"]],
    ['several types, one unknown', object({ a: { type: ['string', 'bigint'], claimSet: '*' } }), ["/a: the serializer does not know the type 'bigint'"]]
  ]
  for (const [what, schema, faults] of cases) t.test(what, async t => { t.strictSame(faultsOf(schema), faults) })

  t.test('an unknown claim set once, not on all that it governs', async t => {
    t.strictSame(faultsOf(object({ a: object({ b: plain, c: plain }, { claimSet: 'x' }) })), ["unknown claim set 'x' on /a. The policy has profile, contact, address, banking."])
  })

  t.test('an array annotated instead of its items → governs its items', async t => {
    const schema = object({ id: string('*'), list: { type: 'array', items: plain, claimSet: 'banking' } })
    t.equal(released(schema, { id: '1', list: ['SECRET'] }), '{"id":"1"}')
    t.equal(released(schema, { id: '1', list: ['x'] }, ['banking']), '{"id":"1","list":["x"]}')
  })

  t.end()
})

t.test('D47 ANY_TOKEN inside a withheld parent → refused, unless it may reveal the parent', t => {
  const schema = (id: unknown, parent: unknown = 'banking') => object({ banking: object({ id: { type: 'string', claimSet: id }, iban: plain }, { claimSet: parent }) })
  t.test('refused', async t => {
    const cure = "Annotate it with the parent's claim sets, or accept that with { revealsParent: true }."
    t.strictSame(faultsOf(schema('*')), [`/banking/id: ANY_TOKEN inside a parent of banking shows to any token that the parent is there. ${cure}`])
    t.strictSame(faultsOf(schema('*', ['banking', 'address'])), [`/banking/id: ANY_TOKEN inside a parent of banking or address shows to any token that the parent is there. ${cure}`])
    t.strictSame(faultsOf(schema({ sets: '*', revealsParent: false })).length, 1)
  })
  t.test('accepted → the field alone, inside of an otherwise empty parent', async t => {
    t.equal(released(schema(OPEN), { banking: { id: '1', iban: 'SECRET' } }), '{"banking":{"id":"1"}}')
    t.equal(released(schema(OPEN), { banking: { iban: 'SECRET' } }), '{"banking":{}}')
    t.equal(released(schema(OPEN), {}), '{}')
  })
  t.test('no matter inside of a parent for any token, or with claim sets of its own', async t => {
    t.strictSame(faultsOf(schema('*', '*')), [])
    t.strictSame(faultsOf(schema('contact')), [])
  })
  t.end()
})

t.test('D48 a withheld object, a missing one, null → the same bytes', async t => {
  const schema = object({ id: string('*'), banking: object({ iban: plain }, { claimSet: 'banking', nullable: true }) }, { required: ['banking'] })
  for (const banking of [{ iban: 'SECRET' }, null, undefined, {}]) t.equal(released(schema, { id: '1', banking }), '{"id":"1"}')
})

t.test('D48 a value of which nothing is released → {}, [] or null by its type', async t => {
  t.equal(released(object({ a: string('banking') }), { a: 'SECRET' }), '{}')
  t.equal(released({ type: 'array', items: string('banking') }, ['SECRET']), '[]')
  t.equal(released(string('banking'), 'SECRET'), 'null')
  t.equal(released({ type: ['array', 'null'], items: plain, claimSet: 'banking' }, ['SECRET']), '[]')
  t.equal(released({ type: ['object', 'array'], items: plain, properties: {}, claimSet: 'banking' }, ['SECRET']), '{}')
  t.equal(released({ anyOf: [string('banking'), { type: 'array', items: plain, claimSet: 'banking' }] }, ['SECRET']), '{}')
  t.equal(released({ $ref: '#/definitions/L', definitions: { L: { type: 'array', items: string('banking') } } }, ['SECRET']), '[]')
  t.equal(released({ allOf: [string('banking')] }, 'SECRET'), 'null')
})

t.test('D49 a list of withheld objects → absent, also when empty; of partly released ones → as long as it is', async t => {
  const schema = object({ id: string('*'), accounts: { type: 'array', items: object({ label: string('profile'), iban: string('banking') }) } })
  for (const accounts of [[], [{ label: 'a', iban: 'SECRET' }], undefined]) t.equal(released(schema, { id: '1', accounts }), '{"id":"1"}')
  t.equal(released(schema, { accounts: [{ label: 'a', iban: 'SECRET' }, {}] }, ['profile']), '{"accounts":[{"label":"a"},{}]}')
})

t.test('D51 a tuple with a withheld member → absent as a whole; without one, its places are kept', async t => {
  const schema = object({ id: string('*'), pair: { type: 'array', items: [string('*'), string('banking'), object({ a: string('*'), s: string('banking') })], minItems: 3, maxItems: 3 } })
  t.equal(released(schema, { id: '1', pair: ['a', 'SECRET', { a: '2', s: 'SECRET' }] }), '{"id":"1"}')
  t.equal(released(schema, { id: '1', pair: ['a', 'b', { a: '2', s: 's' }] }, ['banking']), '{"id":"1","pair":["a","b",{"a":"2","s":"s"}]}')
  const partly = object({ pair: { type: 'array', items: [string('*'), object({ a: string('*'), s: string('banking') })], minItems: 2, maxItems: 2 } })
  t.equal(released(partly, { pair: ['a', { a: '2', s: 'SECRET' }] }), '{"pair":["a",{"a":"2"}]}')
})

for (const count of [31, 32, 33, 64]) {
  t.test(`D54 ${count} claim sets → each sees its own field alone`, async t => {
    const names = Array.from({ length: count }, (_none, index) => `set_${index}`)
    const { serializerFor, claimSets } = createRelease(object(Object.fromEntries(names.map(name => [name, string(name)]))))
    t.strictSame(claimSets, [...names].sort())
    const value = Object.fromEntries(names.map(name => [name, name]))
    for (const name of names) t.equal(serializerFor(new Set([name]))(value), JSON.stringify({ [name]: name }))
    t.equal(serializerFor(new Set(names))(value), JSON.stringify(value))
  })
}

t.test('D55 claim sets in another order, or more of them than a schema names → the same view', async t => {
  const release = createRelease(object({ a: string('profile'), b: string('banking'), c: string('contact') }))
  const view = release.serializerFor(new Set(['banking', 'profile']))
  t.equal(release.serializerFor(new Set(['profile', 'banking'])), view)
  t.equal(release.serializerFor(new Set(['address', 'profile', 'other', 'banking'])), view)
  t.not(release.serializerFor(new Set(['profile'])), view)
  t.equal(view({ a: '1', b: '2', c: 'SECRET' }), '{"a":"1","b":"2"}')
})

t.test('who sees every field, though not every mask → the serializer of who may read all there is', async t => {
  const item = object({ a: string('profile'), b: { type: 'string', claimSet: { sets: 'banking', mask: { last4: 'support' } } } })
  for (const schema of [item, { type: 'array', items: item }]) {
    const { serializerFor } = createRelease(schema)
    t.equal(serializerFor(new Set(['profile', 'banking'])), serializerFor(new Set(['profile', 'banking', 'support'])))
    t.not(serializerFor(new Set(['profile', 'support'])), serializerFor(new Set(['profile', 'banking'])))
  }
})

t.test('a schema with faults, served all the same → what has no claim set is seen by nobody; with any other fault nothing is', async t => {
  const all = new Set(['profile', 'bankng'])
  const bare = createRelease(object({ a: string('profile'), b: plain, c: string('bankng') }), { known: ['profile'] })
  t.strictSame(bare.faults.map(({ kind }) => kind), ['ungoverned', 'unknown claim set'])
  t.equal(bare.serializerFor(all)({ a: '1', b: 'SECRET', c: '2' }), '{"a":"1","c":"2"}')
  t.strictSame(bare.namesFor(all), { released: ['a', 'c'], masked: [], withheld: ['b'] })
  for (const [schema, written] of [[object({ a: string('profile'), b: {} }), '{}'], [{ type: 'array', claimSet: '*', items: { not: {}, $ref: '#/nowhere' } }, '[]']] as const) {
    const { faults, serializerFor, namesFor, isList } = createRelease(schema)
    t.ok(faults.some(({ kind }) => kind === 'other'))
    t.equal(serializerFor(all)([{ a: 'SECRET', b: 'SECRET' }]), written)
    t.strictSame(namesFor(all), { released: [], masked: [], withheld: [''] })
    t.notOk(isList)
  }
})

t.test('D56 one schema object, released twice → each with its own claim sets and serializers', async t => {
  const schema = Object.freeze(object({ a: string('profile') }))
  const [some, other] = [createRelease(schema), createRelease(schema, { known: ['banking'] })]
  t.strictSame(some.faults, [])
  t.strictSame(other.faults, [{ kind: 'unknown claim set', pointer: '/a', name: 'profile' }])
})

t.test('the claim sets that a schema names → sorted, each once, ANY_TOKEN not among them', async t => {
  t.strictSame(createRelease(object({ a: string('*'), b: string(['profile', 'banking']), c: object({ d: plain }, { claimSet: 'banking' }) })).claimSets, ['banking', 'profile'])
  t.strictSame(CLAIM_SETS.length, 4)
})

function deepFreeze<Value> (value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    Object.values(value).forEach(deepFreeze)
  }
  return value
}
