import { constants, createHash, createPrivateKey, createPublicKey, randomBytes, sign, verify, type KeyObject, type SigningOptions } from 'node:crypto'
import canonicalize from 'canonicalize'
import { KeyRefusedError } from '../errors.js'
import type { JWK } from './jwk.js'
import type { Algorithm } from './key-source.js'
import type { NewKey } from './storage.js'
import { verificationKey } from './verification-key.js'

/** What a key is to be called and used for; both follow from the key when left out. */
interface Designation {
  readonly kid?: string | undefined
  readonly alg?: string | undefined
}

/** It stands in every token, whose length is limited. */
const KID = /^[\x21-\x7E]{1,255}$/

/** How each algorithm hashes and pads: RFC 7518 3.3 to 3.5, RFC 8037 3.1. */
const SCHEMES: Readonly<Record<Algorithm, { readonly hash: 'sha256' | null, readonly options: SigningOptions }>> = {
  ES256: { hash: 'sha256', options: { dsaEncoding: 'ieee-p1363' } },
  EdDSA: { hash: null, options: {} },
  RS256: { hash: 'sha256', options: { padding: constants.RSA_PKCS1_PADDING } },
  PS256: { hash: 'sha256', options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST } }
}

/**
 * Reads a private key: a JWK (RFC 7517), or PEM without a passphrase (PKCS #8, SEC 1 or PKCS #1).
 * @throws {FST_KEYHOLE_KEY_REFUSED} for what is no private key, for one that is not safe to sign with, and when its
 *   private and public part do not belong together. Nothing of the text is in the message.
 */
export function readPrivateKey (text: string, alg?: string): NewKey {
  const isJson = text.trimStart().startsWith('{')
  const jwk = isJson ? parse(text) : undefined
  if (jwk?.use !== undefined && jwk.use !== 'sig') throw refused('its use is not "sig"')
  if (jwk?.key_ops !== undefined && !(Array.isArray(jwk.key_ops) && jwk.key_ops.includes('sign'))) throw refused('its key_ops lack "sign"')
  if (jwk?.alg !== undefined && alg !== undefined && jwk.alg !== alg) throw refused('its alg is another than the one asked for')
  return signingKeyOf(jwk === undefined ? fromPem(text) : fromJwk(jwk), { kid: jwk?.kid, alg: jwk?.alg ?? alg })
}

/**
 * A private key with all that is kept of it, once it was tried out.
 * @throws {FST_KEYHOLE_KEY_REFUSED}
 */
export function signingKeyOf (privateKey: KeyObject, { kid, alg }: Designation): NewKey {
  const publicJwk = membersOf(createPublicKey(privateKey))
  const named = { ...publicJwk, kid: kid ?? thumbprint(publicJwk), ...(alg !== undefined && { alg }) }
  const { alg: algorithm, publicKey } = verificationKey(named)
  if (!belongTogether(privateKey, publicKey, algorithm)) throw refused('its private and public part do not belong together')
  return Object.freeze({ kid: named.kid, alg: algorithm, publicJwk, privateJwk: membersOf(privateKey) })
}

/** The SHA-256 thumbprint of a public key, over its required members alone: {@link https://www.rfc-editor.org/rfc/rfc7638#section-3.2 RFC 7638, 3.2}. */
function thumbprint (publicJwk: JWK): string {
  return createHash('sha256').update(canonicalize(publicJwk) as string).digest('base64url')
}

/** Of a public key, Node exports just the members that RFC 7638 3.2 and RFC 8037 2 require. */
function membersOf (key: KeyObject): JWK {
  try {
    return key.export({ format: 'jwk' }) as JWK
  } catch {
    throw refused(`keys of type ${key.asymmetricKeyType} are not taken; EC P-256, OKP Ed25519 and RSA are`)
  }
}

function belongTogether (privateKey: KeyObject, publicKey: KeyObject, algorithm: Algorithm): boolean {
  const { hash, options } = SCHEMES[algorithm]
  const text = randomBytes(32)
  try {
    return verify(hash, text, { key: publicKey, ...options }, sign(hash, text, { key: privateKey, ...options }))
  } catch {
    return false
  }
}

function parse (text: string): JWK {
  try {
    return JSON.parse(text)
  } catch {
    throw refused('it is not JSON')
  }
}

function fromJwk (jwk: JWK): KeyObject {
  if (jwk.kid !== undefined && (typeof jwk.kid !== 'string' || !KID.test(jwk.kid))) throw refused('its kid is not 1 to 255 printable ASCII characters')
  if (typeof jwk.d !== 'string') throw refused('it is no private key, since it has no member d')
  try {
    return createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  } catch {
    throw refused('it is no JWK of a private key that can be read')
  }
}

function fromPem (text: string): KeyObject {
  try {
    return createPrivateKey(text)
  } catch {
    throw refused('it is neither a JWK nor PEM of a private key without passphrase')
  }
}

function refused (reason: string): Error {
  return new KeyRefusedError(`The key is refused: ${reason}.`)
}
