import { isSafe } from '../issuers/safe-url.js'
import type { JWKSet } from '../keys/jwk.js'

/**
 * How a client proves itself; it cannot do so in another way. `client_secret`: by its secret, in the header or the body.
 * `private_key_jwt`: by a JWT that it signs (RFC 7523 2.2). `federated`: by a JWT that a trusted issuer signed.
 */
export type AuthMethod = 'client_secret' | 'private_key_jwt' | 'federated'

/** Whose JWT stands for a client; each is compared character by character. */
export interface FederatedIdentity {
  readonly issuer: string
  /** `sub` of the JWT. */
  readonly subject: string
  /** What must be among `aud` of the JWT. Default: the authorization server's own issuer identifier. */
  readonly audience?: string
}

/** What a client is registered for, after checking. */
export interface ClientRegistration {
  readonly authMethod: AuthMethod
  /** The public keys of `private_key_jwt`. */
  readonly jwks?: JWKSet
  /** In their place, where it publishes them. */
  readonly jwksUrl?: string
  /** Of `federated`. */
  readonly federated?: FederatedIdentity
  /** Whether it needs an API key as well. */
  readonly requireApiKey: boolean
  /** Grant types that it may use. */
  readonly grants: readonly string[]
  /** Audiences that it may ask tokens for, beside that of the endpoint (RFC 8707). */
  readonly resources: readonly string[]
  /** Lifetime of its tokens, in seconds; never longer than the endpoint's. */
  readonly tokenLifetime?: number
  /** Whether its tokens must be bound to a key (RFC 9449 5.2). */
  readonly dpopBound: boolean
}

/** Whether keys of a client may be read from this URL: https, or http on a loopback host, and no credential in it. */
export function isKeySetUrl (url: string): boolean {
  return URL.canParse(url) && isSafe(new URL(url))
}
