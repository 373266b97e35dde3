import { Kind, Type } from '@sinclair/typebox'
import t from 'tap'
import { claimSet } from '../../lib/release/annotation.js'
import { createSchemaBucket, originalsOf, originalOf, plainSchema, withoutAnnotationsOf } from '../../plugins/guard/schema-bucket.js'

const Part = claimSet('a', Type.Object({ b: claimSet('b', Type.String()) }, { $id: 'Part' }))

t.test('a schema added → handed out without annotations, with TypeBox\'s symbols, and its original remembered', async t => {
  const bucket = createSchemaBucket()
  bucket.add(Part)
  const bare = bucket.getSchema('Part') as typeof Part
  t.notMatch(JSON.stringify(bare), 'claimSet')
  t.equal(bare[Kind], 'Object')
  t.equal(bare.properties.b[Kind], 'String')
  t.strictSame(originalsOf(bucket.getSchemas() as never).Part, Part)
  t.equal(bucket.getSchema('Other'), undefined)
})

t.test('a schema changed after it was added → stays as it was added', async t => {
  const bucket = createSchemaBucket()
  const schema = { $id: 'X', type: 'object', properties: { a: { type: 'string', claimSet: 'a' } } }
  bucket.add(schema)
  Object.assign(schema.properties, { b: { type: 'string' } })
  t.strictSame(Object.keys((originalsOf(bucket.getSchemas() as never).X as unknown as typeof schema).properties), ['a'])
})

t.test('inherited schemas → those of another bucket as they are, plain ones copied', async t => {
  const parent = createSchemaBucket({ Plain: { $id: 'Plain', type: 'string', claimSet: 'a' } })
  parent.add(Part)
  const child = createSchemaBucket(parent.getSchemas())
  t.equal(child.getSchema('Part'), parent.getSchema('Part'))
  t.strictSame(child.getSchema('Plain'), { $id: 'Plain', type: 'string' })
  child.add({ $id: 'Own' })
  t.equal(parent.getSchema('Own'), undefined)
})

t.test('no $id, or one that is taken → Fastify\'s own errors', async t => {
  const bucket = createSchemaBucket()
  bucket.add(Part)
  t.throws(() => bucket.add(Part), { code: 'FST_ERR_SCH_ALREADY_PRESENT' })
  for (const $id of [undefined, '', 1]) t.throws(() => bucket.add({ $id }), { code: 'FST_ERR_SCH_MISSING_ID' })
})

t.test('a boolean schema, or what nobody copied → as it is', async t => {
  t.equal(withoutAnnotationsOf(false), false)
  t.equal(originalOf(Part), Part)
})

t.test('a builder → what it builds', async t => {
  const built = { type: 'string' }
  t.equal(plainSchema({ isFluentSchema: true, valueOf: () => built }), built)
  t.equal(plainSchema({ isFluentJSONSchema: true, valueOf: () => built }), built)
  t.equal(plainSchema(built), built)
  t.equal(plainSchema(undefined), undefined)
})
