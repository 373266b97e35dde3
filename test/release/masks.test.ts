import { randomBytes } from 'node:crypto'
import t, { type Test } from 'tap'
import { createMasks, type Masks } from '../../lib/release/masks.js'

const refused = (t: Test, options: object, message: RegExp | string) => t.throws(() => createMasks(options), { code: 'FST_KEYHOLE_OPTION_INVALID', message })

t.test('no options → those that are built in; hash is nothing without a key', async t => {
  const masks = createMasks()
  t.strictSame([...masks.keys()], ['last4', 'email', 'year', 'initials', 'null', 'hash'])
  t.strictSame(masks.get('hash'), [])
})

t.test('a key of 32 bytes or more, as text or bytes → hash', async t => {
  for (const maskKey of [randomBytes(32), new Uint8Array(40), 'k'.repeat(32), 'é'.repeat(16)]) t.match(createMasks({ maskKey }).get('hash')![0]!.mask('a'), /^[\w-]{43}$/)
  t.equal(createMasks({ maskKey: 'k'.repeat(32) }).get('hash')![0]!.mask('a'), createMasks({ maskKey: Buffer.alloc(32, 'k') }).get('hash')![0]!.mask('a'))
})

t.test('D53 a key that is short or no key → refused, without showing it', async t => {
  for (const maskKey of ['', 'secret', 'k'.repeat(31), Buffer.alloc(31), 32, null, {}, Array(32).fill(1)]) {
    refused(t, { maskKey }, 'maskKey: write at least 32 random bytes, as a Buffer or a text, from where you keep secrets; for example randomBytes(32) of node:crypto, made once.')
  }
})

t.test('masks of the application → beside the others', async t => {
  const masks = createMasks({ masks: { areaCode: { result: { type: 'string', maxLength: 5 }, mask: value => String(value).slice(0, 3) } } })
  t.equal(masks.get('areaCode')![0]!.mask('+31 20 555'), '+31')
})

t.test('what is no mask, or takes a name that is taken → refused, by name', async t => {
  const mask = () => 'x'
  const wrong: [Record<string, unknown>, RegExp][] = [
    [{ last4: { result: { type: 'string' }, mask } }, /^masks\.last4: a mask of that name is built in/],
    [{ hash: { result: { type: 'string' }, mask } }, /^masks\.hash: a mask of that name is built in/],
    ...['1', '', 'a b', '__proto__'].map((name): [Record<string, unknown>, RegExp] => [JSON.parse(`{ ${JSON.stringify(name)}: {} }`), /^masks\..*: write a name of letters/]),
    ...[undefined, null, mask, [], {}, { result: { type: 'string' } }, { mask: 'x' }].map((given): [Record<string, unknown>, RegExp] => [{ own: given }, /^masks\.own: write \{ result, mask \}/]),
    ...[undefined, null, 'string', {}, { type: 'object' }, { type: ['string', 'array'] }, { $ref: 'x', type: 'string' }, { properties: {} }]
      .map((result): [Record<string, unknown>, RegExp] => [{ own: { result, mask } }, /^masks\.own\.result: write the JSON Schema of one value/]),
    [{ own: { result: { type: 'string', pattern: '(' }, mask } }, /^masks\.own\.result: the schema cannot be compiled/]
  ]
  for (const [masks, message] of wrong) refused(t, { masks }, message)
  for (const masks of [[], 'last4', null, 1]) refused(t, { masks }, /^masks: write an object/)
})

t.test('a result that is not what was promised → an error', async t => {
  const results: unknown[] = [1, 'too long', undefined, null, {}, ['x'], () => 'x', Symbol('x'), new Date(0), { toJSON: () => 'x', toString: () => 'x' }]
  const masks: Masks = { own: { result: { type: 'string', maxLength: 3 }, mask: value => results[value as number] } }
  const { mask } = createMasks({ masks }).get('own')![0]!
  results.forEach((_, index) => t.throws(() => mask(index)))
  t.throws(() => mask(8), { message: 'no single value' })
  const nullable = createMasks({ masks: { own: { result: { type: ['integer', 'null'] }, mask: value => value } } }).get('own')![0]!
  t.strictSame([nullable.mask(1), nullable.mask(null)], [1, null])
  t.throws(() => nullable.mask(1.5))
})
