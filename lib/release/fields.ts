import { isBareNull } from './annotation.js'
import { governanceKey, isUniform, nodesOf, reachable, type Facet, type SchemaNode } from './node.js'
import { isFacetVisible, visibleNodes, type View } from './visible.js'

/** What the release of a field tells beside its value: that its parent is there, which branch was taken, how many items a list has. */
export type Revealed = 'parent' | 'branch' | 'length'

/** A field of a schema, as reports, logs and audit events name it. */
export interface Field {
  /** Its place in the data, with dots between, and `*` for any item or member: `banking.iban`, `items.*.name`; empty for the value itself. */
  readonly name: string
  /** Whoever may read any one of these sees it; `*` for any token. */
  readonly claimSets: readonly string[]
  /** For each of its masks, in their order, the claim sets of which any one sees it masked. */
  readonly masks: Readonly<Record<string, readonly string[]>>
  readonly reveals: readonly Revealed[]
}

/** The names of a schema's fields that one view sees, and of those that it does not; a name that branches govern differently stands in several lists. */
export interface FieldNames {
  readonly released: readonly string[]
  /** Of which it sees a mask. */
  readonly masked: readonly string[]
  readonly withheld: readonly string[]
}

/** A leaf of a schema at one place in the data. */
interface Placed {
  readonly field: Field
  readonly node: SchemaNode
  /** The tuples that it stands in, which a view sees whole or not at all. */
  readonly tuples: readonly Facet[]
}

/** The fields of a schema, in its order. A recursion is followed once. */
export class SchemaFields {
  readonly all: readonly Field[]
  private readonly placed: readonly Placed[]

  constructor (private readonly root: SchemaNode) {
    this.placed = placedLeaves(root)
    this.all = Object.freeze(distinct(this.placed.map(({ field }) => field)))
  }

  names ({ granted, maskOf }: View): FieldNames {
    const isMasked = (node: SchemaNode) => maskOf(node) !== undefined
    const visible = visibleNodes(this.root, granted, [...reachable(this.root)].filter(isMasked))
    const outcome = ({ node, tuples }: Placed) => {
      if (!tuples.every(tuple => isFacetVisible(tuple, visible))) return 'withheld'
      return isMasked(node) ? 'masked' : granted(node.sets ?? []) ? 'released' : 'withheld'
    }
    const namesOf = (wanted: keyof FieldNames) => Object.freeze([...new Set(this.placed.filter(placed => outcome(placed) === wanted).map(({ field }) => field.name))])
    return Object.freeze({ released: namesOf('released'), masked: namesOf('masked'), withheld: namesOf('withheld') })
  }
}

interface Place {
  readonly path: readonly string[]
  readonly tuples: readonly Facet[]
  readonly reveals: readonly Revealed[]
  /** The nodes that lead here. */
  readonly above: readonly SchemaNode[]
}

function placedLeaves (root: SchemaNode): Placed[] {
  const found: Placed[] = []
  const visit = (node: SchemaNode, place: Place) => {
    if (place.above.some(above => isAgain(above, node))) return
    const reveals = [...place.reveals, ...revealedBy(node)]
    const here = { ...place, reveals, above: [...place.above, node] }
    const under = (step: string) => ({ ...here, path: [...here.path, step] })
    for (const facet of node.facets) {
      switch (facet.kind) {
        case 'leaf':
          found.push({ field: fieldOf(node, here), node, tuples: here.tuples })
          break
        case 'properties':
          for (const [name, child] of facet.nodes) visit(child, under(name))
          break
        case 'patternProperties':
        case 'additionalProperties':
          for (const child of nodesOf(facet)) visit(child, under('*'))
          break
        case 'items':
          visit(facet.node, { ...under('*'), reveals: isUniform(facet.node) ? reveals : [...reveals, 'length'] })
          break
        case 'tuple':
          facet.nodes.forEach((child, index) => visit(child, { ...under(String(index)), tuples: [...here.tuples, facet] }))
          break
        default:
          for (const child of telling(nodesOf(facet))) visit(child, here)
      }
    }
  }
  visit(root, { path: [], tuples: [], reveals: [], above: [] })
  return found
}

/** The root that refers to itself is one node with what governs it from above, and another one without. */
function isAgain (above: SchemaNode, node: SchemaNode): boolean {
  return above.schema === node.schema && governanceKey(above) === governanceKey(node)
}

/** A null beside other branches says only that these are not there. */
function telling (nodes: readonly SchemaNode[]): readonly SchemaNode[] {
  const others = nodes.filter(({ schema }) => !isBareNull(schema))
  return others.length > 0 ? others : nodes
}

function fieldOf ({ sets, masks }: SchemaNode, { path, reveals }: Place): Field {
  const maskSets = Object.fromEntries(masks.map(({ name, sets }) => [name, Object.freeze([...sets])]))
  return Object.freeze({ name: path.join('.'), claimSets: Object.freeze([...sets ?? []]), masks: Object.freeze(maskSets), reveals: Object.freeze([...new Set(reveals)]) })
}

function revealedBy ({ options }: SchemaNode): Revealed[] {
  return [...options.revealsParent === true ? ['parent' as const] : [], ...options.revealsBranch === true ? ['branch' as const] : []]
}

function distinct (fields: readonly Field[]): Field[] {
  const key = ({ name, claimSets, masks, reveals }: Field) => JSON.stringify([name, [...claimSets].sort(), masks, reveals])
  return [...new Map(fields.map(field => [key(field), field])).values()]
}
