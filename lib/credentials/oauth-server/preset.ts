import type { ClaimPath, TokenProfile } from '../../issuers/token-profile.js'

/** How a secret is sent to a token endpoint, RFC 6749 2.3.1. */
export type ClientAuthentication = 'client_secret_basic' | 'client_secret_post'

/** How a vendor's token endpoint is asked for a client's own token, and where that says what the client is. */
export interface OAuthPreset {
  /** The page on which the vendor says so. */
  readonly documentation: string
  /** How its access tokens look. */
  readonly profile: TokenProfile
  /** The token endpoint, relative to the issuer as to a folder. Undefined: where the issuer's metadata says. */
  readonly tokenEndpoint?: string
  readonly clientAuthentication: ClientAuthentication
  /** What the request says beside `grant_type`; in a value `{audience}` stands for that of the options. */
  readonly parameters: Readonly<Record<string, string>>
  /** Parameters that it cannot do without, and that the options have to have. */
  readonly demanded: readonly string[]
  /** Where what becomes the client's roles stands. */
  readonly roles: ClaimPath
  /** Codes by which it refuses a client, beside `invalid_client` and `unauthorized_client`. */
  readonly refusals: readonly string[]
  /** Whether the client's own id stands as the audience where the options name none. */
  readonly isAudienceClient?: boolean
}

/** A vendor whose token endpoint cannot tell whose a secret is. */
export interface ImpossiblePreset {
  readonly documentation: string
  /** Why, and what to do instead. */
  readonly impossible: string
}
