import { KeyRefusedError, OptionInvalidError } from '../errors.js'
import type { JWKSet } from './jwk.js'
import type { KeySource, VerificationKey } from './key-source.js'
import { verificationKey } from './verification-key.js'

/**
 * The keys of a JWK Set that is configured, so never changes.
 * @throws {FST_KEYHOLE_KEY_REFUSED} listing every key that is refused, every kid that stands twice, and every key
 *   among several that no token could name.
 * @throws {FST_KEYHOLE_OPTION_INVALID} for anything but a JWK Set with at least one key.
 */
export function keySet (jwks: JWKSet): KeySource {
  if (!Array.isArray(jwks?.keys) || jwks.keys.length === 0) {
    throw new OptionInvalidError('jwks: write a JWK Set with at least one public key, { keys: [{ kty, kid, … }] } (RFC 7517 5)')
  }
  const keys: VerificationKey[] = []
  const faults: string[] = []
  for (const jwk of jwks.keys) {
    try {
      keys.push(verificationKey(jwk))
    } catch (error) {
      faults.push((error as Error).message)
    }
  }
  const kids = keys.map(key => key.kid)
  for (const kid of new Set(kids)) {
    if (kid === undefined && jwks.keys.length > 1) faults.push('A key without kid among several is refused: no token can name it.')
    if (kid !== undefined && kids.indexOf(kid) !== kids.lastIndexOf(kid)) faults.push(`The kid ${JSON.stringify(kid)} is refused: it stands on several keys.`)
  }
  if (faults.length > 0) throw new KeyRefusedError(faults.join('\n'))

  return Object.freeze({ find: findIn(keys), refresh: async () => {} })
}

/** How a verifier looks for a key among these. Several may have one kid if their algorithms differ. */
export function findIn (keys: readonly VerificationKey[]): KeySource['find'] {
  const byKid = new Map(keys.map(key => [key.kid, key]))
  const alternatives = keys.filter(key => byKid.get(key.kid) !== key)
  const only = keys.length === 1 ? keys[0] : undefined
  return (kid, alg) => {
    const key = kid === undefined ? only : byKid.get(kid)
    if (key === undefined || key.alg === alg || alternatives.length === 0) return key
    return alternatives.find(other => other.kid === kid && other.alg === alg) ?? key
  }
}
