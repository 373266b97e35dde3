import { Type, type Static } from '@sinclair/typebox'

/** Characters of a scope token, RFC 6749 3.3: printable ASCII but space, `"` and `\`. */
export const SCOPE_TOKEN = /^[\x21\x23-\x5B\x5D-\x7E]+$/

/** Claim sets are members of the token answer, so their names are plain identifiers. */
export const CLAIM_SET_NAME = /^[A-Za-z][A-Za-z0-9_]*$/

const text = (cure: string) => Type.String({ minLength: 1, cure })

const names = (cure: string) => Type.Array(Type.String({ cure: 'write a name' }), { uniqueItems: true, cure })

const ClaimSetEntrySchema = Type.Object({
  purpose: Type.Optional(text('write what it is for, or leave it out')),
  owner: Type.Optional(text('write who answers for it, or leave it out'))
}, { additionalProperties: false, cure: 'write { purpose?, owner? }' })

const ScopeEntrySchema = Type.Object({
  reads: Type.Optional(names('write a list of claim sets, each once')),
  writes: Type.Optional(names('write a list of claim sets, each once'))
}, { additionalProperties: false, cure: 'write { reads?, writes? }' })

export const PolicyDocumentSchema = Type.Object({
  claimSets: Type.Record(Type.String(), ClaimSetEntrySchema, { minProperties: 1, cure: 'write one claim set or more, by name' }),
  scopes: Type.Record(Type.String(), ScopeEntrySchema, { minProperties: 1, cure: 'write one scope or more, by name' }),
  roles: Type.Record(Type.String(), names('write a list of scopes, each once'), { cure: 'write roles by name' })
}, { additionalProperties: false, cure: 'write { claimSets, scopes, roles }' })

/**
 * What may be released to whom, as data: which claim sets exist, which of them each scope
 * reads and writes (nothing is implied: writing does not read), which scopes each role may be given.
 */
export type PolicyDocument = Static<typeof PolicyDocumentSchema>
