import { CLAIM_SET_KEYWORD, isBareNull, withoutAnnotations } from './annotation.js'
import { exclude, excludeDeclared, excludesNothing, Exclusions, type Exclusion } from './exclusion.js'
import { isLink } from './extent.js'
import { isSchema, mapSchema, type JsonSchema, type JsonSchemaOrBoolean } from './json-schema.js'
import { isDescription, typesOf } from './keywords.js'
import { branchesOf, mergedNodes } from './merge.js'
import { isUniform, nodesOf, type Facet, type SchemaNode } from './node.js'
import type { References } from './references.js'
import { isFacetVisible, visibleNodes, type Granted } from './visible.js'

/** The `$id` under which a pruned schema finds its definitions. */
export const DEFINITIONS = 'keyhole'

/** The schema of one view, and the definitions that it refers to as `keyhole#/definitions/…`. */
export interface PrunedSchema {
  readonly schema: JsonSchema
  readonly definitions: Readonly<Record<string, JsonSchemaOrBoolean>>
}

/**
 * The schema of one view: what the view may not see is gone from it, together with its `required`,
 * `default` and `const`, so that what is written for it is what the serializer writes for the rest.
 * @param masked the fields of which the view sees a mask, each with the schema of what comes out
 * @returns undefined when the view sees nothing at all
 */
export function prune (root: SchemaNode, references: References, granted: Granted, masked: ReadonlyMap<SchemaNode, JsonSchema>): PrunedSchema | undefined {
  const visible = visibleNodes(root, granted, masked.keys())
  return visible.has(root) ? new Pruner(references, visible, masked).prune(root) : undefined
}

/** Written anew by the facets; or assertions on the whole value, which a union keeps in its condition and nothing else reads. */
const REPLACED = new Set([
  CLAIM_SET_KEYWORD, '$id', '$ref', 'definitions', '$defs', 'required', 'properties', 'patternProperties', 'additionalProperties', 'items',
  'allOf', 'anyOf', 'oneOf', 'if', 'then', 'else',
  'minProperties', 'maxProperties', 'propertyNames', 'dependencies', 'dependentRequired', 'dependentSchemas', 'not', 'enum',
  'uniqueItems', 'contains', 'minContains', 'maxContains', 'unevaluatedItems', 'unevaluatedProperties'
])

/** Writes an empty object, whatever the value. */
const NOTHING: JsonSchema = { properties: {} }

/** The members that a schema requires and that are written by their name: they come first. */
function requiredOf (schema: JsonSchemaOrBoolean, { declared, names }: Exclusion): string[] {
  const required = isSchema(schema) && Array.isArray(schema.required) ? schema.required as string[] : []
  return required.filter(name => declared.has(name) && !names.has(name))
}

/** Whether a schema has null written for null, where it writes an object at all. */
function isNullable (schema: JsonSchemaOrBoolean): boolean {
  return isSchema(schema) && (schema.nullable === true || typesOf(schema).includes('null'))
}

class Pruner {
  private readonly definitions: Record<string, JsonSchemaOrBoolean> = {}
  private readonly names = new Map<string, Map<unknown, string>>()

  private readonly exclusions: Exclusions

  constructor (
    private readonly references: References, private readonly visible: ReadonlySet<SchemaNode>,
    private readonly masked: ReadonlyMap<SchemaNode, JsonSchema>
  ) {
    this.exclusions = new Exclusions(visible)
  }

  prune (root: SchemaNode): PrunedSchema {
    return { schema: this.writeAlone(root) as JsonSchema, definitions: this.definitions }
  }

  /** A visible node that begins a merge of its own. What several references lead to is written once. */
  private writeAlone (node: SchemaNode): JsonSchemaOrBoolean {
    const mask = this.masked.get(node)
    if (mask !== undefined) return mask
    if (!isLink(node)) return this.write(node, this.exclusions.of(node))
    const [target] = node.facets.flatMap(nodesOf) as [SchemaNode]
    return { $ref: this.define('alone', target, () => this.writeAlone(target)) }
  }

  /** A node in a merge. One of which nothing is seen still says what the merge is: which types it has, which members come first. */
  private write (node: SchemaNode, exclusion: Exclusion): JsonSchemaOrBoolean {
    const { schema } = node
    const seen = this.visible.has(node)
    if (!isSchema(schema) || (seen && isUniform(node) && excludesNothing(exclusion))) return this.original(schema, node.base)
    const written: Record<string, unknown> = {}
    const types = typesOf(schema)
    const isWhole = seen && !node.facets.some(facet => (facet.kind === 'items' || facet.kind === 'tuple') && !isFacetVisible(facet, this.visible))
    const isObject = types.includes('object') && types.every(type => type === 'object' || type === 'null')
    const isKept = isWhole
      ? (keyword: string) => !REPLACED.has(keyword) && !isDescription(keyword)
      : (keyword: string) => (keyword === 'nullable' || keyword === 'type') && (isObject || types.length === 0)
    for (const [keyword, value] of Object.entries(schema)) {
      if (isKept(keyword)) written[keyword] = value
    }
    // What it is merged with may be seen, and is null where this can be.
    if (!isWhole && !isObject && types.length > 0 && isNullable(schema)) Object.assign(written, { type: 'object', nullable: true })
    if (schema.type === undefined && types.includes('object')) written.properties = {}
    const required = requiredOf(schema, exclusion)
    if (required.length > 0) written.required = required
    for (const facet of node.facets) this.writeFacet(written, facet, node, exclusion)
    return written
  }

  private writeFacet (written: Record<string, unknown>, facet: Facet, node: SchemaNode, exclusion: Exclusion): void {
    const seen = (child: SchemaNode | undefined): child is SchemaNode => child !== undefined && this.visible.has(child)
    const seenOf = (nodes: ReadonlyMap<string, SchemaNode>) => [...nodes].filter(([, child]) => seen(child))
    const addPatterns = (patterns: readonly (readonly [string, JsonSchemaOrBoolean])[]) => {
      written.patternProperties = { ...written.patternProperties as object | undefined, ...Object.fromEntries(patterns) }
    }
    switch (facet.kind) {
      case 'leaf':
        return
      case 'properties':
        written.properties = Object.fromEntries(seenOf(facet.nodes).filter(([name]) => !exclusion.names.has(name)).map(([name, child]) => [name, this.writeAlone(child)]))
        return
      case 'patternProperties':
        addPatterns(seenOf(facet.nodes).map(([pattern, child]) => [exclude(pattern, child, exclusion), this.writeAlone(child)]))
        return
      case 'additionalProperties': {
        if (!seen(facet.node)) return
        const schema = this.writeAlone(facet.node)
        if (excludesNothing(exclusion)) written.additionalProperties = schema
        else addPatterns([[excludeDeclared(node.schema as JsonSchema, exclusion), schema]])
        return
      }
      case 'items':
        if (seen(facet.node)) written.items = this.writeAlone(facet.node)
        return
      case 'tuple':
        if (facet.nodes.every(seen)) written.items = facet.nodes.map(item => this.writeAlone(item))
        return
      case 'reference':
        written.$ref = this.define(`pruned ${exclusion.key}`, facet.node, () => this.write(facet.node, exclusion))
        return
      case 'intersection':
        written.allOf = facet.nodes.map(part => this.write(part, exclusion))
        return
      case 'union': {
        const branches = facet.nodes.map(branch => [branch, exclusion.branch(node, facet.nodes, branch)] as const)
        const isDecided = branches.some(([branch, inside]) => [...mergedNodes(branch)].some(({ schema }) => requiredOf(schema, inside).length > 0 || (exclusion.shows && isNullable(schema))))
        if (isDecided || isFacetVisible(facet, this.visible)) written[facet.keyword] = branches.map(([branch, inside]) => this.writeBranch(branch, inside))
        return
      }
      default: {
        // A kind that is not written above does not compile here.
        const { condition, nodes }: Extract<Facet, { kind: 'conditional' }> = facet
        written.if = this.original(condition, node.base)
        for (const keyword of ['then', 'else'] as const) {
          const branch = nodes[keyword]
          if (branch !== undefined) written[keyword] = this.writeTaken(branch, exclusion.branch(node, branchesOf(facet), branch))
        }
      }
    }
  }

  /**
   * A branch is taken when the whole value matches its whole schema: `not: { not: … }` says that to the
   * validator, and nothing to the serializer, which writes the rest: what the view may see.
   */
  private writeBranch (branch: SchemaNode, exclusion: Exclusion): JsonSchema {
    const original = this.original(branch.schema, branch.base)
    if (isBareNull(branch.schema)) return original as JsonSchema
    if (this.visible.has(branch) && isUniform(branch) && excludesNothing(exclusion)) return original as JsonSchema
    return { ...this.writeTaken(branch, exclusion) as JsonSchema, not: { not: original } }
  }

  /** A branch; an empty object where neither it nor what it is merged with shows anything. */
  private writeTaken (branch: SchemaNode, exclusion: Exclusion): JsonSchemaOrBoolean {
    return this.visible.has(branch) || exclusion.shows ? this.write(branch, exclusion) : NOTHING
  }

  /** A schema as it was written, without annotations, its references led to definitions. */
  private original (schema: JsonSchemaOrBoolean, base: string): JsonSchemaOrBoolean {
    if (!isSchema(schema)) return schema
    return mapSchema(withoutAnnotations(schema), copy => {
      for (const keyword of Object.keys(copy)) {
        if (isDescription(keyword) || keyword === '$id' || keyword === 'definitions' || keyword === '$defs') delete copy[keyword]
      }
      if (typeof copy.$ref === 'string') {
        const target = this.references.resolve(copy.$ref, base)!
        copy.$ref = this.define('original', target.schema, () => this.original(target.schema, target.base))
      }
      return copy
    }) as JsonSchema
  }

  /** The reference to a definition, made once for each key in each scope; it is named before it is written, so that recursion ends. */
  private define (scope: string, key: unknown, write: () => JsonSchemaOrBoolean): string {
    const names = this.names.get(scope) ?? new Map<unknown, string>()
    this.names.set(scope, names)
    let name = names.get(key)
    if (name === undefined) {
      name = `d${[...this.names.values()].reduce((count, { size }) => count + size, 0)}`
      names.set(key, name)
      this.definitions[name] = write()
    }
    return `${DEFINITIONS}#/definitions/${name}`
  }
}
