import type { Fault } from './fault.js'
import { isSchema } from './json-schema.js'
import { appliedNodes, branchesOf, byName, mergedNodes } from './merge.js'
import { leafSets, setsKey, type SchemaNode } from './node.js'

/** What a merge would release otherwise than its parts say one by one. */
export function mergeFaults (node: SchemaNode): Fault[] {
  const applied = [...appliedNodes(node)]
  const alternatives = applied.flatMap(({ facets }) => facets.map(branchesOf).filter(branches => branches.length > 0))
  const groups = alternatives.map(branches => new Set(branches.flatMap(branch => [...mergedNodes(branch)])))
  const pairs = groups.flatMap((group, index) => groups.slice(index + 1).map(other => [group, other] as const))
  const list = [
    ...applied.length > 1 ? conflicts(applied, applied) : [],
    ...groups.flatMap(group => conflicts(applied, group)),
    ...pairs.flatMap(([group, other]) => conflicts(group, other))
  ]
  return [...new Set(list)].map(message => ({ kind: 'other', pointer: node.pointer, message }))
}

function conflicts (some: Iterable<SchemaNode>, others: Iterable<SchemaNode>): string[] {
  const found: string[] = []
  for (const kind of ['properties', 'patternProperties'] as const) {
    const theirs = byName(others, kind)
    for (const [name, nodes] of byName(some, kind)) {
      const governance = new Set([...nodes, ...theirs.get(name) ?? []].map(governanceOf))
      if (theirs.has(name) && governance.size > 1) found.push(`${name} stands in several parts of one schema with different claim sets. Annotate it alike in all of them.`)
    }
  }
  if ((isClosed(some) && isOpen(others)) || (isOpen(some) && isClosed(others))) {
    found.push('one part of the schema allows additionalProperties, another forbids them. Say the same in all of them.')
  }
  if (some !== others && hasItems(some) && hasItems(others)) found.push('items stands in several parts of one schema. Write it once.')
  return found
}

function isClosed (nodes: Iterable<SchemaNode>): boolean {
  return [...nodes].some(({ schema }) => isSchema(schema) && schema.additionalProperties === false)
}

function isOpen (nodes: Iterable<SchemaNode>): boolean {
  return [...nodes].some(({ facets }) => facets.some(({ kind }) => kind === 'additionalProperties'))
}

function hasItems (nodes: Iterable<SchemaNode>): boolean {
  return [...nodes].some(({ facets }) => facets.some(({ kind }) => kind === 'items' || kind === 'tuple'))
}

function governanceOf (node: SchemaNode): string {
  return [...new Set(leafSets(node).map(setsKey))].sort().join(' | ')
}
