import { ANY_TOKEN } from './annotation.js'
import type { Fault } from './fault.js'
import { isSchema, type JsonSchema } from './json-schema.js'
import { typesOf } from './keywords.js'
import { mergeFaults } from './merge-check.js'
import { isUniform, reachable, type SchemaNode } from './node.js'
import { SchemaReader } from './read-schema.js'
import { createReferences, type References } from './references.js'
import { unionFaults } from './union-check.js'

/** A schema whose every field is governed, or the faults that stand against that. */
export interface Classification {
  readonly root: SchemaNode
  readonly references: References
  readonly faults: readonly Fault[]
  /** The claim sets that the schema names, sorted; ANY_TOKEN not among them. */
  readonly claimSets: readonly string[]
}

/** What a schema is read in. */
export interface SchemaContext {
  /** The schemas that it may refer to, by `$id`. */
  readonly shared?: Readonly<Record<string, JsonSchema>>
  /** The claim sets that there are; another name is a fault. Any name will do when left out. */
  readonly known?: readonly string[]
}

/** Reads a schema with its annotations, and finds everything that would make its release uncertain. */
export function classify (schema: JsonSchema, { shared = {}, known }: SchemaContext = {}): Classification {
  const references = createReferences(schema, shared)
  const reader = new SchemaReader(references)
  const root = reader.readRoot(schema)
  const nodes = [...reachable(root)]
  const claimSets = [...new Set(nodes.flatMap(({ sets }) => sets ?? []))].filter(name => name !== ANY_TOKEN).sort()
  const faults = [
    ...reader.faults,
    ...nodes.flatMap(node => known === undefined ? [] : unknownSets(node, known)),
    ...nodes.flatMap(node => [...mergeFaults(node), ...isUniform(node) ? [] : [...mixedFaults(node), ...unionFaults(node)]])
  ]
  return { root, references, faults, claimSets }
}

function unknownSets ({ pointer, sets = [], inherited }: SchemaNode, known: readonly string[]): Fault[] {
  return inherited ? [] : sets.filter(name => name !== ANY_TOKEN && !known.includes(name)).map(name => ({ kind: 'unknown claim set', pointer, name }))
}

/** What cannot be taken apart, so that it must be governed alike. */
function mixedFaults ({ pointer, schema }: SchemaNode): Fault[] {
  if (!isSchema(schema)) return []
  const fault = (message: string): Fault => ({ kind: 'other', pointer, message })
  return [
    ...typesOf(schema).filter(type => type !== 'null').length > 1
      ? [fault('it has several types, though its fields have different claim sets. Use anyOf, one type each.')]
      : [],
    ...schema.additionalItems !== undefined && schema.additionalItems !== false && Array.isArray(schema.items)
      ? [fault('additionalItems are written without being looked at, though the items have different claim sets.')]
      : [],
    ...schema.default !== undefined
      ? [fault('its default would be written whole, though its fields have different claim sets. Give the fields their own defaults.')]
      : []
  ]
}
