import t from 'tap'
import { classify } from '../../lib/release/classify.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { refusalsBy, type WriteRefusal } from '../../lib/release/write-refusal.js'
import { CLAIM_SETS, NOBODY, object, string } from './releasing.js'

/** One check for several bodies, as a route has it. */
function refusalOf (schema: JsonSchema): (body: unknown, writable?: readonly string[]) => WriteRefusal | undefined {
  const refusal = refusalsBy(classify(schema).root)
  return (body, writable = NOBODY) => refusal(body, new Set(writable))
}

const forbidden = (pointer: string, ...claimSets: string[]): WriteRefusal => ({ kind: 'forbidden', pointer, claimSets })
const unknown = (pointer: string): WriteRefusal => ({ kind: 'unknown', pointer })

t.test('one definition under parents with different claim sets → each by its parent', async t => {
  const refusal = refusalOf({
    ...object({
      home: { $ref: '#/definitions/Address', claimSet: 'profile' },
      office: { $ref: '#/definitions/Address', claimSet: 'contact' },
      all: { type: 'array', items: { $ref: '#/definitions/Address' }, claimSet: 'banking' }
    }),
    definitions: { Address: object({ city: { type: 'string' }, zip: string('address') }) }
  })
  const address = { city: 'c' }
  t.strictSame(refusal({ home: address, office: address }, ['profile']), forbidden('/office/city', 'contact'))
  t.strictSame(refusal({ home: address, office: address }, ['contact']), forbidden('/home/city', 'profile'))
  t.strictSame(refusal({ home: address, office: address, all: [address] }, ['contact', 'profile']), forbidden('/all/0/city', 'banking'))
  t.strictSame(refusal({ home: { zip: 'z' } }, ['profile']), forbidden('/home/zip', 'address'))
  t.strictSame(refusal({ office: {} }, ['contact']), forbidden('/office', 'address'))
  t.strictSame(refusal({ office: {} }, ['address']), forbidden('/office', 'contact'))
})

t.test('a member alone in one place, merged with another schema in the next → there both have to allow it', async t => {
  const refusal = refusalOf({
    ...object({
      alone: { $ref: '#/definitions/Base' },
      merged: { allOf: [{ $ref: '#/definitions/Base' }, object({ x: string('contact') })], properties: { y: string('banking') } }
    }),
    definitions: { Base: object({ x: string('profile') }) }
  })
  t.equal(refusal({ alone: { x: '1' } }, ['profile']), undefined)
  t.strictSame(refusal({ merged: { x: '1' } }, ['profile']), forbidden('/merged/x', 'contact'))
  t.strictSame(refusal({ merged: { x: '1' } }, ['contact']), forbidden('/merged/x', 'profile'))
  t.equal(refusal({ merged: { x: '1', y: '2' } }, ['contact', 'profile', 'banking']), undefined)
  t.strictSame(refusal({ alone: { y: '2' } }, CLAIM_SETS), unknown('/alone/y'))
})

t.test('the same branches in another order → the claim sets of the first that refuses', async t => {
  const branches = [{ $ref: '#/definitions/A' }, { $ref: '#/definitions/B' }]
  const refusal = refusalOf({
    ...object({ there: { anyOf: branches }, back: { anyOf: [...branches].reverse() } }),
    definitions: { A: object({ x: string('profile') }), B: object({ x: string('contact') }) }
  })
  const claimSets = [refusal({ there: { x: 1 } }), refusal({ back: { x: 1 } })].map(refused => refused?.kind === 'forbidden' && refused.claimSets)
  t.strictSame(new Set(claimSets.map(String)), new Set(['profile', 'contact']))
})

t.test('a union that leads back to itself through different branches → all branches of each depth have to allow it', async t => {
  const refusal = refusalOf({
    $ref: '#/definitions/N',
    definitions: {
      N: { anyOf: [object({ a: { $ref: '#/definitions/N' }, v: string('profile') }), object({ a: { $ref: '#/definitions/M' }, b: { $ref: '#/definitions/M' } })] },
      M: object({ v: string('banking'), a: { $ref: '#/definitions/N' } })
    }
  })
  t.equal(refusal({ v: '1' }, ['profile']), undefined)
  t.strictSame(refusal({ a: { v: '1' } }, ['profile']), forbidden('/a/v', 'banking'))
  t.strictSame(refusal({ b: { v: '1' } }, ['profile']), forbidden('/b/v', 'banking'))
  t.equal(refusal({ b: { a: { v: '1' } } }, ['profile']), undefined)
  t.strictSame(refusal({ b: { a: { a: { v: '1' } } } }, ['profile']), forbidden('/b/a/a/v', 'banking'))
  t.strictSame(refusal({ b: { b: {} } }, CLAIM_SETS), unknown('/b/b'))
})

t.test('a pattern for a name after others → what governs this name, not the one before', async t => {
  const refusal = refusalOf({ type: 'object', patternProperties: { '^x': string('profile'), y$: string('contact') }, additionalProperties: string('banking') })
  t.equal(refusal({ x: 1, x1: 1 }, ['profile']), undefined)
  t.strictSame(refusal({ x: 1, xy: 1 }, ['profile']), forbidden('/xy', 'contact'))
  t.strictSame(refusal({ x: 1, other: 1 }, ['profile', 'contact']), forbidden('/other', 'banking'))
  t.equal(refusal({ other: 1, more: 2, y: 3 }, ['banking', 'contact']), undefined)
  t.strictSame(refusal({ other: 1, more: 2, y: 3 }, ['banking']), forbidden('/y', 'contact'))
})

t.test('a declared name beside additionalProperties of a part → both, also after another name', async t => {
  const refusal = refusalOf({ allOf: [object({ a: string('profile'), b: string('profile') }), { type: 'object', additionalProperties: string('contact') }] })
  t.equal(refusal({ z: 1 }, ['contact']), undefined)
  t.strictSame(refusal({ z: 1, a: 1 }, ['contact']), forbidden('/a', 'profile'))
  t.strictSame(refusal({ a: 1, b: 1 }, ['profile']), forbidden('/a', 'contact'))
  t.equal(refusal({ a: 1, b: 1, z: 1, toString: 1 }, ['profile', 'contact']), undefined)
})

t.test('items of tuples of different lengths → each by its own, those beyond as what is beyond', async t => {
  const refusal = refusalOf({
    allOf: [
      { type: 'array', items: [string('profile')], additionalItems: { type: 'string' }, claimSet: 'banking' },
      { type: 'array', items: [string('profile'), string('contact')] }
    ]
  })
  t.equal(refusal(['a'], ['profile']), undefined)
  t.strictSame(refusal(['a', 'b'], ['profile', 'contact']), forbidden('/1', 'banking'))
  t.strictSame(refusal(['a', 'b'], ['profile', 'banking']), forbidden('/1', 'contact'))
  t.equal(refusal(['a', 'b', 'c', 'd'], ['profile', 'contact', 'banking']), undefined)
  t.strictSame(refusalOf({ type: 'array', items: [string('profile')] })(['a', 'b', 'c'], CLAIM_SETS), unknown('/1'))
})

t.test('writers in turn, and what passes → each by its own claim sets', async t => {
  const { root } = classify(object({ list: { type: 'array', items: object({ a: string('profile'), bare: { type: 'string' } }) } }))
  const refusal = refusalsBy(root)
  const body = { list: [{ a: '1' }, { a: '2' }, {}] }
  const writes = (...sets: string[]) => refusal(body, new Set(sets), { ungoverned: true })
  for (let turn = 0; turn < 2; turn++) {
    t.equal(writes('profile'), undefined)
    t.strictSame(writes('contact'), forbidden('/list/0/a', 'profile'))
    t.strictSame(refusal(body, new Set(['profile'])), forbidden('/list/2'))
    t.strictSame(refusal({ list: [{ other: 1 }] }, new Set()), unknown('/list/0/other'))
    t.equal(refusal({ list: [{ other: 1 }] }, new Set(), { undeclared: true }), undefined)
  }
  const writable = new Set(['contact'])
  t.strictSame(refusal(body, writable, { ungoverned: true }), forbidden('/list/0/a', 'profile'))
  writable.add('profile')
  t.equal(refusal(body, writable, { ungoverned: true }), undefined, 'also where they are others than before')
})

t.test('a body that is too deep → an error, and every other body as before', async t => {
  const refusal = refusalOf({ $ref: '#/definitions/N', definitions: { N: object({ v: string('profile'), s: string('banking'), next: { $ref: '#/definitions/N' } }) } })
  const depth = 200_000
  const deep = JSON.parse('{"next":'.repeat(depth) + 'null' + '}'.repeat(depth))
  for (let turn = 0; turn < 2; turn++) {
    t.throws(() => refusal(deep, ['profile']), RangeError)
    t.equal(refusal({ next: { v: '1' } }, ['profile']), undefined)
    t.strictSame(refusal({ next: { v: '1', next: null } }, ['profile']), forbidden('/next/next', 'banking'))
    t.strictSame(refusal({ next: { next: { s: '1' } } }, ['profile']), forbidden('/next/next/s', 'banking'))
  }
})
