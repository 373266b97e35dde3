import { constants, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { Test } from 'tap'
import { keySet } from '../../lib/keys/key-set.js'
import type { Algorithm, KeySource } from '../../lib/keys/key-source.js'
import type { InvalidTokenReason } from '../../lib/access-token/errors.js'
import { createTokenVerifier, type TokenVerifierOptions } from '../../lib/access-token/verify.js'

/** Tokens made by hand with node:crypto, so that what is wrong with them is exactly what the test says. */

export const ISSUER = 'https://auth.example.com'
export const AUDIENCE = 'https://api.example.com'
export const NOW = 1_800_000_000

export interface KeyPair {
  readonly kid: string
  readonly alg: Algorithm
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
}

export function keyPair (kid: string, alg: Algorithm = 'ES256'): KeyPair {
  return { kid, alg, ...generate(alg) }
}

function generate (alg: Algorithm): { privateKey: KeyObject, publicKey: KeyObject } {
  switch (alg) {
    case 'ES256': return generateKeyPairSync('ec', { namedCurve: 'P-256' })
    case 'EdDSA': return generateKeyPairSync('ed25519')
    default: return generateKeyPairSync('rsa', { modulusLength: 2048 })
  }
}

/** The public keys, as a key set that is configured. */
export function keysOf (...pairs: KeyPair[]): KeySource {
  return keySet({ keys: pairs.map(({ kid, alg, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }) as { kty: string }, kid, alg, use: 'sig' })) })
}

/** The claims of a good token, with these changes; `undefined` leaves a claim out. */
export function claims (changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    iss: ISSUER, sub: 'crm', aud: AUDIENCE, client_id: 'crm', iat: NOW, exp: NOW + 300, jti: 'b6f1a3', scope: 'profile', ...changes
  }
}

export interface Forgery {
  readonly key: KeyPair
  /** Members beside or instead of `alg`, `typ` and `kid`; `undefined` leaves one out. */
  readonly header?: Record<string, unknown>
  readonly claims?: Record<string, unknown>
  /** The bytes of the header as they stand. */
  readonly rawHeader?: string | Buffer
  /** The bytes of the payload as they stand. */
  readonly rawClaims?: string | Buffer
}

/** A token that is really signed by the key, with the key's algorithm, whatever its header says. */
export function forge ({ key, header, claims: members = claims(), rawHeader, rawClaims }: Forgery): string {
  const input = base64url(rawHeader ?? JSON.stringify({ alg: key.alg, typ: 'at+jwt', kid: key.kid, ...header })) + '.' +
    base64url(rawClaims ?? JSON.stringify(members))
  return input + '.' + base64url(signature(key.alg, key.privateKey, input))
}

export function base64url (bytes: string | Buffer): string {
  return Buffer.from(bytes).toString('base64url')
}

export function signature (alg: string, key: KeyObject, input: string): Buffer {
  const bytes = Buffer.from(input)
  const hash = 'sha' + alg.slice(2)
  switch (alg.slice(0, 2)) {
    case 'ES': return sign(hash, bytes, { key, dsaEncoding: 'ieee-p1363' })
    case 'Ed': return sign(null, bytes, key)
    case 'PS': return sign(hash, bytes, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST })
    default: return sign(hash, bytes, key)
  }
}

export function publicPem (key: KeyPair): string {
  return key.publicKey.export({ format: 'pem', type: 'spki' }) as string
}

/** A verifier of these keys whose clock stands still at NOW. */
export function verifierOf (keys: KeySource, options: Partial<TokenVerifierOptions> = {}) {
  return createTokenVerifier({ issuer: ISSUER, audience: AUDIENCE, keys, now: () => NOW, ...options })
}

/** Asserts that the token is refused for this reason and for no other. */
export async function refused (t: Test, verify: (token: string) => unknown, token: string, reason: InvalidTokenReason, what: string = reason): Promise<void> {
  await t.rejects(async () => verify(token), { name: 'InvalidTokenError', reason }, what)
}
