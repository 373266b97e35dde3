import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose'

/** A client's key pair, and the assertions that it makes. */

export const ISSUER = 'https://auth.example.com'

export interface ClientKey {
  readonly alg: string
  readonly kid: string
  readonly privateKey: CryptoKey
  readonly publicJwk: { readonly kty: string, readonly [member: string]: unknown }
}

export async function clientKey (alg = 'ES256', kid = `${alg}-1`): Promise<ClientKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { alg, kid, privateKey, publicJwk: { ...await exportJWK(publicKey), kid, alg } as ClientKey['publicJwk'] }
}

interface Assertion {
  /** In place of those of a good assertion; undefined leaves one out. */
  readonly claims?: { readonly [claim in keyof JWTPayload]?: unknown }
  readonly header?: { readonly alg?: string, readonly kid?: string | undefined, readonly typ?: string, readonly crit?: string[] }
  readonly key?: ClientKey['privateKey'] | Uint8Array
}

/** A good assertion of this client, or what the test makes of it. */
export async function assertionOf (clientId: string, key: ClientKey, { claims = {}, header = {}, key: signingKey = key.privateKey }: Assertion = {}): Promise<string> {
  const now = Math.floor(Date.now() / 1000)
  const payload = JSON.parse(JSON.stringify({ iss: clientId, sub: clientId, aud: ISSUER, jti: randomUUID(), iat: now, exp: now + 60, ...claims }))
  return await new SignJWT(payload).setProtectedHeader(JSON.parse(JSON.stringify({ alg: key.alg, kid: key.kid, ...header }))).sign(signingKey)
}

/** JSON as a segment of a JWT. */
export function segment (value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}
