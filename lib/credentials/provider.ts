import type { ForeignIssuers } from '../issuers/foreign-issuers.js'
import type { IssuerLog } from '../issuers/remote-keys.js'
import type { ProviderEvent } from './provider-event.js'

/** What a client presented at the token endpoint, already checked for grammar, not yet for truth. */
export interface ClientCredentials {
  readonly clientId: string
  readonly clientSecret: string | undefined
  readonly apiKey: string | undefined
  /** A JWT by which the client proves itself in place of a secret, RFC 7523 2.2. Only a provider that `checksAssertions` gets one. */
  readonly clientAssertion?: string
}

/** What a provider may use beside the credentials. */
export interface RequestContext {
  /** The authorization server that asks: whom a JWT of the client must be meant for. */
  readonly issuer: string
  /** Whose JWTs that server trusts; undefined where there are none. */
  readonly trustedIssuers?: Pick<ForeignIssuers, 'verify'>
  /** Where to say what whoever runs that server should know. Default: nowhere. */
  readonly log?: IssuerLog
  /** Aborted when the client has gone away, and when it is not waited for any longer. */
  readonly signal: AbortSignal
  /** Takes what a provider did with the question, for metrics and the log. It throws nothing. */
  readonly report?: (event: ProviderEvent) => void
}

/** Who the credentials belong to, and what may be given to it. */
export interface Principal {
  readonly clientId: string
  readonly roles: readonly string[]
  /** Grant types that this client may use; `client_credentials` when absent. */
  readonly grants?: readonly string[]
  /** Audiences that it may ask tokens for, beside that of the endpoint (RFC 8707). */
  readonly resources?: readonly string[]
  /** The client's own claims, by field name; sorted into claim sets by `subjectClaims`. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** For a protected resource: the audiences whose tokens it may introspect. */
  readonly audiences?: readonly string[]
  /** Whether all access tokens of this client are bound to a key of its: without a proof of possession it gets none (RFC 9449 5.2). */
  readonly dpopBound?: boolean
  /** Lifetime of this client's access tokens, in seconds; never longer than the endpoint's. */
  readonly tokenLifetime?: number
}

/** Answers one question: are these credentials good, and whose are they? */
export interface CredentialProvider {
  /**
   * Resolves to the principal, or to null when the credentials are wrong, whatever is wrong about them.
   * @throws {FST_KEYHOLE_PROVIDER_UNAVAILABLE} when it cannot tell: the caller gets a 503, never a 401.
   */
  verify (credentials: ClientCredentials, context: RequestContext): Promise<Principal | null>
  /** Whether it looks at `clientAssertion`; then the metadata says private_key_jwt. Default: such clients are refused. */
  readonly checksAssertions?: boolean
}
