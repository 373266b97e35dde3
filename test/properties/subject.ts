import fastJsonStringify, { type Schema as SerializerSchema } from 'fast-json-stringify'
import type { Fault } from '../../lib/release/fault.js'
import { createRelease, type Release, type Serialize, type SerializerOptions } from '../../lib/release/release.js'
import { isPartOf, readJson } from './json-text.js'
import { releaseByWalking } from './oracle.js'
import { bare, Documents, type Schema, type Sees, type Shared } from './places.js'
import { Dice, Perturbation, ValueMaker } from './values.js'

/** What Ajv would say of generated schemas is no help. */
const OPTIONS: SerializerOptions = { ajv: { strictTypes: false, strictTuples: false, strictRequired: false, logger: false } }

/** What a serializer did with a value. */
export type Outcome = { readonly text: string } | { readonly error: string }

/** One annotated schema that boots, beside the same schema without annotations, to try the properties of release on. */
export class Subject {
  private constructor (
    readonly documents: Documents,
    private readonly release: Release,
    private readonly plain: Serialize,
    /** Whether it shows branches that withheld fields decide, as somebody accepted. */
    private readonly revealsBranch: boolean
  ) {}

  /** The schema, ready, or why it is refused at boot. */
  static of (schema: Schema, shared: Shared = {}): Subject | readonly Fault[] {
    const release = createRelease(schema, { shared }, OPTIONS)
    if (release.faults.length > 0) return release.faults
    const others = Object.fromEntries(Object.entries(shared).map(([id, schema]) => [id, bare(schema) as SerializerSchema]))
    const plain = fastJsonStringify(bare(schema) as SerializerSchema, { ...OPTIONS, schema: others })
    return new Subject(new Documents(schema, shared), release, plain, JSON.stringify([schema, shared]).includes('"revealsBranch":true'))
  }

  /** Values for the schema, as they follow from a seed: plain ones that mostly fit, and every third an odd one. */
  values (count: number, dice: Dice): unknown[] {
    return Array.from({ length: count }, (_value, index) => new ValueMaker(this.documents, dice, index % 3 === 2).make([this.documents.root]))
  }

  unguarded (value: unknown): Outcome {
    return outcome(() => this.plain(value))
  }

  released (value: unknown, view: readonly string[]): Outcome {
    return outcome(() => this.release.serializerFor(new Set(view))(value))
  }

  /** What was written is what walking schema and value leaves of the text without the guard. */
  oracle (value: unknown, view: readonly string[]): void {
    const plain = this.unguarded(value)
    const released = this.released(value, view)
    if ('error' in plain || this.seesAll(view) || !isJson(plain)) return
    expectSame(released, { text: releaseByWalking(this.documents, value, seeing(view), plain.text) })
  }

  /** Who may read everything gets what is written without the guard. */
  identity (value: unknown): void {
    expectSame(this.released(value, this.release.claimSets), this.unguarded(value))
  }

  /** The same is written whatever is withheld, as long as the value fits the schema. */
  nonInterference (value: unknown, view: readonly string[], dice: Dice): void {
    const { documents } = this
    if (this.revealsBranch || this.seesAll(view) || !this.isWritten(value)) return
    const changed = new Perturbation(documents, dice, seeing(view)).change([documents.root], value)
    if (this.isWritten(changed)) expectSame(this.released(changed, view), this.released(value, view), changed)
  }

  /** Who may read more gets all that others get. */
  monotone (value: unknown, view: readonly string[], more: readonly string[]): void {
    const some = this.released(value, view)
    const all = this.released(value, [...view, ...more])
    if ('error' in some || 'error' in all || NOTHING.has(some.text) || !isJson(all)) return
    if (!isPartOf(readJson(some.text), readJson(all.text))) throw new Error(`${some.text}\nis not part of ${all.text}`)
  }

  /** Whatever the serializer writes without the guard, it writes for every view. */
  serves (value: unknown, view: readonly string[]): void {
    if ('error' in this.unguarded(value)) return
    const released = this.released(value, view)
    if ('error' in released) throw new Error(released.error)
  }

  private seesAll (view: readonly string[]): boolean {
    return this.release.claimSets.every(name => view.includes(name))
  }

  /**
   * Whether the value fits the schema, as far as the validator knows the schema, and the serializer can write it,
   * which of an item of a tuple with a member named constructor it cannot.
   */
  private isWritten (value: unknown): boolean {
    try {
      return this.documents.matches(this.documents.root, value) && 'text' in this.unguarded(value)
    } catch {
      return false
    }
  }
}

const NOTHING = new Set(['{}', '[]', 'null'])

const VIEWS = new Map<string, Sees>()

function seeing (view: readonly string[]): Sees {
  const key = view.join()
  const sees = VIEWS.get(key) ?? (sets => sets.includes('*') || sets.some(name => view.includes(name)))
  VIEWS.set(key, sees)
  return sees
}

/** What format 'unsafe' writes need not be. */
function isJson ({ text }: { readonly text: string }): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

function outcome (write: () => string): Outcome {
  try {
    return { text: write() }
  } catch (error) {
    return { error: String(error) }
  }
}

function expectSame (got: Outcome, expected: Outcome, changed?: unknown): void {
  if ('text' in expected ? 'text' in got && got.text === expected.text : 'error' in got) return
  throw new Error(`${show(got)}\nexpected ${show(expected)}${changed === undefined ? '' : `\nfor ${String(JSON.stringify(changed))}`}`)
}

function show (outcome: Outcome): string {
  return 'text' in outcome ? outcome.text : outcome.error
}
