import { ANY_TOKEN } from './annotation.js'
import { extentFaults, isLink } from './extent.js'
import type { Fault } from './fault.js'
import type { JsonSchema } from './json-schema.js'
import { typesOf } from './keywords.js'
import { mergedNodes } from './merge.js'
import { mergeFaults } from './merge-check.js'
import { planMasks, NO_MASKS, type MaskPlan } from './mask-plan.js'
import { createMasks, type MaskRegistry } from './masks.js'
import { isMasked, isMemberFacet, isUniform, nodesOf, reachable, seeingSets, type SchemaNode } from './node.js'
import { SchemaReader } from './read-schema.js'
import { createReferences, type References } from './references.js'
import { unionFaults } from './union-check.js'

/** A schema whose every field is governed, or the faults that stand against that. */
export interface Classification {
  readonly root: SchemaNode
  readonly references: References
  readonly masks: MaskPlan
  /** What stands against releasing it. */
  readonly faults: readonly Fault[]
  /** Those among them that stand against governing input by it too. */
  readonly inputFaults: readonly Fault[]
  /** The claim sets that the schema names, those of masks among them, sorted; ANY_TOKEN not among them. */
  readonly claimSets: readonly string[]
}

/** What a schema is read in. */
export interface SchemaContext {
  /** The schemas that it may refer to, by `$id`. */
  readonly shared?: Readonly<Record<string, JsonSchema>>
  /** The claim sets that there are; another name is a fault. Any name will do when left out. */
  readonly known?: readonly string[]
  /** The masks that there are. Default: those that are built in, without a key. */
  readonly masks?: MaskRegistry
}

/** Reads a schema with its annotations, and finds everything that would make its release uncertain. */
export function classify (schema: JsonSchema, { shared = {}, known, masks = createMasks() }: SchemaContext = {}): Classification {
  let references: References
  try {
    references = createReferences(schema, shared)
  } catch (error) {
    return unread({ kind: 'other', pointer: '', message: `its references cannot be resolved: ${(error as Error).message}` })
  }
  const reader = new SchemaReader(references)
  const root = reader.readRoot(schema)
  const nodes = [...reachable(root)]
  const claimSets = [...new Set(nodes.flatMap(seeingSets))].filter(name => name !== ANY_TOKEN).sort()
  const inputFaults = [
    ...reader.faults,
    ...nodes.filter(isMasked).flatMap(node => unknownMasks(node, masks)),
    ...nodes.flatMap(node => known === undefined ? [] : unknownSets(node, known))
  ]
  const extent = extentFaults(root)
  const plan = extent.length > 0 ? NO_MASKS : planMasks(root, masks)
  const faults = [...inputFaults, ...extent, ...plan.faults, ...extent.length > 0 ? [] : uncertainties(root, nodes)]
  return { root, references, masks: plan, faults, inputFaults, claimSets }
}

/** Of a schema that cannot even be read. */
function unread (fault: Fault): Classification {
  const root: SchemaNode = { pointer: '', schema: false, base: '', sets: undefined, masks: [], inherited: true, options: {}, facets: [] }
  return { root, references: createReferences({}, {}), masks: NO_MASKS, faults: [fault], inputFaults: [fault], claimSets: [] }
}

/** What a release would depend on that its annotations do not decide. */
function uncertainties (root: SchemaNode, nodes: readonly SchemaNode[]): Fault[] {
  const around = nodesAround(nodes)
  return [
    ...beginnings(root, nodes).flatMap(mergeFaults),
    ...nodes.flatMap(node => isUniform(node) ? [] : mixedFaults(node)),
    ...nodes.flatMap(node => unionFaults(node, around.get(node)!)),
    ...isUniform(root) ? [] : nodes.flatMap(node => lostMembers(node, around.get(node)!))
  ]
}

/**
 * Where a definition is used in several places, and a branch refers to it that is a union itself, the serializer writes
 * that without what stands beside the branch, in some of the places.
 */
function lostMembers ({ pointer, facets }: SchemaNode, around: readonly SchemaNode[]): Fault[] {
  const refers = facets.some(facet => facet.kind === 'union' && facet.nodes.some(branch => isLink(branch) && [...mergedNodes(branch)].some(isUnion)))
  return refers && around.some(({ facets }) => facets.some(isMemberFacet))
    ? [{ kind: 'other', pointer, message: 'a branch refers to another union, and members stand beside it, which the serializer may lose. Write the branches of both into one union, or the members into the branches.' }]
    : []
}

function isUnion ({ facets }: SchemaNode): boolean {
  return facets.some(({ kind }) => kind === 'union')
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

function unknownMasks ({ pointer, masks }: SchemaNode, known: MaskRegistry): Fault[] {
  const fault = (message: string): Fault => ({ kind: 'other', pointer, message })
  return masks.flatMap(({ name }) => {
    const mask = known.get(name)
    if (mask === undefined) return [fault(`there is no mask '${name}'; there are ${[...known.keys()].join(', ')}. Register yours with the option masks.`)]
    return mask.length === 0 ? [fault(`the mask '${name}' takes a key. Write the option maskKey: at least 32 random bytes, from where you keep secrets.`)] : []
  })
}

function unknownSets (node: SchemaNode, known: readonly string[]): Fault[] {
  const { pointer, inherited } = node
  return inherited ? [] : seeingSets(node).filter(name => name !== ANY_TOKEN && !known.includes(name)).map(name => ({ kind: 'unknown claim set', pointer, name }))
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
