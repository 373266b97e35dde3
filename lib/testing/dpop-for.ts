import { createHash, randomUUID } from 'node:crypto'
import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { TestTokenError } from '../errors.js'
import { issueFor, type TestedApp, type TestToken } from './token-for.js'

/** Headers of one request: a token that is bound to a key, and a proof of that key. */
export type DpopHeaders = { readonly authorization: string, readonly dpop: string }

/**
 * A caller with a token that is bound to a key (RFC 9449), for tests with `app.inject`. Each request takes headers of its own.
 *
 * @param app the application; it is made ready
 * @returns what makes the headers for a request with this method, in capitals, and this path
 * @throws {FST_KEYHOLE_TEST_TOKEN} as `tokenFor` does, and where the guard does not know the URL that proofs are for
 */
export async function dpopFor (app: TestedApp, token: TestToken = {}): Promise<(method: string, path: string) => Promise<DpopHeaders>> {
  const { privateKey, publicKey } = await generateKeyPair('ES256')
  const jwk = await exportJWK(publicKey)
  const { token: text, guard: { possession } } = await issueFor(app, token, await calculateJwkThumbprint(jwk))
  if (possession === undefined) throw new TestTokenError('the guard does not know the URL that proofs are for. Give it dpop: { baseUrl }, or an audience that is a URL.')
  const ath = createHash('sha256').update(text).digest('base64url')
  return async (method, path) => {
    const proof = new SignJWT({ htm: method, htu: possession.baseUrl + path, ath, ...(possession.nonces !== undefined && { nonce: possession.nonces.current() }) })
    const dpop = await proof.setProtectedHeader({ typ: 'dpop+jwt', alg: 'ES256', jwk }).setJti(randomUUID()).setIssuedAt().sign(privateKey)
    return { authorization: `DPoP ${text}`, dpop }
  }
}
