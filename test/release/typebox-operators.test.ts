import { Type, type TSchema } from '@sinclair/typebox'
import t from 'tap'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { faultsOf, NOBODY, released } from './releasing.js'

/** What becomes of an annotation when a schema is made of others: it is kept, or what it governed is refused at boot. */

const iban = claimSet('banking', Type.String())

const Customer = Type.Object({
  id: claimSet(ANY_TOKEN, Type.String()),
  name: claimSet('profile', Type.String()),
  iban,
  note: Type.Optional(claimSet('profile', Type.String()))
}, { $id: 'Customer' })

/** Annotated as a whole, not field by field. */
const Address = claimSet('address', Type.Object({ city: Type.String(), zip: Type.String() }))

const shared = { Customer: Customer as unknown as JsonSchema }

const JANE = { id: '1', name: 'Jane', iban: 'SECRET', note: 'n', y: 'SECRET' }

const plain = (schema: TSchema) => schema as unknown as JsonSchema

const UNGOVERNED = (pointer: string) => [`no claim set on ${pointer}. Wrap them in claimSet(...) with profile, contact, address, banking or ANY_TOKEN, or annotate their parent.`]

const FIELDS: [string, TSchema, string, string][] = [
  ['Omit', Type.Omit(Customer, ['name']), '{"id":"1"}', '{"id":"1","iban":"SECRET","note":"n"}'],
  ['Pick', Type.Pick(Customer, ['id', 'iban']), '{"id":"1"}', '{"id":"1","iban":"SECRET"}'],
  ['Partial', Type.Partial(Customer), '{"id":"1"}', '{"id":"1","name":"Jane","iban":"SECRET","note":"n"}'],
  ['Required', Type.Required(Customer), '{"id":"1"}', '{"id":"1","name":"Jane","iban":"SECRET","note":"n"}'],
  ['Composite', Type.Composite([Customer, Type.Object({ y: iban })]), '{"id":"1"}', '{"id":"1","name":"Jane","iban":"SECRET","y":"SECRET","note":"n"}'],
  ['Mapped', Type.Mapped(Type.KeyOf(Customer), key => Type.Index(Customer, key)), '{"id":"1"}', '{"id":"1","name":"Jane","iban":"SECRET","note":"n"}']
]
for (const [operator, schema, nobody, everybody] of FIELDS) {
  t.test(`D46 ${operator} → keeps the annotations of fields`, async t => {
    t.equal(released(plain(schema), JANE), nobody)
    t.equal(released(plain(schema), JANE, ['profile', 'banking']), everybody)
  })
}

const OF_A_FIELD: [string, TSchema][] = [
  ['Index', Type.Index(Customer, ['iban'])],
  ['Extends', Type.Extends(Type.Literal('a'), Type.String(), iban, Type.Null())],
  ['Readonly', Type.Readonly(iban)],
  ['Optional', Type.Optional(iban)],
  ['Optional, within the annotation', claimSet('banking', Type.Optional(Type.String()))],
  ['Transform', Type.Transform(iban).Decode(text => text.length).Encode(String)]
]
for (const [operator, schema] of OF_A_FIELD) {
  t.test(`D46 ${operator} → keeps the annotation of a field`, async t => {
    const around = plain(Type.Object({ id: claimSet(ANY_TOKEN, Type.String()), x: schema }))
    t.equal(released(around, { id: '1', x: 'SECRET' }), '{"id":"1"}')
    t.equal(released(around, { id: '1', x: 'x' }, ['banking']), '{"id":"1","x":"x"}')
  })
}

t.test('D46 Transform → what is encoded for the wire is the handler\'s: the value is written as it is', async t => {
  const schema = plain(Type.Object({ x: Type.Transform(claimSet(ANY_TOKEN, Type.String())).Decode(text => text.length).Encode(String) }))
  t.equal(released(schema, { x: 4 }), '{"x":"4"}')
})

const Id = claimSet(ANY_TOKEN, Type.String())

const OF_THE_WHOLE: [string, TSchema, unknown, string][] = [
  ['Omit', Type.Omit(Address, ['zip']), { city: 'c', zip: 'z' }, '{"city":"c"}'],
  ['Pick', Type.Pick(Address, ['city']), { city: 'c', zip: 'z' }, '{"city":"c"}'],
  ['Partial', Type.Partial(Address), { city: 'c' }, '{"city":"c"}'],
  ['Required', Type.Required(Address), { city: 'c', zip: 'z' }, '{"city":"c","zip":"z"}'],
  ['Readonly', Type.Readonly(Address), { city: 'c', zip: 'z' }, '{"city":"c","zip":"z"}'],
  ['Optional', Type.Optional(Address), { city: 'c', zip: 'z' }, '{"city":"c","zip":"z"}'],
  ['Array', Type.Array(Address), [{ city: 'c', zip: 'z' }], '[{"city":"c","zip":"z"}]'],
  ['Union with Null', Type.Union([Address, Type.Null()]), null, 'null']
]
for (const [operator, schema, value, text] of OF_THE_WHOLE) {
  t.test(`D46 ${operator} → keeps the annotation of an object`, async t => {
    const around = plain(Type.Object({ id: Id, x: schema }))
    t.equal(released(around, { id: '1', x: value }), '{"id":"1"}')
    t.equal(released(around, { id: '1', x: value }, ['address']), `{"id":"1","x":${text}}`)
  })
}

const LOST: [string, TSchema, string][] = [
  ['Composite', Type.Composite([Address, Type.Object({ y: iban })]), '/x/city, /x/zip'],
  ['Index', Type.Index(Address, ['city']), '/x'],
  ['Mapped', Type.Mapped(Type.KeyOf(Address), key => Type.Index(Address, key)), '/x/city, /x/zip'],
  ['Rest', Type.Tuple(Type.Rest(claimSet('banking', Type.Tuple([Type.String()])))), '/x/0'],
  ['KeyOf', Type.KeyOf(Address), '/x'],
  ['Exclude', Type.Exclude(claimSet('banking', Type.Union([Type.Literal('a'), Type.Literal('b')])), Type.Literal('a')), '/x'],
  ['Extract', Type.Extract(claimSet('banking', Type.Union([Type.Literal('a'), Type.Literal('b')])), Type.Literal('a')), '/x'],
  ['Uppercase', Type.Uppercase(claimSet('banking', Type.Literal('a'))), '/x']
]
for (const [operator, schema, pointers] of LOST) {
  t.test(`D46 ${operator} → loses the annotation of the whole: refused at boot`, async t => {
    t.strictSame(faultsOf(plain(Type.Object({ id: Id, x: schema }))), UNGOVERNED(pointers))
  })
}

t.test('D46 Rest → keeps the annotations of tuple members', async t => {
  const schema = plain(Type.Object({ id: Id, x: Type.Tuple(Type.Rest(Type.Tuple([iban, Id]))) }))
  t.equal(released(schema, { id: '1', x: ['SECRET', '2'] }), '{"id":"1"}')
  t.equal(released(schema, { id: '1', x: ['i', '2'] }, ['banking']), '{"id":"1","x":["i","2"]}')
})

t.test('D46 Composite of fields with different claim sets → refused at boot', async t => {
  t.strictSame(faultsOf(plain(Type.Composite([Type.Object({ y: iban }), Type.Object({ y: Id })]))),
    ['/y: it stands in several parts of one schema, with different claim sets or in different ways. Write it once, or alike in all of them.'])
})

t.test('D46 Index of fields with different claim sets → refused at boot', async t => {
  t.match(faultsOf(plain(Type.Object({ x: Type.Index(Customer, ['iban', 'name']) }))), [/^\/x: which branch was taken shows in \/x to tokens/])
})

t.test('D46 a clone → keeps its annotations', async t => {
  t.equal(released(structuredClone(plain(Type.Object({ id: Id, iban }))), JANE), '{"id":"1"}')
})

t.test('D46 Ref → the annotations of its target; its own for what is not annotated there', async t => {
  const schema = plain(Type.Object({ c: Type.Ref('Customer') }))
  t.equal(released(schema, { c: JANE }, NOBODY, shared), '{"c":{"id":"1"}}')
  t.equal(released(schema, { c: JANE }, ['banking'], shared), '{"c":{"id":"1","iban":"SECRET"}}')
  const Plain = plain(Type.Object({ y: Type.String() }, { $id: 'Plain' }))
  t.equal(released(plain(Type.Object({ id: Id, p: claimSet('banking', Type.Ref('Plain')) })), { id: '1', p: JANE }, NOBODY, { Plain }), '{"id":"1"}')
  t.match(faultsOf(plain(Type.Object({ c: claimSet('banking', Type.Ref('Customer')) })), shared), [/^\/c\/id: ANY_TOKEN inside a parent of banking shows/])
})

t.test('D46 Module → keeps its annotations, also where its types refer to each other', async t => {
  const module = Type.Module({
    Person: Type.Object({ id: Id, iban, employer: Type.Optional(Type.Ref('Company')) }),
    Company: Type.Object({ name: Id, vat: claimSet('banking', Type.String()), people: Type.Array(Type.Ref('Person')) })
  })
  const value = { id: '1', iban: 'SECRET', employer: { name: 'c', vat: 'SECRET', people: [{ id: '2', iban: 'SECRET' }] } }
  t.equal(released(plain(module.Import('Person')), value), '{"id":"1","employer":{"name":"c","people":[{"id":"2"}]}}')
  t.equal(released(plain(module.Import('Person')), value, ['banking']), JSON.stringify(value))
})

t.test('D46 types that no JSON has → refused at boot', async t => {
  for (const [schema, type] of [[Type.Date(), 'Date'], [Type.BigInt(), 'bigint'], [Type.Uint8Array(), 'Uint8Array'], [Type.Symbol(), 'symbol'], [Type.Undefined(), 'undefined']] as const) {
    t.strictSame(faultsOf(plain(Type.Object({ x: claimSet('banking', schema) }))), [`/x: the serializer does not know the type '${type}'`])
  }
})
