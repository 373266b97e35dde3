import type { Principal } from '../credentials/provider.js'
import { OptionInvalidError } from '../errors.js'
import type { PolicySnapshot } from '../policy/snapshot.js'
import { createClaimSorter, type ClaimSets } from '../release/claim-sets.js'
import type { SchemaContext } from '../release/classify.js'
import { describeFaults } from '../release/fault.js'
import type { FieldNames } from '../release/fields.js'
import { isSchema, type JsonSchema } from '../release/json-schema.js'
import { OAuthError } from './errors.js'

/** Releases the claims of a client that the granted scopes read. */
export interface ClaimRelease {
  /** By claim set; undefined when there are none. */
  release (principal: Principal, scopes: readonly string[], policy: PolicySnapshot): ClaimSets | undefined
  /** Names of all claims that there can be: of those that the scopes read, and of the others. */
  names (scopes: readonly string[], policy: PolicySnapshot): FieldNames
}

/** For an endpoint without `subjectClaims`: no claim leaves. */
export const noClaims: ClaimRelease = Object.freeze({
  release: () => undefined,
  names: () => ({ released: [], masked: [], withheld: [] })
})

/**
 * Prepares the schema of the clients' own claims.
 * @param context the schemas that it may refer to, by `$id`, and the masks that there are
 * @throws {FST_KEYHOLE_OPTION_INVALID} listing every fault with its cure.
 */
export function createClaimRelease (schema: JsonSchema, policy: PolicySnapshot, context: Omit<SchemaContext, 'known'>): ClaimRelease {
  if (!isSchema(schema) || schema.type !== 'object') {
    throw new OptionInvalidError('subjectClaims: write an object schema whose properties are the claims, each in claimSet(...).')
  }
  const sorter = createClaimSorter(schema, { ...context, known: policy.claimSets })
  const faults = describeFaults('subjectClaims', sorter.faults, policy.claimSets)
  if (faults.length > 0) throw new OptionInvalidError(faults.join('\n'))

  return Object.freeze<ClaimRelease>({
    release ({ claims = {} }, scopes, policy) {
      if (Object.keys(claims).length === 0) return undefined
      const released = sort(() => sorter.sort(claims, policy.readableBy(scopes)))
      return Object.keys(released).length === 0 ? undefined : released
    },
    names: (scopes, policy) => sorter.namesFor(policy.readableBy(scopes))
  })
}

// The serializer's own error quotes the value, which is not for the log.
function sort (work: () => ClaimSets): ClaimSets {
  try {
    return work()
  } catch {
    throw new OAuthError('server_error', 'the claims of this client cannot be written')
  }
}
