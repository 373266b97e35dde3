import type { Fault } from './fault.js'
import { isSchema } from './json-schema.js'
import { leafSets, setsKey, type Facet, type SchemaNode } from './node.js'

/**
 * The serializer merges a schema with the parts of its `allOf`, the target of its `$ref` and the branch
 * that it takes of a union or condition. Each list holds the nodes that one such merge brings together.
 */
export function mergedNodes (node: SchemaNode, within: ReadonlySet<SchemaNode> = new Set()): SchemaNode[][] {
  if (within.has(node)) return [[]]
  const inside = new Set([...within, node])
  let lists: SchemaNode[][] = [[node]]
  for (const facet of node.facets) {
    const alternatives = alternativesOf(facet, inside)
    if (alternatives.length > 0) lists = lists.flatMap(list => alternatives.map(more => [...list, ...more]))
  }
  return lists
}

function alternativesOf (facet: Facet, within: ReadonlySet<SchemaNode>): SchemaNode[][] {
  const merged = (node: SchemaNode) => mergedNodes(node, within)
  switch (facet.kind) {
    case 'reference': return merged(facet.node)
    case 'intersection': return facet.nodes.map(merged).reduce(
      (lists, part) => lists.flatMap(list => part.map(more => [...list, ...more])), [[]] as SchemaNode[][])
    case 'union': return facet.nodes.flatMap(merged)
    case 'conditional': return [facet.nodes.then, facet.nodes.else].flatMap(branch => branch === undefined ? [[]] : merged(branch))
    default: return []
  }
}

/** The names of all properties that any schema of a merge declares, whichever branch is taken. */
export function declaredProperties (node: SchemaNode): Map<string, SchemaNode[]> {
  const declared = new Map<string, SchemaNode[]>()
  for (const member of new Set(mergedNodes(node).flat())) {
    for (const facet of member.facets) {
      if (facet.kind !== 'properties') continue
      for (const [name, property] of facet.nodes) declared.set(name, [...declared.get(name) ?? [], property])
    }
  }
  return declared
}

/** What would be released otherwise after a merge than its parts say one by one. */
export function mergeFaults (node: SchemaNode): Fault[] {
  const faults: Fault[] = []
  const fault = (pointer: string, message: string) => faults.push({ kind: 'other', pointer, message })

  for (const merge of mergedNodes(node).filter(list => list.length > 1)) {
    for (const kind of ['properties', 'patternProperties'] as const) {
      const governed = new Map<string, { key: string, pointer: string }>()
      for (const member of merge) {
        const facet = member.facets.find(candidate => candidate.kind === kind)
        if (facet?.kind !== kind) continue
        for (const [name, property] of facet.nodes) {
          const key = governance(property)
          const known = governed.get(name)
          if (known !== undefined && known.key !== key) fault(property.pointer, 'it stands in several parts of one schema with different claim sets. Annotate it alike in all of them.')
          governed.set(name, { key, pointer: property.pointer })
        }
      }
    }
    const closed = merge.some(({ schema }) => isSchema(schema) && schema.additionalProperties === false)
    const open = merge.some(({ facets }) => facets.some(({ kind }) => kind === 'additionalProperties'))
    if (closed && open) fault(node.pointer, 'one part of the schema allows additionalProperties, another forbids them. Say the same in all of them.')
  }
  return faults
}

function governance (node: SchemaNode): string {
  return [...new Set(leafSets(node).map(setsKey))].sort().join(' | ')
}
