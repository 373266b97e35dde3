import { createRequire } from 'node:module'
import { RefResolver } from 'json-schema-ref-resolver'

const Validator = createRequire(import.meta.url)('fast-json-stringify/lib/validator.js') as new (options: object) => {
  addSchema (schema: object, name: string): void
  getSchemaValidator (ref: string): (value: unknown) => boolean
}

export type Schema = Record<string, any>

/** Schemas by their `$id`. */
export type Shared = Readonly<Record<string, Schema>>

/** Whether a view sees a field of these claim sets. */
export type Sees = (sets: readonly string[]) => boolean

/** A schema at its place in a document, with the claim sets that govern it. */
export interface Place {
  readonly schema: Schema | boolean
  readonly document: string
  readonly pointer: string
  readonly sets: readonly string[] | undefined
  /** Whether it is merged with schemas that write members or items, so that without any of its own it only asserts. */
  readonly merged: boolean
  /** Whether it is a branch of a union. */
  readonly branch?: boolean
}

/** Says which of the branches of a union or condition is taken; undefined where none is, null to leave all of them out. */
export type Decide = (branches: readonly Place[], condition?: Place) => Place | undefined | null

const ROOT = 'root-of-all'

/** An annotated schema and those that it refers to, walked as they are written: nothing is merged, pruned or compiled. */
export class Documents {
  readonly root: Place
  private readonly resolver = new RefResolver()
  private readonly seen = new WeakMap<Schema, Map<Sees, Map<string, boolean>>>()
  private readonly validator = new Validator({ strict: false, logger: false })

  constructor (root: Schema, shared: Shared = {}) {
    const id = typeof root.$id === 'string' && !root.$id.startsWith('#') ? root.$id : ROOT
    for (const [name, schema] of Object.entries({ ...shared, [id]: root })) {
      this.validator.addSchema(bare(schema) as Schema, name)
      if (!this.resolver.hasSchema(name)) this.resolver.addSchema(schema, name)
    }
    this.root = place(root, id, '#', undefined, false)
  }

  matches ({ schema, document, pointer }: Place, value: unknown): boolean {
    return typeof schema === 'boolean' ? schema : this.validator.getSchemaValidator(document + pointer.replaceAll('%', '%25'))(value)
  }

  /** The branch that is taken for a value. */
  readonly decideBy = (value: unknown): Decide => (branches, condition) =>
    condition === undefined ? branches.find(branch => this.matches(branch, value)) : branches[this.matches(condition, value) ? 0 : 1]

  target ({ schema, document, sets }: Place): Place {
    const [id, fragment = ''] = (schema as Schema).$ref.split('#') as [string, string?]
    const name = id === '' ? document : id
    const found = this.resolver.getSchema(name, `#${fragment}`) as Schema | boolean
    const pointer = fragment === '' || fragment.startsWith('/') ? fragment : pointerOfAnchor(this.resolver.getSchema(name), `#${fragment}`)!
    return place(found, name, `#${pointer}`, sets, false)
  }

  /** All schemas that apply to a value at once, in the order in which they are merged; undefined where a union has no branch for it, or they have no end. */
  applied (from: Place, decide: Decide, depth = 0): Place[] | undefined {
    const { schema } = from
    if (typeof schema === 'boolean' || isBareNull(from)) return [from]
    if (depth > 50) return undefined
    const parts = [...schema.$ref === undefined ? [] : [this.target(from)], from, ...partsOf(from)]
    const found: Place[] = []
    for (const part of parts) {
      const inner = part === from ? [from] : this.applied(part, decide, depth + 1)
      if (inner === undefined) return undefined
      found.push(...inner)
    }
    for (const branches of unionsOf(from)) {
      const taken = decide(branches)
      if (taken === null) continue
      const inner = taken && this.applied(taken, decide, depth + 1)
      if (inner === undefined) return undefined
      found.push(...inner)
    }
    const condition = conditionOf(from)
    if (condition !== undefined) {
      const taken = decide(condition.branches, condition.asked)
      const inner = !taken || taken.schema === undefined ? [] : this.applied(taken, decide, depth + 1)
      if (inner === undefined) return undefined
      found.push(...inner)
    }
    return found
  }

  /** The claim sets of every leaf at or beneath a place; its own where a recursion leads to none. */
  leaves (from: Place): (readonly string[])[] {
    const found = new Map<string, readonly string[]>()
    const seen = new Map<unknown, Set<string>>()
    const visit = (from: Place) => {
      const known = seen.get(from.schema) ?? new Set()
      const key = `${from.sets} ${from.merged}`
      if (known.has(key)) return
      seen.set(from.schema, known.add(key))
      if (isBareNull(from)) return
      if (isLeaf(from)) found.set(String(from.sets), from.sets ?? [])
      this.beneath(from).forEach(visit)
    }
    visit(from)
    return found.size === 0 ? [from.sets ?? []] : [...found.values()]
  }

  /** Whether a view sees anything at or beneath a place, whatever the value. */
  visible (from: Place, sees: Sees): boolean {
    if (typeof from.schema === 'boolean') return this.isSeen(from, sees, [])
    const known = this.seen.get(from.schema) ?? new Map<Sees, Map<string, boolean>>()
    const ofView = known.get(sees) ?? new Map<string, boolean>()
    this.seen.set(from.schema, known.set(sees, ofView))
    const key = `${from.sets} ${from.merged} ${from.branch}`
    const isSeen = ofView.get(key) ?? this.isSeen(from, sees, [])
    ofView.set(key, isSeen)
    return isSeen
  }

  private isSeen (from: Place, sees: Sees, path: readonly string[]): boolean {
    if (isBareNull(from)) return false
    const key = `${from.document}${from.pointer} ${from.sets}`
    if (path.includes(key)) return false
    if ((isLeaf(from) || (!from.merged && this.isEndless(from))) && sees(from.sets ?? [])) return true
    const tuple = tupleOf(from)
    if (tuple !== undefined) return tuple.every(item => this.isSeen(item, sees, [...path, key])) || this.leaves(from).every(sees)
    return this.beneath(from).some(child => this.isSeen(child, sees, [...path, key]))
  }

  private isEndless (from: Place): boolean {
    const seen = new Set<string>()
    const leadsToLeaf = (from: Place): boolean => {
      const key = `${from.document}${from.pointer} ${from.merged}`
      if (isBareNull(from) || seen.has(key)) return false
      seen.add(key)
      return isLeaf(from) || this.beneath(from).some(leadsToLeaf)
    }
    return !leadsToLeaf(from)
  }

  private beneath (from: Place): Place[] {
    const { schema } = from
    if (typeof schema === 'boolean' || schema.const !== undefined) return []
    return [
      ...schema.$ref === undefined ? [] : [this.target(from)],
      ...partsOf(from), ...unionsOf(from).flat(), ...(conditionOf(from)?.branches ?? []).filter(({ schema }) => schema !== undefined),
      ...Object.keys(schema.properties ?? {}).map(name => child(from, 'properties', name)),
      ...Object.keys(schema.patternProperties ?? {}).map(name => child(from, 'patternProperties', name)),
      ...isOpen(schema) ? [child(from, 'additionalProperties')] : [],
      ...tupleOf(from) ?? (schema.items === undefined ? [] : [child(from, 'items')])
    ]
  }
}

/** Where in a document the schema of this `$id` stands. */
function pointerOfAnchor (schema: unknown, anchor: string): string | undefined {
  if (typeof schema !== 'object' || schema === null) return undefined
  if ((schema as Schema).$id === anchor) return ''
  for (const [step, inner] of Object.entries(schema)) {
    const found = pointerOfAnchor(inner, anchor)
    if (found !== undefined) return `/${step.replaceAll('~', '~0').replaceAll('/', '~1')}${found}`
  }
  return undefined
}

/** The place of a schema beneath another. */
export function child (from: Place, ...steps: (string | number)[]): Place {
  return beneathOf(from, false, steps)
}

export function tupleOf (from: Place): Place[] | undefined {
  const { items } = from.schema as Schema
  return Array.isArray(items) ? items.map((_item, index) => child(from, 'items', index)) : undefined
}

export function isOpen (schema: Schema): boolean {
  return schema.additionalProperties !== undefined && schema.additionalProperties !== false
}

/** A branch that says only that there is nothing. */
export function isBareNull ({ schema, branch }: Place): boolean {
  return branch === true && typeof schema === 'object' && schema.type === 'null' && schema.claimSet === undefined
}

/** Whether a schema has a value written of its own, not by what stands beneath it. */
export function isLeaf ({ schema, merged }: Place): boolean {
  if (typeof schema === 'boolean' || schema.const !== undefined) return true
  const types = typesOf(schema)
  if (types.some(type => !['object', 'array', 'null'].includes(type)) || String(types) === 'null') return true
  if (types.includes('array') && schema.items === undefined) return !merged || schema.type !== undefined
  return !merged && !writes(schema) && schema.anyOf === undefined && schema.oneOf === undefined && (schema.if === undefined || (schema.then ?? schema.else) === undefined)
}

/** Whether a value is written by one schema alone, not by its members. */
export function isWrittenWhole (place: Place): boolean {
  const { schema } = place
  return isLeaf(place) && (typeof schema === 'boolean' || schema.const !== undefined || typesOf(schema).every(type => type !== 'object'))
}

function partsOf (from: Place): Place[] {
  return ((from.schema as Schema).allOf ?? []).map((_part: Schema, index: number) => beneathOf(from, true, ['allOf', index]))
}

function unionsOf (from: Place): Place[][] {
  const schema = from.schema as Schema
  return ['anyOf', 'oneOf'].filter(keyword => schema[keyword] !== undefined)
    .map(keyword => {
      const branches = schema[keyword].map((_branch: Schema, index: number) => ({ ...beneathOf(from, from.merged || writes(schema), [keyword, index]), branch: true })) as Place[]
      return branches.every(isBareNull) ? branches.map(branch => ({ ...branch, branch: false })) : branches
    })
}

function conditionOf (from: Place): { asked: Place, branches: [Place, Place] } | undefined {
  const schema = from.schema as Schema
  if (schema.if === undefined || (schema.then ?? schema.else) === undefined) return undefined
  const merged = from.merged || writes(schema)
  return { asked: child(from, 'if'), branches: [beneathOf(from, merged, ['then']), beneathOf(from, merged, ['else'])] }
}

/** Whether a schema has something written, whichever branches are taken. */
function writes (schema: Schema): boolean {
  return Object.keys({ ...schema.properties, ...schema.patternProperties }).length > 0 || isOpen(schema) || schema.items !== undefined ||
    schema.$ref !== undefined || (schema.allOf ?? []).some(contributes)
}

function contributes (part: Schema): boolean {
  return writes(part) || part.const !== undefined || typesOf(part).some(type => type !== 'object' && type !== 'null') || String(typesOf(part)) === 'null' ||
    [part.anyOf ?? [], part.oneOf ?? [], part.then ?? [], part.else ?? []].flat().some(contributes)
}

const IMPLIED: readonly [string, readonly string[]][] = [
  ['object', ['properties', 'required', 'additionalProperties', 'patternProperties', 'maxProperties', 'minProperties', 'dependencies']],
  ['array', ['items', 'additionalItems', 'maxItems', 'minItems', 'uniqueItems', 'contains']],
  ['string', ['maxLength', 'minLength', 'pattern']],
  ['number', ['multipleOf', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum']]
]

export function typesOf (schema: Schema): readonly string[] {
  if (schema.type !== undefined) return [schema.type].flat()
  return IMPLIED.filter(([, keywords]) => keywords.some(keyword => keyword in schema)).slice(0, 1).map(([type]) => type)
}

function beneathOf (from: Place, merged: boolean, steps: readonly (string | number)[]): Place {
  const schema = steps.reduce<any>((schema, step) => schema[step], from.schema)
  const pointer = steps.map(step => '/' + String(step).replaceAll('~', '~0').replaceAll('/', '~1')).join('')
  return place(schema, from.document, from.pointer + pointer, from.sets, merged)
}

function place (schema: Schema | boolean, document: string, pointer: string, inherited: readonly string[] | undefined, merged: boolean): Place {
  const written = typeof schema === 'object' ? schema.claimSet : undefined
  const sets = written === undefined ? inherited : [typeof written === 'object' && !Array.isArray(written) ? written.sets : written].flat()
  return { schema, document, pointer, sets, merged }
}

/** A schema as somebody would write it who has no claim sets. */
export function bare (schema: unknown): unknown {
  return JSON.parse(JSON.stringify(schema, (_key, value) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const { claimSet, ...rest } = value
    return typeof claimSet === 'object' && claimSet !== null && 'type' in claimSet ? value : rest
  }))
}
