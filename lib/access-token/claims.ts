import type { Confirmation } from './confirmation.js'

/** Who acts for the subject, RFC 8693 4.1. */
export interface Actor {
  readonly sub: string
  /** Who acted before. */
  readonly act?: Actor
  readonly [claim: string]: unknown
}

/** The claims of an access token of our profile, RFC 9068 2.2. Times are NumericDates: seconds since the epoch. */
export interface AccessTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly client_id: string
  readonly iat: number
  readonly exp: number
  readonly jti: string
  /** Space-separated scopes, RFC 8693 4.2. */
  readonly scope?: string
  readonly roles?: readonly string[]
  readonly act?: Actor
  /** Only with a proof of possession of this key is the token good. */
  readonly cnf?: Confirmation
  readonly [claim: string]: unknown
}
