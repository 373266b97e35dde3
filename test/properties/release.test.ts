import fc from 'fast-check'
import t from 'tap'
import { PROPERTIES, someView } from './properties.js'
import { generated } from './schemas.js'
import { Subject } from './subject.js'
import { Dice } from './values.js'

/** How many cases there are of all properties together; a case is a schema, a value and a view. */
const CASES = Number(process.env.KEYHOLE_CASES ?? 20_000)
/** What a failure prints, to see it again. */
const SEED = Number(process.env.KEYHOLE_SEED ?? 2026)
const VALUES = 5
const VIEWS = 4
/** How many schemas may be refused at boot for each one that boots: those try nothing. */
const REFUSED = 1

t.setTimeout(Math.max(600_000, CASES * 20))

const sample = fc.record({ generated, seed: fc.integer() })
const numRuns = Math.ceil(CASES / PROPERTIES.length / VALUES / VIEWS)

for (const [index, { name, holds }] of PROPERTIES.entries()) {
  t.test(name, async t => {
    const count = { accepted: 0, refused: 0, cases: 0 }
    fc.assert(fc.property(sample, ({ generated: { schema, shared }, seed }) => {
      const subject = Subject.of(schema, shared)
      if (!(subject instanceof Subject)) {
        count.refused++
        fc.pre(false)
        return
      }
      count.accepted++
      const dice = new Dice(seed)
      for (const value of subject.values(VALUES, dice)) {
        for (let view = 0; view < VIEWS; view++) {
          count.cases++
          holds(subject, value, someView(dice), dice)
        }
      }
    }), { numRuns, seed: SEED + index, maxSkipsPerRun: REFUSED })
    t.comment(`${count.cases} cases; ${count.accepted} schemas accepted, ${count.refused} refused at boot; KEYHOLE_SEED=${SEED}`)
    t.equal(count.cases, numRuns * VALUES * VIEWS)
  })
}
