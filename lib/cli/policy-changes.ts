import type { PolicyDocument } from '../policy/document.js'
import type { Paint } from './colours.js'
import { printable } from './tables.js'

/** What becomes of one name of a policy. */
export interface NameChange {
  readonly kind: 'claim set' | 'scope' | 'role'
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed'
  /** What it has now, and had not: such as `reads profile_claims` of a scope, and the scopes of a role. */
  readonly gained: readonly string[]
  readonly lost: readonly string[]
}

type Contents = ReadonlyMap<string, readonly string[]>

const NOTHING: PolicyDocument = { claimSets: {}, scopes: {}, roles: {} }

/** How one policy differs from the one before: claim sets, scopes and roles, by name. @param before null: there was none */
export function policyChanges (before: PolicyDocument | null, after: PolicyDocument): NameChange[] {
  const [then, now] = [before ?? NOTHING, after]
  return [
    ...changesOf('claim set', claimSetsOf(then), claimSetsOf(now)),
    ...changesOf('scope', scopesOf(then), scopesOf(now)),
    ...changesOf('role', rolesOf(then), rolesOf(now))
  ]
}

/** For people, a line for each name. */
export function changesText (changes: readonly NameChange[], paint: Paint): string {
  if (changes.length === 0) return 'Nothing changes.\n'
  return changes.map(({ kind, name, change, gained, lost }) => {
    const items = [...gained.map(item => `+ ${item}`), ...lost.map(item => `- ${item}`)].join(', ')
    const line = printable(`${kind} ${name}${items === '' ? '' : `: ${items}`}`)
    switch (change) {
      case 'added': return paint(`+ ${line}`, 'good')
      case 'removed': return paint(`- ${line}`, 'bad')
      default: return paint(`~ ${line}`, 'doubtful')
    }
  }).map(line => line + '\n').join('')
}

function changesOf (kind: NameChange['kind'], before: Contents, after: Contents): NameChange[] {
  const found: NameChange[] = []
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const [then, now] = [before.get(name), after.get(name)]
    const gained = now?.filter(item => then?.includes(item) !== true) ?? []
    const lost = then?.filter(item => now?.includes(item) !== true) ?? []
    const change = then === undefined ? 'added' : now === undefined ? 'removed' : 'changed'
    if (change !== 'changed' || gained.length + lost.length > 0) found.push({ kind, name, change, gained, lost })
  }
  return found
}

function claimSetsOf ({ claimSets }: PolicyDocument): Contents {
  return contents(claimSets, claimSet => Object.entries(claimSet).map(([member, words]) => `${member} ${JSON.stringify(words)}`))
}

function scopesOf ({ scopes }: PolicyDocument): Contents {
  return contents(scopes, ({ reads = [], writes = [] }) => [...reads.map(name => `reads ${name}`), ...writes.map(name => `writes ${name}`)])
}

function rolesOf ({ roles }: PolicyDocument): Contents {
  return contents(roles, scopes => scopes)
}

function contents<T> (members: Readonly<Record<string, T>>, itemsOf: (member: T) => readonly string[]): Contents {
  return new Map(Object.entries(members).map(([name, member]) => [name, itemsOf(member)]))
}
