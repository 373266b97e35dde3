import { isDeepStrictEqual } from 'node:util'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { isWellFormed } from '../credentials/secret.js'
import { OptionInvalidError } from '../errors.js'
import type { NewClient } from './store.js'

/** VSCHAR, RFC 6749 A.1, without space at the ends: that would be lost or added by hand too easily. */
const CLIENT_ID = /^(?! )[\x20-\x7E]{1,255}(?<! )$/

const ROLE = /^\S(.*\S)?$/

const NewClientSchema = Type.Object({
  id: Type.RegExp(CLIENT_ID, { cure: 'write 1 to 255 printable ASCII characters without space at the ends (RFC 6749 A.1)' }),
  roles: Type.Array(Type.RegExp(ROLE, { cure: 'write the name of a role' }), {
    minItems: 1, uniqueItems: true, cure: 'write a list of at least one role, each once'
  }),
  claims: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { cure: 'write an object of plain JSON' })),
  audiences: Type.Optional(Type.Array(Type.String({ minLength: 1, cure: 'write the audience as tokens name it' }), { uniqueItems: true, cure: 'write a list of audiences, each once' })),
  clientSecret: Type.Optional(Type.String({ cure: 'leave it out, and it is generated' })),
  apiKey: Type.Optional(Type.String({ cure: 'leave it out, and it is generated' }))
}, { additionalProperties: false, cure: 'write { id, roles, claims?, audiences? } and nothing else' })

/**
 * Checks what `create` was given.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming each member that is wrong, never showing what it holds.
 */
export function checkNewClient (client: NewClient): void {
  const faults = [...Value.Errors(NewClientSchema, client)]
    .map(({ path, schema }) => `${path.slice(1).replaceAll('/', '.') || 'client'}: ${schema['cure']}`)
  if (faults.length === 0) faults.push(...meaningFaults(client))
  if (faults.length > 0) throw new OptionInvalidError(`clients.create: ${[...new Set(faults)].join('; ')}`)
}

function * meaningFaults ({ claims, clientSecret, apiKey }: NewClient): Iterable<string> {
  if (!isJson(claims)) yield 'claims: write plain JSON, what JSON.stringify keeps as it is'
  if (clientSecret !== undefined && !isWellFormed('client_secret', clientSecret)) yield 'clientSecret: not one that was generated here (khs_…); leave it out, and it is generated'
  if (apiKey !== undefined && !isWellFormed('api_key', apiKey)) yield 'apiKey: not one that was generated here (khk_…); leave it out, and it is generated'
}

function isJson (value: unknown): boolean {
  try {
    return value === undefined || isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value)
  } catch {
    return false
  }
}
