import t from 'tap'
import { describeFaults } from '../../lib/release/fault.js'
import { ANNOTATIONS, serializerSchemas, suiteSchemas, type Entry } from './corpora.js'
import { PROPERTIES, someView } from './properties.js'
import { Subject } from './subject.js'
import { Dice } from './values.js'

/** Schemas that others wrote, annotated in several ways: each is refused at boot, or everything holds that must. */

const SEED = Number(process.env.KEYHOLE_SEED ?? 2026)
const GENERATED = 4
const VIEWS = 3

t.setTimeout(300_000)

function corpus (name: string, entries: readonly Entry[], { booting, refused }: { booting: number, refused: RegExp }): void {
  t.test(name, async t => {
    const reasons = new Map<string, number>()
    const booted = new Set<Entry>()
    let cases = 0
    for (const [index, entry] of entries.entries()) {
      for (const [where, annotate] of Object.entries(ANNOTATIONS)) {
        const dice = new Dice(SEED + index)
        const schema = typeof entry.schema === 'boolean' ? {} : annotate(entry.schema, dice)
        const subject = Subject.of(schema, entry.shared)
        if (!(subject instanceof Subject)) {
          for (const reason of new Set(describeFaults('', subject, []).map(asReason))) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
          continue
        }
        booted.add(entry)
        try {
          cases += tryAll(subject, entry.values, dice)
        } catch (error) {
          t.fail(`${entry.from}, annotated: ${where}; KEYHOLE_SEED=${SEED}`, { schema: JSON.stringify(schema), shared: JSON.stringify(entry.shared), error: String(error) })
        }
      }
    }
    t.comment(`${entries.length} schemas, of which ${booted.size} boot; ${cases} cases. The others, and what is annotated otherwise, are refused for:`)
    for (const [reason, count] of [...reasons].sort(([, some], [, other]) => other - some)) t.comment(`${count} × ${reason}`)
    t.ok(booted.size >= entries.length * booting, 'enough of them boot')
    t.strictSame([...booted].filter(({ from, schema }) => refused.test(from) || refused.test(JSON.stringify(schema))).map(({ from }) => from), [], 'what no serializer knows is refused')
  })
}

/** Tries each property on all values; how many cases that were. */
function tryAll (subject: Subject, values: readonly unknown[], dice: Dice): number {
  let cases = 0
  for (const value of [...values, ...subject.values(GENERATED, dice)]) {
    for (let count = 0; count < VIEWS; count++) {
      const view = someView(dice)
      for (const { name, holds } of PROPERTIES) {
        cases++
        try {
          holds(subject, value, view, dice)
        } catch (error) {
          throw new Error(`${name}\n${JSON.stringify(value)}\nfor ${view.join()}\n${String(error)}`)
        }
      }
    }
  }
  return cases
}

/** A fault without the names that it speaks of. */
function asReason (line: string): string {
  return line.replace(/^: (no claim set on|\S+: |\(the whole value\): )?.*?/, '$1').replace(/'[^']*'|"[^"]*"/g, '…').replace(/(?:\/\S*,? ?)+/g, '/… ')
}

corpus("the schemas of fast-json-stringify's own tests", serializerSchemas(), {
  booting: 0.5,
  refused: /"type":"(?!string|number|integer|boolean|object|array|null)|"__proto__":|"prefixItems":/
})
corpus('the JSON-Schema-Test-Suite, draft 7', suiteSchemas(), {
  booting: 0.5,
  refused: /^refRemote\.json|"__proto__":/
})
