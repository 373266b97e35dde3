import { ANY_TOKEN } from '../../lib/release/annotation.js'
import { classify } from '../../lib/release/classify.js'
import { mergedMembers } from '../../lib/release/governing.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { leafSets, type SchemaNode } from '../../lib/release/node.js'
import type { Passing, RefusalOf, WriteRefusal } from '../../lib/release/write-refusal.js'

/** What a token may write of a body, found by walking schema and body side by side: nothing is prepared or remembered. */
export function refusalsByWalking (schema: JsonSchema, shared: Readonly<Record<string, JsonSchema>> = {}): RefusalOf {
  const { root } = classify(schema, { shared })
  return (body, writable, passing = {}) => walk([root], body, [], { writable, passing })
}

interface Writer { readonly writable: ReadonlySet<string>, readonly passing: Passing }

function walk (nodes: readonly SchemaNode[], value: unknown, path: readonly string[], writer: Writer): WriteRefusal | undefined {
  if (nodes.length === 0) return writer.passing.undeclared === true ? undefined : { kind: 'unknown', pointer: pointerOf(path) }
  const members = mergedMembers(nodes)
  const isList = members.some(({ facets }) => facets.some(({ kind }) => kind === 'items' || kind === 'tuple'))
  const isObject = members.some(({ facets }) => facets.some(({ kind }) => kind === 'properties' || kind === 'patternProperties' || kind === 'additionalProperties'))
  if (Array.isArray(value) && isList && value.length > 0) {
    return firstOf(value.keys(), index => walk(members.flatMap(member => itemsAt(member, index)), value[index], [...path, String(index)], writer))
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value) && isObject && (path.length === 0 || Object.keys(value).length > 0)) {
    return firstOf(Object.keys(value), name => walk(members.flatMap(member => membersNamed(member, name)), (value as Record<string, unknown>)[name], [...path, name], writer))
  }
  const claimSets = nodes.flatMap(leafSets).filter(sets => sets.length > 0 || writer.passing.ungoverned !== true)
    .find(sets => !sets.includes(ANY_TOKEN) && !sets.some(name => writer.writable.has(name)))
  return claimSets && { kind: 'forbidden', pointer: pointerOf(path), claimSets }
}

function membersNamed ({ facets }: SchemaNode, name: string): SchemaNode[] {
  const own = facets.flatMap(facet => facet.kind === 'properties' && facet.nodes.has(name) ? [facet.nodes.get(name)!] : [])
  if (own.length > 0) return own
  const matching = facets.flatMap(facet => facet.kind === 'patternProperties' ? [...facet.nodes].filter(([pattern]) => new RegExp(pattern, 'u').test(name)).map(([, node]) => node) : [])
  return matching.length > 0 ? matching : facets.flatMap(facet => facet.kind === 'additionalProperties' ? [facet.node] : [])
}

function itemsAt (node: SchemaNode, index: number): SchemaNode[] {
  const whole: SchemaNode[] = node.facets.filter(({ kind }) => kind === 'leaf').slice(0, 1).map(leaf => ({ ...node, facets: [leaf] }))
  return node.facets.flatMap(facet => {
    if (facet.kind === 'items') return [facet.node]
    return facet.kind === 'tuple' ? facet.nodes.slice(index, index + 1).concat(index < facet.nodes.length ? [] : whole) : []
  })
}

function firstOf<Step> (steps: Iterable<Step>, refusal: (step: Step) => WriteRefusal | undefined): WriteRefusal | undefined {
  for (const step of steps) {
    const refused = refusal(step)
    if (refused !== undefined) return refused
  }
  return undefined
}

function pointerOf (path: readonly string[]): string {
  return path.map(step => `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')
}
