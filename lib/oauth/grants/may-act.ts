import { own, type JsonObject } from '../../access-token/compact.js'

/**
 * Whether a subject's token lets this actor act: it says nothing of actors, or each member of its `may_act` is what the
 * actor's token says. A `sub` without `iss` is one of the subject's own issuer.
 * @see {@link https://www.rfc-editor.org/rfc/rfc8693#section-4.4 RFC 8693, 4.4}
 */
export function namesActor (subject: JsonObject, actor: JsonObject): boolean {
  if (!Object.hasOwn(subject, 'may_act')) return true
  const named = subject['may_act']
  if (typeof named !== 'object' || named === null || Array.isArray(named)) return false
  const members = Object.entries({ iss: own(subject, 'iss'), ...named })
  return 'sub' in named && members.every(([name, value]) => typeof value === 'string' && value === own(actor, name))
}
