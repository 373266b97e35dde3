import { ANY_TOKEN } from './annotation.js'
import { classify, type SchemaContext } from './classify.js'
import type { Fault } from './fault.js'
import { SchemaFields, type FieldNames } from './fields.js'
import type { JsonSchema } from './json-schema.js'
import { reachable } from './node.js'
import { buildFaults, compileView, compileWhole, type Serialize } from './release.js'
import { ViewCache } from './view-cache.js'
import { viewOf, type View } from './visible.js'

/** A subject's claims by claim set, each claim once. */
export type ClaimSets = Readonly<Record<string, unknown>>

/** Sorts a subject's claims into claim sets and releases those that a view may read. */
export interface ClaimSorter {
  /** What stands against sorting by this schema; when there is any, nothing may be served. */
  readonly faults: readonly Fault[]
  /** The claim sets that the schema names, sorted. */
  readonly claimSets: readonly string[]
  /**
   * The claims that these claim sets release; a claim of several sets stands under the first readable one
   * in its annotation's order, a masked one under that of the mask. A claim set without any claim is absent.
   * @throws what the serializer throws for claims that do not fit the schema
   */
  sort (claims: Readonly<Record<string, unknown>>, readable: ReadonlySet<string>): ClaimSets
  /** Which of the claims these claim sets release, and which not, whoever has which of them. */
  namesFor (readable: ReadonlySet<string>): FieldNames
}

/** Prepares an annotated object schema of a subject's claims; it is released by the same code as a response. */
export function createClaimSorter (schema: JsonSchema, context: SchemaContext = {}): ClaimSorter {
  const classification = classify(schema, context)
  const { claimSets } = classification
  const views = new ViewCache<readonly (readonly [string, Serialize])[]>()
  const faults = [...classification.faults, ...openFaults(classification.root)]
  if (faults.length === 0) faults.push(...buildFaults(() => compileWhole(schema, context.shared ?? {}, {})))

  let known: SchemaFields | undefined
  const fields = () => (known ??= new SchemaFields(classification.root))
  return {
    faults,
    claimSets,
    sort (claims, readable) {
      const granted = claimSets.filter(name => readable.has(name))
      const serializers = views.get(granted.join(' '), () =>
        granted.map(name => [name, compileView(classification, viewUnder(name, granted), {})] as const))
      return Object.fromEntries(serializers
        .map(([name, serialize]) => [name, JSON.parse(serialize(claims)) as object] as const)
        .filter(([, released]) => Object.keys(released).length > 0))
    },
    namesFor: readable => fields().names(viewOf(readable))
  }
}

/** What stands under one of the granted claim sets. */
function viewUnder (name: string, granted: readonly string[]): View {
  const first = (sets: readonly string[]) => sets.find(set => granted.includes(set))
  return {
    granted: sets => first(sets) === name,
    maskOf ({ sets = [], masks }) {
      const mask = first(sets) === undefined ? masks.find(({ sets }) => first(sets) !== undefined) : undefined
      return mask !== undefined && first(mask.sets) === name ? mask.name : undefined
    }
  }
}

/** Claims go to a client by its scopes alone, so a claim for any token has no claim set to stand under. */
function openFaults (root: Parameters<typeof reachable>[0]): Fault[] {
  return [...reachable(root)]
    .filter(({ sets }) => sets?.includes(ANY_TOKEN))
    .map(({ pointer }) => ({ kind: 'other', pointer, message: 'a claim cannot be ANY_TOKEN: it would stand under no claim set. Name its claim sets.' }))
}
