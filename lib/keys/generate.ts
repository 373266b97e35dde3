import { createHash, generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import canonicalize from 'canonicalize'
import type { JWK } from './jwk.js'
import type { StoredKey } from './storage.js'

/** A new signing key: ES256 (P-256), its kid the thumbprint of its public part. */
export function generateSigningKey (): StoredKey {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = privateKey.export({ format: 'jwk' })
  return Object.freeze({
    kid: thumbprint(jwk),
    alg: 'ES256',
    privateJwk: jwk as JWK,
    createdAt: Math.floor(Date.now() / 1000)
  })
}

/** The SHA-256 thumbprint of an EC key, over its required members alone: {@link https://www.rfc-editor.org/rfc/rfc7638#section-3.2 RFC 7638, 3.2}. */
function thumbprint ({ crv, kty, x, y }: JsonWebKey): string {
  return createHash('sha256').update(canonicalize({ crv, kty, x, y }) as string).digest('base64url')
}
