import { isObject, isOpen, itemNodes, mergedMembers, propertyNodes, type ItemNodes } from './governing.js'
import { byName } from './merge.js'
import { leafSets, reachable, type SchemaNode } from './node.js'
import { NodeNumbers } from './node-numbers.js'

/** The schemas that govern a value: none, one, or several that branches and parts have for it. */
export interface Governing {
  readonly nodes: readonly SchemaNode[]
  /** The same for the same schemas in the same order. */
  readonly key: string
}

/** What a schema says of all values that the same schemas govern; made ready once, however many values there are. */
export interface BodyPlace {
  /** What governs a member of this name; undefined where no schema says anything of members. */
  readonly member: ((name: string) => Governing) | undefined
  /** What governs the item at this index; undefined where no schema says anything of items. */
  readonly item: ((index: number) => Governing) | undefined
  /** The first claim sets of a leaf at or beneath it that are denied. */
  readonly firstDenied: (isDenied: IsDenied) => readonly string[] | undefined
}

/** Whether somebody may not write what belongs to these claim sets. */
export type IsDenied = (sets: readonly string[]) => boolean

type Govern = (nodes: readonly SchemaNode[]) => Governing

/**
 * How many places are remembered for each node of a schema. Most schemas have about as many as nodes; but of recursive
 * unions and of patterns a body can name as many as there are sets of nodes, and must not fill the memory with them.
 */
const PLACES_A_NODE = 10

/** The places of one schema, made at first use. */
export class BodyPlaces {
  readonly root: Governing
  private readonly numbers = new NodeNumbers()
  private readonly places = new Map<string, BodyPlace>()
  private readonly most: number

  constructor (root: SchemaNode) {
    this.root = this.govern([root])
    this.most = PLACES_A_NODE * reachable(root).size
  }

  /** Where there are too many, all are forgotten, and made again as they are needed. */
  at ({ nodes, key }: Governing): BodyPlace {
    return remembered(this.places, key, () => {
      if (this.places.size >= this.most) this.places.clear()
      return placeOf(nodes, this.govern)
    })
  }

  private readonly govern: Govern = nodes => ({ nodes, key: nodes.map(node => this.numbers.of(node)).join() })
}

function placeOf (nodes: readonly SchemaNode[], govern: Govern): BodyPlace {
  const members = mergedMembers(nodes)
  return { member: memberOf(members.filter(isObject), govern), item: itemOf(members.flatMap(itemNodes), govern), firstDenied: firstDeniedOf(nodes) }
}

/**
 * Declared names are remembered one by one. Of others there are as many as somebody sends: all of them are governed
 * alike, or looked up each time where patterns tell them apart.
 */
function memberOf (objects: readonly SchemaNode[], govern: Govern): BodyPlace['member'] {
  if (objects.length === 0) return undefined
  const declared = byName(objects, 'properties')
  const hasPatterns = byName(objects, 'patternProperties').size > 0
  const all = objects.map(propertyNodes)
  const open = objects.filter(isOpen).map(propertyNodes)
  const known = new Map<string | undefined, Governing>()
  return name => {
    const isDeclared = declared.has(name)
    const find = () => govern((isDeclared ? all : open).flatMap(nodesOf => nodesOf(name)))
    return !isDeclared && hasPatterns ? find() : remembered(known, isDeclared ? name : undefined, find)
  }
}

function itemOf (lists: readonly ItemNodes[], govern: Govern): BodyPlace['item'] {
  if (lists.length === 0) return undefined
  const longest = Math.max(...lists.map(({ first }) => first.length))
  const known = new Map<number, Governing>()
  return given => {
    const index = Math.min(given, longest)
    return remembered(known, index, () => govern(lists.flatMap(({ first, further }) => index < first.length ? [first[index]!] : further)))
  }
}

/** The answer is remembered for who asked last: the writer of a body asks again for each value in it. */
function firstDeniedOf (nodes: readonly SchemaNode[]): BodyPlace['firstDenied'] {
  let leaves: readonly (readonly string[])[] | undefined
  let asked: IsDenied | undefined
  let denied: readonly string[] | undefined
  return isDenied => {
    if (isDenied !== asked) {
      leaves ??= [...new Map(nodes.flatMap(leafSets).map(sets => [JSON.stringify(sets), sets])).values()]
      denied = leaves.find(isDenied)
      asked = isDenied
    }
    return denied
  }
}

/** What was made for a key before, or else is made now. */
function remembered<Key, Made> (known: Map<Key, Made>, key: Key, make: () => Made): Made {
  const before = known.get(key)
  if (before !== undefined) return before
  const made = make()
  known.set(key, made)
  return made
}
