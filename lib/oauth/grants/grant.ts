import type { Actor } from '../../access-token/claims.js'
import type { Principal } from '../../credentials/provider.js'
import type { TokenRequest } from '../token-request.js'

/** What a grant decides on. The client is authenticated and may use the grant. */
export interface GrantRequest {
  readonly parameters: TokenRequest
  readonly principal: Principal
}

/** Whom a token is to be issued for, and what bounds it beside the client's own rights. */
export interface Authorization {
  readonly subject: string
  /** Scopes beyond which nothing is granted. Default: those that the client's roles hold. */
  readonly scopes?: readonly string[]
  /** Who acts for the subject. */
  readonly act?: Actor | undefined
  /** When the token must have expired, in seconds since the epoch. */
  readonly expiresAt?: number
  /** Of a token exchange: what the token is, RFC 8693 2.2.1. */
  readonly issuedTokenType?: string
}

/** One grant type of the token endpoint. */
export interface Grant {
  /** The value of `grant_type`. */
  readonly type: string
  /** @throws {OAuthError} when the request is refused; nothing was signed or written then. */
  handle (request: GrantRequest): Authorization | Promise<Authorization>
}
