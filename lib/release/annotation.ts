import type { ClaimSetName } from './declared-policy.js'
import { isSchema, mapSchema, type JsonSchema, type JsonSchemaOrBoolean } from './json-schema.js'

/** In place of claim sets: any token that verifies may see the field. */
export const ANY_TOKEN = '*'

/** The JSON Schema keyword that names the claim sets of a field. */
export const CLAIM_SET_KEYWORD = 'claimSet'

/** What an annotation can say beside the names of its claim sets. */
export interface ClaimSetOptions {
  /** An ANY_TOKEN field inside a parent that a token may not see shows that the parent is there; true accepts that. */
  readonly revealsParent?: boolean
  /** The released fields show which branch of a union was taken, though a withheld field decides it; true accepts that. */
  readonly revealsBranch?: boolean
}

/** Brand of an annotated schema: keeps the literal names of its claim sets in the type. */
export interface Classified<Sets extends string> {
  readonly [CLAIM_SET_KEYWORD]: { readonly sets: readonly Sets[] } & ClaimSetOptions
}

/** Refuses at compile time what is an object, but no schema. */
type NoSchema<Value> = Value extends readonly unknown[] | ((...args: never[]) => unknown) ? never : unknown

/**
 * Names the claim sets that a field belongs to: a token that may read any one of them sees the field.
 * It governs the schema and everything beneath it that has no annotation of its own.
 *
 * @param sets one claim set, several (any one is enough), or ANY_TOKEN
 * @param schema any JSON Schema; it is not changed
 * @returns a copy that carries the keyword `claimSet`, which can be written by hand just as well
 */
export function claimSet<const Sets extends ClaimSetName | typeof ANY_TOKEN, Schema extends object> (
  sets: Sets | readonly Sets[], schema: Schema & NoSchema<Schema>, options: ClaimSetOptions = {}
): Schema & Classified<Sets> {
  const names: readonly Sets[] = typeof sets === 'string' ? [sets] : [...sets]
  const annotation = { value: { sets: names, ...options }, enumerable: true, configurable: true, writable: true }
  // What TypeBox 1 knows of its types is not enumerable.
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(schema), [CLAIM_SET_KEYWORD]: annotation }) as Schema & Classified<Sets>
}

/** An annotation as it was read: which sets, and what it accepts. */
export interface Annotation {
  readonly sets: readonly string[]
  readonly options: ClaimSetOptions
}

const OPTIONS = new Set(['revealsParent', 'revealsBranch'])

/** Reads the keyword `claimSet` of a schema: a name, a list of names, or `{ sets, … }`; a string says what is wrong with it. */
export function annotationOf (schema: JsonSchema): Annotation | string | undefined {
  if (!Object.hasOwn(schema, CLAIM_SET_KEYWORD)) return undefined
  const written = schema[CLAIM_SET_KEYWORD]
  const { sets: given, ...options } = isSchema(written) ? written : { sets: written }
  const sets = typeof given === 'string' ? [given] : given
  if (!Array.isArray(sets) || sets.length === 0 || sets.some(name => typeof name !== 'string' || name === '')) {
    return `${CLAIM_SET_KEYWORD} must be the name of a claim set, or a list of names that is not empty`
  }
  if (sets.includes(ANY_TOKEN) && sets.length > 1) return 'ANY_TOKEN stands alone: any token may see the field already'
  const unknown = Object.keys(options).find(name => !OPTIONS.has(name))
  if (unknown !== undefined) return `${CLAIM_SET_KEYWORD} has no option '${unknown}'; it has ${[...OPTIONS].join(', ')}`
  const wrong = Object.entries(options).find(([, value]) => typeof value !== 'boolean')
  if (wrong !== undefined) return `${CLAIM_SET_KEYWORD}: ${wrong[0]} must be true or false`
  return { sets: [...new Set<string>(sets)], options: options as ClaimSetOptions }
}

/** Whether a schema is null and nothing else, without an annotation of its own. */
export function isBareNull (schema: JsonSchemaOrBoolean): boolean {
  return isSchema(schema) && schema.type === 'null' && annotationOf(schema) === undefined
}

/** A copy without annotations, for those who would refuse an unknown keyword: Ajv in its strict mode, for one. */
export function withoutAnnotations (schema: JsonSchema): JsonSchema {
  return mapSchema(schema, copy => {
    delete copy[CLAIM_SET_KEYWORD]
    return copy
  }) as JsonSchema
}
