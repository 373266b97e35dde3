import { isDeepStrictEqual } from 'node:util'
import { jsonPointer } from '../policy/validate.js'
import { ANY_TOKEN, annotationOf, isBareNull, type MaskGrant } from './annotation.js'
import { isComposable } from './exclusion.js'
import type { Fault } from './fault.js'
import { isSchema, type JsonSchema, type JsonSchemaOrBoolean } from './json-schema.js'
import { ambiguousReference, danglingReference, keywordFaults } from './keyword-check.js'
import { SCALARS, typesOf } from './keywords.js'
import { appliedNodes, branchesOf, mergedNodes } from './merge.js'
import { governanceKey, isMemberFacet, leaves, nodesOf, reachable, setsKey, type Facet, type SchemaNode } from './node.js'
import type { References, ReferenceTarget } from './references.js'

/** Where a schema stands. */
interface Place {
  /** The `$id` against which references are resolved. */
  readonly base: string
  readonly path: readonly string[]
  /** The claim sets of the nearest annotation above. */
  readonly sets: readonly string[] | undefined
  /** Its masks. */
  readonly masks: readonly MaskGrant[]
  /** Below a schema with an `$id` of its own that was not reached by it. */
  readonly nestedId: boolean
  /** For a schema that is merged with others, such as a branch: the types that those give it, and whether they write anything. */
  readonly merged: { readonly types: readonly string[], readonly writes: boolean } | undefined
}

type Under = (step: string, child: JsonSchemaOrBoolean) => SchemaNode

/** Reads a schema with its annotations into nodes; what it cannot read stands in `faults`. */
export class SchemaReader {
  readonly faults: Fault[] = []
  private readonly targets = new Map<unknown, Map<string, SchemaNode>>()
  private readonly nullBranches: { readonly branch: SchemaNode, readonly union: readonly SchemaNode[] }[] = []

  constructor (private readonly references: References) {}

  readRoot (schema: JsonSchema): SchemaNode {
    const root = this.targetNode(schema, { pointer: '', sets: undefined, masks: [] }, { base: this.references.rootBase, path: [], sets: undefined, masks: [], nestedId: false, merged: undefined })
    this.governEndless(root)
    this.governNullBranches()
    return root
  }

  private read (schema: JsonSchemaOrBoolean, place: Place, reached = false): SchemaNode {
    const pointer = jsonPointer(place.path)
    const annotation = isSchema(schema) ? annotationOf(schema) : undefined
    if (typeof annotation === 'string') this.fault(pointer, annotation)
    const own = typeof annotation === 'object' ? annotation : undefined
    const node: SchemaNode = {
      pointer,
      schema,
      base: place.base,
      sets: own?.sets ?? place.sets,
      masks: own?.masks ?? place.masks,
      inherited: own === undefined,
      options: own?.options ?? {},
      facets: []
    }
    if (!isSchema(schema)) {
      this.addOpaque(node, 'a boolean schema is written without being looked at')
      return node
    }
    keywordFaults(schema, place.base, this.references).forEach(message => this.fault(pointer, message))
    this.checkRevealsParent(node, place.sets)
    this.readFacets(node, schema, { ...place, sets: node.sets, masks: node.masks, nestedId: place.nestedId || (!reached && typeof schema.$id === 'string') })
    return node
  }

  private readFacets (node: SchemaNode, schema: JsonSchema, place: Place): void {
    // Beside a $ref the serializer may take the target alone.
    if (schema.const !== undefined && schema.$ref === undefined) {
      this.addLeaf(node)
      return
    }
    const under: Under = (step, child) => this.read(child, { ...place, path: [...place.path, step], merged: undefined })
    const { merged } = place
    const own = typesOf(schema)
    const types = own.length > 0 ? own : merged?.types ?? []

    this.readReference(node, schema, place)
    if (Array.isArray(schema.allOf)) {
      node.facets.push({ kind: 'intersection', nodes: schema.allOf.map(part => this.read(part, { ...place, merged: { types, writes: true } })) })
    }
    if (types.includes('object')) this.readObject(node, schema, under)
    if (types.includes('array')) this.readArray(node, schema, under, schema.type !== undefined || merged?.writes !== true)
    if (types.some(type => SCALARS.has(type) && !(type === 'null' && types.length > 1))) this.addLeaf(node)
    if (schema.format === 'unsafe') this.addOpaque(node, "format 'unsafe' is written without being escaped")
    for (const type of types) {
      if (type !== 'object' && type !== 'array' && !SCALARS.has(type)) this.fault(node.pointer, `the serializer does not know the type '${type}'`)
    }

    const base = { types: types.length > 0 ? types : appliedTypes(node), writes: merged?.writes === true || writes(node) }
    this.readAlternatives(node, schema, { ...place, merged: base })
    if (base.types.length === 0 && !base.writes && hasOpenCondition(node)) {
      this.addOpaque(node, 'its condition lacks a branch, and there it has no type, so it is written without being looked at')
    }
    if (!writes(node) && merged?.writes !== true) {
      if (types.length > 0) this.addLeaf(node)
      else this.addOpaque(node, 'it has no type, so it is written without being looked at')
    }
  }

  private readAlternatives (node: SchemaNode, schema: JsonSchema, place: Place): void {
    const branch = (child: JsonSchemaOrBoolean) => this.read(child, place)
    for (const keyword of ['anyOf', 'oneOf'] as const) {
      if (Array.isArray(schema[keyword])) node.facets.push({ kind: 'union', keyword, nodes: this.readBranches(schema[keyword], branch) })
    }
    if (schema.if === undefined || (schema.then === undefined && schema.else === undefined)) return
    node.facets.push({
      kind: 'conditional',
      condition: schema.if as JsonSchemaOrBoolean,
      nodes: {
        ...(schema.then === undefined ? {} : { then: branch(schema.then as JsonSchemaOrBoolean) }),
        ...(schema.else === undefined ? {} : { else: branch(schema.else as JsonSchemaOrBoolean) })
      }
    })
  }

  private readBranches (branches: readonly JsonSchemaOrBoolean[], read: (branch: JsonSchemaOrBoolean) => SchemaNode): SchemaNode[] {
    const others = branches.some(branch => !isBareNull(branch))
    const union: SchemaNode[] = branches.map(branch => isBareNull(branch) && others
      ? { pointer: '', schema: branch, base: '', sets: undefined, masks: [], inherited: true, options: {}, facets: [{ kind: 'leaf' }] }
      : read(branch))
    if (others) this.nullBranches.push(...union.filter(({ schema }) => isBareNull(schema)).map(branch => ({ branch, union })))
    return union
  }

  /** A recursion that leads to no leaf is one itself: how deep it goes is all that it says. */
  private governEndless (root: SchemaNode): void {
    const nodes = [...reachable(root)]
    const ending = new Set(nodes.filter(({ facets }) => facets.some(({ kind }) => kind === 'leaf')))
    for (let before = -1; before < ending.size;) {
      before = ending.size
      for (const node of nodes) {
        if (node.facets.flatMap(nodesOf).some(child => ending.has(child))) ending.add(node)
      }
    }
    const alone = [root, ...nodes.flatMap(({ facets }) => facets.filter(isMemberFacet).flatMap(nodesOf))]
    alone.filter(node => !ending.has(node)).forEach(node => this.addLeaf(node))
  }

  /** A null in a union says only that the rest is not there: whoever sees any of the other branches sees it. */
  private governNullBranches (): void {
    for (const { branch, union } of this.nullBranches) {
      const others = union.filter(({ schema }) => !isBareNull(schema)).flatMap(leaves)
      branch.sets = [...new Set(others.flatMap(({ sets }) => sets ?? []))]
      branch.masks = others.flatMap(({ masks }) => masks)
    }
  }

  private readObject (node: SchemaNode, schema: JsonSchema, under: Under): void {
    const children = (value: JsonSchema, step: (name: string) => string) =>
      new Map(Object.entries(value).map(([name, child]) => [name, under(step(name), child as JsonSchemaOrBoolean)]))
    if (isSchema(schema.properties) && Object.keys(schema.properties).length > 0) {
      if (Object.hasOwn(schema.properties, '__proto__')) this.fault(node.pointer, "a property cannot be named '__proto__'")
      node.facets.push({ kind: 'properties', nodes: children(schema.properties, name => name) })
    }
    if (isSchema(schema.patternProperties) && Object.keys(schema.patternProperties).length > 0) {
      for (const pattern of Object.keys(schema.patternProperties).filter(pattern => !isComposable(pattern))) {
        this.fault(node.pointer, `the pattern '${pattern}' names or refers to its own groups, so it cannot be combined with others. Write it without.`)
      }
      node.facets.push({ kind: 'patternProperties', nodes: children(schema.patternProperties, () => '*') })
    }
    if (schema.additionalProperties !== undefined && schema.additionalProperties !== false) {
      node.facets.push({ kind: 'additionalProperties', node: under('*', schema.additionalProperties as JsonSchemaOrBoolean) })
    }
  }

  private readArray (node: SchemaNode, schema: JsonSchema, under: Under, alone: boolean): void {
    if (Array.isArray(schema.items)) {
      node.facets.push({ kind: 'tuple', nodes: schema.items.map((item, index) => under(String(index), item)) })
    } else if (schema.items !== undefined) {
      node.facets.push({ kind: 'items', node: under('*', schema.items as JsonSchemaOrBoolean) })
    } else if (alone) {
      this.addOpaque(node, 'an array without items is written without being looked at')
    }
    if (schema.additionalItems !== undefined && schema.additionalItems !== false) this.addOpaque(node, 'additionalItems are written without being looked at')
  }

  private addLeaf (node: SchemaNode): void {
    if (!node.facets.some(({ kind }) => kind === 'leaf')) node.facets.push({ kind: 'leaf' })
    if (node.sets === undefined) this.faults.push({ kind: 'ungoverned', pointer: node.pointer })
  }

  /** What is written whole must be annotated itself, so that somebody has decided on all that may be in it. */
  private addOpaque (node: SchemaNode, reason: string): void {
    if (!node.inherited) {
      this.addLeaf(node)
      return
    }
    node.facets.push({ kind: 'leaf' })
    this.fault(node.pointer, `${reason}. Give it a type, or annotate the field itself with claimSet(...) to release it as one value.`)
  }

  private readReference (node: SchemaNode, schema: JsonSchema, place: Place): void {
    if (typeof schema.$ref !== 'string') return
    const target = this.references.resolve(schema.$ref, place.base)
    if (target === undefined) {
      this.fault(node.pointer, danglingReference(schema.$ref))
    } else if (schema.$ref.startsWith('#') && place.nestedId) {
      this.fault(node.pointer, ambiguousReference(schema.$ref))
    } else {
      this.checkBothAnnotated(node, target, schema.$ref)
      this.checkBothDefine(node, schema, target)
      node.facets.push({ kind: 'reference', node: this.targetNode(target.schema, node, { ...place, base: target.base, nestedId: false, merged: undefined }) })
    }
  }

  /** The node of a reference's target, as which the root counts: one for each target and inherited claim sets, so that recursion ends. */
  private targetNode (schema: JsonSchemaOrBoolean, from: Pick<SchemaNode, 'pointer' | 'sets' | 'masks'>, place: Place): SchemaNode {
    const known = this.targets.get(schema) ?? new Map<string, SchemaNode>()
    this.targets.set(schema, known)
    const key = from.sets === undefined ? '' : governanceKey(from)
    let node = known.get(key)
    if (node === undefined) {
      const facets: Facet[] = []
      node = { pointer: from.pointer, schema, base: place.base, sets: from.sets, masks: from.masks, inherited: true, options: {}, facets }
      known.set(key, node)
      const read = this.read(schema, place, true)
      facets.push(...read.facets)
      Object.assign(node, { ...read, facets })
    }
    return node
  }

  private checkBothAnnotated (node: SchemaNode, target: ReferenceTarget, ref: string): void {
    const theirs = this.firstAnnotation(target)
    if (!node.inherited && typeof theirs === 'object' && governanceKey(theirs) !== governanceKey(node)) {
      this.fault(node.pointer, `the reference '${ref}' and its target have different ${setsKey(theirs.sets) === setsKey(node.sets!) ? 'masks' : 'claim sets'}. Annotate one of them.`)
    }
  }

  /** The serializer takes the target alone, without what stands beside the reference, where it cannot merge any of them. */
  private checkBothDefine (node: SchemaNode, schema: JsonSchema, { schema: target }: ReferenceTarget): void {
    for (const keyword of ['definitions', '$defs']) {
      const [mine, theirs] = [schema, target].map(schema => isSchema(schema) && isSchema(schema[keyword]) ? schema[keyword] : {})
      const names = Object.keys(mine!).filter(name => Object.hasOwn(theirs!, name) && !isDeepStrictEqual(mine![name], theirs![name]))
      if (names.length > 0) this.fault(node.pointer, `both it and the target of its $ref have ${keyword} of ${names.join(', ')}, which the serializer would merge. Name them otherwise.`)
    }
  }

  /** The annotation of a reference's target, or else of what that refers to. */
  private firstAnnotation (target: ReferenceTarget, passed: readonly JsonSchemaOrBoolean[] = []): ReturnType<typeof annotationOf> {
    const { schema, base } = target
    if (!isSchema(schema) || passed.includes(schema)) return undefined
    const next = typeof schema.$ref === 'string' ? this.references.resolve(schema.$ref, base) : undefined
    return annotationOf(schema) ?? (next === undefined ? undefined : this.firstAnnotation(next, [...passed, schema]))
  }

  private checkRevealsParent ({ pointer, sets, inherited, options }: SchemaNode, above: readonly string[] | undefined): void {
    if (inherited || !sets!.includes(ANY_TOKEN) || above === undefined || above.includes(ANY_TOKEN) || options.revealsParent === true) return
    this.fault(pointer, `ANY_TOKEN inside a parent of ${above.join(' or ')} shows to any token that the parent is there. ` +
      "Annotate it with the parent's claim sets, or accept that with { revealsParent: true }.")
  }

  private fault (pointer: string, message: string): void {
    this.faults.push({ kind: 'other', pointer, message })
  }
}

/** Whether anything that is merged with a node writes something; a reference that is still being read will. */
function writes (node: SchemaNode): boolean {
  return [...mergedNodes(node)].some(({ facets }) => facets.some(({ kind }) => WRITING.has(kind)))
}

/** Whether nothing but a condition says what is written, and that not in each case. */
function hasOpenCondition ({ facets }: SchemaNode): boolean {
  return facets.some(facet => facet.kind === 'conditional' && branchesOf(facet).length < 2) && !facets.some(({ kind }) => kind === 'union')
}

const WRITING = new Set(['leaf', 'properties', 'patternProperties', 'additionalProperties', 'items', 'tuple', 'reference'])

function appliedTypes (node: SchemaNode): readonly string[] {
  return [...appliedNodes(node)].flatMap(({ schema }) => typesOf(schema))
}
