/** A JSON Web Key, RFC 7517. */
export interface JWK {
  readonly kty: string
  readonly kid?: string
  readonly alg?: string
  readonly use?: string
  readonly key_ops?: readonly string[]
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
  readonly d?: string
  readonly [member: string]: unknown
}

/** A JWK Set, RFC 7517 5. */
export interface JWKSet { readonly keys: readonly JWK[] }
