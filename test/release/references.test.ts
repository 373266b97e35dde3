import t from 'tap'
import { createReferences } from '../../lib/release/references.js'

const shared = {
  Address: { $id: 'Address', type: 'object', properties: { city: { $id: '#city', type: 'string' } }, definitions: { zip: { type: 'integer' } } },
  Flag: { $id: 'Flag', definitions: { yes: true, no: false } }
}
const root = { $id: 'Root', definitions: { x: { type: 'string' }, inner: { $id: 'Inner', type: 'number' } }, properties: { 'a/b': { type: 'null' } } }

t.test('within the root → the schema, and the base against which it is read', async t => {
  const references = createReferences(root, shared)
  t.equal(references.rootBase, 'Root')
  t.strictSame(references.resolve('#/definitions/x', 'Root'), { schema: { type: 'string' }, base: 'Root' })
  t.strictSame(references.resolve('#', 'Root'), { schema: root, base: 'Root' })
  t.strictSame(references.resolve('Root#/definitions/x', 'Address'), { schema: { type: 'string' }, base: 'Root' })
  t.strictSame(references.resolve('Inner', 'Root'), { schema: root.definitions.inner, base: 'Inner' })
})

t.test('to shared schemas → by $id, pointer and anchor, also where the root has no $id', async t => {
  const { $id, ...anonymous } = root
  const references = createReferences(anonymous, shared)
  t.equal(references.rootBase, 'keyhole:root')
  t.strictSame(references.resolve('#/definitions/x', 'keyhole:root'), { schema: { type: 'string' }, base: 'keyhole:root' })
  t.strictSame(references.resolve('Address', 'keyhole:root'), { schema: shared.Address, base: 'Address' })
  t.strictSame(references.resolve('Address#', 'keyhole:root'), { schema: shared.Address, base: 'Address' })
  t.strictSame(references.resolve('Address#/definitions/zip', 'keyhole:root'), { schema: { type: 'integer' }, base: 'Address' })
  t.strictSame(references.resolve('#/definitions/zip', 'Address'), { schema: { type: 'integer' }, base: 'Address' })
  t.strictSame(references.resolve('Address#city', 'keyhole:root'), { schema: shared.Address.properties.city, base: 'Address' })
  t.strictSame(references.resolve('Flag#/definitions/yes', 'keyhole:root'), { schema: true, base: 'Flag' })
})

t.test('nowhere → undefined', async t => {
  const references = createReferences(root, shared)
  for (const ref of ['Nobody', 'Nobody#/x', '#/definitions/none', 'Address#/definitions/none', '#none']) t.equal(references.resolve(ref, 'Root'), undefined, ref)
})

t.test('a root whose $id is an anchor → a name of its own', async t => {
  const references = createReferences({ $id: '#here', type: 'string' }, {})
  t.equal(references.rootBase, 'keyhole:root')
  t.strictSame(references.resolve('#here', 'keyhole:root'), { schema: { $id: '#here', type: 'string' }, base: 'keyhole:root' })
})

t.test('the root among the shared schemas → the root', async t => {
  const references = createReferences(root, { Root: { $id: 'Root', type: 'boolean' } })
  t.equal(references.resolve('Root', 'Root')!.schema, root)
})

t.test('two schemas with one $id → an error', async t => {
  t.throws(() => createReferences(root, { Other: { $id: 'Other', definitions: { y: { $id: 'Inner', type: 'string' } } } }), { message: 'There is already another schema with id "Inner".' })
})
