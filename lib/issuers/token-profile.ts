/** Where a claim stands: its name, or the names that lead to it from the outside in. */
export type ClaimPath = string | readonly string[]

/** How an issuer's access tokens are told from its other tokens, and where they say what RFC 9068 wants to know. */
export interface TokenProfile {
  /** The page on which the issuer says so. */
  readonly documentation: string
  /** What `typ` of the header may be, in lower case and without `application/`; null where it may be missing. */
  readonly types: readonly (string | null)[]
  /** Claims that must have one of these values. */
  readonly demanded: Readonly<Record<string, readonly unknown[]>>
  /** Claims that stand in access tokens alone: one of them must be there, unless there are none such. */
  readonly marks: readonly string[]
  /** Claims that stand in other tokens of the issuer alone. */
  readonly forbidden: readonly string[]
  /** Where the audience stands, the first that is there. */
  readonly audience: readonly string[]
  /** Where the scopes stand, the first that is there: a text with spaces between them, or a list. */
  readonly scope: readonly ClaimPath[]
  /** Where the client's id stands, the first that is there. */
  readonly clientId: readonly string[]
  /** Where the token's own id stands. Undefined: `jti` where there is one, else a digest of what was signed. */
  readonly tokenId: string | undefined
  /** Where metadata may say that the keys are, beside the issuer's own origin. */
  readonly jwksOrigin?: string
}

/** Access tokens as RFC 9068 has them. */
export const rfc9068: TokenProfile = {
  documentation: 'https://www.rfc-editor.org/rfc/rfc9068#section-2',
  types: ['at+jwt'],
  demanded: {},
  marks: [],
  forbidden: [],
  audience: ['aud'],
  scope: ['scope'],
  clientId: ['client_id'],
  tokenId: 'jti'
}
