import type { ClaimSetName } from './declared-policy.js'
import { isSchema, mapSchema, type JsonSchema, type JsonSchemaOrBoolean } from './json-schema.js'

/** In place of claim sets: any token that verifies may see the field. */
export const ANY_TOKEN = '*'

/** The JSON Schema keyword that names the claim sets of a field. */
export const CLAIM_SET_KEYWORD = 'claimSet'

/** For each mask the claim sets that see the field through it: one, or several of which any one is enough. */
export type MaskSets = Readonly<Record<string, ClaimSetName | readonly ClaimSetName[]>>

/** Of a field without masks. */
export type Unmasked = Readonly<Record<never, never>>

/** What an annotation can say beside the names of its claim sets. */
export interface ClaimSetOptions<Masks extends MaskSets = MaskSets> {
  /**
   * Who may not see the field, but its shape: `{ last4: 'support_claims' }`. Of several masks the first counts of which
   * a claim set is granted, in the order written. On fields of one value alone.
   */
  readonly mask?: Masks
  /** An ANY_TOKEN field inside a parent that a token may not see shows that the parent is there; true accepts that. */
  readonly revealsParent?: boolean
  /** The released fields show which branch of a union was taken, though a withheld field decides it; true accepts that. */
  readonly revealsBranch?: boolean
}

/** Brand of an annotated schema: keeps the literal names of its claim sets, and of those of its masks, in the type. */
export interface Classified<Sets extends string, Masks extends MaskSets = Unmasked> {
  readonly [CLAIM_SET_KEYWORD]: { readonly sets: readonly Sets[] } & ClaimSetOptions<Masks>
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
export function claimSet<const Sets extends ClaimSetName | typeof ANY_TOKEN, Schema extends object, const Masks extends MaskSets = Unmasked> (
  sets: Sets | readonly Sets[], schema: Schema & NoSchema<Schema>, options: ClaimSetOptions<Masks> = {}
): Schema & Classified<Sets, Masks> {
  const names: readonly Sets[] = typeof sets === 'string' ? [sets] : [...sets]
  const annotation = { value: { sets: names, ...structuredClone(options) }, enumerable: true, configurable: true, writable: true }
  // What TypeBox 1 knows of its types is not enumerable.
  return Object.defineProperties({}, { ...Object.getOwnPropertyDescriptors(schema), [CLAIM_SET_KEYWORD]: annotation }) as Schema & Classified<Sets, Masks>
}

/** A mask of a field by its name, and the claim sets of which any one sees the field through it. */
export interface MaskGrant {
  readonly name: string
  readonly sets: readonly string[]
}

/** What an annotation accepts. */
export type Accepted = Omit<ClaimSetOptions, 'mask'>

/** An annotation as it was read: which sets, which masks in their order, and what it accepts. */
export interface Annotation {
  readonly sets: readonly string[]
  readonly masks: readonly MaskGrant[]
  readonly options: Accepted
}

const ACCEPTING = ['revealsParent', 'revealsBranch']
const OPTIONS = ['mask', ...ACCEPTING]

/** Reads the keyword `claimSet` of a schema: a name, a list of names, or `{ sets, … }`; a string says what is wrong with it. */
export function annotationOf (schema: JsonSchema): Annotation | string | undefined {
  if (!Object.hasOwn(schema, CLAIM_SET_KEYWORD)) return undefined
  const written = schema[CLAIM_SET_KEYWORD]
  const { sets: given, mask = {}, ...options } = isSchema(written) ? written : { sets: written }
  const sets = namesIn(given)
  if (sets === undefined) return `${CLAIM_SET_KEYWORD} must be the name of a claim set, or a list of names that is not empty`
  if (sets.includes(ANY_TOKEN) && sets.length > 1) return 'ANY_TOKEN stands alone: any token may see the field already'
  const unknown = Object.keys(options).find(name => !ACCEPTING.includes(name))
  if (unknown !== undefined) return `${CLAIM_SET_KEYWORD} has no option '${unknown}'; it has ${OPTIONS.join(', ')}`
  const wrong = Object.entries(options).find(([, value]) => typeof value !== 'boolean')
  if (wrong !== undefined) return `${CLAIM_SET_KEYWORD}: ${wrong[0]} must be true or false`
  const masks = masksOf(mask, sets)
  return typeof masks === 'string' ? masks : { sets, masks, options }
}

/** Each once; undefined for what is neither a name nor a list of names. */
function namesIn (given: unknown): string[] | undefined {
  const names: unknown[] = [given].flat()
  return names.length > 0 && names.every(name => typeof name === 'string' && name !== '') ? [...new Set(names as string[])] : undefined
}

function masksOf (given: unknown, own: readonly string[]): MaskGrant[] | string {
  if (!isSchema(given)) return `${CLAIM_SET_KEYWORD}: mask must be an object with masks and their claim sets, such as { last4: 'support_claims' }`
  const masks: MaskGrant[] = []
  for (const [name, written] of Object.entries(given)) {
    const sets = namesIn(written)
    if (sets === undefined) return `${CLAIM_SET_KEYWORD}: mask.${name} must be the name of a claim set, or a list of names that is not empty`
    if (sets.includes(ANY_TOKEN)) return `${CLAIM_SET_KEYWORD}: mask.${name} cannot be ANY_TOKEN. Name the claim sets that see the mask`
    const seeing = own.includes(ANY_TOKEN) ? ANY_TOKEN : sets.find(set => own.includes(set))
    if (seeing !== undefined) return `${CLAIM_SET_KEYWORD}: mask.${name} hides nothing from ${seeing === ANY_TOKEN ? 'any token' : seeing}, who sees the field as it is. Take it off`
    masks.push({ name, sets })
  }
  return masks
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
