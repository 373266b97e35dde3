import type { Accepted, MaskGrant } from './annotation.js'
import type { JsonSchemaOrBoolean } from './json-schema.js'

/**
 * One schema of a response or a body, with what governs it. Nodes form a graph: a `$ref` leads to
 * the node of its target, and a recursive schema back to itself.
 */
export interface SchemaNode {
  /** Where in the data, as a JSON pointer; `*` stands for any item or member. */
  readonly pointer: string
  /** The schema as it was written. */
  readonly schema: JsonSchemaOrBoolean
  /** The `$id` against which its references are resolved. */
  readonly base: string
  /** The claim sets of the nearest annotation; undefined where there is none. */
  sets: readonly string[] | undefined
  /** Its masks, in their order. */
  masks: readonly MaskGrant[]
  /** Whether that annotation stands above. */
  readonly inherited: boolean
  readonly options: Accepted
  /** What the serializer may write for it, each by its own construct. */
  readonly facets: Facet[]
}

/** What a schema tells the serializer to write. */
export type Facet =
  /** A value without anything beneath it, or one that is written whole. */
  | { readonly kind: 'leaf' }
  | { readonly kind: 'properties', readonly nodes: ReadonlyMap<string, SchemaNode> }
  | { readonly kind: 'patternProperties', readonly nodes: ReadonlyMap<string, SchemaNode> }
  | { readonly kind: 'additionalProperties', readonly node: SchemaNode }
  | { readonly kind: 'items', readonly node: SchemaNode }
  | { readonly kind: 'tuple', readonly nodes: readonly SchemaNode[] }
  | { readonly kind: 'union', readonly keyword: 'anyOf' | 'oneOf', readonly nodes: readonly SchemaNode[] }
  | { readonly kind: 'intersection', readonly nodes: readonly SchemaNode[] }
  | { readonly kind: 'conditional', readonly condition: JsonSchemaOrBoolean, readonly nodes: { readonly then?: SchemaNode, readonly else?: SchemaNode } }
  | { readonly kind: 'reference', readonly node: SchemaNode }

/** The nodes right beneath a facet. */
export function nodesOf (facet: Facet): readonly SchemaNode[] {
  switch (facet.kind) {
    case 'leaf': return []
    case 'properties':
    case 'patternProperties': return [...facet.nodes.values()]
    case 'additionalProperties':
    case 'items':
    case 'reference': return [facet.node]
    case 'tuple':
    case 'union':
    case 'intersection': return facet.nodes
    case 'conditional': return [facet.nodes.then, facet.nodes.else].filter(node => node !== undefined)
  }
}

/** Whether what is beneath a facet stands for values of its own: members or items. */
export function isMemberFacet ({ kind }: Facet): boolean {
  return kind === 'properties' || kind === 'patternProperties' || kind === 'additionalProperties' || kind === 'items' || kind === 'tuple'
}

/** A node and all beneath it, each once. */
export function reachable (root: SchemaNode): Set<SchemaNode> {
  const seen = new Set<SchemaNode>()
  const pending = [root]
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    if (seen.has(node)) continue
    seen.add(node)
    pending.push(...node.facets.flatMap(nodesOf))
  }
  return seen
}

/** What is written at or beneath a node as a value. */
export function leaves (node: SchemaNode): SchemaNode[] {
  return [...reachable(node)].filter(({ facets }) => facets.some(({ kind }) => kind === 'leaf'))
}

/** The claim sets of every leaf at or beneath a node; an ungoverned one has none. */
export function leafSets (node: SchemaNode): (readonly string[])[] {
  return leaves(node).map(({ sets }) => sets ?? [])
}

/** What governs each leaf at or beneath a node, as keys that are equal for what is governed alike. */
export function leafKeys (node: SchemaNode): string[] {
  return leaves(node).map(governanceKey)
}

/** Whether everything at and beneath a node is governed alike, so that a token sees all of it or nothing. */
export function isUniform (node: SchemaNode): boolean {
  const [first, ...others] = leafKeys(node)
  return others.every(key => key === first) && ![...reachable(node)].some(inner => inner !== node && isMasked(inner))
}

/** Whether a node has masks of its own. */
export function isMasked ({ masks, inherited }: SchemaNode): boolean {
  return !inherited && masks.length > 0
}

/** The claim sets that see a node, be it through a mask. */
export function seeingSets ({ sets = [], masks }: SchemaNode): string[] {
  return [...sets, ...masks.flatMap(mask => mask.sets)]
}

export function setsKey (sets: readonly string[]): string {
  return [...sets].sort().join(' ')
}

/** The same for the same claim sets and the same masks in the same order. */
export function governanceKey ({ sets = [], masks }: Pick<SchemaNode, 'sets' | 'masks'>): string {
  return [setsKey(sets), ...masks.map(({ name, sets }) => `${name}: ${setsKey(sets)}`)].join('; ')
}
