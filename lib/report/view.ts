import type { PolicySnapshot } from '../policy/snapshot.js'
import { ANY_TOKEN } from '../release/annotation.js'
import type { Field } from '../release/fields.js'
import type { RouteFacts, RoutePart } from './facts.js'

/** What a token of certain scopes may do under one policy. */
export class View {
  private readonly readable: ReadonlySet<string>
  private readonly writable: ReadonlySet<string>

  constructor (policy: PolicySnapshot, readonly scopes: readonly string[]) {
    this.readable = policy.readableBy(scopes)
    this.writable = policy.writableBy(scopes)
  }

  /** Whether it gets past the scopes that a route asks for. */
  mayCall ({ public: isPublic, scopes }: RouteFacts): boolean {
    return isPublic || scopes === undefined || scopes.some(scope => this.scopes.includes(scope))
  }

  /** Whether it may read a field of a response, write one of a body, or ask by one of a query; the route left aside. */
  reaches (part: RoutePart, { name, claimSets }: Field): boolean {
    const granted = part.kind === 'body' ? this.writable : this.readable
    return (isForAny(claimSets) || claimSets.some(name => granted.has(name))) && part.names?.(granted).released.includes(name) !== false
  }

  /** As what it sees a field of a response that it does not see as it is: the name of a mask, or undefined. */
  maskOf (part: RoutePart, field: Field): string | undefined {
    if (this.reaches(part, field) || part.names?.(this.readable).masked.includes(field.name) !== true) return undefined
    return Object.entries(field.masks).find(([, claimSets]) => claimSets.some(name => this.readable.has(name)))?.[0]
  }
}

/** Whether any token will do. Without claim sets, which only an observed route may leave out, none does. */
export function isForAny (claimSets: readonly string[]): boolean {
  return claimSets.includes(ANY_TOKEN)
}

/** The scopes any one of which reaches what belongs to these claim sets, in the policy's order. */
export function scopesReaching (policy: PolicySnapshot, { kind }: RoutePart, claimSets: readonly string[]): string[] {
  const reaching = new Set(claimSets.flatMap(name => kind === 'body' ? policy.scopesWriting(name) : policy.scopesReading(name)))
  return Object.keys(policy.document.scopes).filter(scope => reaching.has(scope))
}
