import { describeFaults } from '../../lib/release/fault.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { createMasks, type Masks } from '../../lib/release/masks.js'
import { createRelease } from '../../lib/release/release.js'
import type { Shared } from './releasing.js'

/** Schemas with masks, annotated by hand. */

export const SETS = ['profile', 'banking', 'support', 'match']

const KEY = 'k'.repeat(32)

/** A string of banking that support sees the last four characters of. */
export function masked (more: Record<string, unknown> = {}, mask: Record<string, unknown> = { last4: 'support' }): JsonSchema {
  return { type: 'string', ...more, claimSet: { sets: 'banking', mask } }
}

/** What stands against releasing a schema, without saying where. */
export function faultsOf (schema: JsonSchema, shared: Shared = {}, own: Masks = {}): string[] {
  return describeFaults('', createRelease(schema, { shared, known: SETS, masks: createMasks({ masks: own, maskKey: KEY }) }).faults, SETS).map(line => line.slice(2))
}

/** What is written of a value for a token that may read these claim sets; support, unless they are given. */
export function seen (schema: JsonSchema, value: unknown, readable: readonly string[] = ['support'], { shared = {}, own = {} }: { shared?: Shared, own?: Masks } = {}): string {
  const faults = faultsOf(schema, shared, own)
  if (faults.length > 0) throw new Error(`refused at boot: ${faults.join('\n')}`)
  return createRelease(schema, { shared, masks: createMasks({ masks: own, maskKey: KEY }) }).serializerFor(new Set(readable))(value)
}
