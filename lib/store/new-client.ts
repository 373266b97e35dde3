import { isDeepStrictEqual } from 'node:util'
import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { MAX_LIFETIME } from '../access-token/profile.js'
import { LATEST_TIME } from '../credentials/latest-time.js'
import { isKeySetUrl } from '../credentials/registration.js'
import { isWellFormed } from '../credentials/secret.js'
import { OptionInvalidError } from '../errors.js'
import { keySet } from '../keys/key-set.js'
import { registrationOf } from './registration.js'
import type { NewClient } from './store.js'

/** VSCHAR, RFC 6749 A.1, without space at the ends: that would be lost or added by hand too easily. */
const CLIENT_ID = /^(?! )[\x20-\x7E]{1,255}(?<! )$/

/** What the subjects of other issuers look like in our tokens: no client may be taken for one. */
const FOREIGN_SUBJECT = /^https?:\/\/.*\|/i

const ROLE = /^\S(.*\S)?$/

/** More keys than any client needs; a bound on the work of finding one. */
const MAX_KEYS = 16

/** Whether there may be a client of this id. */
export function isClientId (id: string): boolean {
  return CLIENT_ID.test(id)
}

const text = (cure: string) => Type.String({ minLength: 1, cure })
const list = (item: ReturnType<typeof text>, cure: string) => Type.Optional(Type.Array(item, { uniqueItems: true, cure }))

const moment = Type.Optional(Type.Integer({ minimum: 0, exclusiveMaximum: LATEST_TIME, cure: 'write a time in whole seconds since the epoch, or leave it out for never' }))

const NewClientSchema = Type.Object({
  id: Type.RegExp(CLIENT_ID, { cure: 'write 1 to 255 printable ASCII characters without space at the ends (RFC 6749 A.1)' }),
  roles: Type.Array(Type.RegExp(ROLE, { cure: 'write the name of a role' }), {
    minItems: 1, uniqueItems: true, cure: 'write a list of at least one role, each once'
  }),
  claims: Type.Optional(Type.Record(Type.String(), Type.Unknown(), { cure: 'write an object of plain JSON' })),
  audiences: list(text('write the audience as tokens name it'), 'write a list of audiences, each once'),
  authMethod: Type.Optional(Type.Union(['client_secret', 'private_key_jwt', 'federated'].map(method => Type.Literal(method)), { cure: "write 'client_secret', 'private_key_jwt' or 'federated'" })),
  clientSecret: Type.Optional(Type.String({ cure: 'leave it out, and it is generated' })),
  clientSecretExpiresAt: moment,
  jwks: Type.Optional(Type.Object({ keys: Type.Array(Type.Unknown(), { cure: 'write a list of public keys' }) }, { cure: 'write a JWK Set, { keys: [{ kty, kid, … }] } (RFC 7517 5)' })),
  jwksUrl: Type.Optional(Type.String({ cure: 'write the URL of its JWK Set' })),
  federated: Type.Optional(Type.Object({
    issuer: text('write the URL of a trusted issuer'),
    subject: text('write the sub of its tokens'),
    audience: Type.Optional(text('write the aud of its tokens'))
  }, { additionalProperties: false, cure: 'write { issuer, subject, audience? }' })),
  requireApiKey: Type.Optional(Type.Boolean({ cure: 'write true or false' })),
  apiKey: Type.Optional(Type.String({ cure: 'leave it out, and it is generated' })),
  apiKeyExpiresAt: moment,
  grants: list(text('write a grant type'), 'write a list of grant types, each once'),
  resources: list(text('write an absolute URI'), 'write a list of absolute URIs, each once'),
  tokenLifetime: Type.Optional(Type.Integer({ minimum: 1, maximum: MAX_LIFETIME, cure: `write a whole number of seconds from 1 to ${MAX_LIFETIME}` })),
  dpopBound: Type.Optional(Type.Boolean({ cure: 'write true or false' }))
}, { additionalProperties: false, cure: 'there is no such member, and id and roles are required' })

/** What is wrong with a member of a new client. */
export interface ClientFault {
  /** Such as `roles.0`; `client` for the client as a whole. */
  readonly member: string
  /** What to write instead; never what it holds. */
  readonly cure: string
}

/**
 * Checks what `create` was given.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming each member that is wrong, never showing what it holds.
 */
export function checkNewClient (client: NewClient): void {
  refuseFaults('create', newClientFaults(client))
}

/** @throws {FST_KEYHOLE_OPTION_INVALID} naming the method and each member that is wrong, where there are any. */
export function refuseFaults (method: 'create' | 'update', faults: readonly ClientFault[]): void {
  if (faults.length > 0) throw new OptionInvalidError(`clients.${method}: ${faults.map(({ member, cure }) => `${member}: ${cure}`).join('; ')}`)
}

/** All that is wrong with a new client: of shape first and, once the shape holds, of meaning; none when it is good. */
export function newClientFaults (client: NewClient): ClientFault[] {
  const faults = new Map<string, ClientFault>()
  for (const { path, schema } of Value.Errors(NewClientSchema, client)) {
    const member = path.slice(1).replaceAll('/', '.') || 'client'
    faults.set(`${member} ${schema['cure']}`, { member, cure: schema['cure'] })
  }
  return faults.size > 0 ? [...faults.values()] : [...meaningFaults(client)]
}

function * meaningFaults (client: NewClient): Iterable<ClientFault> {
  const { id, claims, clientSecret, apiKey, resources = [] } = client
  if (FOREIGN_SUBJECT.test(id)) yield { member: 'id', cure: 'write no URL with | in it: so the subjects of trusted issuers look' }
  if (!isJson(claims)) yield { member: 'claims', cure: 'write plain JSON, what JSON.stringify keeps as it is' }
  if (clientSecret !== undefined && !isWellFormed('client_secret', clientSecret)) yield { member: 'clientSecret', cure: 'not one that was generated here (khs_…); leave it out, and it is generated' }
  if (apiKey !== undefined && !isWellFormed('api_key', apiKey)) yield { member: 'apiKey', cure: 'not one that was generated here (khk_…); leave it out, and it is generated' }
  if (!resources.every(isAbsoluteUri)) yield { member: 'resources', cure: 'write absolute URIs without fragment (RFC 8707 2)' }
  yield * methodFaults(client)
}

/** Each member belongs to one way of proving oneself. */
function * methodFaults (client: NewClient): Iterable<ClientFault> {
  const { clientSecret, apiKey, jwks, jwksUrl, federated } = client
  const { authMethod, requireApiKey } = registrationOf(client)
  if (clientSecret !== undefined && authMethod !== 'client_secret') yield { member: 'clientSecret', cure: `a client of ${authMethod} has none; leave it out` }
  if (client.clientSecretExpiresAt !== undefined && authMethod !== 'client_secret') yield { member: 'clientSecretExpiresAt', cure: `a client of ${authMethod} has no secret; leave it out` }
  if (client.apiKeyExpiresAt !== undefined && !requireApiKey) yield { member: 'apiKeyExpiresAt', cure: 'this client needs no API key; leave it out, or write requireApiKey: true' }
  if (apiKey !== undefined && !requireApiKey) yield { member: 'apiKey', cure: 'this client needs none; leave it out, or write requireApiKey: true' }
  if ((authMethod === 'federated') !== (federated !== undefined)) yield { member: 'federated', cure: "write { issuer, subject } with authMethod 'federated', and only then" }
  const keySources = [jwks, jwksUrl].filter(source => source !== undefined)
  if (keySources.length !== (authMethod === 'private_key_jwt' ? 1 : 0)) yield { member: 'jwks', cure: "write a JWK Set with authMethod 'private_key_jwt', or jwksUrl in its place, and only then" }
  if (jwksUrl !== undefined && !isKeySetUrl(jwksUrl)) yield { member: 'jwksUrl', cure: 'write the URL of its JWK Set: https (http on loopback hosts alone), without user' }
  if (jwks !== undefined) yield * keyFaults(jwks)
}

function * keyFaults (jwks: NonNullable<NewClient['jwks']>): Iterable<ClientFault> {
  if (jwks.keys.length > MAX_KEYS) return yield { member: 'jwks', cure: `write ${MAX_KEYS} keys at most` }
  try {
    keySet(jwks)
  } catch (error) {
    yield { member: 'jwks', cure: (error as Error).message.replaceAll('\n', ' ') }
  }
}

/** RFC 3986 4.3, as far as URLs are. */
function isAbsoluteUri (uri: string): boolean {
  return URL.canParse(uri) && !uri.includes('#')
}

function isJson (value: unknown): boolean {
  try {
    return value === undefined || isDeepStrictEqual(JSON.parse(JSON.stringify(value)), value)
  } catch {
    return false
  }
}
