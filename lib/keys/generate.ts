import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import type { Algorithm } from './key-source.js'
import { signingKeyOf } from './private-key.js'
import type { NewKey } from './storage.js'

/** Bits of a new RSA key. RFC 7518 3.3 asks for 2,048; this is what NIST SP 800-57 asks for beyond 2030. */
const RSA_BITS = 3072

/** A new signing key, its kid the thumbprint of its public part. */
export function generateSigningKey (algorithm: Algorithm = 'ES256'): NewKey {
  return signingKeyOf(privateKeyFor(algorithm), { alg: algorithm })
}

function privateKeyFor (algorithm: Algorithm): KeyObject {
  switch (algorithm) {
    case 'ES256': return generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    case 'EdDSA': return generateKeyPairSync('ed25519').privateKey
    case 'RS256':
    case 'PS256': return generateKeyPairSync('rsa', { modulusLength: RSA_BITS }).privateKey
  }
}
