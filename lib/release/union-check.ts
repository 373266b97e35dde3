import { isDeepStrictEqual } from 'node:util'
import { jsonPointer } from '../policy/validate.js'
import { ANY_TOKEN, isBareNull, withoutAnnotations } from './annotation.js'
import type { Fault } from './fault.js'
import { mergedMembers, propertyNodes } from './governing.js'
import { isSchema, type JsonSchema, type JsonSchemaOrBoolean } from './json-schema.js'
import { appliedNodes, branchesOf, byName, mergedNodes } from './merge.js'
import { isMasked, leafKeys, leafSets, leaves, reachable, seeingSets, setsKey, type Facet, type SchemaNode } from './node.js'

/**
 * A union or condition is decided on the whole value. Where the branches release different fields, what
 * leaves shows which branch it was; that is a leak unless every view that sees the difference also sees
 * what decides: a member that is constant in each branch (a discriminator), or all of the value.
 * @param around the nodes with which this one can be merged, and from there on down: all that can decide
 */
export function unionFaults (node: SchemaNode, around: readonly SchemaNode[]): Fault[] {
  const alternatives = node.facets.filter(facet => facet.kind === 'union' || facet.kind === 'conditional')
  if (alternatives.length === 0 || around.flatMap(leaves).some(({ sets }) => sets === undefined)) return []
  const hasMasks = around.some(other => [...reachable(other)].some(isMasked))
  if (node.options.revealsBranch === true && !hasMasks) return []
  const all = around.flatMap(leafSets)
  const members = mergedMembers(around)
  const names = byName(members, 'properties')
  const isUniform = new Set(around.flatMap(leafKeys)).size < 2
  const acceptance = hasMasks ? '. Where a field has masks, revealsBranch cannot accept it: they would decide.' : ', or accept it with { revealsBranch: true }.'
  return alternatives.flatMap(facet => {
    const undeclared = facet.kind === 'conditional' ? undeclaredIn(facet.condition, members) : []
    if (isUniform && undeclared.length === 0) return []
    const undecided = undecidedFields(facet, names).filter(({ sets }) => undeclared.length > 0 || !all.every(others => includedIn(sets, others)))
    const shown = [...new Set(undecided.map(({ pointer }) => pointer || '(the value)'))].join(', ')
    const message = undeclared.length > 0
      ? `which branch was taken shows in ${shown}, though no schema declares what the condition asks about: ${undeclared.join(', ')}. Declare it, annotated${acceptance}`
      : `which branch was taken shows in ${shown} to tokens that may not read what decides it. ` +
        `Give each branch a member with a constant that these tokens may read too${acceptance}`
    return undecided.length === 0 ? [] : [{ kind: 'other', pointer: node.pointer, message }]
  })
}

type Names = ReadonlyMap<string, readonly SchemaNode[]>

function undecidedFields (facet: Extract<Facet, { kind: 'union' | 'conditional' }>, names: Names): Field[] {
  return facet.kind === 'union'
    ? undecidedInUnion(facet.nodes.filter(({ schema }) => !isBareNull(schema)), names)
    : undecidedInCondition(facet.condition, [facet.nodes.then, facet.nodes.else], names)
}

function undecidedInUnion (branches: readonly SchemaNode[], names: Names): Field[] {
  const deciding = discriminators(branches)
  return differing(branches.map(branch => fieldsOf(branch, names)))
    .filter(({ sets }) => !deciding.some(nodes => nodes.flatMap(leafSets).every(others => includedIn(sets, others))))
}

function undecidedInCondition (condition: JsonSchemaOrBoolean, branches: readonly (SchemaNode | undefined)[], names: Names): Field[] {
  const asked = askedBy(condition)?.map(name => names.get(name))
  return differing(branches.map(branch => branch === undefined ? [] : fieldsOf(branch, names)))
    .filter(({ sets }) => asked?.every(nodes => nodes?.flatMap(leafSets).every(others => includedIn(sets, others))) !== true)
}

/** The members that a condition asks about, when it asks about nothing else. */
function askedBy (condition: JsonSchemaOrBoolean): string[] | undefined {
  if (!isSchema(condition) || !isSchema(condition.properties)) return undefined
  return Object.keys(condition).every(keyword => ['properties', 'required', 'type'].includes(keyword)) ? namedBy(condition) : undefined
}

/** The members that a condition names, and that nobody can read since no schema declares them. */
function undeclaredIn (condition: JsonSchemaOrBoolean, members: readonly SchemaNode[]): string[] {
  return isSchema(condition) ? namedBy(condition).filter(name => members.every(member => propertyNodes(member)(name).length === 0)) : []
}

function namedBy ({ properties, required }: JsonSchema): string[] {
  return [...new Set([...isSchema(properties) ? Object.keys(properties) : [], ...Array.isArray(required) ? required as string[] : []])]
}

/** Whether whoever sees a field of these sets sees one of those too. */
function includedIn (sets: readonly string[], those: readonly string[]): boolean {
  return those.includes(ANY_TOKEN) || sets.every(name => those.includes(name))
}

/** Something that shapes what is written for a branch, and for whom. */
interface Field {
  readonly pointer: string
  /** Where and what it is, the same in each branch. */
  readonly key: string
  /** The claim sets that see it, be it through a mask. */
  readonly sets: readonly string[]
  /** What it does there. */
  readonly shape: unknown
}

/** What does not stand in each branch alike and in the same order. */
function differing (branches: readonly (readonly Field[])[]): Field[] {
  const byKey = branches.map(branch => new Map(branch.map(field => [field.key, field])))
  const isCommon = (field: Field) => byKey.every(fields => {
    const other = fields.get(field.key)
    return other !== undefined && (other === field || isDeepStrictEqual(other.shape, field.shape))
  })
  const orders = branches.map(branch => branch.filter(isCommon).map(({ key }) => key))
  const sameOrder = orders.every(order => isDeepStrictEqual(order, orders[0]))
  return branches.flatMap(branch => sameOrder ? branch.filter(field => !isCommon(field)) : branch)
}

/** What a branch writes, field by field; of what is reached twice, in a recursion or by two references, that it is there. */
function fieldsOf (branch: SchemaNode, names: Names): Field[] {
  const fields: Field[] = []
  const seen = new Map<SchemaNode, string>()
  const add = (pointer: string, key: string, nodes: readonly SchemaNode[], shape: unknown) => {
    const distinct = new Map(nodes.flatMap(leaves).map(seeingSets).map(sets => [setsKey(sets), sets]))
    for (const [name, sets] of distinct) fields.push({ pointer, key: `${key} of ${name}`, sets, shape })
  }
  /** @param level the names of all that is merged with the node */
  const visit = (node: SchemaNode, pointer: string, key: string, level: Names) => {
    const before = seen.get(node)
    if (before !== undefined) return add(pointer, `${key} again`, [node], before)
    seen.set(node, key)
    const { schema, facets } = node
    if (isSchema(schema)) {
      // Required members are written first.
      for (const name of Array.isArray(schema.required) ? schema.required as string[] : []) {
        add(pointer + jsonPointer([name]), `${key}${jsonPointer([name])} first`, level.get(name) ?? (pointer === branch.pointer ? names.get(name) : undefined) ?? [], true)
      }
      add(pointer, `${key} empty`, schema.nullable === undefined && schema.default === undefined ? [] : [node], [schema.nullable, schema.default])
    }
    for (const facet of facets) {
      if (facet.kind === 'leaf') fields.push({ pointer, key: `${key} of ${setsKey(seeingSets(node))}`, sets: seeingSets(node), shape: isSchema(schema) ? withoutAnnotations(schema) : schema })
      for (const { step, mark, child, isRest } of stepsOf(facet)) {
        if (isRest) add(pointer + step, `${key}${mark} rest`, [child], [...level.keys()])
        visit(child, pointer + step, key + mark, step === '' ? level : byName(mergedNodes(child), 'properties'))
      }
    }
  }
  visit(branch, branch.pointer, '', byName(mergedNodes(branch), 'properties'))
  return fields
}

interface Step {
  /** In the data; empty where the value is the same one. */
  readonly step: string
  /** In the schema. */
  readonly mark: string
  readonly child: SchemaNode
  /** Whether it governs what no name does. */
  readonly isRest: boolean
}

function stepsOf (facet: Facet): Step[] {
  const same = (child: SchemaNode, mark = ''): Step => ({ step: '', mark, child, isRest: false })
  switch (facet.kind) {
    case 'leaf': return []
    case 'properties': return [...facet.nodes].map(([name, child]) => ({ step: jsonPointer([name]), mark: jsonPointer([name]), child, isRest: false }))
    case 'patternProperties': return [...facet.nodes].map(([pattern, child]) => ({ step: '/*', mark: `/~${pattern}`, child, isRest: true }))
    case 'additionalProperties': return [{ step: '/*', mark: '/~', child: facet.node, isRest: true }]
    case 'items': return [{ step: '/*', mark: '/[]', child: facet.node, isRest: false }]
    case 'tuple': return facet.nodes.map((child, index) => ({ step: `/${index}`, mark: `/[${index}]`, child, isRest: false }))
    case 'reference': return [same(facet.node)]
    case 'intersection': return facet.nodes.map(child => same(child))
    case 'union': return facet.nodes.map((child, index) => same(child, `|${index}`))
    case 'conditional': return [...facet.nodes.then === undefined ? [] : [same(facet.nodes.then, '|then')], ...facet.nodes.else === undefined ? [] : [same(facet.nodes.else, '|else')]]
  }
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
