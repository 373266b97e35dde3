import t from 'tap'
import { faultsOf, object, string } from './releasing.js'

/** Alternatives side by side: the serializer writes each combination of their branches. */
const sideBySide = (count: number) => ({
  type: 'object',
  claimSet: 'profile',
  allOf: Array.from({ length: count }, (_, index) => ({ anyOf: [object({ [`a${index}`]: { type: 'string' } }), object({ [`b${index}`]: { type: 'string' } })] }))
})

t.test('more than the serializer could be written for → refused, and not tried', async t => {
  const [fault, ...others] = faultsOf(sideBySide(20))
  t.match(fault, /^\(the whole value\): .*the serializer would write more than \d+ fields for it.* Move parts of it to definitions, and write fewer unions side by side\.$/)
  t.strictSame(others, [])
})

t.test('a few alternatives side by side → good', async t => {
  t.strictSame(faultsOf(sideBySide(3)), [])
})

t.test('a schema that is nothing but itself → refused', async t => {
  const endless = 'it refers to itself without a member or an item between, so there is no end to it. Remove the reference.'
  t.ok(faultsOf({ $ref: '#/definitions/a', definitions: { a: { $ref: '#/definitions/b' }, b: { $ref: '#/definitions/a' } } }).includes(`(the whole value): ${endless}`))
  t.ok(faultsOf(object({ x: { allOf: [{ $ref: '#/properties/x' }], claimSet: 'profile' } })).includes(`/x: ${endless}`))
  t.strictSame(faultsOf(object({ x: string('profile'), next: { $ref: '#' } })), [])
})
