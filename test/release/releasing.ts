import { describeFaults } from '../../lib/release/fault.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { createRelease, type SerializerOptions } from '../../lib/release/release.js'

/** Schemas, annotated by hand, and what is released of values by them. */

export type Shared = Readonly<Record<string, JsonSchema>>

export const CLAIM_SETS = ['profile', 'contact', 'address', 'banking']

/** A token that may read none of the claim sets. */
export const NOBODY: readonly string[] = []

/** An object schema with these properties. */
export function object (properties: Record<string, unknown>, more: Record<string, unknown> = {}): JsonSchema {
  return { type: 'object', properties, ...more }
}

/** A string of these claim sets. */
export function string (sets: string | readonly string[], more: Record<string, unknown> = {}): JsonSchema {
  return { type: 'string', ...more, claimSet: sets }
}

/** Open to any token, also where its parent is not. */
export const OPEN = Object.freeze({ sets: '*', revealsParent: true })

/** What stands against releasing a schema, as a developer reads it, without saying where. */
export function faultsOf (schema: JsonSchema, shared: Shared = {}, options: SerializerOptions = {}): string[] {
  return describeFaults('', createRelease(schema, { shared, known: CLAIM_SETS }, options).faults, CLAIM_SETS).map(line => line.slice(2))
}

/** What is written of a value for a token that may read these claim sets. */
export function released (schema: JsonSchema, value: unknown, readable: readonly string[] = NOBODY, shared: Shared = {}): string {
  const faults = faultsOf(schema, shared)
  if (faults.length > 0) throw new Error(`refused at boot: ${faults.join('\n')}`)
  return createRelease(schema, { shared }).serializerFor(new Set(readable))(value)
}
