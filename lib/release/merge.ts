import type { Facet, SchemaNode } from './node.js'

/*
 * The serializer merges a schema with the parts of its `allOf`, the target of its `$ref` and the branch that it
 * takes of a union or a condition, and writes the result as one object. What stands in one of them decides what
 * another one releases, so they are looked at together.
 */

/** The schemas that always apply to a value together: a node, its parts and the target of its reference. */
export function appliedNodes (node: SchemaNode): Set<SchemaNode> {
  return collect(node, facet => {
    if (facet.kind === 'intersection') return facet.nodes
    return facet.kind === 'reference' ? [facet.node] : []
  })
}

/** All schemas that can apply to a value together with a node, whichever branches are taken. */
export function mergedNodes (node: SchemaNode): Set<SchemaNode> {
  return collect(node, facet => {
    switch (facet.kind) {
      case 'intersection': return facet.nodes
      case 'reference': return [facet.node]
      default: return branchesOf(facet)
    }
  })
}

/** The branches of a union or condition; of any other facet none. */
export function branchesOf (facet: Facet): readonly SchemaNode[] {
  switch (facet.kind) {
    case 'union': return facet.nodes
    case 'conditional': return [facet.nodes.then, facet.nodes.else].filter(branch => branch !== undefined)
    default: return []
  }
}

/** The nodes that these schemas declare under each name or pattern. */
export function byName (nodes: Iterable<SchemaNode>, kind: 'properties' | 'patternProperties'): Map<string, SchemaNode[]> {
  const declared = new Map<string, SchemaNode[]>()
  for (const { facets } of nodes) {
    for (const facet of facets) {
      if (facet.kind !== kind) continue
      for (const [name, child] of facet.nodes) declared.set(name, [...declared.get(name) ?? [], child])
    }
  }
  return declared
}

function collect (root: SchemaNode, next: (facet: Facet) => readonly SchemaNode[]): Set<SchemaNode> {
  const seen = new Set<SchemaNode>()
  const pending = [root]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    pending.push(...node.facets.flatMap(next))
  }
  return seen
}
