import t from 'tap'
import { MaskFailedError } from '../../lib/errors.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { createProjection } from '../../lib/release/mask-projection.js'
import type { Masks } from '../../lib/release/masks.js'
import { createRelease } from '../../lib/release/release.js'
import { faultsOf, masked, seen } from './masking.js'
import { object, string } from './releasing.js'

const IBAN = 'NL91ABNA0417164300'
const SHOWN = '••••4300'

const list = (items: unknown): JsonSchema => ({ type: 'array', items })
const x = object({ x: masked() })

t.test('a mask → in the order written, the field itself for whoever may see it, nothing for others', async t => {
  const schema = object({ id: string('*'), x: masked({}, { initials: 'match', last4: ['support', 'profile'] }), y: string('banking') })
  const value = { id: '1', x: IBAN, y: 'y' }
  t.equal(seen(schema, value, []), '{"id":"1"}')
  t.equal(seen(schema, value, ['support']), `{"id":"1","x":"${SHOWN}"}`)
  t.equal(seen(schema, value, ['profile']), `{"id":"1","x":"${SHOWN}"}`)
  t.equal(seen(schema, value, ['support', 'match']), '{"id":"1","x":"N."}')
  t.equal(seen(schema, value, ['banking']), `{"id":"1","x":"${IBAN}","y":"y"}`)
  t.equal(seen(schema, value, ['banking', 'support', 'match']), `{"id":"1","x":"${IBAN}","y":"y"}`)
})

t.test('two fields with masks, of which one is seen itself → the other is masked', async t => {
  const schema = object({ x: masked(), y: { type: 'string', claimSet: { sets: 'profile', mask: { initials: 'support' } } } })
  t.equal(seen(schema, { x: IBAN, y: 'Ada Lovelace' }, ['support', 'profile']), `{"x":"${SHOWN}","y":"Ada Lovelace"}`)
  t.equal(seen(schema, { x: IBAN, y: 'Ada Lovelace' }, ['support']), `{"x":"${SHOWN}","y":"A. L."}`)
})

t.test('a Date in place of an object → nothing of what somebody has put into it', async t => {
  t.equal(seen(object({ a: x }), { a: Object.assign(new Date(0), { x: IBAN, toJSON: undefined }) }), '{"a":{}}')
})

t.test('who sees everything, with or without the sets of masks → the serializer of the schema as it was written', async t => {
  const schema = object({ x: masked(), y: { type: 'array', items: { type: 'string' }, claimSet: 'banking' } })
  const release = createRelease(schema)
  for (const readable of [['banking'], ['banking', 'support']]) t.equal(release.serializerFor(new Set(readable))({ y: ['a'], x: IBAN }), `{"x":"${IBAN}","y":["a"]}`)
})

t.test('missing and null → as they are; what the serializer makes of null stays, too', async t => {
  t.equal(seen(x, {}), '{}')
  t.equal(seen(x, { x: undefined }), '{}')
  t.equal(seen(x, { x: null }), '{"x":""}')
  for (const schema of [masked({ nullable: true }), masked({ type: ['string', 'null'] }), masked({ type: ['null', 'string'] })]) {
    t.equal(seen(object({ x: schema }), { x: null }), '{"x":null}')
    t.equal(seen(object({ x: schema }), { x: IBAN }), `{"x":"${SHOWN}"}`)
  }
  const { type, ...untyped } = masked()
  const union = object({ x: { ...untyped, anyOf: [{ type: 'null' }, { type }] } })
  t.strictSame([{ x: null }, { x: IBAN }, {}].map(value => seen(union, value)), ['{"x":null}', `{"x":"${SHOWN}"}`, '{}'])
  t.throws(() => seen({ ...x, required: ['x'] }, {}), /"x" is required/)
  for (const value of [null, undefined, 1, 'text', true]) t.equal(seen(object({ y: x }), { y: value }), value === undefined ? '{}' : '{"y":{}}')
})

t.test('a member named by a symbol → as it is: no mask is for one', t => {
  const member = Symbol('x')
  const place = { members: new Map(), tuple: [] }
  for (const root of [place, { ...place, open: { pattern: /x/, declared: new Set<string>(), place } }]) {
    const shown = createProjection(root, new Map())({ [member]: IBAN })
    t.equal((shown as { [member]: unknown })[member], IBAN)
  }
  t.end()
})

t.test('a default → masked, as the value would be', async t => {
  t.equal(seen(object({ x: masked({ default: IBAN }) }, { required: ['x'] }), {}), `{"x":"${SHOWN}"}`)
  t.equal(seen(object({ x: masked({ nullable: true, default: null }) }), {}), '{"x":null}')
})

t.test('D52 values of another kind than the mask is for → the constant', async t => {
  for (const value of [0, 1234567, true, [IBAN], { iban: IBAN }, new Date(), () => IBAN, Symbol(IBAN), 12345678n]) t.equal(seen(x, { x: value }), '{"x":"••••••••"}')
  t.equal(seen(object({ x: { type: ['string', 'integer'], claimSet: { sets: 'banking', mask: { last4: 'support' } } } }), { x: 12345678 }), '{"x":"••••••••"}')
})

t.test('null, numbers, booleans out of a mask → written as such', async t => {
  const own: Masks = {
    round: { result: { type: 'integer' }, mask: value => Math.round(Number(value) / 1000) * 1000 },
    flag: { result: { type: ['boolean', 'string'], maxLength: 4 }, mask: value => Number(value) > 1000 ? 'much' : false }
  }
  const schema = object({
    a: { type: 'number', claimSet: { sets: 'banking', mask: { round: 'support' } } },
    b: { type: ['boolean', 'string', 'number'], claimSet: { sets: 'banking', mask: { flag: 'support' } } },
    c: { type: 'number', nullable: true, claimSet: { sets: 'banking', mask: { null: 'support' } } }
  })
  t.equal(seen(schema, { a: 1234.5, b: 1234.5, c: 1234.5 }, ['support'], { own }), '{"a":1000,"b":"much","c":null}')
  t.equal(seen(schema, { b: 1, c: null }, ['support'], { own }), '{"b":false,"c":null}')
})

t.test('lists, lists of lists, tuples, records, references, recursion → masked wherever they lead', async t => {
  t.equal(seen(masked(), IBAN), `"${SHOWN}"`)
  t.equal(seen(masked(), IBAN, []), 'null')
  t.equal(seen(list(masked({ nullable: true })), [IBAN, null, '1']), `["${SHOWN}",null,"••••••••"]`)
  t.equal(seen(object({ x: list(list(x)) }), { x: [[{ x: IBAN }], []] }), `{"x":[[{"x":"${SHOWN}"}],[]]}`)
  t.equal(seen(list([masked(), string('support'), object({ y: string('support') })]), [IBAN, IBAN, { y: 'y' }]), `["${SHOWN}","${IBAN}",{"y":"y"}]`)
  const record = { type: 'object', properties: { x: string('support') }, patternProperties: { '^x': masked() } }
  t.equal(seen(record, { x: 'x', x1: IBAN, y: 'no' }), `{"x":"x","x1":"${SHOWN}"}`)
  t.equal(seen(object({}, { additionalProperties: x }), { a: { x: IBAN, y: 'no' }, b: {} }), `{"a":{"x":"${SHOWN}"},"b":{}}`)
  const shared = { Iban: { $id: 'Iban', type: 'string' }, Masked: { $id: 'Masked', ...masked() } }
  const { type, ...untyped } = masked()
  t.equal(seen(object({ x: { $ref: 'Masked#' }, y: { ...untyped, $ref: 'Iban#' } }), { x: IBAN, y: IBAN }, ['support'], { shared }), `{"x":"${SHOWN}","y":"${SHOWN}"}`)
  t.equal(seen(object({ x: { ...untyped, $ref: 'Masked#' } }), { x: IBAN }, ['support'], { shared }), `{"x":"${SHOWN}"}`)
  t.equal(seen(object({ x: { ...untyped, $ref: 'Masked#' }, y: string('profile') }), { x: IBAN }, ['banking'], { shared }), `{"x":"${IBAN}"}`)
  const tree = { $id: 'Tree', ...object({ x: masked(), y: string('banking'), next: { $ref: '#' } }) }
  t.equal(seen(tree, { x: IBAN, y: 'y', next: { x: IBAN, next: { x: '1' } } }), `{"x":"${SHOWN}","next":{"x":"${SHOWN}","next":{"x":"••••••••"}}}`)
  t.equal(type, 'string')
})

t.test('unions and conditions → decided as ever, with masks in their branches', async t => {
  const branch = (kind: string, properties: object) => object({ kind: { const: kind, claimSet: '*' }, ...properties }, { required: ['kind'] })
  const union = { anyOf: [branch('a', { x: masked(), y: string('banking') }), branch('b', { x: masked(), z: string('support') })] }
  t.equal(seen(union, { kind: 'a', x: IBAN, y: 'y' }), `{"kind":"a","x":"${SHOWN}"}`)
  t.equal(seen(union, { kind: 'b', x: IBAN, y: 'y', z: 'z' }), `{"kind":"b","x":"${SHOWN}","z":"z"}`)
  t.equal(seen(union, { kind: 'b', x: 1234567 }), '{"kind":"b","x":"••••••••"}')
  t.throws(() => seen(union, { kind: 'c', x: IBAN }), { message: /^The value of '[^']*' does not match schema definition\.$/ })
  const withFormat = { anyOf: [branch('a', { x: masked({ format: 'email', maxLength: 254, minLength: 5 }, { email: 'support' }) }), branch('b', {})] }
  t.equal(seen(withFormat, { kind: 'a', x: 'ada@example.com' }), '{"kind":"a","x":"a***@example.com"}')
  const closed = { anyOf: [branch('a', { x: masked() }), { ...branch('b', { y: x }), additionalProperties: false, minProperties: 2, propertyNames: { maxLength: 4 } }] }
  t.equal(seen(closed, { kind: 'b', y: { x: IBAN } }), `{"kind":"b","y":{"x":"${SHOWN}"}}`)
  t.throws(() => seen(closed, { kind: 'b', y: { x: IBAN }, more: 1 }))
  const conditional = { ...object({ kind: string('*'), x: masked() }), if: { properties: { kind: { const: 'a' } } }, then: object({ y: masked() }) }
  t.equal(seen(conditional, { kind: 'a', x: IBAN, y: IBAN }), `{"kind":"a","x":"${SHOWN}","y":"${SHOWN}"}`)
  t.equal(seen(conditional, { kind: 'b', x: IBAN, y: IBAN }), `{"kind":"b","x":"${SHOWN}"}`)
  const either = object({ at: { anyOf: [{ type: 'string', format: 'date-time', claimSet: 'support' }, { ...object({ kind: { const: 'a', claimSet: 'support' }, x: masked() }), required: ['kind'] }], claimSet: { sets: 'support', revealsBranch: true } } })
  t.ok(faultsOf(either).length > 0, 'a branch is told by nothing that support reads')
})

t.test('class instances, private members, getters, no prototype, frozen, inherited, proxies, toJSON → masked, and left alone', async t => {
  const asked: string[] = []
  class Account {
    #x = IBAN
    get x () { return this.#x }
    get y () { asked.push('y'); return 'secret' }
  }
  const schema = object({ x: masked(), y: string('banking'), z: string('support') })
  t.equal(seen(schema, new Account()), `{"x":"${SHOWN}"}`)
  t.strictSame(asked, [], 'what is withheld is not visited')
  t.equal(seen(schema, Object.assign(Object.create(null), { x: IBAN, z: 'z' })), `{"x":"${SHOWN}","z":"z"}`)
  t.equal(seen(schema, Object.freeze({ x: IBAN, z: 'z' })), `{"x":"${SHOWN}","z":"z"}`)
  t.equal(seen(schema, Object.create({ x: IBAN })), `{"x":"${SHOWN}"}`)
  t.equal(seen(schema, new Proxy({ x: IBAN }, {})), `{"x":"${SHOWN}"}`)
  t.equal(seen(schema, { toJSON (this: { other: string }) { return { x: IBAN, z: this.other } }, other: 'z' }), `{"x":"${SHOWN}","z":"z"}`)
  t.equal(seen(schema, { toJSON: 'no function', x: IBAN, z: 'z' }), `{"x":"${SHOWN}","z":"z"}`)
  t.equal(seen(schema, { toJSON: () => ({ toJSON: () => ({}), x: IBAN }) }), `{"x":"${SHOWN}"}`)
  t.equal(seen(schema, Object.assign([], { x: IBAN })), '{}', 'a list in place of an object')
  t.equal(seen(schema, Object.assign(() => {}, { x: IBAN })), '{}', 'a function in place of an object')
  t.equal(seen(schema, Object.assign(new Date(0), { x: IBAN })), '{}', 'a date in place of an object')
  t.equal(seen(schema, Object.assign(/x/, { x: IBAN })), `{"x":"${SHOWN}"}`)
  t.equal(seen(schema, Object.assign(new Map([['x', IBAN]]), { x: IBAN })), `{"x":"${SHOWN}"}`)
  t.throws(() => seen(list(x), Object.assign({ length: 1 }, [{ x: IBAN }])))
  t.throws(() => seen(list(x), new Array(2)), 'as without a mask')
})

t.test('D52 a text or a list in place of an object → nothing of it that is not masked; no union has both', async t => {
  const record = object({ y: string('support') }, { additionalProperties: masked() })
  t.equal(seen(record, IBAN), '{}')
  t.equal(seen(record, [IBAN, 1]), `{"0":"${SHOWN}","1":"••••••••"}`)
  t.equal(seen(object({ 0: masked() }), IBAN), '{}')
  t.equal(seen(object({ 0: masked() }), [IBAN]), `{"0":"${SHOWN}"}`)
  t.equal(seen(record, Object('ab')), '{"0":"••••••••","1":"••••••••"}')
  t.equal(seen(record, new Uint8Array([1])), '{"0":"••••••••"}')
  t.match(faultsOf({ anyOf: [x, { type: 'string', claimSet: 'support' }], claimSet: { sets: 'support', revealsBranch: true } }), [/which branch was taken shows/])
})

t.test('records of a list, one by one → masked as in the list', async t => {
  const release = createRelease(list(x))
  t.equal(release.recordSerializerFor(new Set(['support']))!({ x: IBAN }), `{"x":"${SHOWN}"}`)
  t.equal(release.recordSerializerFor(new Set(['banking']))!({ x: IBAN }), `{"x":"${IBAN}"}`)
})

t.test('members of any name, with all that the serializer asks an object → masked', async t => {
  const record = object({}, { additionalProperties: masked() })
  const symbol = Symbol('x')
  let count = 0
  const value = { get a () { count++; return IBAN }, [symbol]: IBAN, b: undefined }
  t.equal(seen(record, value), `{"a":"${SHOWN}"}`)
  t.equal(count, 1, 'read once')
})

t.test('the original → as it was', async t => {
  const value = { x: IBAN, list: [{ x: IBAN }, null], more: new Map() }
  const before = structuredClone(value)
  seen(object({ x: masked(), list: list({ ...x, nullable: true }) }), value)
  t.strictSame(value, before)
})

t.test('a cycle, or more levels than the stack has → an error, and soon', async t => {
  const tree = { $id: 'Tree', ...object({ x: masked(), next: { $ref: '#' }, all: list({ $ref: '#' }) }) }
  const cycle: Record<string, unknown> = { x: IBAN }
  cycle.next = cycle
  t.throws(() => seen(tree, cycle), RangeError)
  const again: Record<string, unknown> = { x: IBAN }
  again.all = [again]
  t.throws(() => seen(tree, again), RangeError)
  let deep: object = {}
  for (let depth = 0; depth < 100_000; depth++) deep = { next: deep }
  t.throws(() => seen(tree, deep), RangeError)
})

t.test('a mask that throws, or that breaks its promise → an error that says which, and nothing of the value', async t => {
  const own: Masks = {
    throwing: { result: { type: 'string' }, mask: value => { throw new Error(`cannot mask ${String(value)}`, { cause: value }) } },
    lying: { result: { type: 'string', maxLength: 3 }, mask: value => value },
    exotic: { result: { type: 'string' }, mask: () => Promise.resolve(IBAN) }
  }
  for (const name of Object.keys(own)) {
    const schema = object({ a: list(object({ x: masked({}, { [name]: 'support' }) })) })
    try {
      seen(schema, { a: [{ x: IBAN }] }, ['support'], { own })
      t.fail('it was written')
    } catch (error) {
      t.ok(error instanceof MaskFailedError)
      t.equal((error as Error).message, `The mask '${name}' failed on /a/*/x.`)
      t.equal((error as Error).cause, undefined)
      t.notMatch((error as Error).stack, IBAN)
    }
    t.equal(seen(schema, { a: [{ x: IBAN }] }, ['banking'], { own }), `{"a":[{"x":"${IBAN}"}]}`, 'not asked by who sees the field')
  }
})
