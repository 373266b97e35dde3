import { classify } from '../release/classify.js'
import { isSchema, type JsonSchema, type JsonSchemaOrBoolean } from '../release/json-schema.js'
import { governanceKey, nodesOf, reachable, setsKey, type Facet, type SchemaNode } from '../release/node.js'
import { isFacetVisible, visibleNodes, type View } from '../release/visible.js'
import type { ComponentIds } from './component-ids.js'

/** Where a description says who sees a field: names of claim sets, `*` for any token. */
const CLAIM_SET_EXTENSION = 'x-claim-set'

/** Where a description says that a field is seen through a mask: its name. */
const MASK_EXTENSION = 'x-mask'

/** Who a schema is described for. */
export interface Viewer {
  readonly view: View
  /** The same for viewers who see the same. */
  readonly key: string
}

/**
 * A schema as people read it, of which a viewer sees some: what is withheld is gone, with its name, its description and
 * all values that stand in it, and so is every keyword that speaks of a value as a whole where not all of it is seen.
 * What several places refer to is written once, with an `$id`.
 *
 * @param shared the annotated schemas that it may refer to, by `$id`
 * @returns undefined when the viewer sees nothing of it
 */
export function describeSchema (schema: JsonSchema, shared: Readonly<Record<string, JsonSchema>>, viewer: Viewer, ids: ComponentIds): JsonSchema | undefined {
  const { root } = classify(schema, { shared })
  const { granted, maskOf } = viewer.view
  const visible = visibleNodes(root, granted, [...reachable(root)].filter(node => maskOf(node) !== undefined))
  if (!visible.has(root)) return undefined
  const described = new Describer(root, visible, viewer, ids).write(root, undefined)
  // Beside a reference the definition is found, and then left out, by what resolves references.
  return typeof described.$id === 'string' ? { $ref: described.$id, allOf: [described] } : described
}

/** Written anew by the facets, or names of what is withheld. */
const REPLACED = new Set([
  'claimSet', '$id', '$ref', 'definitions', '$defs', 'required', 'properties', 'patternProperties', 'additionalProperties', 'items', 'allOf', 'anyOf', 'oneOf'
])

/** Hold schemas that nothing is written by, and may name or show anything. */
const ASSERTING = new Set([
  'if', 'then', 'else', 'not', 'contains', 'propertyNames', 'dependencies', 'dependentRequired', 'dependentSchemas',
  'unevaluatedItems', 'unevaluatedProperties', 'additionalItems', 'prefixItems'
])

/** What may be said of a value of which a part is withheld. */
const SHAPE = new Set(['type', 'nullable'])
/** And this where the value as a whole is for the viewer. */
const WORDS = new Set(['title', 'description', 'deprecated'])

class Describer {
  private readonly withheldNames: ReadonlySet<string>
  private readonly defined = new Set<string>()

  constructor (root: SchemaNode, private readonly visible: ReadonlySet<SchemaNode>, private readonly viewer: Viewer, private readonly ids: ComponentIds) {
    this.withheldNames = namesOf([...reachable(root)], child => !visible.has(child))
  }

  /** @param above the claim sets of what the node stands in */
  write (node: SchemaNode, above: readonly string[] | undefined): JsonSchema {
    const { schema, sets } = node
    const [link, ...others] = node.facets
    const isLink = link?.kind === 'reference' && others.length === 0 && isSchema(schema) && Object.keys(schema).every(keyword => REPLACED.has(keyword))
    if (isLink) return this.writeTarget(link.node, above)
    const written: Record<string, unknown> = {}
    if (isSchema(schema)) this.copyKeywords(written, schema, node)
    if (sets !== undefined && setsKey(sets) !== setsKey(above ?? [])) written[CLAIM_SET_EXTENSION] = sets
    const mask = this.viewer.view.maskOf(node)
    if (mask !== undefined && !node.inherited) written[MASK_EXTENSION] = mask
    for (const facet of node.facets) this.writeFacet(written, facet, sets)
    return written
  }

  private copyKeywords (written: Record<string, unknown>, schema: JsonSchema, node: SchemaNode): void {
    const isWhole = [...reachable(node)].every(inner => this.visible.has(inner) && inner.facets.every(facet => facet.kind !== 'leaf' || this.viewer.view.granted(inner.sets ?? [])))
    const isOwn = node.sets === undefined || this.viewer.view.granted(node.sets)
    for (const [keyword, value] of Object.entries(schema)) {
      if (REPLACED.has(keyword) || ASSERTING.has(keyword)) continue
      if (isWhole || SHAPE.has(keyword) || (isOwn && WORDS.has(keyword))) written[keyword] = value
    }
    if (schema.additionalProperties === false) written.additionalProperties = false
    if (isSchema(schema.properties)) written.properties = {}
    const required = Array.isArray(schema.required) ? schema.required.filter(name => !this.withheldNames.has(name)) : []
    if (required.length > 0) written.required = required
  }

  private writeFacet (written: Record<string, unknown>, facet: Facet, sets: readonly string[] | undefined): void {
    const seen = (nodes: readonly SchemaNode[]) => nodes.filter(node => this.visible.has(node)).map(node => this.write(node, sets))
    const seenByName = (nodes: ReadonlyMap<string, SchemaNode>) =>
      Object.fromEntries([...nodes].filter(([, node]) => this.visible.has(node)).map(([name, node]) => [name, this.write(node, sets)]))
    const together = (...schemas: JsonSchemaOrBoolean[]) => {
      if (schemas.length > 0) written.allOf = [...written.allOf as JsonSchemaOrBoolean[] | undefined ?? [], ...schemas]
    }
    switch (facet.kind) {
      case 'leaf': return
      case 'properties':
      case 'patternProperties':
        written[facet.kind] = seenByName(facet.nodes)
        return
      case 'additionalProperties':
      case 'items':
        if (this.visible.has(facet.node)) written[facet.kind] = this.write(facet.node, sets)
        return
      case 'tuple':
        if (isFacetVisible(facet, this.visible)) written.items = seen(facet.nodes)
        return
      case 'union':
        if (isFacetVisible(facet, this.visible)) written[facet.keyword] = seen(facet.nodes)
        return
      case 'intersection':
        together(...seen(facet.nodes))
        return
      case 'reference':
        if (this.visible.has(facet.node)) together(this.writeTarget(facet.node, sets))
        return
      default: {
        // A kind that is not written above does not compile here. What decides which one applies may be withheld.
        const branches: Extract<Facet, { kind: 'conditional' }> = facet
        const taken = seen(nodesOf(branches))
        if (taken.length > 0) together({ anyOf: taken.length < 2 ? [...taken, {}] : taken })
      }
    }
  }

  /** What has a name, or refers to itself, is written once and referred to from then on. */
  private writeTarget (target: SchemaNode, above: readonly string[] | undefined): JsonSchema {
    const { schema } = target
    const name = isSchema(schema) && typeof schema.$id === 'string' ? schema.$id : undefined
    if (name === undefined && !isRecursive(target)) return this.write(target, above)
    const $id = this.ids.idOf(schema, `${governanceKey(target)} | ${this.viewer.key}`)
    if (this.defined.has($id)) return { $ref: $id }
    this.defined.add($id)
    return { ...(name === undefined ? {} : { title: name }), ...this.write(target, undefined), $id }
  }
}

function isRecursive (target: SchemaNode): boolean {
  return [...reachable(target)].some(({ facets }) => facets.flatMap(nodesOf).includes(target))
}

/** The names of properties whose schemas are such. */
function namesOf (nodes: readonly SchemaNode[], isSuch: (child: SchemaNode) => boolean): Set<string> {
  return new Set(nodes.flatMap(({ facets }) => facets.flatMap(facet => facet.kind === 'properties' ? [...facet.nodes].filter(([, child]) => isSuch(child)).map(([name]) => name) : [])))
}
