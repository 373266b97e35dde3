import { randomBytes } from 'node:crypto'
import { OptionInvalidError } from '../errors.js'
import type { AccessTokenClaims, Actor } from './claims.js'
import { signerOf, type SignerKey } from './jwt.js'
import { MAX_LIFETIME } from './profile.js'

interface TokenIssuerOptions {
  /** What `iss` says. */
  readonly issuer: string
  /** The key to sign with now: asked for each token, so it may change. */
  readonly signingKey: () => SignerKey
  /** Seconds since the epoch. */
  readonly now?: () => number
}

/** What one token is to say. */
export interface TokenRequest {
  /** Whom the token speaks for; of a client's own token, the client (RFC 9068 2.2). */
  readonly subject: string
  readonly clientId: string
  readonly audience: string | readonly string[]
  /** No `scope` claim when empty. */
  readonly scopes: readonly string[]
  /** No `roles` claim when left out. */
  readonly roles?: readonly string[]
  /** Who acts for the subject. No `act` claim when left out. */
  readonly act?: Actor | undefined
  /** The thumbprint of the key that the token is bound to; a bearer token when left out. */
  readonly boundTo?: string | undefined
  /** Whole seconds, from 1 to 86,400. */
  readonly lifetime: number
  /** What `iat` says, in seconds since the epoch: a time before the client's credentials were looked at, so that what is revoked from then on revokes this token too. Default: now. */
  readonly issuedAt?: number | undefined
}

/** A token as it goes out, and what it says. */
export interface IssuedToken {
  /** Compact JWS. */
  readonly token: string
  readonly claims: AccessTokenClaims
  /** How long it holds, in whole seconds. */
  readonly expiresIn: number
}

/** Issues access tokens of the profile of RFC 9068. */
export interface TokenIssuer {
  /** @throws {FST_KEYHOLE_OPTION_INVALID} for a lifetime that no verifier would take. */
  issue (request: TokenRequest): Promise<IssuedToken>
}

/** @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2 RFC 9068, 2.1 and 2.2} */
export function createTokenIssuer ({ issuer, signingKey, now = () => Date.now() / 1000 }: TokenIssuerOptions): TokenIssuer {
  return Object.freeze({
    async issue ({ subject, clientId, audience, scopes, roles, act, boundTo, lifetime, issuedAt }: TokenRequest) {
      if (!Number.isSafeInteger(lifetime) || lifetime < 1 || lifetime > MAX_LIFETIME) {
        throw new OptionInvalidError(`lifetime: write a whole number of seconds from 1 to ${MAX_LIFETIME}.`)
      }
      const sign = await signerOf(signingKey())
      const time = Math.floor(now())
      const iat = Math.min(Math.floor(issuedAt ?? time), time)
      // No verifier takes a longer life than that.
      const exp = Math.min(time + lifetime, iat + MAX_LIFETIME)
      const claims: AccessTokenClaims = {
        iss: issuer,
        sub: subject,
        aud: audience,
        client_id: clientId,
        iat,
        exp,
        jti: randomBytes(16).toString('base64url'),
        ...(scopes.length > 0 && { scope: scopes.join(' ') }),
        ...(roles !== undefined && { roles }),
        ...(act !== undefined && { act }),
        ...(boundTo !== undefined && { cnf: { jkt: boundTo } })
      }
      return { token: sign(claims), claims, expiresIn: exp - time }
    }
  })
}
