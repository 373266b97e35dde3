import t from 'tap'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { createWriteCheck } from '../../lib/release/write-check.js'
import type { WriteRefusal } from '../../lib/release/write-refusal.js'
import { CLAIM_SETS, NOBODY, object, OPEN, string } from './releasing.js'

const plain = { type: 'string' }

const Changes = object({
  id: string('*'),
  name: string(['profile', 'contact']),
  'a/b': string('profile'),
  address: object({ city: plain, zip: string('contact') }, { claimSet: 'address' }),
  accounts: { type: 'array', items: object({ label: string('profile'), iban: string('banking') }) },
  pair: { type: 'array', items: [string('profile'), string('banking')] },
  note: { claimSet: 'profile' }
}, { additionalProperties: false })

function refusal (body: unknown, writable: readonly string[] = NOBODY, schema: JsonSchema = Changes): WriteRefusal | undefined {
  return createWriteCheck(schema).refusal(body, new Set(writable))
}

const forbidden = (pointer: string, ...claimSets: string[]): WriteRefusal => ({ kind: 'forbidden', pointer, claimSets })
const unknown = (pointer: string): WriteRefusal => ({ kind: 'unknown', pointer })

t.test('D91 a member outside of the write view → refused, with the claim sets of which one would do', async t => {
  t.strictSame(refusal({ id: '1', name: 'n' }, ['banking']), forbidden('/name', 'profile', 'contact'))
  t.strictSame(refusal({ 'a/b': 'n' }), forbidden('/a~1b', 'profile'))
})

t.test('D91 members within it → none', async t => {
  t.equal(refusal({ id: '1' }), undefined)
  t.equal(refusal({ id: '1', name: 'n' }, ['contact']), undefined)
  t.equal(refusal({ name: 'n', 'a/b': 'x' }, ['profile']), undefined)
  t.equal(refusal({ address: { city: 'c', zip: 'z' } }, ['address', 'contact']), undefined)
})

t.test('the first of several → in the order of the body', async t => {
  t.strictSame(refusal({ address: { zip: 'z' }, name: 'n' }), forbidden('/address/zip', 'contact'))
  t.strictSame(refusal({ name: 'n', address: { zip: 'z' } }), forbidden('/name', 'profile', 'contact'))
})

t.test('D96 a member that is not declared → unknown, whatever the token may write', async t => {
  t.strictSame(refusal({ isAdmin: true }, CLAIM_SETS), unknown('/isAdmin'))
  t.strictSame(refusal({ address: { planet: 'p' } }, CLAIM_SETS), unknown('/address/planet'))
  t.strictSame(refusal({ 'a/b~': 1 }, CLAIM_SETS), unknown('/a~1b~0'))
  t.strictSame(refusal({ isAdmin: true }, CLAIM_SETS, object({ a: string('*') })), unknown('/isAdmin'), 'also where additionalProperties is left out')
})

t.test('D98 a nested member, one of element 999, one under a pattern → refused', async t => {
  t.strictSame(refusal({ address: { city: 'c', zip: 'z' } }, ['address']), forbidden('/address/zip', 'contact'))
  const accounts = Array.from({ length: 1000 }, (_none, index) => index === 999 ? { label: 'l', iban: 'i' } : { label: 'l' })
  t.strictSame(refusal({ accounts }, ['profile']), forbidden('/accounts/999/iban', 'banking'))
  t.strictSame(refusal({ accounts: [{ label: 'l' }, { extra: 1 }] }, CLAIM_SETS), unknown('/accounts/1/extra'))
  t.strictSame(refusal({ p_1: 'x' }, ['profile'], { type: 'object', patternProperties: { '^p_': string('banking') } }), forbidden('/p_1', 'banking'))
  t.strictSame(refusal({ q_1: 'x' }, ['banking'], { type: 'object', patternProperties: { '^p_': string('banking') } }), unknown('/q_1'))
})

t.test('D98 a key written with escapes → the key that it is', async t => {
  t.strictSame(refusal(JSON.parse('{"\\u006eame":"n"}')), forbidden('/name', 'profile', 'contact'))
})

t.test('D98 a list as the body → each of its elements', async t => {
  const bulk = { type: 'array', items: Changes }
  t.equal(refusal([{ id: '1' }, { name: 'n' }], ['profile'], bulk), undefined)
  t.strictSame(refusal([{ id: '1' }, { name: 'n' }], ['banking'], bulk), forbidden('/1/name', 'profile', 'contact'))
})

t.test('D100 names that look like paths or operators → unknown', async t => {
  for (const name of ['address.city', 'address[city]', '$set', '$where', 'address/city']) {
    t.strictSame(refusal({ [name]: 'x' }, CLAIM_SETS), unknown(`/${name.replace('/', '~1')}`), name)
  }
})

t.test('D102 null, {} or [] where something is erased → takes the right to write all of it', async t => {
  for (const address of [null, {}, 'x', []]) {
    t.strictSame(refusal({ address }, ['address']), forbidden('/address', 'contact'))
    t.strictSame(refusal({ address }, ['contact']), forbidden('/address', 'address'))
    t.equal(refusal({ address }, ['address', 'contact']), undefined)
  }
  for (const accounts of [null, [], {}]) t.strictSame(refusal({ accounts }, ['profile']), forbidden('/accounts', 'banking'))
  t.strictSame(refusal({ accounts: [{}] }, ['profile']), forbidden('/accounts/0', 'banking'))
  t.strictSame(refusal({ accounts: [null] }, ['profile']), forbidden('/accounts/0', 'banking'))
  t.strictSame(refusal({ name: null }, ['banking']), forbidden('/name', 'profile', 'contact'))
})

t.test('a body without members → changes nothing, so none', async t => {
  t.equal(refusal({}), undefined)
  t.equal(refusal({}, NOBODY, { allOf: [Changes, object({ more: string('banking') })] }), undefined)
})

t.test('D95 a body of another type than an object → takes the right to write all of it', async t => {
  for (const body of [[], 'x', 0, false]) {
    t.strictSame(refusal(body, ['address', 'profile', 'contact']), forbidden('', 'banking'))
    t.equal(refusal(body, CLAIM_SETS), undefined)
  }
})

t.test('a tuple → each member by its own, none beyond', async t => {
  t.strictSame(refusal({ pair: ['a', 'b'] }, ['profile']), forbidden('/pair/1', 'banking'))
  t.equal(refusal({ pair: ['a'] }, ['profile']), undefined)
  t.strictSame(refusal({ pair: ['a', 'b', 'c'] }, CLAIM_SETS), unknown('/pair/2'))
})

t.test('one opaque value → by its own, whatever is in it', async t => {
  for (const note of [{ anything: [1] }, [{ x: 1 }], 'text', null]) {
    t.equal(refusal({ note }, ['profile']), undefined)
    t.strictSame(refusal({ note }, ['banking']), forbidden('/note', 'profile'))
  }
})

t.test('ANY_TOKEN → any token', async t => {
  t.equal(refusal({ x: { id: '1' } }, NOBODY, object({ x: object({ id: { type: 'string', claimSet: OPEN }, iban: plain }, { claimSet: 'banking' }) })), undefined)
})

t.test('references, parts, conditions → all that speak of a member have to allow it', async t => {
  const schema = {
    allOf: [{ $ref: 'Base' }, object({ y: string('profile') })],
    if: { required: ['y'] },
    then: object({ x: string('contact') })
  }
  const check = createWriteCheck(schema, { shared: { Base: { $id: 'Base', ...object({ x: string('banking') }) } } })
  t.strictSame(check.faults, [])
  t.strictSame(check.claimSets, ['banking', 'contact', 'profile'])
  t.equal(check.refusal({ y: '1' }, new Set(['profile'])), undefined)
  t.strictSame(check.refusal({ x: '1' }, new Set(['banking'])), forbidden('/x', 'contact'))
  t.strictSame(check.refusal({ x: '1' }, new Set(['contact'])), forbidden('/x', 'banking'))
  t.equal(check.refusal({ x: '1' }, new Set(['contact', 'banking'])), undefined)
  t.strictSame(check.refusal({ z: '1' }, new Set(['contact', 'banking', 'profile'])), unknown('/z'))
})

t.test('a recursive schema → at every depth', async t => {
  const schema = { $ref: '#/definitions/N', definitions: { N: object({ v: string('profile'), s: string('banking'), next: { $ref: '#/definitions/N' } }) } }
  t.equal(refusal({ v: '1', next: { v: '2', next: { v: '3' } } }, ['profile'], schema), undefined)
  t.strictSame(refusal({ v: '1', next: { v: '2', next: { s: '3' } } }, ['profile'], schema), forbidden('/next/next/s', 'banking'))
  t.strictSame(refusal({ next: null }, ['profile'], schema), forbidden('/next', 'banking'))
})

t.test('D110 inherited members → none; a member of its own that is named __proto__ → unknown', async t => {
  t.equal(refusal(Object.create({ name: 'n' }), ['banking']), undefined)
  t.strictSame(refusal(JSON.parse('{"__proto__":{"name":"n"}}'), CLAIM_SETS), unknown('/__proto__'))
})

t.test('what nothing governs, unknown claim sets → faults; what only a response would show → none', async t => {
  t.strictSame(createWriteCheck(object({ a: plain, b: string('x') }), { known: CLAIM_SETS }).faults, [
    { kind: 'ungoverned', pointer: '/a' }, { kind: 'unknown claim set', pointer: '/b', name: 'x' }
  ])
  t.strictSame(createWriteCheck({
    anyOf: [object({ x: string('profile') }), object({ x: string('banking') })],
    allOf: [object({ y: string('profile') }), object({ y: string('banking') })]
  }).faults, [])
})

t.test('what passes by option: what is not declared, what has no claim set, or both; never what may not be written', async t => {
  const schema = { type: 'object', properties: { a: { type: 'string', claimSet: 'profile' }, bare: { type: 'string' } } }
  const { refusal } = createWriteCheck(schema)
  const nobody = new Set<string>()
  t.match(refusal({ bare: '1', more: 1 }, nobody), { kind: 'forbidden', pointer: '/bare' })
  t.match(refusal({ bare: '1', more: 1 }, nobody, { ungoverned: true }), { kind: 'unknown', pointer: '/more' })
  t.match(refusal({ more: 1, bare: '1' }, nobody, { undeclared: true }), { kind: 'forbidden', pointer: '/bare' })
  const both = { undeclared: true, ungoverned: true }
  t.equal(refusal({ more: 1, bare: '1' }, nobody, both), undefined)
  t.match(refusal({ more: 1, bare: '1', a: '2' }, nobody, both), { kind: 'forbidden', pointer: '/a' })
  t.match(refusal(null, nobody, both), { kind: 'forbidden', pointer: '', claimSets: ['profile'] })
})
