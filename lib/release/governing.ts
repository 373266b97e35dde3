import { mergedNodes } from './merge.js'
import type { SchemaNode } from './node.js'

/** All schemas that speak of one value, whichever branches are taken. */
export function mergedMembers (nodes: readonly SchemaNode[]): SchemaNode[] {
  return [...new Set(nodes.flatMap(node => [...mergedNodes(node)]))]
}

/** Whether a schema says anything of the members of an object. */
export function isObject ({ facets }: SchemaNode): boolean {
  return facets.some(({ kind }) => kind === 'properties' || kind === 'patternProperties' || kind === 'additionalProperties')
}

/** Whether a schema says anything of members of other names than those that it declares. */
export function isOpen ({ facets }: SchemaNode): boolean {
  return facets.some(({ kind }) => kind === 'patternProperties' || kind === 'additionalProperties')
}

/** What governs a member of this name: its own schema, else the patterns that it matches, else `additionalProperties`. */
export function propertyNodes ({ facets }: SchemaNode, name: string): SchemaNode[] {
  const found: SchemaNode[] = []
  for (const facet of facets) {
    if (facet.kind === 'properties' && facet.nodes.has(name)) return [facet.nodes.get(name)!]
    if (facet.kind === 'patternProperties') found.push(...[...facet.nodes].filter(([pattern]) => new RegExp(pattern, 'u').test(name)).map(([, node]) => node))
    if (facet.kind === 'additionalProperties' && found.length === 0) found.push(facet.node)
  }
  return found
}

/** For each list schema of a node: the nodes that govern the item at an index. */
export function itemNodes (node: SchemaNode): ((index: number) => SchemaNode[])[] {
  const rest: SchemaNode[] = node.facets.some(({ kind }) => kind === 'leaf') ? [{ ...node, facets: [{ kind: 'leaf' }] }] : []
  return node.facets.flatMap(facet => {
    if (facet.kind === 'items') return [() => [facet.node]]
    return facet.kind === 'tuple' ? [(index: number) => index < facet.nodes.length ? [facet.nodes[index]!] : rest] : []
  })
}
