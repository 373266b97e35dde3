import type { ClientFault } from './new-client.js'
import type { ClientChanges, NewClient, RegisteredClient } from './store.js'

const MEMBERS: readonly string[] = [
  'roles', 'claims', 'audiences', 'jwks', 'jwksUrl', 'federated', 'requireApiKey', 'grants', 'resources', 'tokenLifetime', 'dpopBound'
] satisfies (keyof ClientChanges)[]

/** What stands there and cannot be changed, or is not there; values are looked at once they stand beside the others. */
export function changeFaults (changes: ClientChanges): ClientFault[] {
  if (typeof changes !== 'object' || changes === null || Array.isArray(changes)) return [{ member: 'changes', cure: 'write an object of the members to change' }]
  return Object.entries(changes).flatMap(([name, value]) => {
    if (!MEMBERS.includes(name)) return [{ member: name, cure: `this cannot be changed; there are ${MEMBERS.join(', ')}` }]
    return value === undefined ? [{ member: name, cure: 'leave it out, and it stays as it is' }] : []
  })
}

/** A client as it is to be: what has to be right about it is what has to be right about a new one. */
export function changedClient (client: RegisteredClient, changes: ClientChanges): NewClient {
  const { disabled, createdAt, jwks, jwksUrl, tokenLifetime, ...current } = client
  const { tokenLifetime: lifetime = tokenLifetime, ...others } = changes
  const keepsKeys = changes.jwks === undefined && changes.jwksUrl === undefined
  return {
    ...current,
    ...(keepsKeys && jwks !== undefined && { jwks }),
    ...(keepsKeys && jwksUrl !== undefined && { jwksUrl }),
    ...others,
    ...(lifetime !== undefined && lifetime !== null && { tokenLifetime: lifetime })
  }
}
