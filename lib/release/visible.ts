import { isBareNull } from './annotation.js'
import { nodesOf, reachable, type Facet, type SchemaNode } from './node.js'

/** Whether a view sees what belongs to these claim sets. */
export type Granted = (sets: readonly string[]) => boolean

/** The nodes of which a view sees something: the least fixpoint, so that a recursion that ends in no visible leaf is not visible. */
export function visibleNodes (root: SchemaNode, granted: Granted): ReadonlySet<SchemaNode> {
  const nodes = [...reachable(root)]
  const visible = new Set<SchemaNode>()
  for (let before = -1; before < visible.size;) {
    before = visible.size
    for (const node of nodes) {
      if (node.facets.some(facet => facet.kind === 'leaf' ? granted(node.sets ?? []) : isFacetVisible(facet, visible))) visible.add(node)
    }
  }
  return visible
}

/** A tuple keeps the places of its items, so it is seen whole or not at all. That a union can be null says nothing to whoever sees no more of it. */
export function isFacetVisible (facet: Facet, visible: ReadonlySet<SchemaNode>): boolean {
  switch (facet.kind) {
    case 'tuple': return facet.nodes.every(node => visible.has(node))
    case 'union': {
      const others = facet.nodes.filter(({ schema }) => !isBareNull(schema))
      return (others.length > 0 ? others : facet.nodes).some(node => visible.has(node))
    }
    default: return nodesOf(facet).some(node => visible.has(node))
  }
}
