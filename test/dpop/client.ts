import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose'

/** Somebody who has a key and makes proofs with it, right or wrong. */
export interface Prover {
  readonly jwk: JWK
  readonly privateKey: CryptoKey
  readonly thumbprint: string
  /** A proof that is good now, with these changes; `undefined` leaves a member out. */
  proof (claims: Record<string, unknown>, header?: Record<string, unknown>): Promise<string>
}

export async function prover (alg = 'ES256'): Promise<Prover> {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(publicKey)
  return {
    jwk,
    privateKey,
    thumbprint: await calculateJwkThumbprint(jwk),
    proof: async (claims, header = {}) => await new SignJWT({ jti: randomUUID(), iat: Math.floor(Date.now() / 1000), ...claims })
      .setProtectedHeader(JSON.parse(JSON.stringify({ typ: 'dpop+jwt', alg, jwk, ...header })))
      .sign(privateKey)
  }
}

export function ath (token: string): string {
  return createHash('sha256').update(token).digest('base64url')
}
