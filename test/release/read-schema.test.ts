import t from 'tap'
import { faultsOf, object, string } from './releasing.js'

const cases: [string, object, string[]][] = [
  ['a $ref that leads nowhere', object({ x: { $ref: '#/definitions/x' } }), ["/x: the reference '#/definitions/x' leads nowhere"]],
  ['a $ref to a schema that is not shared', object({ x: { $ref: 'Other#' } }), ["/x: the reference 'Other#' leads nowhere"]],
  ['several types with claim sets within that differ', object({ x: { type: ['object', 'string'], claimSet: 'profile', properties: { a: string('banking') } } }), [
    '/x: it has several types, though its fields have different claim sets. Use anyOf, one type each.'
  ]],
  ['several types with one claim set → none', object({ x: { type: ['object', 'string'], claimSet: 'profile', properties: { a: { type: 'string' } } } }), []]
]

for (const [what, schema, faults] of cases) {
  t.test(faults.length > 0 ? `${what} → refused` : what, async t => {
    const found = faultsOf(schema as Record<string, unknown>)
    for (const fault of faults) t.ok(found.includes(fault), found.join('\n'))
    if (faults.length === 0) t.strictSame(found, [])
  })
}
