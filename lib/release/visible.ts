import { ANY_TOKEN, isBareNull } from './annotation.js'
import { leafSets, nodesOf, reachable, type Facet, type SchemaNode } from './node.js'

/** Whether a view sees what belongs to these claim sets. */
export type Granted = (sets: readonly string[]) => boolean

/** What a view sees. */
export interface View {
  /** Of what belongs to claim sets: all of it or nothing. */
  readonly granted: Granted
  /** Of a field that it does not see as it is: the first of its masks of which a claim set is granted. */
  maskOf (field: Pick<SchemaNode, 'sets' | 'masks'>): string | undefined
}

/** The view of whoever may read these claim sets. */
export function viewOf (readable: ReadonlySet<string>): View {
  const granted: Granted = sets => sets.includes(ANY_TOKEN) || sets.some(name => readable.has(name))
  return { granted, maskOf: ({ sets = [], masks }) => granted(sets) ? undefined : masks.find(mask => granted(mask.sets))?.name }
}

/**
 * The nodes of which a view sees something: the least fixpoint, so that a recursion that ends in no visible leaf is not
 * visible, except for a tuple that contains itself: whoever sees all leaves of one sees it whole.
 * @param masked the fields of which it sees a mask
 */
export function visibleNodes (root: SchemaNode, granted: Granted, masked: Iterable<SchemaNode>): ReadonlySet<SchemaNode> {
  const nodes = [...reachable(root)]
  const visible = new Set<SchemaNode>([...masked, ...nodes.filter(node => isWholeTuple(node, granted))])
  for (let before = -1; before < visible.size;) {
    before = visible.size
    for (const node of nodes) {
      if (node.facets.some(facet => facet.kind === 'leaf' ? granted(node.sets ?? []) : isFacetVisible(facet, visible))) visible.add(node)
    }
  }
  return visible
}

function isWholeTuple (node: SchemaNode, granted: Granted): boolean {
  if (!node.facets.some(({ kind }) => kind === 'tuple')) return false
  const sets = leafSets(node)
  return sets.length > 0 && sets.every(granted)
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
