/** What an audit event of either plugin says: names and identifiers, never a value of a field, a secret or a token. */
export type AuditEvent = GuardedRequestEvent | TokenEndpointEvent

/** What an audit event of the token endpoint says. */
export type TokenEndpointEvent = TokenRequestEvent | TokenQueryEvent

interface RequestEvent {
  /** When it ended, in milliseconds since the epoch. */
  readonly time: number
  /** Fastify's `request.id`, as in the log. */
  readonly requestId: string
  /** The version of the policy that decided. */
  readonly policy: string
  /** Of the answer; the request may have been cut off before it was through. */
  readonly status: number
  /** The code of the error that was answered, where it has one. */
  readonly error?: string
}

/** One request to a guarded route that is not public. */
export interface GuardedRequestEvent extends RequestEvent {
  readonly type: 'guarded request'
  /** As it was declared, such as `GET /customers/:id`. */
  readonly route: string
  /** The token's `client_id`; without a token that verifies there is none, nor `subject` and `tokenId`. */
  readonly clientId?: string
  /** The token's `sub`. */
  readonly subject?: string
  /** The token's `jti`. */
  readonly tokenId?: string
  readonly outcome: GuardedOutcome
  /** Names of the fields that the schema of the answer has and the token sees; empty where no body was released. */
  readonly released: readonly string[]
  /** Names of those of which it sees a mask. */
  readonly masked: readonly string[]
  /** Names of those that it does not see. */
  readonly withheld: readonly string[]
}

export type GuardedOutcome =
  /** The fields that the token sees. */
  | 'released'
  /** An answer without a body that the guard wrote, such as 204, 304 or a redirect. */
  | 'empty'
  /** The answer of a route that opted out with `release: { raw }`. */
  | 'raw'
  /** The answer of a route that is only observed, as the handler sends it. */
  | 'observed'
  /** By the guard: token, scope, body or query. */
  | 'refused'
  /** Something that the guard did not write was about to leave, and did not. */
  | 'blocked'
  /** An error of the application, 4xx or 5xx. */
  | 'failed'

/** One request to the token endpoint. */
export interface TokenRequestEvent extends RequestEvent {
  readonly type: 'token request'
  /** Undefined until the client was authenticated: what somebody presents as an id may be a secret. */
  readonly clientId?: string
  /** Of the token that was issued, like `tokenId`, `scope` and `roles`. */
  readonly subject?: string
  /** The token's `jti`. */
  readonly tokenId?: string
  readonly grantType?: string
  readonly scope?: string
  readonly roles?: readonly string[]
  readonly outcome: 'issued' | UnansweredOutcome
  /** Names of the claims that went along with the token. */
  readonly released: readonly string[]
  /** Names of the claims that went along masked. */
  readonly masked: readonly string[]
  /** Names of the claims that the token's scopes do not read. */
  readonly withheld: readonly string[]
}

/** One request to introspect or to revoke a token. */
export interface TokenQueryEvent extends RequestEvent {
  readonly type: 'token introspection' | 'token revocation'
  /** Who asked. Undefined until the client was authenticated. */
  readonly clientId?: string
  /** The token's `sub`; like `tokenId`, where it holds and the client may know of it. */
  readonly subject?: string
  /** The token's `jti`. */
  readonly tokenId?: string
  /** `active` and `revoked` by what was asked; `inactive` where the token does not hold, or the client may not know of it. */
  readonly outcome: 'active' | 'revoked' | 'inactive' | UnansweredOutcome
}

type UnansweredOutcome =
  /** 4xx. */
  | 'refused'
  /** 429: too much failed before, or a rate limiter of the application's refused it. */
  | 'rate_limited'
  /** 5xx. */
  | 'failed'
