import t from 'tap'
import { withoutUnreferenced } from '../../lib/openapi/unreferenced.js'

const ref = (path: string) => ({ $ref: `#/components/schemas/${path}` })

t.test('components that nothing refers to → gone; also those that only they refer to, and those that refer to each other', async t => {
  const schemas = { used: { items: ref('inner') }, inner: { type: 'string' }, unused: { items: ref('beneath') }, beneath: {}, a: ref('b'), b: ref('a') }
  const document = { paths: { '/': { get: ref('used'), description: undefined } }, components: { schemas, parameters: { p: { schema: ref('unknown') } } } }
  const { components, paths } = withoutUnreferenced(document)
  t.strictSame(components.schemas, { used: schemas.used, inner: schemas.inner })
  t.equal(components.parameters, document.components.parameters)
  t.equal(paths, document.paths)
  t.equal(Object.keys(schemas).length, 6, 'the document that was given stays as it is')
})

t.test('references into a component → what they lead to stays, and nothing beside it', async t => {
  const schemas = { customer: { properties: { id: { type: 'string' }, 'a/b': ref('other'), iban: { enum: ['SECRET'] } } }, other: { type: 'null' } }
  const { components } = withoutUnreferenced({ paths: [ref('customer/properties/id'), ref('customer/properties/a~1b'), ref('customer/properties/nothing')], components: { schemas } })
  t.strictSame(components.schemas, { customer: { properties: { id: { type: 'string' }, 'a/b': ref('other') } }, other: { type: 'null' } })
})

t.test('no components → nothing changes', async t => {
  t.strictSame(withoutUnreferenced({}), {})
  t.strictSame(withoutUnreferenced({ components: {} }), { components: {} })
})
