import fc from 'fast-check'
import { isDeepStrictEqual } from 'node:util'
import t from 'tap'
import { createWriteCheck } from '../../lib/release/write-check.js'
import { refusalsByWalking } from './plain-writing.js'
import { Documents } from './places.js'
import { someView } from './properties.js'
import { generated } from './schemas.js'
import { Dice, ValueMaker } from './values.js'

/** How many cases there are: a case is a schema, a body, and who writes it. */
const CASES = Number(process.env.KEYHOLE_CASES ?? 20_000)
/** What a failure prints, to see it again. */
const SEED = Number(process.env.KEYHOLE_SEED ?? 2026)
const BODIES = 10
const WRITERS = 4
/** What stands in a body in place of something else. */
const INSTEAD = ['{}', '[]', 'null', '0', '"x"', '[{}]', '[[],{},null]', '{"x1":{"x1":{}}}', '{"__proto__":1}', '{"constructor":{}}']

t.setTimeout(Math.max(600_000, CASES * 20))

const sample = fc.record({ generated, seed: fc.integer() })
const numRuns = Math.ceil(CASES / BODIES / WRITERS)

t.test('one check for many bodies and writers → of each what walking schema and body refuses', async t => {
  const count = { unknown: 0, forbidden: 0, allowed: 0 }
  fc.assert(fc.property(sample, ({ generated: { schema, shared }, seed }) => {
    const { faults, refusal } = createWriteCheck(schema, { shared })
    fc.pre(faults.length === 0)
    const byWalking = refusalsByWalking(schema, shared)
    const dice = new Dice(seed)
    for (const body of bodiesFor(new Documents(schema, shared), dice)) {
      for (let writer = 0; writer < WRITERS; writer++) {
        const writable = new Set(someView(dice))
        const passing = { undeclared: dice.oneIn(2), ungoverned: dice.oneIn(4) }
        const refused = refusal(body, writable, passing)
        const expected = byWalking(body, writable, passing)
        if (!isDeepStrictEqual(refused, expected)) throw new Error(`${JSON.stringify(refused)}\nexpected ${JSON.stringify(expected)}\nfor ${JSON.stringify(body)}`)
        count[refused?.kind ?? 'allowed']++
      }
    }
  }), { numRuns, seed: SEED, maxSkipsPerRun: 1 })
  t.comment(`${JSON.stringify(count)}; KEYHOLE_SEED=${SEED}`)
  t.equal(count.unknown + count.forbidden + count.allowed, numRuns * BODIES * WRITERS)
  for (const [outcome, cases] of Object.entries(count)) t.ok(cases >= CASES / 50, `enough of them are ${outcome}`)
})

/** Bodies as JSON brings them, some of which fit the schema, in an order of their own. */
function bodiesFor (documents: Documents, dice: Dice): unknown[] {
  return Array.from({ length: BODIES }, () => {
    const made = new ValueMaker(documents, dice, false).make([documents.root])
    return change(JSON.parse(JSON.stringify(made)), dice)
  })
}

/** Here and there something else instead, once more or under another name. */
function change (value: unknown, dice: Dice): unknown {
  if (dice.oneIn(12)) return JSON.parse(dice.pick(INSTEAD))
  if (Array.isArray(value)) return [...value, ...value.slice(0, dice.below(2))].map(item => change(item, dice))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [dice.oneIn(25) ? dice.pick(['p_1', 'x1', 'zz']) : name, change(member, dice)]))
}
