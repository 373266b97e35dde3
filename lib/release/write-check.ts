import { jsonPointer } from '../policy/validate.js'
import { ANY_TOKEN } from './annotation.js'
import { classify, type SchemaContext } from './classify.js'
import type { Fault } from './fault.js'
import { SchemaFields, type Field } from './fields.js'
import { isObject, itemNodes, mergedMembers, propertyNodes } from './governing.js'
import type { JsonSchema } from './json-schema.js'
import { leafSets, type SchemaNode } from './node.js'

/** Why a body may not be written. */
export type WriteRefusal =
  /** A field that no schema declares. */
  | { readonly kind: 'unknown', readonly pointer: string }
  /** A field of claim sets that the token may not write. */
  | { readonly kind: 'forbidden', readonly pointer: string, readonly claimSets: readonly string[] }

/** Fields that are let pass where what comes in is only observed. */
export interface Passing {
  /** Those that no schema declares. */
  readonly undeclared?: boolean
  /** Those that no annotation governs. */
  readonly ungoverned?: boolean
}

/** Checks bodies against an annotated schema before anything else is done with them. */
export interface WriteCheck {
  readonly faults: readonly Fault[]
  readonly claimSets: readonly string[]
  /** All fields that the schema names, whoever may write them. */
  readonly fields: readonly Field[]
  /**
   * The first field that may not be written by whoever writes these claim sets, or undefined.
   * @param passing what is let pass though it would be refused
   */
  refusal (body: unknown, writable: ReadonlySet<string>, passing?: Passing): WriteRefusal | undefined
}

export function createWriteCheck (schema: JsonSchema, context: SchemaContext = {}): WriteCheck {
  const { root, inputFaults, claimSets } = classify(schema, context)
  return {
    faults: inputFaults,
    claimSets,
    get fields () { return new SchemaFields(root).all },
    refusal: (body, writable, passing = {}) => refusalOf([root], body, [], { writable, passing })
  }
}

/** Whose writing is checked, and how. */
interface Writer { readonly writable: ReadonlySet<string>, readonly passing: Passing }

function refusalOf (nodes: readonly SchemaNode[], value: unknown, path: readonly string[], writer: Writer): WriteRefusal | undefined {
  const members = mergedMembers(nodes)
  if (Array.isArray(value)) {
    const items = members.flatMap(itemNodes)
    if (items.length > 0 && value.length > 0) {
      return first(value, (item, index) => {
        const candidates = items.flatMap(node => node(index))
        const inside = [...path, String(index)]
        return candidates.length === 0 ? unknown(inside, writer) : refusalOf(candidates, item, inside, writer)
      })
    }
  } else if (typeof value === 'object' && value !== null && members.some(isObject)) {
    const names = Object.keys(value)
    // A whole body without members names nothing that it would erase, no more than one that leaves some out.
    if (names.length > 0 || path.length === 0) {
      return first(names, name => {
        const candidates = members.flatMap(member => propertyNodes(member, name))
        const inside = [...path, name]
        return candidates.length === 0
          ? unknown(inside, writer)
          : refusalOf(candidates, (value as Record<string, unknown>)[name], inside, writer)
      })
    }
  }
  return wholeRefusal(nodes, path, writer)
}

function unknown (path: readonly string[], { passing }: Writer): WriteRefusal | undefined {
  return passing.undeclared === true ? undefined : { kind: 'unknown', pointer: jsonPointer(path) }
}

/** A value that is written whole, or that erases what was there, takes the right to write everything beneath. */
function wholeRefusal (nodes: readonly SchemaNode[], path: readonly string[], { writable, passing }: Writer): WriteRefusal | undefined {
  const sets = nodes.flatMap(leafSets).filter(sets => passing.ungoverned !== true || sets.length > 0)
  const denied = sets.find(sets => !sets.includes(ANY_TOKEN) && !sets.some(name => writable.has(name)))
  return denied === undefined ? undefined : { kind: 'forbidden', pointer: jsonPointer(path), claimSets: denied }
}

function first<Item> (items: readonly Item[], refusal: (item: Item, index: number) => WriteRefusal | undefined): WriteRefusal | undefined {
  for (const [index, item] of items.entries()) {
    const refused = refusal(item, index)
    if (refused !== undefined) return refused
  }
  return undefined
}
