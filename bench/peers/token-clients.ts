import { createPrivateKey, timingSafeEqual } from 'node:crypto'
import { createSigner } from 'fast-jwt'
import { AUDIENCE, ISSUER } from '../issuer.js'
import { TOKEN_LIFETIME, type Issuance, type TokenClient } from '../token-requests.js'

/** What every peer without a signer or a register of clients of its own gets. */
export interface TokenPeer {
  /** The client of this id and secret, compared in constant time; no client else. */
  client (id: string, secret: string): TokenClient | undefined
  /** Claims in, token out. fast-jwt makes a key object of the PEM once. */
  sign (claims: object): string
}

export function tokenPeer ({ privateJwk, clients }: Issuance): TokenPeer {
  const known = new Map(clients.map(client => [client.id, { client, secret: Buffer.from(client.secret) }]))
  const nobody = Buffer.from(clients[0]!.secret)
  const key = createPrivateKey({ key: privateJwk, format: 'jwk' }).export({ format: 'pem', type: 'pkcs8' }).toString()
  return {
    client (id, presented) {
      const found = known.get(id)
      const bytes = Buffer.from(presented)
      const secret = found?.secret ?? nobody
      return bytes.length === secret.length && timingSafeEqual(bytes, secret) ? found?.client : undefined
    },
    sign: createSigner({ key, algorithm: 'ES256', header: { alg: 'ES256', typ: 'at+jwt' } })
  }
}

/** What a token says, where nothing else makes its claims. */
export function claimsOf (client: TokenClient, scope: string, jti: string): object {
  const iat = Math.floor(Date.now() / 1000)
  return { iss: ISSUER, sub: client.id, aud: AUDIENCE, client_id: client.id, iat, exp: iat + TOKEN_LIFETIME, jti, scope }
}
