import { jsonPointer } from '../policy/validate.js'
import { ANY_TOKEN, annotationOf, isBareNull, type ClaimSetOptions } from './annotation.js'
import type { Fault } from './fault.js'
import { isSchema, type JsonSchema, type JsonSchemaOrBoolean } from './json-schema.js'
import { typesOf, unknownKeywords } from './keywords.js'
import { leafSets, setsKey, type Facet, type SchemaNode } from './node.js'
import type { References } from './references.js'

interface Place {
  readonly base: string
  readonly path: readonly string[]
  /** The claim sets of the nearest annotation above. */
  readonly sets: readonly string[] | undefined
  readonly root: boolean
  /** Below a schema that has an `$id` of its own, but is not reached by it. */
  readonly nestedId: boolean
}

/** Reads a schema with its annotations into nodes; what it cannot read stands in `faults`. */
export class SchemaReader {
  readonly faults: Fault[] = []
  private readonly targets = new Map<unknown, Map<string, SchemaNode>>()
  private readonly nullBranches: { readonly branch: SchemaNode, readonly union: readonly SchemaNode[] }[] = []

  constructor (private readonly references: References) {}

  readRoot (schema: JsonSchema): SchemaNode {
    const root = this.read(schema, { base: this.references.rootBase, path: [], sets: undefined, root: true, nestedId: false })
    this.governNullBranches()
    return root
  }

  private read (schema: JsonSchemaOrBoolean, place: Place): SchemaNode {
    const pointer = jsonPointer(place.path)
    if (!isSchema(schema)) return this.leaf(node(schema, pointer, place, place.sets, {}), false, 'a boolean schema is written without being looked at')

    const annotation = annotationOf(schema)
    if (typeof annotation === 'string') this.fault(pointer, annotation)
    const own = typeof annotation === 'object' ? annotation : undefined
    const read = node(schema, pointer, place, own?.sets ?? place.sets, own?.options ?? {})
    this.checkRevealsParent(read, own?.sets, place)
    for (const keyword of unknownKeywords(schema)) {
      this.fault(pointer, `the keyword '${keyword}' is not known, so what it releases is not either. ${likeClaimSet(keyword) ? "Write 'claimSet'" : "Remove it, or name it 'x-…' if it only describes"}.`)
    }
    this.readFacets(read, schema, { ...place, sets: read.sets, root: false, nestedId: place.nestedId || (!place.root && typeof schema.$id === 'string') }, own !== undefined)
    return read
  }

  private readFacets (read: SchemaNode, schema: JsonSchema, inside: Place, annotated: boolean): void {
    const { facets } = read
    const under = (step: string | undefined, child: JsonSchemaOrBoolean) =>
      this.read(child, step === undefined ? inside : { ...inside, path: [...inside.path, step] })

    if (schema.const !== undefined) {
      this.leaf(read, annotated)
      return
    }
    if (typeof schema.$ref === 'string') {
      const target = this.readTarget(schema.$ref, read, inside)
      if (target !== undefined) facets.push({ kind: 'reference', node: target })
    }
    if (Array.isArray(schema.allOf)) facets.push({ kind: 'intersection', nodes: schema.allOf.map(part => under(undefined, part)) })
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      if (Array.isArray(schema[keyword])) facets.push({ kind: 'union', keyword, nodes: this.readBranches(schema[keyword], branch => under(undefined, branch)) })
    }
    if (schema.if !== undefined && (schema.then !== undefined || schema.else !== undefined)) {
      facets.push({
        kind: 'conditional',
        condition: schema.if as JsonSchemaOrBoolean,
        nodes: {
          ...(schema.then === undefined ? {} : { then: under(undefined, schema.then as JsonSchemaOrBoolean) }),
          ...(schema.else === undefined ? {} : { else: under(undefined, schema.else as JsonSchemaOrBoolean) })
        }
      })
    }
    const composed = facets.length > 0 || typeof schema.$ref === 'string'
    const types = typesOf(schema)
    if (types.includes('object')) this.readObject(read, schema, under)
    if (types.includes('array')) this.readArray(read, schema, under, annotated)
    if (types.some(type => type !== 'object' && type !== 'array' && !(type === 'null' && (types.length > 1)))) {
      this.leaf(read, annotated, schema.format === 'unsafe' ? "format 'unsafe' is written without being escaped" : undefined)
    } else if (facets.length === 0 && !composed) {
      this.leaf(read, annotated, types.length === 0 ? 'it has no type, so it is written without being looked at' : undefined)
    }
  }

  private readBranches (branches: readonly JsonSchemaOrBoolean[], read: (branch: JsonSchemaOrBoolean) => SchemaNode): SchemaNode[] {
    const union: SchemaNode[] = branches.map(branch => isBareNull(branch)
      ? { pointer: '', schema: branch, base: '', sets: undefined, inherited: true, options: {}, facets: [{ kind: 'leaf' }] }
      : read(branch))
    this.nullBranches.push(...union.filter(({ schema }) => isBareNull(schema)).map(branch => ({ branch, union })))
    return union
  }

  /** A null in a union says only that the rest is not there: whoever sees any of the other branches sees it. */
  private governNullBranches (): void {
    for (const { branch, union } of this.nullBranches) {
      branch.sets = [...new Set(union.filter(other => !isBareNull(other.schema)).flatMap(leafSets).flat())]
    }
  }

  private readObject (read: SchemaNode, schema: JsonSchema, under: (step: string | undefined, child: JsonSchemaOrBoolean) => SchemaNode): void {
    const { facets } = read
    const map = (value: unknown, step: (name: string) => string) =>
      new Map(Object.entries(value as Record<string, JsonSchemaOrBoolean>).map(([name, child]) => [name, under(step(name), child)]))
    if (isSchema(schema.properties) && Object.keys(schema.properties).length > 0) {
      if (Object.hasOwn(schema.properties, '__proto__')) this.fault(read.pointer, "a property cannot be named '__proto__'")
      facets.push({ kind: 'properties', nodes: map(schema.properties, name => name) })
    }
    if (isSchema(schema.patternProperties)) facets.push({ kind: 'patternProperties', nodes: map(schema.patternProperties, () => '*') })
    if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) {
      facets.push({ kind: 'additionalProperties', node: under('*', schema.additionalProperties as JsonSchemaOrBoolean) })
    }
  }

  private readArray (read: SchemaNode, schema: JsonSchema, under: (step: string | undefined, child: JsonSchemaOrBoolean) => SchemaNode, annotated: boolean): void {
    if (Array.isArray(schema.items)) {
      read.facets.push({ kind: 'tuple', nodes: schema.items.map((item, index) => under(String(index), item)) })
      if (schema.additionalItems !== undefined && schema.additionalItems !== false) this.leaf(read, annotated, 'additionalItems are written without being looked at')
    } else if (schema.items !== undefined) {
      read.facets.push({ kind: 'items', node: under('*', schema.items as JsonSchemaOrBoolean) })
    } else {
      this.leaf(read, annotated, 'an array without items is written without being looked at')
    }
  }

  /** The node of a reference's target: one for each target and inherited claim sets, so that recursion ends. */
  private readTarget (ref: string, from: SchemaNode, inside: Place): SchemaNode | undefined {
    const target = this.references.resolve(ref, inside.base)
    if (target === undefined) {
      this.fault(from.pointer, `the reference '${ref}' leads nowhere`)
      return undefined
    }
    if (ref.startsWith('#') && inside.nestedId) {
      this.fault(from.pointer, `the reference '${ref}' stands below an $id of its own, where serializer and validator read it differently. Refer to the $id.`)
      return undefined
    }
    const theirs = isSchema(target.schema) ? annotationOf(target.schema) : undefined
    if (isSchema(from.schema) && annotationOf(from.schema) !== undefined && typeof theirs === 'object' && setsKey(theirs.sets) !== setsKey(from.sets ?? [])) {
      this.fault(from.pointer, `the reference '${ref}' and its target have different claim sets. Annotate one of them.`)
    }
    const known = this.targets.get(target.schema) ?? new Map<string, SchemaNode>()
    this.targets.set(target.schema, known)
    const key = from.sets === undefined ? '' : setsKey(from.sets)
    const read = known.get(key)
    if (read !== undefined) return read
    const facets: Facet[] = []
    const placeholder = { pointer: from.pointer, schema: target.schema, base: target.base, sets: from.sets, inherited: true, options: {}, facets }
    known.set(key, placeholder)
    const found = this.read(target.schema, { base: target.base, path: inside.path, sets: from.sets, root: true, nestedId: false })
    Object.assign(placeholder, found, { facets })
    facets.push(...found.facets)
    return placeholder
  }

  /** Marks a node as something that is written. A reason says why only an annotation of its own makes that safe. */
  private leaf (read: SchemaNode, annotated: boolean, opaque?: string): SchemaNode {
    if (!read.facets.some(({ kind }) => kind === 'leaf')) read.facets.push({ kind: 'leaf' })
    if (opaque !== undefined && !annotated) {
      this.fault(read.pointer, `${opaque}. Give it a type, or annotate the field itself with claimSet(...) to release it as one value.`)
    } else if (read.sets === undefined) {
      this.faults.push({ kind: 'ungoverned', pointer: read.pointer })
    }
    return read
  }

  private checkRevealsParent (read: SchemaNode, own: readonly string[] | undefined, place: Place): void {
    if (own?.includes(ANY_TOKEN) && place.sets !== undefined && !place.sets.includes(ANY_TOKEN) && read.options.revealsParent !== true) {
      this.fault(read.pointer, `ANY_TOKEN inside a parent of ${place.sets.join(' or ')} shows to any token that the parent is there. ` +
        'Annotate it with the parent\'s claim sets, or accept that with { revealsParent: true }.')
    }
  }

  private fault (pointer: string, message: string): void {
    this.faults.push({ kind: 'other', pointer, message })
  }
}

function node (schema: JsonSchemaOrBoolean, pointer: string, place: Place, sets: readonly string[] | undefined, options: ClaimSetOptions): SchemaNode {
  return { pointer, schema, base: place.base, sets, inherited: sets === place.sets, options, facets: [] }
}

function likeClaimSet (keyword: string): boolean {
  return /^claims?_?sets?$|^claims?$/i.test(keyword)
}
