import fc from 'fast-check'
import t from 'tap'
import { CLAIM_SET_KEYWORD } from '../../lib/release/annotation.js'
import { isSchema, mapSchema, type JsonSchema } from '../../lib/release/json-schema.js'
import { createMasks } from '../../lib/release/masks.js'
import { createRelease, type Release, type SerializerOptions } from '../../lib/release/release.js'
import { isPartOf, readJson, type JsonText } from './json-text.js'
import { Documents, type Schema } from './places.js'
import { someView } from './properties.js'
import { generated } from './schemas.js'
import { CLAIM_SETS } from './skeletons.js'
import { Dice, ValueMaker } from './values.js'

/** Schemas of all constructs, in which fields are masked at random, by masks that give the same whatever the value. */

const CASES = Number(process.env.KEYHOLE_CASES ?? 20_000)
const SEED = Number(process.env.KEYHOLE_SEED ?? 2026)
const VALUES = 5
const VIEWS = 4

t.setTimeout(Math.max(600_000, CASES * 20))

const OPTIONS: SerializerOptions = { ajv: { strictTypes: false, strictTuples: false, strictRequired: false, logger: false } }
const TEXT = 'MASKED'
const NUMBER = 4711
const masks = createMasks({
  masks: {
    text: { result: { type: 'string', minLength: 6, maxLength: 6 }, mask: () => TEXT },
    number: { result: { type: 'integer' }, mask: () => NUMBER }
  }
})

/** What a mask gives, and what the serializer makes of null. */
const SHOWN = new Set([`"${TEXT}"`, String(NUMBER), 'null', '""', '0', 'false'])

const NOTHING = new Set(['{}', '[]', 'null'])

/** The claim set of all masks. */
const SUPPORT = 'support'

/** With masks on fields that have claim sets of their own, or of those above. */
function withMasks (schema: Schema, dice: Dice): JsonSchema {
  return mapSchema(schema as JsonSchema, copy => {
    const name = copy.type === 'string' ? 'text' : copy.type === 'integer' || copy.type === 'number' ? 'number' : undefined
    if (name === undefined || copy.const !== undefined || dice.oneIn(3)) return copy
    const written = copy[CLAIM_SET_KEYWORD]
    const annotation = isSchema(written) ? written : { sets: written ?? dice.pick(CLAIM_SETS) }
    if (String(annotation.sets) === '*') return copy
    // What does not fit the masks would only stop the boot.
    for (const keyword of ['format', 'enum', 'pattern', 'minLength', 'maxLength', 'minimum', 'maximum', 'multipleOf']) if (keyword in copy) return copy
    copy[CLAIM_SET_KEYWORD] = { ...annotation, mask: { [name]: SUPPORT } }
    return copy
  }) as JsonSchema
}

/** What is in one text and not in the other, scalar by scalar. */
function added (all: JsonText, some: JsonText | undefined): string[] {
  if (all.kind === 'scalar') return some?.kind === 'scalar' && some.text === all.text ? [] : [all.text]
  if (all.kind === 'array') return all.items.flatMap((item, index) => added(item, some?.kind === 'array' ? some.items[index] : undefined))
  const known = new Map(some?.kind === 'object' ? some.members : [])
  return all.members.flatMap(([name, member]) => added(member, known.get(name)))
}

/** A tuple is released as a whole: with a mask of one item, another one that was granted comes, too. */
function hasTuples (schemas: unknown): boolean {
  return JSON.stringify(schemas).includes('"items":[')
}

function written (release: Release, value: unknown, view: readonly string[]): string | undefined {
  try {
    return release.serializerFor(new Set(view))(value)
  } catch {
    return undefined
  }
}

t.test('whoever sees a mask → all that they saw without, and of the rest what masks give, never a value', async t => {
  const count = { accepted: 0, refused: 0, cases: 0, masked: 0 }
  const numRuns = Math.ceil(CASES / VALUES / VIEWS / 8)
  fc.assert(fc.property(fc.record({ generated, seed: fc.integer() }), ({ generated: { schema, shared }, seed }) => {
    const dice = new Dice(seed)
    const [root, others] = [withMasks(schema, dice), Object.fromEntries(Object.entries(shared).map(([id, other]) => [id, withMasks(other, dice)]))]
    const release = createRelease(root, { shared: others, masks }, OPTIONS)
    if (release.faults.length > 0 || !release.claimSets.includes(SUPPORT) || hasTuples([root, others])) {
      count.refused++
      fc.pre(false)
      return
    }
    count.accepted++
    const maker = new ValueMaker(new Documents(root as Schema, others as Record<string, Schema>), dice, true)
    for (let made = 0; made < VALUES; made++) {
      const value = maker.make([new Documents(root as Schema, others as Record<string, Schema>).root])
      for (let round = 0; round < VIEWS; round++) {
        count.cases++
        const view = someView(dice)
        const without = written(release, value, view)
        const all = written(release, value, [...view, SUPPORT])
        if (all === undefined || without === undefined) continue
        if (!NOTHING.has(without) && !isPartOf(readJson(without), readJson(all))) throw new Error(`${without}\nis not part of ${all}`)
        const shown = added(readJson(all), readJson(without))
        count.masked += shown.length
        const raw = shown.filter(text => !SHOWN.has(text))
        if (raw.length > 0) throw new Error(`${view.join()}: ${raw.join()} leaked in ${all}\nwithout: ${without}`)
      }
    }
  }), { numRuns, seed: SEED, maxSkipsPerRun: 100 })
  t.comment(`${count.cases} cases, ${count.masked} masked values; ${count.accepted} schemas accepted, ${count.refused} refused or without masks; KEYHOLE_SEED=${SEED}`)
  t.ok(count.masked > count.cases / 10)
})
