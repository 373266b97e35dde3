import type { Principal } from '../credentials/provider.js'
import { OAuthError } from './errors.js'
import type { TokenRequest } from './token-request.js'

/**
 * What a token is asked to be for: `resource` and `audience` alike, each compared character by character with the
 * endpoint's own audience and those that the client is registered for.
 * @param own the endpoint's audience, and what a token is for when nothing is asked
 * @throws {OAuthError} invalid_target
 * @see {@link https://www.rfc-editor.org/rfc/rfc8707#section-2 RFC 8707, 2}
 */
export function targetsOf ({ resource = [], audience = [] }: TokenRequest, own: string, { resources = [] }: Principal): readonly string[] {
  if (!resource.every(isAbsoluteUri)) throw new OAuthError('invalid_target', 'resource is no absolute URI without fragment')
  const targets = [...new Set([...resource, ...audience])]
  if (!targets.every(target => target === own || resources.includes(target))) {
    throw new OAuthError('invalid_target', 'this client gets no token for a requested resource')
  }
  return targets.length === 0 ? [own] : targets
}

/**
 * Of the scopes that a client holds those that mean something at each of the targets: one token serves all of them.
 * @param resourceScopes by audience; at one that is not there all scopes mean something
 * @throws {OAuthError} invalid_target when the client holds scopes, and none of them means something at each.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9068#section-2.2.3 RFC 9068, 2.2.3}
 */
export function scopesAt (targets: readonly string[], held: readonly string[], resourceScopes: ReadonlyMap<string, readonly string[]>): readonly string[] {
  const meaningful = held.filter(scope => targets.every(target => resourceScopes.get(target)?.includes(scope) !== false))
  if (meaningful.length === 0 && held.length > 0) throw new OAuthError('invalid_target', 'no scope of this client means something at each of the requested resources')
  return meaningful
}

function isAbsoluteUri (resource: string): boolean {
  return URL.canParse(resource) && !resource.includes('#')
}
