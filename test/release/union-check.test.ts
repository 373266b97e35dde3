import t from 'tap'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { faultsOf, object, released, string } from './releasing.js'

/** Whether the branch of a union or condition shows to tokens that may not read what decides it. */

const plain = { type: 'string' }
const CURE = 'Give each branch a member with a constant that these tokens may read too, or accept it with { revealsBranch: true }.'
const shows = (pointers: string, where = '(the whole value)') => [`${where}: which branch was taken shows in ${pointers} to tokens that may not read what decides it. ${CURE}`]

const secret = { secret: string('banking') }

/** Two branches, told apart by a withheld member and by what is given. */
const either = (one: JsonSchema, other: JsonSchema, more: object = {}): JsonSchema => ({ anyOf: [{ ...one, properties: { ...one.properties as object, ...secret }, required: [...one.required as string[] ?? [], 'secret'] }, other], ...more })

/** A branch that shows nothing but what is withheld. */
const nothing = object({ more: string('banking') })

/** Two branches told apart by a constant. */
const told = (kind: object, other: object = kind, more: object = {}): JsonSchema => ({
  anyOf: [
    object({ kind: { const: 'x', ...kind }, x: string('profile'), ...secret }, { required: ['kind'], ...more }),
    object({ kind: { const: 'y', ...other }, y: string('profile'), ...secret }, { required: ['kind'], ...more })
  ]
})

const cases: [string, JsonSchema, string[]][] = [
  ['branches with the same fields → none', either(object({ a: string('*') }), object({ a: string('*') })), []],
  ['branches of one claim set → none', { anyOf: [object({ a: plain }), object({ b: plain })], claimSet: 'profile' }, []],
  ['a field in one branch alone', either(object({ a: string('*') }), nothing), shows('/a')],
  ['a field in the other branch alone', either(nothing, object({ a: string('*') })), shows('/a')],
  ['a field of other claim sets in each', either(object({ a: string('profile') }), object({ a: string('contact') })), shows('/secret, /a')],
  ['a field of the same claim sets in another order → that one not', either(object({ a: string(['profile', 'contact']) }), object({ a: string(['contact', 'profile']) })), shows('/secret')],
  ['a field that is written otherwise', either(object({ a: string('*') }), object({ a: string('*', { format: 'date' }) })), shows('/a')],
  ['a field that whoever reads it reads with all that decides → none', either(object({ a: string('banking') }), nothing), []],
  ['a field of several claim sets, of which one does not read what decides', either(object({ a: string(['banking', 'profile']) }), nothing), shows('/a')],
  ['what decides is for several claim sets, each reader of the field among them → none', { anyOf: [object({ a: string('profile'), s: string(['banking', 'profile']) }), object({ s: string(['banking', 'profile']) })] }, []],
  ['what decides is for any token → none', { anyOf: [object({ a: string('profile'), s: string('*') }), object({ s: string('*') })] }, []],
  ['revealsBranch → none', either(object({ a: string('*') }), nothing, { claimSet: { sets: '*', revealsBranch: true } }), []],
  ['revealsBranch: false', either(object({ a: string('*') }), nothing, { claimSet: { sets: '*', revealsBranch: false } }), shows('/a')],
  ['revealsBranch on a field above', object({ u: either(object({ a: string('*') }), nothing) }, { claimSet: { sets: '*', revealsBranch: true } }), shows('/u/a', '/u')],
  ['a text and a number of different claim sets', { anyOf: [string('profile'), { type: 'integer', claimSet: 'banking' }] }, shows('(the value)')],
  ['null beside a field → none', { anyOf: [object({ a: string('profile'), b: string('banking') }), { type: 'null' }] }, []],
  ['null with claim sets of its own beside another', { anyOf: [string('profile'), { type: 'null', claimSet: 'banking' }] }, shows('(the value)')],
  ['three branches, two of them alike', { anyOf: [object({ a: string('*') }), object({ a: string('*') }), object({ ...secret })] }, shows('/a')],
  ['a constant that its readers read → none', told({ claimSet: 'profile' }), []],
  ['a constant that any token reads → none', told({ claimSet: '*' }), []],
  ['an enumeration without common values → none', told({ claimSet: '*', const: undefined, enum: ['x', null] }, { claimSet: '*', const: undefined, enum: ['y', 1] }), []],
  ['enumerations with a common value', told({ claimSet: '*', const: undefined, enum: ['x', 'z'] }, { claimSet: '*', const: undefined, enum: ['z', 'y'] }), shows('/kind, /x, /y')],
  ['a union of constants → none', told({ claimSet: '*', const: undefined, anyOf: [{ const: 'x' }, { const: 'z' }] }, { claimSet: '*' }), []],
  ['a union of a constant and a text', told({ claimSet: '*', const: undefined, anyOf: [{ const: 'x' }, { type: 'string' }] }, { claimSet: '*' }), shows('/kind, /x, /y')],
  ['a union with true', told({ claimSet: '*', const: undefined, anyOf: [{ const: 'x' }] }, { claimSet: '*', const: undefined, anyOf: [{ const: 'x' }] }), shows('/x, /y')],
  ['the same constant in both', told({ claimSet: '*' }, { claimSet: '*', const: 'x' }), shows('/x, /y')],
  ['constants that are objects', told({ claimSet: '*', type: 'object', const: { v: 1 } }, { claimSet: '*', type: 'object', const: { v: 2 } }), shows('/kind, /x, /y')],
  ['a constant in an enumeration with an object', told({ claimSet: '*', const: undefined, type: 'string', enum: ['x', {}] }, { claimSet: '*' }), shows('/kind, /x, /y')],
  ['numbers and texts that look alike → none', told({ claimSet: '*', const: 1 }, { claimSet: '*', const: '1' }), []],
  ['a constant in one branch alone', told({ claimSet: '*' }, { claimSet: '*', const: undefined, type: 'string' }), shows('/kind, /x, /y')],
  ['a constant that is not required', told({ claimSet: '*' }, undefined, { required: undefined }), shows('/kind, /x, /y')],
  ['a constant in branches that can be null', told({ claimSet: '*' }, undefined, { nullable: true }), shows('/kind, /x, /y')],
  ['a constant in branches that need be no objects', told({ claimSet: '*' }, undefined, { type: undefined }), shows('/kind, /x, /y')],
  ['a constant in branches of several types', told({ claimSet: '*' }, undefined, { type: ['object', 'null'] }), shows('/kind, /x, /y')],
  ['a constant in branches that decide on again', told({ claimSet: '*' }, undefined, { anyOf: [object({ b: string('*') }), object({ b: string('*') })] }), shows('/kind, /x, /y')],
  ['a constant in a part of each branch → none', {
    oneOf: ['x', 'y'].map(kind => ({ allOf: [object({ kind: { const: kind, claimSet: '*' } }, { required: ['kind'] }), object({ [kind]: string('*'), ...secret })] }))
  }, []],
  ['a constant behind a $ref → none', { oneOf: [{ $ref: 'X#' }, { $ref: 'Y#' }] }, []],
  ['two constants, of which the readers of each field read one → none', {
    anyOf: ['x', 'y'].map(kind => object({ k: string('profile', { const: kind }), m: string('contact', { const: kind }), [`k${kind}`]: string('profile'), [`m${kind}`]: string('contact') }, { required: ['k', 'm'] }))
  }, []],
  ['two constants, of which the readers of a field read neither', {
    anyOf: ['x', 'y'].map(kind => object({ k: string('profile', { const: kind }), m: string('contact', { const: kind }), [kind]: string('banking') }, { required: ['k', 'm'] }))
  }, shows('/x, /y')],
  ['nested fields', either(object({ a: object({ b: string('*'), c: string('*') }) }), object({ a: object({ b: string('*') }) })), shows('/a/c')],
  ['items', either(object({ a: { type: 'array', items: object({ b: string('*') }) } }), object({ a: { type: 'array', items: object({ c: string('*') }) } })), shows('/a/*/b, /a/*/c')],
  ['additionalProperties', either(object({}, { additionalProperties: string('*') }), nothing), shows('/*')],
  ['additionalProperties beside another name', either(object({ a: string('banking') }, { additionalProperties: string('*') }), object({}, { additionalProperties: string('*') })), shows('/*')],
  ['names with the characters of pointers', either(object({ 'a/b~': string('*') }), nothing), shows('/a~1b~0')],
  ['fields in parts of a branch → compared with those of the other', { anyOf: [{ allOf: [object({ a: string('*') }), object(secret)] }, { allOf: [object({ a: string('*') }), object({})] }] }, []],
  ['a branch by $ref, another as it is → compared by their fields', { anyOf: [{ $ref: '#/definitions/A' }, object({ a: string('*') })], definitions: { A: object({ a: string('*'), ...secret }) } }, []],
  ['recursion in both branches → none', { anyOf: [object({ ...secret, n: { $ref: 'N#' } }), object({ n: { $ref: 'N#' } })] }, []],
  ['recursion that differs', { anyOf: [object({ ...secret, n: { $ref: 'N#' } }), object({ n: { $ref: 'M#' } })] }, shows('/n/w')],
  ['unions within → their branches compared in order', either(
    object({ u: { anyOf: [string('*'), { type: 'integer', claimSet: '*' }] } }), object({ u: { anyOf: [string('*'), { type: 'integer', claimSet: '*' }] } })
  ), []],
  ['conditions within, then and else exchanged', either(
    object({ k: string('*') }, { if: { properties: { k: { const: 1 } } }, then: object({ t: string('*') }), else: object({ e: string('*') }) }),
    object({ k: string('*') }, { if: { properties: { k: { const: 1 } } }, then: object({ e: string('*') }), else: object({ t: string('*') }) })
  ), shows('/t, /e')],
  ['conditions within, one with then and one with else', either(
    object({ k: string('*') }, { if: { properties: { k: { const: 1 } } }, then: object({ t: string('*') }) }),
    object({ k: string('*') }, { if: { properties: { k: { const: 1 } } }, else: object({ t: string('*') }) })
  ), shows('/t')],
  ['null alone in a union of an object', { anyOf: [{ type: 'null' }], ...object({ a: string('*'), ...secret }), claimSet: '*' }, ['(the whole value): schemas of the types null and object are merged. Write the union around both, and null as nullable: true.']],
  ['what nothing governs → that alone', { anyOf: [object({ a: plain }), object(secret)] }, ['no claim set on /a. Wrap them in claimSet(...) with profile, contact, address, banking or ANY_TOKEN, or annotate their parent.']],
  ['fields of both branches in one order → none', either(object({ a: string('*'), b: string('*') }), object({ a: string('*'), c: string('banking'), b: string('*') })), []],
  ['a default in one branch', either(object({ a: string('*', { default: 'd' }) }), object({ a: string('*') })), shows('/a')],
  ['null allowed in one branch', either(object({ a: object({ b: string('*') }, { nullable: true }) }), object({ a: object({ b: string('*') }) })), shows('/a')],
  ['null allowed in both → none', either(object({ a: object({ b: string('*') }, { nullable: true }) }), object({ a: object({ b: string('*') }, { nullable: true }) })), []],
  ['a required member in one branch', either(object({ a: string('*') }, { required: ['a'] }), object({ a: string('*') })), shows('/a')],
  ['a required member that is not declared → none', either(object({ a: string('*') }, { required: ['zzz'] }), object({ a: string('*') })), []],
  ['a member required further down', either(object({ o: object({ a: string('*') }, { required: ['a'] }) }), object({ o: object({ a: string('*') }) })), shows('/o/a')],
  ['a member required further down, of the name of one above → none', object({ a: string('*') }, { anyOf: [object({ o: object({ b: string('*') }, { required: ['a'] }), ...secret }), object({ o: object({ b: string('*') }) })] }), []]
]
for (const [what, schema, faults] of cases) {
  t.test(what, async t => {
    t.strictSame(faultsOf(JSON.parse(JSON.stringify(schema)), {
      X: { $id: 'X', ...object({ kind: string('*', { const: 'x' }), x: string('profile'), ...secret }, { required: ['kind'] }) },
      Y: { $id: 'Y', ...object({ kind: string('*', { const: 'y' }), y: string('profile'), ...secret }, { required: ['kind'] }) },
      N: { $id: 'N', ...object({ v: string('*'), next: { $ref: '#' } }) },
      M: { $id: 'M', ...object({ v: string('*'), next: { $ref: '#' }, w: string('*') }) }
    }), faults)
  })
}

const conditional = (condition: unknown, more: Record<string, unknown> = {}) => object({ k: string('*'), p: string('profile'), o: object({ q: string('*'), ...secret }), ...secret }, {
  if: condition, then: object({ t: string('profile') }), ...more
})

const conditions: [string, JsonSchema, string[]][] = [
  ['a condition on a field that its readers read → none', conditional({ properties: { k: { const: 'x' } }, required: ['k'], type: 'object' }), []],
  ['a condition on a field of the same claim sets → none', conditional({ properties: { p: { const: 'x' } } }), []],
  ['a condition on a withheld field', conditional({ properties: { secret: { const: 'x' } } }), shows('/t')],
  ['a condition on a field of which a part is withheld', conditional({ properties: { o: {} } }), shows('/t')],
  ['a condition on one field that shows and one that is withheld', conditional({ properties: { k: {}, secret: {} } }), shows('/t')],
  ['a condition on the presence of a withheld field', conditional({ properties: { k: {} }, required: ['secret'] }), shows('/t')],
  ['a condition on a field that is not declared', conditional({ properties: { zzz: {} } }),
    ['(the whole value): which branch was taken shows in /t, though no schema declares what the condition asks about: zzz. Declare it, annotated, or accept it with { revealsBranch: true }.']],
  ['a condition by another keyword', conditional({ properties: { k: {} }, minProperties: 2 }), shows('/t')],
  ['a condition without properties', conditional({ required: ['k'] }), shows('/t')],
  ['a condition on the type alone → none', conditional({ properties: {}, type: 'object' }), []],
  ['true', conditional(true), shows('/t')],
  ['else alone', conditional({ properties: { secret: {} } }, { then: undefined, else: object({ e: string('*') }) }), shows('/e')],
  ['then and else alike → none', conditional({ properties: { secret: {} } }, { else: object({ t: string('profile') }) }), []],
  ['neither then nor else → none', conditional({ properties: { secret: {} } }, { then: undefined }), []],
  ['a field that its readers read with all that could decide → none', conditional({ properties: { secret: {} } }, { then: object({ t: string('banking') }), properties: secret }), []],
  ['a condition accepted → none', conditional({ properties: { secret: {} } }, { claimSet: { sets: '*', revealsBranch: true } }), []],
  ['a condition on a field that a branch declares → none', conditional({ properties: { t: { const: 1 } } }), []],
  ['a condition on a field of another part → none', { allOf: [object({ k: string('*'), ...secret }), { if: { properties: { k: {} } }, then: object({ t: string('*') }) }] }, []]
]
for (const [what, schema, faults] of conditions) t.test(what, async t => { t.strictSame(faultsOf(JSON.parse(JSON.stringify(schema))), faults) })

t.test('a branch that refers to another union, with members beside it → refused, since the serializer may lose them; without any → none', async t => {
  const definitions = { Inner: { anyOf: [object({ kind: string('*', { const: 'p' }), p: string('profile') }, { required: ['kind'] })] } }
  const beside = object({ a: string('banking'), o: object({ id: string('profile') }, { anyOf: [{ $ref: '#/definitions/Inner' }] }) }, { definitions })
  t.strictSame(faultsOf(beside), ['/o: a branch refers to another union, and members stand beside it, which the serializer may lose. Write the branches of both into one union, or the members into the branches.'])
  const alone = object({ a: string('banking'), o: { anyOf: [{ $ref: '#/definitions/Inner' }] } }, { definitions })
  t.strictSame(faultsOf(alone), [])
  t.equal(released(alone, { a: '1', o: { kind: 'p', p: '2' } }, ['profile']), '{"o":{"kind":"p","p":"2"}}')
  const uniform = { claimSet: 'profile', ...object({ o: object({ id: { type: 'string' } }, { anyOf: [{ $ref: '#/definitions/U' }] }) }, { definitions: { U: { anyOf: [object({ p: { type: 'string' } })] } } }) }
  t.strictSame(faultsOf(uniform), [], 'governed alike, it is written as without the guard')
})
