import type { Principal } from '../../credentials/provider.js'
import type { PolicySnapshot } from '../../policy/snapshot.js'
import type { TokenRequest } from '../token-request.js'

/** What a grant decides on. The client is authenticated and may use the grant. */
export interface GrantRequest {
  readonly parameters: TokenRequest
  readonly principal: Principal
  /** Those of the principal's roles that the policy knows. */
  readonly roles: readonly string[]
  /** The one policy of this request. */
  readonly policy: PolicySnapshot
}

/** What a token is to be issued for. */
export interface Authorization {
  readonly subject: string
  readonly scopes: readonly string[]
}

/** One grant type of the token endpoint. */
export interface Grant {
  /** The value of `grant_type`. */
  readonly type: string
  /** @throws {OAuthError} when the request is refused; nothing was signed or written then. */
  handle (request: GrantRequest): Authorization
}
