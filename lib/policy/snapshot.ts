import type { PolicyDocument } from './document.js'
import { policyVersion } from './version.js'

/** One policy document, valid and immutable, with the look-ups that a request needs. */
export interface PolicySnapshot {
  /** `sha256-…` of the canonical document. */
  readonly version: string
  readonly document: Readonly<PolicyDocument>
  readonly claimSets: readonly string[]
  /** The scopes that these roles hold, together, in the document's order; an unknown role holds none. */
  scopesOfRoles (roles: Iterable<string>): string[]
  /** Whether a token gets this scope without asking: one that writes nothing. */
  grantedByDefault (scope: string): boolean
  /** The claim sets that these scopes read, together; an unknown scope reads none. */
  readableBy (scopes: Iterable<string>): ReadonlySet<string>
  /** The claim sets that these scopes write, together. */
  writableBy (scopes: Iterable<string>): ReadonlySet<string>
  scopesReading (claimSet: string): readonly string[]
  scopesWriting (claimSet: string): readonly string[]
}

export function createSnapshot (document: PolicyDocument): PolicySnapshot {
  deepFreeze(document)
  const scopes = new Map(Object.entries(document.scopes))
  const roles = new Map(Object.entries(document.roles))
  const reached = (names: Iterable<string>, member: 'reads' | 'writes') => {
    const sets = new Set<string>()
    for (const name of names) scopes.get(name)?.[member]?.forEach(claimSet => sets.add(claimSet))
    return sets
  }
  const reaching = (claimSet: string, member: 'reads' | 'writes') =>
    [...scopes].filter(([, scope]) => scope[member]?.includes(claimSet)).map(([name]) => name)

  return Object.freeze({
    version: policyVersion(document),
    document,
    claimSets: Object.freeze(Object.keys(document.claimSets)),
    scopesOfRoles (names: Iterable<string>) {
      const held = new Set<string>()
      for (const name of names) roles.get(name)?.forEach(scope => held.add(scope))
      return [...scopes.keys()].filter(scope => held.has(scope))
    },
    grantedByDefault: (scope: string) => (scopes.get(scope)?.writes?.length ?? 0) === 0,
    readableBy: (names: Iterable<string>) => reached(names, 'reads'),
    writableBy: (names: Iterable<string>) => reached(names, 'writes'),
    scopesReading: (claimSet: string) => reaching(claimSet, 'reads'),
    scopesWriting: (claimSet: string) => reaching(claimSet, 'writes')
  })
}

function deepFreeze (value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  Object.freeze(value)
  Object.values(value).forEach(deepFreeze)
}
