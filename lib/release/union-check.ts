import { isDeepStrictEqual } from 'node:util'
import { ANY_TOKEN, isBareNull } from './annotation.js'
import type { Fault } from './fault.js'
import { isSchema, type JsonSchemaOrBoolean } from './json-schema.js'
import { appliedNodes, branchesOf, byName, mergedNodes } from './merge.js'
import { nodesOf, setsKey, type Facet, type SchemaNode } from './node.js'

/**
 * A union or condition is decided on the whole value. Where the branches release different fields, what
 * leaves shows which branch it was; that is a leak unless every view that sees the difference also sees
 * what decides: a member that is constant in each branch (a discriminator), or all of the union.
 */
export function unionFaults (node: SchemaNode): Fault[] {
  if (node.options.revealsBranch === true) return []
  return node.facets.flatMap(facet => {
    const undecided = undecidedFields(node, facet)
    return undecided.length === 0
      ? []
      : [{
          kind: 'other',
          pointer: node.pointer,
          message: `which branch was taken shows in ${[...new Set(undecided)].join(', ')} to tokens that may not read what decides it. ` +
            'Give each branch a member with a constant that these tokens may read too, or accept it with { revealsBranch: true }.'
        }]
  })
}

function undecidedFields (node: SchemaNode, facet: Facet): string[] {
  switch (facet.kind) {
    case 'union': return undecidedInUnion(facet.nodes)
    case 'conditional': return undecidedInCondition(node, facet.condition, [facet.nodes.then, facet.nodes.else])
    default: return []
  }
}

interface Field { readonly path: string, readonly node: SchemaNode, readonly sets: readonly string[] }

function undecidedInUnion (nodes: readonly SchemaNode[]): string[] {
  const branches = nodes.filter(({ schema }) => !isBareNull(schema)).map(fieldsOf)
  const all = branches.flat()
  const deciding = discriminators(nodes.filter(({ schema }) => !isBareNull(schema)))
  return differing(branches)
    .filter(({ sets }) => !all.every(other => includedIn(sets, other.sets)))
    .filter(({ sets }) => !deciding.some(discriminator => discriminator.every(other => includedIn(sets, other.sets ?? []))))
    .map(({ path }) => path || '(the value)')
}

function undecidedInCondition (node: SchemaNode, condition: JsonSchemaOrBoolean, nodes: readonly (SchemaNode | undefined)[]): string[] {
  const branches = nodes.map(branch => branch === undefined ? [] : fieldsOf(branch))
  const known = byName(mergedNodes(node), 'properties')
  const asked = isSchema(condition) && isSchema(condition.properties)
    ? Object.keys({ ...condition.properties, ...Object.fromEntries((condition.required as string[] | undefined ?? []).map(name => [name, true])) })
    : undefined
  const simple = asked !== undefined && Object.keys(condition).every(keyword => ['properties', 'required', 'type'].includes(keyword))
  const deciding = simple ? asked.map(name => known.get(name)) : [undefined]
  return differing(branches)
    .filter(({ sets }) => !deciding.every(nodes => nodes?.flatMap(fieldsOf).every(other => includedIn(sets, other.sets)) === true))
    .map(({ path }) => path || '(the value)')
}

/** Whether whoever sees a field of these sets sees one of those too. */
function includedIn (sets: readonly string[], those: readonly string[]): boolean {
  return those.includes(ANY_TOKEN) || sets.every(name => those.includes(name))
}

/** The fields that do not stand in each branch with the same schema and the same claim sets. */
function differing (branches: readonly (readonly Field[])[]): Field[] {
  return branches.flatMap(branch => branch.filter(field => !branches.every(other => other.some(candidate =>
    candidate.path === field.path && setsKey(candidate.sets) === setsKey(field.sets) && isDeepStrictEqual(candidate.node.schema, field.node.schema)))))
}

/** All leaves of a branch with their path; those of a recursive node once. */
function fieldsOf (root: SchemaNode): Field[] {
  const fields: Field[] = []
  const seen = new Set<SchemaNode>()
  const visit = (node: SchemaNode) => {
    if (seen.has(node)) return
    seen.add(node)
    for (const facet of node.facets) {
      if (facet.kind === 'leaf') fields.push({ path: node.pointer, node, sets: node.sets ?? [] })
      nodesOf(facet).forEach(visit)
    }
  }
  visit(root)
  return fields
}

/** For each member that is required and constant in every branch, with a constant of its own in each: its nodes. */
function discriminators (branches: readonly SchemaNode[]): SchemaNode[][] {
  const members = branches.map(constantMembers)
  return [...members[0]?.keys() ?? []].flatMap(name => {
    const found = members.map(member => member.get(name))
    if (found.some(member => member === undefined)) return []
    const values = found.flatMap(member => member!.values)
    return new Set(values).size === values.length ? [found.map(member => member!.node)] : []
  })
}

function constantMembers (branch: SchemaNode): Map<string, { node: SchemaNode, values: unknown[] }> {
  const members = new Map<string, { node: SchemaNode, values: unknown[] }>()
  const applied = [...appliedNodes(branch)]
  const schemas = applied.map(({ schema }) => schema).filter(isSchema)
  const isObject = schemas.some(({ type, nullable }) => type === 'object' && nullable !== true)
  if (!isObject || applied.some(({ facets }) => facets.some(facet => branchesOf(facet).length > 0))) return members
  const required = new Set(schemas.flatMap(schema => Array.isArray(schema.required) ? schema.required as string[] : []))
  for (const [name, [node]] of byName(applied, 'properties')) {
    const values = constantsOf(node!.schema)
    if (required.has(name) && values !== undefined) members.set(name, { node: node!, values })
  }
  return members
}

function constantsOf (schema: JsonSchemaOrBoolean): unknown[] | undefined {
  if (!isSchema(schema)) return undefined
  const values = schema.const !== undefined ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : undefined
  if (values !== undefined) return values.every(value => typeof value !== 'object' || value === null) ? values : undefined
  if (!Array.isArray(schema.anyOf)) return undefined
  const branches = schema.anyOf.map(constantsOf)
  return branches.every(branch => branch !== undefined) ? branches.flat() : undefined
}
