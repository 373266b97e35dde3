import { createHash } from 'node:crypto'
import { own, type CompactJws, type JsonObject } from '../access-token/compact.js'
import { InvalidTokenError } from '../access-token/errors.js'
import { isScopeToken } from '../access-token/scope.js'
import type { ClaimPath, TokenProfile } from './token-profile.js'

/** Values of the issuer's, and the scopes of the policy that they stand for. */
export type ScopeMap = Readonly<Record<string, string | readonly string[]>>

/**
 * Takes only the header of an access token of this profile; nothing in it may be critical.
 * @throws {InvalidTokenError} type, critical.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8725#section-3.11 RFC 8725, 3.11}
 */
export function requireHeaderOf ({ types }: TokenProfile, header: JsonObject): void {
  const typ = own(header, 'typ') ?? null
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ
  if (!types.some(known => known === type)) throw new InvalidTokenError('type')
  if (Object.hasOwn(header, 'crit')) throw new InvalidTokenError('critical')
}

/**
 * The claims of an access token of this profile, with `aud`, `client_id`, `jti` and `scope` where RFC 9068 has them; their
 * shapes are not looked at. A value that is no scope token, or that `scopes` does not name, grants nothing.
 * @throws {InvalidTokenError} type: a claim that tells access tokens from others is missing or wrong.
 */
export function claimsOf (profile: TokenProfile, scopes: ScopeMap | undefined, { token }: CompactJws, claims: JsonObject): JsonObject {
  for (const [name, values] of Object.entries(profile.demanded)) if (!values.includes(own(claims, name))) throw new InvalidTokenError('type')
  if (profile.forbidden.some(name => Object.hasOwn(claims, name))) throw new InvalidTokenError('type')
  if (profile.marks.length > 0 && firstOf(claims, profile.marks) === undefined) throw new InvalidTokenError('type')
  const { scope: _, ...others } = claims
  const given = textsOf(firstOf(claims, profile.scope))
  const granted = scopes === undefined ? given : given.flatMap(value => Object.hasOwn(scopes, value) ? scopes[value]! : [])
  return Object.freeze({
    ...others,
    aud: firstOf(claims, profile.audience),
    client_id: firstOf(claims, profile.clientId),
    jti: profile.tokenId === undefined ? own(claims, 'jti') ?? digest(token) : own(claims, profile.tokenId),
    scope: granted.filter(isScopeToken).join(' ')
  })
}

/** What stands there in the claims; own members alone count. */
export function claimAt (claims: JsonObject, path: ClaimPath): unknown {
  return [path].flat().reduce<unknown>((parent, name) => isObject(parent) ? own(parent, name) : undefined, claims)
}

/** A text with spaces between its values, or a list; everything else is none. */
export function textsOf (value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(' ')
  return Array.isArray(value) ? value.filter(item => typeof item === 'string') : []
}

function firstOf (claims: JsonObject, paths: readonly ClaimPath[]): unknown {
  return paths.map(path => claimAt(claims, path)).find(value => value !== undefined)
}

/** Whether JSON is an object. */
export function isObject (value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Of what was signed, so that no other spelling of the signature makes another id. */
function digest (token: string): string {
  return createHash('sha256').update(token.slice(0, token.lastIndexOf('.'))).digest('base64url')
}
