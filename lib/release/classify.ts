import { ANY_TOKEN } from './annotation.js'
import { extentFaults, isLink } from './extent.js'
import type { Fault } from './fault.js'
import type { JsonSchema } from './json-schema.js'
import { typesOf } from './keywords.js'
import { mergedNodes } from './merge.js'
import { mergeFaults } from './merge-check.js'
import { isMemberFacet, isUniform, nodesOf, reachable, type SchemaNode } from './node.js'
import { SchemaReader } from './read-schema.js'
import { createReferences, type References } from './references.js'
import { unionFaults } from './union-check.js'

/** A schema whose every field is governed, or the faults that stand against that. */
export interface Classification {
  readonly root: SchemaNode
  readonly references: References
  /** What stands against releasing it. */
  readonly faults: readonly Fault[]
  /** Those among them that stand against governing input by it too. */
  readonly inputFaults: readonly Fault[]
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
  let references: References
  try {
    references = createReferences(schema, shared)
  } catch (error) {
    return unread({ kind: 'other', pointer: '', message: `its references cannot be resolved: ${(error as Error).message}` })
  }
  const reader = new SchemaReader(references)
  const root = reader.readRoot(schema)
  const nodes = [...reachable(root)]
  const claimSets = [...new Set(nodes.flatMap(({ sets }) => sets ?? []))].filter(name => name !== ANY_TOKEN).sort()
  const inputFaults = [
    ...reader.faults,
    ...nodes.flatMap(node => known === undefined ? [] : unknownSets(node, known))
  ]
  const extent = extentFaults(root)
  const faults = [...inputFaults, ...extent, ...extent.length > 0 ? [] : uncertainties(root, nodes)]
  return { root, references, faults, inputFaults, claimSets }
}

/** Of a schema that cannot even be read. */
function unread (fault: Fault): Classification {
  const root: SchemaNode = { pointer: '', schema: false, base: '', sets: undefined, inherited: true, options: {}, facets: [] }
  return { root, references: createReferences({}, {}), faults: [fault], inputFaults: [fault], claimSets: [] }
}

/** What a release would depend on that its annotations do not decide. */
function uncertainties (root: SchemaNode, nodes: readonly SchemaNode[]): Fault[] {
  const around = nodesAround(nodes)
  return [
    ...beginnings(root, nodes).flatMap(mergeFaults),
    ...nodes.flatMap(node => isUniform(node) ? [] : mixedFaults(node)),
    ...nodes.flatMap(node => unionFaults(node, around.get(node)!))
  ]
}

/** The nodes at which a merge begins: the root, and each member or item; of a mere reference its target. */
function beginnings (root: SchemaNode, nodes: readonly SchemaNode[]): SchemaNode[] {
  const found = [root, ...nodes.flatMap(({ facets }) => facets.filter(isMemberFacet).flatMap(nodesOf))]
  return [...new Set(found.flatMap(node => isLink(node) ? node.facets.flatMap(nodesOf) : [node]))]
}

/** For each node, those with which it can be merged, from the outermost down to itself. */
function nodesAround (nodes: readonly SchemaNode[]): Map<SchemaNode, SchemaNode[]> {
  const around = new Map<SchemaNode, SchemaNode[]>(nodes.map(node => [node, []]))
  for (const node of nodes) {
    for (const merged of mergedNodes(node)) around.get(merged)!.push(node)
  }
  return around
}

function unknownSets ({ pointer, sets = [], inherited }: SchemaNode, known: readonly string[]): Fault[] {
  return inherited ? [] : sets.filter(name => name !== ANY_TOKEN && !known.includes(name)).map(name => ({ kind: 'unknown claim set', pointer, name }))
}

/** What cannot be taken apart, so that it must be governed alike. */
function mixedFaults (node: SchemaNode): Fault[] {
  const { pointer } = node
  const schema = node.schema as JsonSchema
  const fault = (message: string): Fault => ({ kind: 'other', pointer, message })
  return [
    ...typesOf(schema).filter(type => type !== 'null').length > 1
      ? [fault('it has several types, though its fields have different claim sets. Use anyOf, one type each.')]
      : [],
    ...schema.additionalItems !== undefined && schema.additionalItems !== false
      ? [fault('additionalItems are written without being looked at, though the items have different claim sets.')]
      : [],
    ...schema.additionalItems === undefined && String(typesOf(schema)) === 'array' && ['leaf', 'items'].every(kind => node.facets.some(facet => facet.kind === kind))
      ? [fault('it is a list of lists without any field, though they have different claim sets. Annotate it as a whole.')]
      : [],
    ...schema.default !== undefined
      ? [fault('its default would be written whole, though its fields have different claim sets. Give the fields their own defaults.')]
      : []
  ]
}
