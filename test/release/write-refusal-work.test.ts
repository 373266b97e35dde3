import t, { type Test } from 'tap'
import { classify } from '../../lib/release/classify.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { reachable } from '../../lib/release/node.js'
import { refusalsBy, type RefusalOf } from '../../lib/release/write-refusal.js'
import { CLAIM_SETS, object, string } from './releasing.js'

/*
 * What a value of a body costs must not grow with its schema: counted is how often the nodes of the schema are read, and
 * how often it is asked whether a claim set may be written.
 */

/** A check of bodies for whoever may write everything, and how often it has read or asked so far. */
function counted (schema: JsonSchema): { readonly refusal: RefusalOf, readonly writable: ReadonlySet<string>, readonly reads: () => number } {
  const { root } = classify(schema)
  let reads = 0
  const read = <Value>(value: Value) => {
    reads++
    return value
  }
  for (const node of reachable(root)) {
    const { sets } = node
    const facets = new Proxy(node.facets, { get: (target, key) => read(Reflect.get(target, key)) })
    Object.defineProperties(node, { facets: { get: () => read(facets) }, sets: { get: () => read(sets) } })
  }
  const writable = new Set(CLAIM_SETS)
  writable.has = name => read(CLAIM_SETS.includes(name))
  return { refusal: refusalsBy(root), writable, reads: () => reads }
}

/** How often the schema is read for one body, the first of its check. */
function readsFor (t: Test, schema: JsonSchema, body: unknown): number {
  const { refusal, writable, reads } = counted(schema)
  const before = reads()
  t.equal(refusal(body, writable), undefined)
  return reads() - before
}

const many = (count: number, item: (index: number) => unknown) => Array.from({ length: count }, (_none, index) => item(index))
const wide = (count: number) => Object.fromEntries(many(count, index => [`f${index}`, string(CLAIM_SETS[index % 4]!)]) as [string, unknown][])

t.test('1,000 values of one kind → the schema is read as often as for 10', async t => {
  const list = (items: JsonSchema, more: JsonSchema = {}) => object({ l: { type: 'array', items } }, more)
  const tree = { Tree: object({ v: string('profile'), l: { type: 'array', items: { $ref: '#/definitions/Tree' } } }) }
  const union = { anyOf: many(20, index => object({ kind: string('profile'), [`b${index}`]: string('contact') })) }
  const cases: Record<string, [schema: JsonSchema, item: (index: number) => unknown]> = {
    scalars: [list(string('profile')), () => 'x'],
    'empty objects': [list(object(wide(200))), () => ({})],
    'objects with a member': [list(object(wide(200))), () => ({ f7: 'x', f150: 'y' })],
    'null for an object': [list(object(wide(200))), () => null],
    'branches of a union': [list(union), index => ({ kind: 'k', [`b${index % 5}`]: 'x' })],
    'empty objects for a union': [list(union), () => ({})],
    'parts and siblings': [list({ allOf: [object(wide(50)), object(wide(60))], properties: wide(70) }), () => ({ f3: 'x', f60: 'y' })],
    'names that nobody declares': [list(object(wide(50), { additionalProperties: string('banking') })), index => ({ [`n${index}`]: 'x' })],
    tuples: [list({ type: 'array', items: [string('profile'), string('banking')] }), () => ['x', 'y']],
    'a recursive list': [list({ $ref: '#/definitions/Tree' }, { definitions: tree }), () => ({ l: [{ l: [{}, { v: 'x' }] }] })]
  }
  for (const [name, [schema, item]] of Object.entries(cases)) {
    const reads = readsFor(t, schema, { l: many(10, item) })
    t.ok(reads > 0, 'reading is counted')
    t.equal(readsFor(t, schema, { l: many(1000, item) }), reads, name)
  }
  const deep = (depth: number) => JSON.parse('{"l":['.repeat(depth) + '{"v":"x"}' + ']}'.repeat(depth))
  const recursive = { $ref: '#/definitions/Tree', definitions: tree }
  t.equal(readsFor(t, recursive, deep(200)), readsFor(t, recursive, deep(10)), 'one in the other')
})

t.test('names that patterns tell apart → for each the patterns are read, however much else the schema has', async t => {
  const schema = (count: number) => ({
    anyOf: [...many(count, index => object({ [`b${index}`]: string('contact') })), { type: 'object', patternProperties: { '^n': string('banking') } }]
  })
  const names = (count: number) => Object.fromEntries(many(count, index => [`n${index}`, 'x']) as [string, unknown][])
  const growth = (count: number) => readsFor(t, schema(count), names(1000)) - readsFor(t, schema(count), names(10))
  t.equal(growth(200), growth(2))
})

t.test('a second body → the schema is not read again', async t => {
  const { refusal, reads } = counted(object({ l: { type: 'array', items: object(wide(100)) }, ...wide(20) }))
  const write = (body: unknown) => refusal(body, new Set(CLAIM_SETS))
  t.equal(write({ f1: 'x', l: [{ f2: 'y' }, {}] }), undefined)
  const before = reads()
  t.equal(write({ f1: 'x', l: [{}, {}, { f2: 'z' }] }), undefined)
  t.match(refusal({ l: [{}] }, new Set()), { kind: 'forbidden', pointer: '/l/0' })
  t.equal(reads(), before)
})
