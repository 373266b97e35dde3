import t from 'tap'
import Type, { type TSchema } from 'typebox'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { faultsOf, NOBODY, released } from './releasing.js'

/** Schemas of TypeBox 1 (the package typebox), which marks them by members that are not enumerable. */

const plain = (schema: TSchema) => schema as unknown as JsonSchema

const id = claimSet(ANY_TOKEN, Type.String())
const iban = claimSet('banking', Type.String())

t.test('objects, optional and readonly fields, within and around an annotation', async t => {
  const schema = plain(Type.Object({
    id,
    name: Type.Optional(claimSet('profile', Type.String())),
    note: claimSet('profile', Type.Optional(Type.String())),
    kind: Type.Readonly(claimSet('profile', Type.Literal('person'))),
    iban
  }))
  t.strictSame(schema.required, ['id', 'kind', 'iban'])
  const value = { id: '1', name: 'n', note: 'o', kind: 'person', iban: 'SECRET' }
  t.equal(released(schema, value), '{"id":"1"}')
  t.equal(released(schema, value, ['profile']), '{"id":"1","kind":"person","name":"n","note":"o"}')
  t.equal(released(schema, { id: '1' }), '{"id":"1"}')
})

t.test('arrays, tuples, records, unions, intersections, nullable', async t => {
  const schema = plain(Type.Object({
    list: Type.Array(Type.Object({ id, iban })),
    pair: Type.Tuple([id, id]),
    map: Type.Record(Type.String(), iban),
    one: Type.Union(['x', 'y'].map(kind => Type.Object({ kind: claimSet(ANY_TOKEN, Type.Literal(kind)), [kind]: id, iban }))),
    both: Type.Intersect([Type.Object({ id }), Type.Object({ iban })]),
    maybe: Type.Union([iban, Type.Null()])
  }))
  const value = {
    list: [{ id: '1', iban: 'SECRET' }], pair: ['1', '2'], map: { SECRET: 'SECRET' }, one: { kind: 'y', x: '1', y: '2', iban: 'SECRET' }, both: { id: '1', iban: 'SECRET' }, maybe: null
  }
  t.equal(released(schema, value), '{"list":[{"id":"1"}],"pair":["1","2"],"one":{"kind":"y","y":"2"},"both":{"id":"1"}}')
})

t.test('a type that refers to itself, shared schemas', async t => {
  const Node = plain(Type.Cyclic({ Node: Type.Object({ id, iban, next: Type.Optional(Type.Ref('Node')) }) }, 'Node'))
  t.equal(released(Node, { id: '1', iban: 'SECRET', next: { id: '2', iban: 'SECRET' } }), '{"id":"1","next":{"id":"2"}}')
  const Customer = plain(Type.Object({ id, iban }, { $id: 'Customer' }))
  t.equal(released(plain(Type.Object({ c: Type.Ref('Customer') })), { c: { id: '1', iban: 'SECRET' } }, NOBODY, { Customer }), '{"c":{"id":"1"}}')
})

t.test('what nothing governs → refused at boot', async t => {
  t.match(faultsOf(plain(Type.Object({ id, name: Type.String() }))), [/^no claim set on \/name\./])
})
