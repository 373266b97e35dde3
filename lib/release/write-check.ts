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

/** Checks bodies against an annotated schema before anything else is done with them. */
export interface WriteCheck {
  readonly faults: readonly Fault[]
  readonly claimSets: readonly string[]
  /** All fields that the schema names, whoever may write them. */
  readonly fields: readonly Field[]
  /** The first field that may not be written by whoever writes these claim sets, or undefined. */
  refusal (body: unknown, writable: ReadonlySet<string>): WriteRefusal | undefined
}

export function createWriteCheck (schema: JsonSchema, context: SchemaContext = {}): WriteCheck {
  const { root, inputFaults, claimSets } = classify(schema, context)
  return {
    faults: inputFaults,
    claimSets,
    get fields () { return new SchemaFields(root).all },
    refusal: (body, writable) => refusalOf([root], body, [], writable)
  }
}

function refusalOf (nodes: readonly SchemaNode[], value: unknown, path: readonly string[], writable: ReadonlySet<string>): WriteRefusal | undefined {
  const members = mergedMembers(nodes)
  if (Array.isArray(value)) {
    const items = members.flatMap(itemNodes)
    if (items.length > 0 && value.length > 0) {
      return first(value, (item, index) => {
        const candidates = items.flatMap(node => node(index))
        const inside = [...path, String(index)]
        return candidates.length === 0 ? { kind: 'unknown', pointer: jsonPointer(inside) } : refusalOf(candidates, item, inside, writable)
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
          ? { kind: 'unknown', pointer: jsonPointer(inside) }
          : refusalOf(candidates, (value as Record<string, unknown>)[name], inside, writable)
      })
    }
  }
  return wholeRefusal(nodes, path, writable)
}

/** A value that is written whole, or that erases what was there, takes the right to write everything beneath. */
function wholeRefusal (nodes: readonly SchemaNode[], path: readonly string[], writable: ReadonlySet<string>): WriteRefusal | undefined {
  const denied = nodes.flatMap(leafSets).find(sets => !sets.includes(ANY_TOKEN) && !sets.some(name => writable.has(name)))
  return denied === undefined ? undefined : { kind: 'forbidden', pointer: jsonPointer(path), claimSets: denied }
}

function first<Item> (items: readonly Item[], refusal: (item: Item, index: number) => WriteRefusal | undefined): WriteRefusal | undefined {
  for (const [index, item] of items.entries()) {
    const refused = refusal(item, index)
    if (refused !== undefined) return refused
  }
  return undefined
}
