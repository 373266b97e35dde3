import { isDeepStrictEqual } from 'node:util'
import { isBareNull, withoutAnnotations } from './annotation.js'
import type { Fault } from './fault.js'
import { isSchema } from './json-schema.js'
import { typesOf } from './keywords.js'
import { branchesOf } from './merge.js'
import { maskedNodeOf } from './mask-plan.js'
import { governanceKey, isUniform, leafKeys, nodesOf, type Facet, type SchemaNode } from './node.js'

/** What a merge would release otherwise than its parts say one by one. */
export function mergeFaults (node: SchemaNode): Fault[] {
  const check = new MergeCheck(isUniform(node))
  check.merge([node], node.pointer, true)
  return [...check.messages].flatMap(([pointer, messages]) => [...messages].map(message => ({ kind: 'other', pointer, message })))
}

/** A schema that is merged with others, if these branches are taken. */
interface Part { readonly node: SchemaNode, readonly taken: readonly (readonly [Facet, SchemaNode])[] }

const DIFFERENT = 'it stands in several parts of one schema, with different claim sets or in different ways. Write it once, or alike in all of them.'
const MASKED = 'it has a mask, and stands in several parts of one schema. Write it once.'

class MergeCheck {
  readonly messages = new Map<string, Set<string>>()
  private readonly seen = new Map<SchemaNode, Set<SchemaNode>>()

  /** @param uniform whether all of it is governed alike, so that no part can release what another one withholds */
  constructor (private readonly uniform: boolean) {}

  /** @param outermost where members that are withheld are excluded from what other parts say of members of any name */
  merge (roots: readonly SchemaNode[], pointer: string, outermost: boolean): void {
    const parts = roots.flatMap(partsOf)
    parts.forEach((some, index) => {
      for (const other of parts.slice(index + 1)) {
        if (some.node === other.node || !areTakenTogether(some, other) || (!outermost && this.isSeen(some.node, other.node))) continue
        this.compareTypes(some.node, other.node, pointer)
        this.compareAlternatives(some, other, pointer)
        this.comparePair(some.node, other.node, pointer, outermost)
        this.compareOneWay(some.node, other.node, pointer, outermost)
        this.compareOneWay(other.node, some.node, pointer, outermost)
        this.compareOpen(some, other, pointer)
        this.compareOpen(other, some, pointer)
      }
    })
  }

  /** Unions and conditions that stand side by side are multiplied, and not as they say. */
  private compareAlternatives (some: Part, other: Part, pointer: string): void {
    for (const mine of alternativesOf(some)) {
      for (const theirs of alternativesOf(other)) {
        if (isWithin(some, theirs) || isWithin(other, mine) || (mine.kind === 'conditional') !== (theirs.kind === 'conditional')) continue
        if (mine.kind === 'conditional') this.conflict(pointer, 'if stands in several parts of one schema: the serializer looks at one of them only where another one holds. Write one, and the others within its then and else.')
        else if ([mine, theirs].some(hasNot)) this.conflict(pointer, 'a branch with not stands beside another union, with whose branches the serializer merges it. Write one union of both.')
      }
    }
  }

  /** Nothing has both types; the serializer finds that out only where it comes to merge them, which can be with a request. */
  private compareTypes ({ schema }: SchemaNode, { schema: other }: SchemaNode, pointer: string): void {
    const [mine, theirs] = [schema, other].map(schema => isSchema(schema) && schema.type !== undefined ? [schema.type].flat() as string[] : undefined)
    if (mine === undefined || theirs === undefined || mine.some(type => theirs.includes(type))) return
    const types = [mine, theirs].map(types => types.join(' or ')).sort().join(' and ')
    this.add(pointer, `schemas of the types ${types} are merged. Write the union around both, and null as nullable: true.`)
  }

  private comparePair (some: SchemaNode, other: SchemaNode, pointer: string, outermost: boolean): void {
    const mine = membersOf(some)
    const theirs = membersOf(other)
    for (const [name, node] of mine.properties) {
      const namesake = theirs.properties.get(name)
      if (namesake !== undefined && [node, namesake].some(member => maskedNodeOf(member) !== undefined)) this.add(`${pointer}/${name}`, MASKED)
      if (namesake !== undefined) this.merge([node, namesake], `${pointer}/${name}`, false)
    }
    for (const [pattern, node] of mine.open) {
      for (const [otherPattern, namesake] of theirs.open) {
        if (!outermost || pattern === otherPattern) this.merge([node, namesake], `${pointer}/*`, false)
      }
    }
    if (mine.items !== undefined && theirs.items !== undefined) {
      this.conflict(pointer, 'items stands in several parts of one schema. Write it once.')
      if (mine.items.kind === 'items' && theirs.items.kind === 'items') this.merge([mine.items.node, theirs.items.node], `${pointer}/*`, false)
    }
  }

  private compareOneWay (some: SchemaNode, other: SchemaNode, pointer: string, outermost: boolean): void {
    const mine = membersOf(some)
    const theirs = membersOf(other)
    if (isWrittenWhole(some) && [...valueKeys(other), ...canBeObject(some) ? emptyObjectKeys(other) : []].some(key => key !== governanceKey(some))) this.conflict(pointer, DIFFERENT)
    if (!outermost && mine.items !== undefined && isSchema(other.schema) && typesOf(other.schema).includes('object')) this.conflict(pointer, DIFFERENT)
    if (mine.isClosed && theirs.open.size > 0) this.conflict(pointer, 'one part of the schema allows additionalProperties, another forbids them. Say the same in all of them.')
    for (const [name, node] of theirs.properties) {
      if (name in Object.prototype) this.conflict(pointer, `${name} is lost where the serializer merges parts of a schema, since every object has a member of that name. Write the schema in one, or name it otherwise.`)
      for (const namesake of mine.properties.has(name) ? [] : openFor(mine, name)) {
        if (!outermost || !isLeaf(namesake) || !isSameWithoutAnnotations(node, namesake)) this.merge([node, namesake], `${pointer}/${name}`, false)
      }
    }
    const unseen = [...theirs.properties.keys()].filter(name => !mine.properties.has(name) && openFor(mine, name).length === 0)
    if (mine.isClosed && unseen.length > 0 && !partsOfIntersection(some).has(other)) {
      this.add(pointer, `additionalProperties: false in one part of the schema makes the serializer write ${unseen.join(', ')} of another without looking at it. Close none of the parts, or write them in one.`)
    }
  }

  /** What a branch names is no additional member where that branch is taken, and one where another is. */
  private compareOpen (some: Part, other: Part, pointer: string): void {
    if (other.taken.every(([facet]) => some.taken.some(([theirs]) => theirs === facet))) return
    const mine = membersOf(some.node)
    const theirs = membersOf(other.node)
    const named = [...theirs.properties].filter(([name]) => !mine.properties.has(name))
      .some(([name, node]) => openFor(mine, name).some(namesake => !isGovernedAlike(node, namesake)))
    const matched = [...theirs.open].filter(([pattern]) => pattern !== undefined)
      .some(([, node]) => [...mine.open].some(([pattern, namesake]) => pattern === undefined || !isGovernedAlike(node, namesake)))
    if (named || matched) this.conflict(pointer, 'which of its members patternProperties or additionalProperties govern depends on the branch that is taken. Write them in the branches.')
  }

  private conflict (pointer: string, message: string): void {
    if (!this.uniform) this.add(pointer, message)
  }

  private add (pointer: string, message: string): void {
    this.messages.set(pointer, (this.messages.get(pointer) ?? new Set()).add(message))
  }

  private isSeen (some: SchemaNode, other: SchemaNode): boolean {
    const seen = this.seen.get(some) ?? new Set()
    this.seen.set(some, seen)
    return seen.size === seen.add(other).size
  }
}

/** All schemas that can be merged with a node, itself among them; there is an end to them, or the boot has stopped before. */
function partsOf (root: SchemaNode): Part[] {
  const parts: Part[] = []
  const visit = (node: SchemaNode, taken: Part['taken']) => {
    parts.push({ node, taken })
    for (const facet of node.facets) {
      if (facet.kind === 'intersection' || facet.kind === 'reference') nodesOf(facet).forEach(child => visit(child, taken))
      branchesOf(facet).forEach(branch => visit(branch, [...taken, [facet, branch]]))
    }
  }
  visit(root, [])
  return parts
}

function areTakenTogether (some: Part, other: Part): boolean {
  return some.taken.every(([facet, branch]) => other.taken.every(([theirs, taken]) => facet !== theirs || branch === taken))
}

function alternativesOf ({ node: { facets } }: Part): Facet[] {
  return facets.filter(facet => branchesOf(facet).length > 0)
}

function isWithin ({ taken }: Part, alternatives: Facet): boolean {
  return taken.some(([facet]) => facet === alternatives)
}

function hasNot (alternatives: Facet): boolean {
  return branchesOf(alternatives).some(({ schema }) => isSchema(schema) && schema.not !== undefined)
}

/** The serializer takes `additionalProperties: false` away from a schema while it merges that with the parts of its `allOf`. */
function partsOfIntersection (root: SchemaNode): Set<SchemaNode> {
  const found = new Set<SchemaNode>()
  const visit = (node: SchemaNode) => {
    for (const facet of node.facets) {
      if (facet.kind !== 'intersection' && !(facet.kind === 'reference' && node !== root)) continue
      for (const child of nodesOf(facet).filter(child => !found.has(child))) {
        found.add(child)
        visit(child)
      }
    }
  }
  visit(root)
  return found
}

interface Members {
  readonly properties: ReadonlyMap<string, SchemaNode>
  /** Those of any name, by pattern; undefined for `additionalProperties`. */
  readonly open: ReadonlyMap<string | undefined, SchemaNode>
  readonly items: Extract<Facet, { kind: 'items' | 'tuple' }> | undefined
  readonly isClosed: boolean
}

const known = new WeakMap<SchemaNode, Members>()

function membersOf (node: SchemaNode): Members {
  const members = known.get(node) ?? readMembers(node)
  known.set(node, members)
  return members
}

function readMembers ({ schema, facets }: SchemaNode): Members {
  const properties = new Map<string, SchemaNode>()
  const open = new Map<string | undefined, SchemaNode>()
  let items: Members['items']
  for (const facet of facets) {
    if (facet.kind === 'properties') facet.nodes.forEach((node, name) => properties.set(name, node))
    if (facet.kind === 'patternProperties') facet.nodes.forEach((node, pattern) => open.set(pattern, node))
    if (facet.kind === 'additionalProperties') open.set(undefined, facet.node)
    if (facet.kind === 'items' || facet.kind === 'tuple') items = facet
  }
  return { properties, open, items, isClosed: isSchema(schema) && schema.additionalProperties === false }
}

/** What governs a member that a schema does not name. */
function openFor ({ open }: Members, name: string): SchemaNode[] {
  const matching = [...open].filter(([pattern]) => pattern !== undefined && new RegExp(pattern).test(name))
  return (matching.length > 0 ? matching : [...open].filter(([pattern]) => pattern === undefined)).map(([, node]) => node)
}

function isGovernedAlike (some: SchemaNode, other: SchemaNode): boolean {
  return new Set([...leafKeys(some), ...leafKeys(other)]).size < 2
}

function isSameWithoutAnnotations (some: SchemaNode, other: SchemaNode): boolean {
  const [mine, theirs] = [some, other].map(({ schema }) => isSchema(schema) ? withoutAnnotations(schema) : schema)
  return isDeepStrictEqual(mine, theirs)
}

function isLeaf ({ facets }: SchemaNode): boolean {
  return facets.every(({ kind }) => kind === 'leaf')
}

/** Whether the value is written as it is, so that members which other parts declare leave with it. */
function isWrittenWhole ({ schema, facets }: SchemaNode): boolean {
  if (!facets.some(({ kind }) => kind === 'leaf')) return false
  const types = typesOf(schema)
  return !isBareNull(schema) && (!types.includes('object') || types.some(type => type !== 'object' && type !== 'null'))
}

function canBeObject ({ schema }: SchemaNode): boolean {
  const types = typesOf(schema)
  return types.length === 0 || types.includes('object')
}

/** What governs an object without any member: beside it the serializer writes of a value of any kind no more than that. */
function emptyObjectKeys (node: SchemaNode): string[] {
  return node.facets.some(({ kind }) => kind === 'leaf') && typesOf(node.schema).includes('object') ? [governanceKey(node)] : []
}

/** What governs that which a schema itself writes of a value, whatever it is merged with. */
function valueKeys (node: SchemaNode): string[] {
  return node.facets.flatMap(facet => {
    switch (facet.kind) {
      case 'leaf': return isWrittenWhole(node) ? [governanceKey(node)] : []
      case 'intersection':
      case 'reference':
      case 'union':
      case 'conditional': return []
      default: return nodesOf(facet).flatMap(leafKeys)
    }
  })
}
