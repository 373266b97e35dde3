import type { Fault } from './fault.js'
import { isSchema } from './json-schema.js'
import { isDescription } from './keywords.js'
import { branchesOf } from './merge.js'
import { isMemberFacet, nodesOf, reachable, type Facet, type SchemaNode } from './node.js'

/**
 * What the serializer writes code for without end, or for longer than a boot may take. It copies whatever it merges,
 * so of such schemas it must not even be asked.
 */
export function extentFaults (root: SchemaNode): Fault[] {
  const nodes = [...reachable(root)]
  const itself = circular(nodes, ({ facets }) => facets.filter(facet => !isMemberFacet(facet)).flatMap(nodesOf))
  if (itself.length > 0) {
    return [...new Set(itself.map(({ pointer }) => pointer))].map(pointer =>
      other(pointer, 'it refers to itself without a member or an item between, so there is no end to it. Remove the reference.'))
  }
  const copied = copiedNodes(nodes)
  const endless = circular(nodes, node => inlineNodes(node, copied)).filter(node => copied.has(node) && refersOn(node))
  if (endless.length > 0) {
    return [...new Set(endless.map(({ pointer }) => pointer))].map(pointer =>
      other(pointer, 'the serializer would merge it with itself without end, as its reference within allOf, then or else leads back to it. ' +
        'Move what it is part of to a definition, and refer to that by $ref alone.'))
  }
  const sizes = new Map<SchemaNode, Extent>()
  const all = heads(root, nodes).map(head => extentOf(head, sizes))
  const size = all.reduce((sum, extent) => sum + total(extent), 0)
  if (size > FIELDS || Math.max(...[...sizes.values()].map(({ parts }) => parts)) > PARTS) {
    return [other(root.pointer, `it merges more than ${PARTS} parts, or the serializer would write more than ${FIELDS} fields for it, since it copies each branch with all that stands beside it. ` +
      'Move parts of it to definitions, and write fewer unions side by side.')]
  }
  if (checksOf(nodes) > CHECKS) {
    return [other(root.pointer, `the validator would look at more than ${CHECKS} fields to tell branches apart, since it takes each branch with all that is nested in it. Move nested unions to definitions, and refer to those by $ref alone.`)]
  }
  return isEntangled(root) ? [other(root.pointer, `more than ${PATHS} ways lead through its references, and the serializer would take each of them. Refer to fewer definitions in fewer places.`)] : []
}

/** Fields that a serializer is written for, each for every combination of branches. */
const FIELDS = 20_000
/** Schemas that are merged with one another, each for every way that leads to it. */
const PARTS = 1_000
/** Fields of branches, each for every branch that it is nested in. */
const CHECKS = 15_000
/** Ways through the references of a schema, none of them through one of them twice. */
const PATHS = 100_000

/** Looking for recursions, the serializer goes all ways that there are. */
function isEntangled (root: SchemaNode): boolean {
  const path = new Set<SchemaNode>()
  let count = 0
  const visit = (node: SchemaNode) => {
    if (count > PATHS || path.has(node)) return
    count++
    path.add(node)
    node.facets.flatMap(nodesOf).forEach(visit)
    path.delete(node)
  }
  visit(root)
  return count > PATHS
}

function other (pointer: string, message: string): Fault {
  return { kind: 'other', pointer, message }
}

/** The nodes on a circle, and those between two. */
function circular (nodes: readonly SchemaNode[], next: (node: SchemaNode) => readonly SchemaNode[]): SchemaNode[] {
  const edges = nodes.flatMap(from => next(from).map(to => [from, to] as const))
  const leading = without(nodes, edges.map(([from, to]) => [to, from] as const))
  const left = new Set(leading)
  return without(leading, edges.filter(([from, to]) => left.has(from) && left.has(to)))
}

/** The nodes without those to which no edge leads, over and over again. */
function without (nodes: readonly SchemaNode[], edges: readonly (readonly [from: SchemaNode, to: SchemaNode])[]): SchemaNode[] {
  const after = new Map<SchemaNode, SchemaNode[]>(nodes.map(node => [node, []]))
  const count = new Map<SchemaNode, number>(nodes.map(node => [node, 0]))
  for (const [from, to] of edges) {
    after.get(from)!.push(to)
    count.set(to, count.get(to)! + 1)
  }
  const pending = nodes.filter(node => count.get(node) === 0)
  for (let node = pending.pop(); node !== undefined; node = pending.pop()) {
    for (const to of after.get(node)!) {
      count.set(to, count.get(to)! - 1)
      if (count.get(to) === 0) pending.push(to)
    }
  }
  return nodes.filter(node => count.get(node)! > 0)
}

/** The nodes that are merged by copying, and remembered by nothing but the copy: parts, branches of conditions, and what those refer to. */
function copiedNodes (nodes: readonly SchemaNode[]): Set<SchemaNode> {
  const facets = nodes.flatMap(({ facets }) => facets).filter(({ kind }) => kind === 'intersection' || kind === 'conditional')
  const copied = new Set(facets.flatMap(nodesOf))
  for (const node of copied) node.facets.filter(({ kind }) => kind === 'reference').flatMap(nodesOf).forEach(target => copied.add(target))
  return copied
}

function refersOn ({ facets }: SchemaNode): boolean {
  return facets.some(({ kind }) => kind === 'reference')
}

/** What is copied along with a node. A reference elsewhere leads to what has been written once already. */
function inlineNodes (node: SchemaNode, copied: ReadonlySet<SchemaNode>): SchemaNode[] {
  return node.facets.filter(({ kind }) => kind !== 'reference' || copied.has(node)).flatMap(nodesOf)
}

/** What is written once: the root, and the targets of references that stand alone. */
function heads (root: SchemaNode, nodes: readonly SchemaNode[]): SchemaNode[] {
  return [...new Set([root, ...nodes.filter(isLink).flatMap(({ facets }) => facets.flatMap(nodesOf))])]
}

/** Whether a node is a reference and nothing else. */
export function isLink (node: SchemaNode): boolean {
  const { schema, facets } = node
  return facets.length === 1 && refersOn(node) && isSchema(schema) &&
    Object.keys(schema).every(keyword => keyword === '$ref' || keyword === 'claimSet' || isDescription(keyword))
}

/** Fields of a schema, and fields of it that are looked at where it is told from others. */
interface Size { readonly whole: number, readonly checked: number }

/** A branch is told by what is left of it, and by the whole of it; so are those that are nested in it. */
function checksOf (nodes: readonly SchemaNode[]): number {
  const sizes = new Map<SchemaNode, Size>()
  const sizeOf = (node: SchemaNode): Size => {
    const known = sizes.get(node)
    if (known !== undefined) return known
    let size: Size = { whole: 1, checked: 1 }
    sizes.set(node, size)
    for (const facet of node.facets) {
      for (const child of nodesOf(facet)) {
        const { whole, checked } = isLink(child) ? { whole: 1, checked: 1 } : sizeOf(child)
        size = { whole: size.whole + whole, checked: size.checked + checked + (isMemberFacet(facet) ? 0 : whole) }
      }
    }
    sizes.set(node, size)
    return size
  }
  return nodes.flatMap(({ facets }) => facets.flatMap(branchesOf)).reduce((sum, branch) => sum + sizeOf(branch).checked, 0)
}

/** How many parts there are of a merge, how many variants, and how many fields in all of those together. */
interface Extent { readonly parts: number, readonly variants: number, readonly fields: number }

const NONE: Extent = { parts: 0, variants: 1, fields: 0 }
const ONE: Extent = { parts: 1, variants: 1, fields: 0 }

function total ({ variants, fields }: Extent): number {
  return variants + fields
}

function extentOf (node: SchemaNode, known: Map<SchemaNode, Extent>): Extent {
  const before = known.get(node)
  if (before !== undefined) return before
  known.set(node, ONE)
  const extent = node.facets.map(facet => facetExtent(facet, known)).reduce(both, ONE)
  known.set(node, extent)
  return extent
}

function facetExtent (facet: Facet, known: Map<SchemaNode, Extent>): Extent {
  const inner = nodesOf(facet).map(node => isLink(node) && isMemberFacet(facet) ? ONE : extentOf(node, known))
  if (isMemberFacet(facet)) return { parts: 0, variants: 1, fields: inner.reduce((sum, extent) => sum + total(extent), 0) }
  if (facet.kind === 'union') return inner.reduce(either, { parts: 0, variants: 0, fields: 0 })
  if (facet.kind === 'conditional') return [...inner, ...inner.length < 2 ? [NONE] : []].reduce(either)
  return inner.reduce(both, NONE)
}

function both (some: Extent, other: Extent): Extent {
  return { parts: some.parts + other.parts, variants: some.variants * other.variants, fields: some.fields * other.variants + other.fields * some.variants }
}

function either (some: Extent, other: Extent): Extent {
  return { parts: some.parts + other.parts, variants: some.variants + other.variants, fields: some.fields + other.fields }
}
