import { jsonPointer } from '../policy/validate.js'
import { ANY_TOKEN } from './annotation.js'
import { BodyPlaces, type Governing, type IsDenied } from './body-places.js'
import type { SchemaNode } from './node.js'

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

/**
 * The first field of a body that may not be written by whoever writes these claim sets, or undefined.
 * @param passing what is let pass though it would be refused
 */
export type RefusalOf = (body: unknown, writable: ReadonlySet<string>, passing?: Passing) => WriteRefusal | undefined

/** Checks bodies by a schema. What a value costs depends on the value, not on how much the schema could have there. */
export function refusalsBy (root: SchemaNode): RefusalOf {
  const places = new BodyPlaces(root)
  return (body, writable, { undeclared = false, ungoverned = false } = {}) => {
    // A whole body without members names nothing that it would erase, no more than one that leaves some out.
    if (isEmptyObject(body) && places.at(places.root).member !== undefined) return undefined
    const isDenied: IsDenied = sets => sets.length === 0 ? !ungoverned : !sets.includes(ANY_TOKEN) && !sets.some(name => writable.has(name))
    return refusalAt(places.root, body, { places, isDenied, undeclared })
  }
}

/** A body under way: by which schema, who writes it, and whether undeclared fields pass. */
interface Writing { readonly places: BodyPlaces, readonly isDenied: IsDenied, readonly undeclared: boolean }

function refusalAt (governing: Governing, value: unknown, writing: Writing): WriteRefusal | undefined {
  if (governing.nodes.length === 0) return writing.undeclared ? undefined : { kind: 'unknown', pointer: '' }
  const { member, item, firstDenied } = writing.places.at(governing)
  if (Array.isArray(value)) {
    if (item !== undefined && value.length > 0) {
      for (let index = 0; index < value.length; index++) {
        const refusal = refusalAt(item(index), value[index], writing)
        if (refusal !== undefined) return inside(String(index), refusal)
      }
      return undefined
    }
  } else if (typeof value === 'object' && value !== null && member !== undefined) {
    const names = Object.keys(value)
    if (names.length > 0) {
      for (const name of names) {
        const refusal = refusalAt(member(name), (value as Record<string, unknown>)[name], writing)
        if (refusal !== undefined) return inside(name, refusal)
      }
      return undefined
    }
  }
  // What is written whole, or erases what was there, takes the right to write everything beneath.
  const claimSets = firstDenied(writing.isDenied)
  return claimSets === undefined ? undefined : { kind: 'forbidden', pointer: '', claimSets }
}

function inside (step: string, refusal: WriteRefusal): WriteRefusal {
  return { ...refusal, pointer: jsonPointer([step]) + refusal.pointer }
}

function isEmptyObject (value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length === 0
}
