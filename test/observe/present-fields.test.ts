import fc from 'fast-check'
import t from 'tap'
import { presentFields } from '../../lib/observe/present-fields.js'

const fields = (withheld: string[], released: string[] = [], masked: string[] = []) => ({ released, masked, withheld })

t.test('fields that the value has → by name, each once, in the order in which they are met', async t => {
  const names = fields(['banking.iban', 'banking.balance', 'items.*.price', 'tags.*', 'pair.1', 'none'], ['id', 'items.*.name', 'pair.0'])
  t.strictSame(presentFields(names, { id: 1, items: [{ name: 'a' }, { price: 1 }, { price: 2 }], banking: { iban: null } }), ['items.*.price', 'banking.iban'])
  t.strictSame(presentFields(names, { tags: [], pair: ['a', 'b'], none: undefined }), ['pair.1'])
  t.strictSame(presentFields(names, { tags: ['x'], banking: [] }), ['tags.*'])
  for (const value of [undefined, null, 1, 'text', {}, []]) t.strictSame(presentFields(names, value), [])
})

t.test('members of any name → by *, never by their own; those that are named apart are not among them', async t => {
  const names = fields(['*', 'known.secret'], ['id', 'known.name'])
  t.strictSame(presentFields(names, { id: 1 }), [])
  t.strictSame(presentFields(names, { id: 1, DE89: 1, FR76: 2 }), ['*'])
  t.strictSame(presentFields(names, { known: { secret: 1, name: 2 } }), ['known.secret'])
})

t.test('a field of which a mask would be left → among them', async t => {
  t.strictSame(presentFields(fields(['b'], ['c'], ['a']), { a: 1, b: 2, c: 3 }), ['a', 'b'])
})

t.test('a name with dots in it → found; the whole value → by words', async t => {
  t.strictSame(presentFields(fields(['a.b', 'c.*.d'], []), { 'a.b': 1, c: { 'x.y': { d: 1 } } }), ['a.b', 'c.*.d'])
  t.strictSame(presentFields(fields(['']), { a: 1 }), ['(the whole value)'])
  t.strictSame(presentFields(fields(['']), null), ['(the whole value)'])
})

t.test('any value → nothing but names that were withheld', async t => {
  const names = fields(['a', 'b.*', 'c.*.d', 'e.f.g'], ['h', 'b.x'])
  fc.assert(fc.property(fc.json(), text => presentFields(names, JSON.parse(text)).every(name => names.withheld.includes(name))))
})
