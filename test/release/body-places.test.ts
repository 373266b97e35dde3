import t from 'tap'
import { BodyPlaces, type Governing } from '../../lib/release/body-places.js'
import { classify } from '../../lib/release/classify.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { createWriteCheck } from '../../lib/release/write-check.js'
import { object, string } from './releasing.js'

const placesOf = (schema: JsonSchema) => new BodyPlaces(classify(schema).root)

/** What governs the value at the end of this path. */
function under (places: BodyPlaces, ...path: readonly (string | number)[]): Governing {
  return path.reduce((governing: Governing, step) => {
    const { member, item } = places.at(governing)
    return typeof step === 'number' ? item!(step) : member!(step)
  }, places.root)
}

t.test('the same schemas, whatever leads to them → one place', async t => {
  const places = placesOf({
    $ref: '#/definitions/N',
    definitions: { N: object({ next: { $ref: '#/definitions/N' }, l: { type: 'array', items: { $ref: '#/definitions/N' } } }) }
  })
  const at = (...path: (string | number)[]) => places.at(under(places, ...path))
  t.equal(at('next', 'next', 'next'), at('next'))
  t.equal(at('next', 'l', 999), at('l', 0))
  t.equal(at('l', 5, 'next'), at('next'))
  t.not(at('l', 5), at('next'), 'two schemas that refer to a third are two')
  t.strictSame(under(places, 'next', 'other').nodes, [], 'what no schema declares')
})

t.test('items and names that nobody tells apart → remembered once for all of them; names that patterns tell apart → not at all', async t => {
  const list = placesOf({ type: 'array', items: object({ a: string('profile') }, { additionalProperties: string('contact') }) })
  t.equal(under(list, 5), under(list, 999))
  t.equal(under(list, 0, 'x'), under(list, 0, 'y'))
  const tuple = placesOf({ type: 'array', items: [string('profile'), string('contact')] })
  t.not(under(tuple, 0), under(tuple, 1))
  t.equal(under(tuple, 2), under(tuple, 999))
  const pattern = placesOf({ type: 'object', patternProperties: { '^x': string('profile') } })
  t.not(under(pattern, 'x1'), under(pattern, 'x1'))
  t.strictSame(under(pattern, 'x1'), under(pattern, 'x2'))
})

t.test('a value alone → says nothing of members or items', async t => {
  const places = placesOf(object({ v: string('profile') }))
  t.match(places.at(under(places, 'v')), { member: undefined, item: undefined })
  t.match(places.at(places.root), { member: Function, item: undefined })
})

/** A member that is said nothing of but how far from the end an `a` stands: there are as many places as sets of nodes. */
const STEPS = 12
const Sets: JsonSchema = {
  $ref: '#/definitions/N',
  definitions: {
    N: { anyOf: [object({ a: { $ref: '#/definitions/N' }, b: { $ref: '#/definitions/N' }, v: string('profile') }), object({ a: { $ref: '#/definitions/M1' } })] },
    ...Object.fromEntries(Array.from({ length: STEPS }, (_none, index) => {
      const next = index + 1 === STEPS ? string('banking') : { $ref: `#/definitions/M${index + 2}` }
      return [`M${index + 1}`, object({ a: next, b: next })]
    }))
  }
}

const inBits = (number: number) => [...number.toString(2).padStart(STEPS, '0')].map(bit => bit === '1' ? 'a' : 'b')

t.test('a body that names as many places as there are sets of nodes → not all of them are remembered', async t => {
  const places = placesOf(Sets)
  const root = places.at(places.root)
  t.equal(places.at(places.root), root)
  const named = new Set<string>()
  for (let number = 0; number < 2 ** STEPS; number++) {
    const governing = under(places, ...inBits(number))
    places.at(governing)
    named.add(governing.key)
  }
  t.ok(named.size >= 2 ** STEPS / 2, `${named.size} of them`)
  t.not(places.at(places.root), root, 'forgotten since')
})

t.test('a check after such bodies → refuses as one that has seen none', async t => {
  const body = (number: number, end: unknown) => inBits(number).reduceRight((value, step) => ({ [step]: value }), end)
  const used = createWriteCheck(Sets)
  for (let number = 0; number < 2 ** STEPS; number++) used.refusal(body(number, { v: 'x' }), new Set(['profile', 'banking']))
  for (const number of [0, 1, 5, 2 ** STEPS - 1]) {
    for (const end of [{ v: 'x' }, { a: 'x' }, { c: 'x' }, {}]) {
      for (const writable of [['profile'], ['banking'], ['profile', 'banking']]) {
        t.strictSame(used.refusal(body(number, end), new Set(writable)), createWriteCheck(Sets).refusal(body(number, end), new Set(writable)))
      }
    }
  }
})
