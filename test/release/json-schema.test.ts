import t from 'tap'
import { isSchema, mapSchema } from '../../lib/release/json-schema.js'

t.test('isSchema → objects alone', async t => {
  t.equal(isSchema({}), true)
  for (const value of [null, undefined, true, [], 'x', 1]) t.equal(isSchema(value), false)
})

t.test('mapSchema', t => {
  const mark = (copy: Record<PropertyKey, unknown>) => {
    copy.seen = true
    return copy
  }

  t.test('each schema → changed once, innermost first, with the original at hand', async t => {
    const seen: unknown[] = []
    const inner = { title: 'inner' }
    const outer = { title: 'outer', properties: { x: inner } }
    mapSchema(outer, (copy, original) => {
      seen.push(original)
      t.not(copy, original)
      return copy
    })
    t.equal(seen.length, 2)
    t.equal(seen[0], inner)
    t.equal(seen[1], outer)
  })

  t.test('what is replaced → stands in the result', async t => {
    t.strictSame(mapSchema({ not: { title: 'x' } }, copy => copy.title === 'x' ? false : copy), { not: false })
  })

  t.test('a keyword that holds schemas in another way than it should → kept as it is', async t => {
    const odd = { properties: [{ a: 1 }], allOf: { a: {} }, items: 'x', not: [{}], dependencies: { a: ['b'] }, additionalProperties: true, definitions: null }
    t.strictSame(mapSchema(odd, mark), { ...odd, allOf: { a: {}, seen: true }, seen: true })
  })

  t.test('a property named __proto__ → a property of the copy', async t => {
    const properties = JSON.parse('{"__proto__":{"type":"string"}}')
    const copy = mapSchema({ properties }, mark) as { properties: object }
    t.strictSame(Object.keys(copy.properties), ['__proto__'])
    t.equal(Object.getPrototypeOf(copy.properties), Object.prototype)
    t.strictSame(Object.getOwnPropertyDescriptor(copy.properties, '__proto__'), { value: { type: 'string', seen: true }, writable: true, enumerable: true, configurable: true })
  })

  t.test('a getter, a hidden property, a symbol, a prototype → those of the copy too', async t => {
    const symbol = Symbol('kind')
    const prototype = { inherited: true }
    const schema = Object.freeze(Object.create(prototype, {
      title: { get: () => 'computed', enumerable: true },
      '~kind': { value: 'String', enumerable: false },
      [symbol]: { value: 'kept', enumerable: true },
      minLength: { value: 1, enumerable: true }
    }))
    const copy = mapSchema(schema, mark) as Record<PropertyKey, unknown>
    t.equal(copy.title, 'computed')
    t.equal(copy['~kind'], 'String')
    t.notOk(Object.keys(copy).includes('~kind'))
    t.equal(copy[symbol], 'kept')
    t.equal(Object.getPrototypeOf(copy), prototype)
    copy.minLength = 2
    t.equal(delete copy.title, true)
    t.strictSame(copy.minLength, 2)
  })

  t.test('a frozen schema → a copy that can be changed at every depth', async t => {
    const copy = mapSchema(Object.freeze({ properties: Object.freeze({ x: Object.freeze({ items: Object.freeze([Object.freeze({})]) }) }) }), copy => copy) as {
      properties: { x: { items: { title?: string }[] } }
    }
    copy.properties.x.items[0]!.title = 'changed'
    copy.properties.x.items.push({})
    t.strictSame(copy, { properties: { x: { items: [{ title: 'changed' }, {}] } } })
  })
  t.end()
})
