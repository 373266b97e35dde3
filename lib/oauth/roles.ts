import type { Principal } from '../credentials/provider.js'
import type { PolicySnapshot } from '../policy/snapshot.js'

/** Where it is told of roles that were dropped. */
export interface RoleLog {
  warn (details: object, message: string): void
}

/** The client's roles, each once, without those that the policy does not know, of which the log is told. */
export function knownRoles ({ clientId, roles }: Principal, { document }: PolicySnapshot, log: RoleLog): string[] {
  const given = [...new Set(roles)]
  const unknown = given.filter(role => !Object.hasOwn(document.roles, role))
  if (unknown.length > 0) log.warn({ clientId, unknownRoles: unknown }, 'roles that the policy does not know were dropped')
  return given.filter(role => !unknown.includes(role))
}
