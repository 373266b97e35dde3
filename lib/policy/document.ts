import { Type, type Static } from '@sinclair/typebox'

/** Characters of a scope token, RFC 6749 3.3: printable ASCII but space, `"` and `\`. */
export const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/

/** Claim sets are members of the token answer, so their names are plain identifiers. */
export const CLAIM_SET_NAME = /^[A-Za-z][A-Za-z0-9_]*$/

const Names = Type.Array(Type.String(), { uniqueItems: true })

const ClaimSetEntrySchema = Type.Object({
  purpose: Type.Optional(Type.String({ minLength: 1 })),
  owner: Type.Optional(Type.String({ minLength: 1 }))
}, { additionalProperties: false })

const ScopeEntrySchema = Type.Object({
  reads: Type.Optional(Names),
  writes: Type.Optional(Names)
}, { additionalProperties: false })

export const PolicyDocumentSchema = Type.Object({
  claimSets: Type.Record(Type.String(), ClaimSetEntrySchema, { minProperties: 1 }),
  scopes: Type.Record(Type.String(), ScopeEntrySchema, { minProperties: 1 }),
  roles: Type.Record(Type.String(), Names)
}, { additionalProperties: false })

/**
 * What may be released to whom, as data: which claim sets exist, which of them each scope
 * reads and writes (nothing is implied: writing does not read), which scopes each role may be given.
 */
export type PolicyDocument = Static<typeof PolicyDocumentSchema>
