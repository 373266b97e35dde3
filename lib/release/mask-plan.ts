import { isBareNull, type MaskGrant } from './annotation.js'
import { isLink } from './extent.js'
import type { Fault } from './fault.js'
import { isObject, isOpen, mergedMembers } from './governing.js'
import { isSchema, type JsonSchema } from './json-schema.js'
import { isDescription, SCALARS, typesOf } from './keywords.js'
import { brokenKeyword } from './mask-fit.js'
import type { Mask, MaskRegistry } from './masks.js'
import { byName } from './merge.js'
import { governanceKey, isMasked, nodesOf, reachable, type SchemaNode } from './node.js'
import { NodeNumbers } from './node-numbers.js'

/** A field with masks. */
export interface MaskedField {
  readonly pointer: string
  readonly sets: readonly string[]
  readonly masks: readonly MaskGrant[]
  /** What each of the masks does to this field, by name. */
  readonly doing: ReadonlyMap<string, Mask>
  /** The schemas that declare it, each with what it says of the value. */
  readonly nodes: ReadonlyMap<SchemaNode, OneValue>
}

/** A place in the data that is a field with masks, or leads to some; every schema that may apply to the value there has a say in it. */
export interface MaskedPlace {
  readonly field?: MaskedField
  readonly members: Map<string, MaskedPlace>
  /** For members of other names. */
  open?: { readonly pattern: RegExp, readonly declared: ReadonlySet<string>, readonly place: MaskedPlace }
  items?: MaskedPlace
  /** For items of a tuple, by their index. */
  readonly tuple: (MaskedPlace | undefined)[]
}

/** Where the masks of a schema stand. */
export interface MaskPlan {
  readonly faults: readonly Fault[]
  /** Undefined for a schema without masks. */
  readonly root: MaskedPlace | undefined
  readonly fields: readonly MaskedField[]
}

export const NO_MASKS: MaskPlan = { faults: [], root: undefined, fields: [] }

/**
 * Finds the places of all masks of a schema. Values are masked before a union is decided, so what a field is masked by
 * must not depend on that: where it would, and where a mask could not be held to what it promises, there is a fault.
 */
export function planMasks (root: SchemaNode, masks: MaskRegistry): MaskPlan {
  const leading = leadingNodes(root)
  if (!leading.has(root)) return NO_MASKS
  const planner = new Planner(masks, leading)
  return { faults: planner.faults, root: planner.place([root]), fields: planner.fields }
}

/** The node with masks that a member or item is, be it by references; undefined where it has none. */
export function maskedNodeOf (node: SchemaNode): SchemaNode | undefined {
  const target = targetOf(node)
  return isMasked(target) ? target : undefined
}

function targetOf (node: SchemaNode): SchemaNode {
  return isMasked(node) || !isLink(node) ? node : targetOf(node.facets.flatMap(nodesOf)[0]!)
}

/** The nodes with masks at or beneath them. */
function leadingNodes (root: SchemaNode): ReadonlySet<SchemaNode> {
  const nodes = [...reachable(root)]
  const leading = new Set(nodes.filter(isMasked))
  for (let before = -1; before < leading.size;) {
    before = leading.size
    for (const node of nodes) {
      if (node.facets.flatMap(nodesOf).some(child => leading.has(child))) leading.add(node)
    }
  }
  return leading
}

const BRANCH = 'a mask stands on the field itself, not on one of the schemas that are merged for it. Annotate the union, or the member.'
const WHOLE = 'it has masks beneath it, though one of its schemas writes it as one value. Give that one its members, too.'
const OPEN = 'a mask of members of any name, or beneath them, takes one schema with one pattern or additionalProperties. Write them in one, or declare the members by name.'
const LISTS = 'a mask of items of a tuple, or beneath them, takes one schema with items. Write them in one.'
const DIFFERENT = 'it has different claim sets or masks in different branches. Give it the same in all of them.'
const ONE_VALUE = 'a mask stands on a field of one value: text, number or boolean, or null beside it. Annotate the fields beneath it one by one.'

class Planner {
  readonly faults: Fault[] = []
  readonly fields: MaskedField[] = []
  private readonly places = new Map<string, MaskedPlace>()
  private readonly numbers = new NodeNumbers()

  constructor (private readonly masks: MaskRegistry, private readonly leading: ReadonlySet<SchemaNode>) {}

  /** The place of a value to which any of these schemas may apply; undefined where it leads to no mask. */
  place (given: readonly SchemaNode[]): MaskedPlace | undefined {
    const nodes = [...new Set(given.map(targetOf))]
    if (!nodes.some(node => this.leading.has(node))) return undefined
    const key = nodes.map(node => this.numbers.of(node)).sort().join()
    const known = this.places.get(key)
    if (known !== undefined) return known
    const field = nodes.some(isMasked) ? this.field(nodes) : undefined
    const place: MaskedPlace = { ...field && { field }, members: new Map(), tuple: [] }
    this.places.set(key, place)
    if (field === undefined) this.addBeneath(place, nodes)
    return place
  }

  private addBeneath (place: MaskedPlace, nodes: readonly SchemaNode[]): void {
    const merged = mergedMembers(nodes)
    const { pointer } = nodes[0]!
    merged.filter(isMasked).forEach(node => this.fault(node.pointer, BRANCH))
    this.addMembers(place, merged, pointer)
    this.addItems(place, merged, pointer)
    if (merged.some(isWrittenWhole)) this.fault(pointer, WHOLE)
  }

  private addMembers (place: MaskedPlace, merged: readonly SchemaNode[], pointer: string): void {
    const declared = byName(merged, 'properties')
    for (const [name, nodes] of declared) {
      const member = this.place(nodes)
      if (member === undefined) continue
      place.members.set(name, member)
      if (merged.some(node => isOpen(node) && !byName([node], 'properties').has(name))) this.fault(`${pointer}/${name}`, OPEN)
    }
    const open = merged.flatMap(({ facets }) => facets).flatMap((facet): (readonly [string, SchemaNode])[] => {
      if (facet.kind === 'patternProperties') return [...facet.nodes]
      return facet.kind === 'additionalProperties' ? [['', facet.node]] : []
    })
    for (const [pattern, node] of open) {
      const member = this.place([node])
      if (member === undefined) continue
      place.open = { pattern: new RegExp(pattern), declared: new Set(declared.keys()), place: member }
      if (open.length > 1 || merged.filter(isObject).length > 1) this.fault(`${pointer}/*`, OPEN)
    }
  }

  private addItems (place: MaskedPlace, merged: readonly SchemaNode[], pointer: string): void {
    const facets = merged.flatMap(({ facets }) => facets)
    const lists = facets.filter(facet => facet.kind === 'items')
    const tuples = facets.filter(facet => facet.kind === 'tuple')
    const items = this.place(lists.map(({ node }) => node))
    if (items !== undefined) place.items = items
    for (const { nodes } of tuples) {
      nodes.forEach((node, index) => { place.tuple[index] = this.place([node]) })
    }
    const isMet = items !== undefined || place.tuple.some(item => item !== undefined)
    if (isMet && tuples.length > 0 && lists.length + tuples.length > 1) this.fault(`${pointer}/*`, LISTS)
  }

  private field (nodes: readonly SchemaNode[]): MaskedField {
    const [first] = nodes as [SchemaNode]
    const { pointer, sets = [], masks } = first
    const values = new Map(nodes.flatMap(node => {
      const value = valueOf(node)
      return value === undefined ? [] : [[node, value] as const]
    }))
    if (nodes.some(node => !isMasked(node) || governanceKey(node) !== governanceKey(first))) this.fault(pointer, DIFFERENT)
    else if (values.size < nodes.length) this.fault(pointer, ONE_VALUE)
    const doing = new Map(masks.flatMap(({ name }) => {
      const mask = this.fitting(pointer, name, [...values.values()])
      return mask === undefined ? [] : [[name, mask] as const]
    }))
    const field = { pointer, sets, masks, doing, nodes: values }
    this.fields.push(field)
    return field
  }

  /** The first of the masks of a name whose result fits all schemas of the field; a name that is not known is a fault already. */
  private fitting (pointer: string, name: string, values: readonly OneValue[]): Mask | undefined {
    let broken: string | undefined
    for (const mask of this.masks.get(name) ?? []) {
      broken = values.map(({ schema, isNullable }) => brokenKeyword(mask.result, schema, isNullable)).find(keyword => keyword !== undefined)
      if (broken === undefined) return mask
    }
    if (broken !== undefined) {
      this.fault(pointer, `what the mask '${name}' gives could break its '${broken}', so those who check answers would refuse it. Take '${broken}' off the schema of the answer, or mask it otherwise.`)
    }
    return undefined
  }

  private fault (pointer: string, message: string): void {
    this.faults.push({ kind: 'other', pointer, message })
  }
}

/** The schema of a field that is one value, and whether null is one too. */
export interface OneValue { readonly schema: JsonSchema, readonly isNullable: boolean }

function valueOf (node: SchemaNode, above?: SchemaNode): OneValue | undefined {
  const { schema, facets } = node
  // What has an annotation of its own is not masked by the one above it.
  if (!isSchema(schema) || (above !== undefined && governanceKey(node) !== governanceKey(above))) return undefined
  const [facet, ...others] = facets
  if (facet === undefined || others.length > 0) return undefined
  const types = typesOf(schema)
  if (facet.kind === 'leaf') {
    return types.length > 0 && types.every(type => SCALARS.has(type)) ? { schema, isNullable: schema.nullable === true || types.includes('null') } : undefined
  }
  if (isLink(node)) return valueOf(nodesOf(facet)[0]!, node)
  const branches = nodesOf(facet).filter(({ schema }) => !isBareNull(schema))
  const isChoice = facet.kind === 'union' && Object.keys(schema).every(keyword => keyword === facet.keyword || keyword === 'claimSet' || keyword === '$id' || isDescription(keyword))
  const value = isChoice && branches.length === 1 ? valueOf(branches[0]!, node) : undefined
  return value && { ...value, isNullable: true }
}

/** Whether a schema lets a value through as it is, whatever is in it. */
function isWrittenWhole ({ schema, facets }: SchemaNode): boolean {
  if (isBareNull(schema) || !facets.some(({ kind }) => kind === 'leaf')) return false
  const types = typesOf(schema).filter(type => type !== 'null')
  return types.length === 0 || types.some(type => !SCALARS.has(type) && (type !== 'object' || types.length > 1))
}
