import { createSecretKey, type KeyObject } from 'node:crypto'
import fastJsonStringify from 'fast-json-stringify'
import { OptionInvalidError } from '../errors.js'
import { asciiEmail, email, hash, initials, last4, nothing, year } from './built-in-masks.js'
import { isSchema, type JsonSchema } from './json-schema.js'
import { SCALARS, typesOf } from './keywords.js'

/** What those see of a field who may not see the field itself. */
export interface Mask {
  /** JSON Schema of what comes out: one value, no object and no list. A field takes the mask only if whatever fits this fits the field's own schema. */
  readonly result: JsonSchema
  /** Gives what is shown in place of a value; that is as the handler sent it, but never null or undefined. Whatever it throws releases nothing. */
  mask (value: unknown): unknown
}

/** Masks by the name that annotations say. */
export type Masks = Readonly<Record<string, Mask>>

/** All masks that there are, by name: for each those that it may be, of which the first counts whose result fits the field. */
export type MaskRegistry = ReadonlyMap<string, readonly Mask[]>

export interface MaskOptions {
  /** The application's own masks, beside those that are built in. */
  readonly masks?: Masks | undefined
  /** The secret of the mask `hash`: at least 32 random bytes, or a text of at least 32 bytes. Whoever has it can try values out. No default. */
  readonly maskKey?: string | Uint8Array | undefined
}

const BUILT_IN = { last4: [last4], email: [email, asciiEmail], year: [year], initials: [initials], null: [nothing] }

/** Of bytes that the key must have: as many as come out of SHA-256 (RFC 2104, 3). */
const KEY_BYTES = 32

/**
 * The built-in masks and those of the application. `hash` is among them without anything that it may be while there is no key.
 * @throws {FST_KEYHOLE_OPTION_INVALID}
 */
export function createMasks ({ masks = {}, maskKey }: MaskOptions = {}): MaskRegistry {
  if (!isSchema(masks)) throw new OptionInvalidError("masks: write an object with a mask for each name, such as { areaCode: { result: { type: 'string' }, mask: value => … } }.")
  const key = maskKey === undefined ? undefined : secretKey(maskKey)
  const registry = new Map<string, readonly Mask[]>([...Object.entries(BUILT_IN), ['hash', key === undefined ? [] : [hash(key)]]])
  for (const [name, mask] of Object.entries(masks)) {
    if (registry.has(name)) throw new OptionInvalidError(`masks.${name}: a mask of that name is built in. Name yours otherwise.`)
    if (!/^[A-Za-z]\w*$/.test(name)) throw new OptionInvalidError(`masks.${name}: write a name of letters, digits and _, the first a letter.`)
    registry.set(name, [checkedMask(name, mask)])
  }
  return registry
}

function secretKey (given: unknown): KeyObject {
  const bytes = typeof given === 'string' ? Buffer.from(given) : given
  if (!(bytes instanceof Uint8Array) || bytes.length < KEY_BYTES) {
    throw new OptionInvalidError(`maskKey: write at least ${KEY_BYTES} random bytes, as a Buffer or a text, from where you keep secrets; for example randomBytes(32) of node:crypto, made once.`)
  }
  return createSecretKey(bytes)
}

function checkedMask (name: string, given: Mask | undefined): Mask {
  if (!isSchema(given) || typeof given.mask !== 'function') throw new OptionInvalidError(`masks.${name}: write { result, mask }, a JSON Schema and a function.`)
  const { result } = given as unknown as Mask
  const types = isSchema(result) ? typesOf(result) : []
  if (types.length === 0 || !types.every(type => SCALARS.has(type)) || '$ref' in result) {
    throw new OptionInvalidError(`masks.${name}.result: write the JSON Schema of one value, with its type, such as { type: 'string', maxLength: 8 }.`)
  }
  return { result, mask: promised(name, given as unknown as Mask) }
}

/** Gives what a mask gives if it is what the mask's schema promises. */
function promised (name: string, { result, mask }: Mask): Mask['mask'] {
  let check: (value: unknown) => string
  try {
    // The serializer looks for a branch of a union with its validator, and throws when there is none.
    check = fastJsonStringify({ anyOf: [result] } as object, { compileValidators: true })
  } catch (error) {
    throw new OptionInvalidError(`masks.${name}.result: the schema cannot be compiled: ${(error as Error).message}`)
  }
  return value => {
    const masked = mask(value)
    // A date would count as a text, of any length.
    if (Object(masked) === masked) throw new TypeError('no single value')
    return JSON.parse(check(masked))
  }
}
