import { createPublicKey, type KeyObject } from 'node:crypto'
import { KeyRefusedError } from '../errors.js'
import type { JWK } from './jwk.js'
import type { Algorithm, VerificationKey } from './key-source.js'

/** The public members of each type of key that we verify with, and its algorithms, the default one first. */
const KEY_TYPES: Readonly<Record<string, { readonly members: readonly string[], readonly algorithms: readonly Algorithm[] }>> = {
  'EC P-256': { members: ['x', 'y'], algorithms: ['ES256'] },
  'OKP Ed25519': { members: ['x'], algorithms: ['EdDSA'] },
  RSA: { members: ['n', 'e'], algorithms: ['RS256', 'PS256'] }
}

/** All that there are, ours first. */
export const ALGORITHMS: readonly Algorithm[] = Object.freeze(Object.values(KEY_TYPES).flatMap(({ algorithms }) => algorithms))

/** RFC 7518 3.3 and 3.5. */
const RSA_MIN_BITS = 2048

/** Beyond these a signature takes so long to check that it could be used to keep us busy. */
const RSA_MAX_BITS = 4096
const RSA_MAX_EXPONENT = 2n ** 32n

const BASE64URL = /^[A-Za-z0-9_-]+$/

/**
 * Loads a public key and pins the one algorithm that it may be used with: the JWK's `alg`,
 * else ES256 for EC P-256, EdDSA for Ed25519, RS256 for RSA.
 * @throws {FST_KEYHOLE_KEY_REFUSED} for every other type and curve, for RSA below 2048 or above 4096 bits, for a key that is
 *   private, symmetric, broken, or meant by `use`, `key_ops` or `alg` for something else.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.1 RFC 8725, 3.1}
 * @see {@link https://www.rfc-editor.org/rfc/rfc7517#section-4 RFC 7517, 4}
 */
export function verificationKey (jwk: JWK): VerificationKey {
  if (typeof jwk !== 'object' || jwk === null) throw new KeyRefusedError('A key is refused: it is not a JSON object.')
  const refuse = (reason: string): never => { throw new KeyRefusedError(`The key ${JSON.stringify(jwk.kid) ?? 'without kid'} is refused: ${reason}.`) }

  const { kid, alg } = jwk
  if (kid !== undefined && typeof kid !== 'string') return refuse('its kid is not a string')

  if ([jwk.kty, jwk.crv ?? ''].some(member => typeof member !== 'string')) return refuse('its kty or crv is not a string')
  const name = jwk.crv === undefined ? jwk.kty : `${jwk.kty} ${jwk.crv}`
  const type = Object.hasOwn(KEY_TYPES, name) ? KEY_TYPES[name] : undefined
  if (type === undefined) return refuse(`keys of type ${name} are not taken; ${Object.keys(KEY_TYPES).join(', ')} are`)
  if (Object.hasOwn(jwk, 'd')) return refuse('it is a private key; only its public members belong here')
  if (jwk.use !== undefined && jwk.use !== 'sig') return refuse('its use is not "sig"')
  if (jwk.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('verify'))) return refuse('its key_ops lack "verify"')

  const algorithm = alg === undefined ? type.algorithms[0] : type.algorithms.find(known => known === alg)
  if (algorithm === undefined) return refuse(`its alg does not fit; for ${name} write ${type.algorithms.join(' or ')}`)

  for (const member of type.members) {
    const value = jwk[member]
    if (typeof value !== 'string' || !BASE64URL.test(value)) return refuse(`its ${member} is not base64url`)
  }
  const publicKey = load(jwk) ?? refuse(`its ${type.members.join(', ')} are no key of type ${name}`)
  const weakness = rsaWeakness(publicKey)
  if (weakness !== undefined) return refuse(weakness)

  return Object.freeze({ kid, alg: algorithm, publicKey })
}

/** The algorithm of a key that was taken, without loading it. */
export function algorithmOf ({ kty, crv, alg }: JWK): Algorithm | undefined {
  const name = crv === undefined ? kty : `${kty} ${crv}`
  const algorithms = Object.hasOwn(KEY_TYPES, name) ? KEY_TYPES[name]!.algorithms : []
  return alg === undefined ? algorithms[0] : algorithms.find(known => known === alg)
}

function load (jwk: JWK): KeyObject | undefined {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' })
  } catch {
    return undefined
  }
}

function rsaWeakness (key: KeyObject): string | undefined {
  const { modulusLength, publicExponent } = key.asymmetricKeyDetails!
  if (modulusLength === undefined || publicExponent === undefined) return undefined
  if (modulusLength < RSA_MIN_BITS) return `RSA of ${modulusLength} bits; it takes ${RSA_MIN_BITS} or more`
  if (modulusLength > RSA_MAX_BITS) return `RSA of ${modulusLength} bits; it takes ${RSA_MAX_BITS} at most`
  if (publicExponent > RSA_MAX_EXPONENT) return 'its RSA exponent e is above 2^32'
  if (publicExponent < 3n || publicExponent % 2n === 0n) return 'its RSA exponent e is even or below 3'
  return undefined
}
