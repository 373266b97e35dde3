import fc from 'fast-check'
import t from 'tap'
import { generated } from './schemas.js'
import { CLAIM_SETS } from './skeletons.js'
import { Subject } from './subject.js'
import { Dice } from './values.js'

/** How many cases there are of each property; a case is a schema, a value and a view. */
const CASES = Number(process.env.KEYHOLE_CASES ?? 20_000) / 5
const VALUES = 5
const VIEWS = 4
/** The share of generated schemas that boot, at least: those that are refused try nothing. */
const ACCEPTED = 0.6

t.setTimeout(900_000)

const sample = fc.record({ generated, seed: fc.integer() })

/** Tries a property on schemas, several values and views with each. */
function property (name: string, holds: (subject: Subject, value: unknown, view: readonly string[], dice: Dice) => void): void {
  t.test(name, async t => {
    const count = { accepted: 0, refused: 0, cases: 0 }
    const numRuns = Math.ceil(CASES / VALUES / VIEWS / ACCEPTED)
    fc.assert(fc.property(sample, ({ generated: { schema, shared }, seed }) => {
      const subject = Subject.of(schema, shared)
      if (!(subject instanceof Subject)) {
        count.refused++
        return
      }
      count.accepted++
      const dice = new Dice(seed)
      for (const value of subject.values(VALUES, dice)) {
        for (let index = 0; index < VIEWS; index++) {
          count.cases++
          holds(subject, value, CLAIM_SETS.filter(() => dice.oneIn(2)), dice)
        }
      }
    }), { numRuns })
    t.comment(`${count.cases} cases; ${count.accepted} schemas accepted, ${count.refused} refused at boot`)
    t.ok(count.cases >= CASES)
  })
}

property('oracle: what is written is what walking schema and value releases', (subject, value, view) => subject.oracle(value, view))
property('identity: everything granted → the bytes of the serializer without the guard', (subject, value) => subject.identity(value))
property('non-interference: only withheld values change → the same bytes', (subject, value, view, dice) => subject.nonInterference(value, view, dice))
property('monotone: more granted → never fewer fields', (subject, value, view, dice) => subject.monotone(value, view, [dice.pick(CLAIM_SETS)]))
property('boot decides: a schema that boots → whatever fits it is written for every view', (subject, value, view) => {
  if ('error' in subject.unguarded(value)) return
  const released = subject.released(value, view)
  if ('error' in released) throw new Error(released.error)
})
