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

/** What governs a member by its name: its own schema, else the patterns that it matches, else `additionalProperties`. */
export function propertyNodes ({ facets }: SchemaNode): (name: string) => SchemaNode[] {
  let patterns: readonly { readonly pattern: RegExp, readonly node: SchemaNode }[] | undefined
  return name => {
    const found: SchemaNode[] = []
    for (const facet of facets) {
      if (facet.kind === 'properties' && facet.nodes.has(name)) return [facet.nodes.get(name)!]
      if (facet.kind === 'patternProperties') {
        patterns ??= [...facet.nodes].map(([pattern, node]) => ({ pattern: new RegExp(pattern, 'u'), node }))
        found.push(...patterns.filter(({ pattern }) => pattern.test(name)).map(({ node }) => node))
      }
      if (facet.kind === 'additionalProperties' && found.length === 0) found.push(facet.node)
    }
    return found
  }
}

/** What governs the items of a list: the first ones each by its own, all further ones alike. */
export interface ItemNodes { readonly first: readonly SchemaNode[], readonly further: readonly SchemaNode[] }

/** The list schemas of a node. */
export function itemNodes (node: SchemaNode): ItemNodes[] {
  const rest: SchemaNode[] = node.facets.some(({ kind }) => kind === 'leaf') ? [{ ...node, facets: [{ kind: 'leaf' }] }] : []
  return node.facets.flatMap(facet => {
    if (facet.kind === 'items') return [{ first: [], further: [facet.node] }]
    return facet.kind === 'tuple' ? [{ first: facet.nodes, further: rest }] : []
  })
}
