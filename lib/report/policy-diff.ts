import type { PolicySnapshot } from '../policy/snapshot.js'
import type { Field } from '../release/fields.js'
import type { RouteFacts, RoutePart } from './facts.js'
import { View } from './view.js'

/** What somebody gains or loses on one route by a change of policy. */
export interface PolicyChange {
  /** A role; two that it takes together, such as `viewer with editor`; or, such as `scope audit`, a scope that no role holds. */
  readonly holder: string
  readonly change: 'gains' | 'loses'
  readonly route: string
  /** What the fields are fields of: those of a response are read, those of a body written, and by those of a query is asked. */
  readonly part: RoutePart['kind']
  readonly status: string
  readonly mediaType: string
  /** The mask through which they are seen that is gained or lost; empty for the fields as they are. */
  readonly mask: string
  readonly fields: readonly string[]
}

/** The field as it is, or through one of its masks, by its name; undefined for nothing of it. */
type Seen = string | undefined

const AS_IS = ''

/** One holder before and after: past the scopes of a route, and at a field of it. */
interface Standing {
  readonly holder: string
  /** Whether it is a role, which a client may hold beside others. */
  readonly isRole: boolean
  readonly calls: readonly [before: boolean, after: boolean]
  readonly sees: readonly [before: Seen, after: Seen]
}

interface Change { readonly change: PolicyChange['change'], readonly mask: string }

/** Who gains or loses which field on which of these routes when one policy is replaced by another; gains first. */
export function policyDiff (before: PolicySnapshot, after: PolicySnapshot, routes: readonly RouteFacts[]): PolicyChange[] {
  const standingsOf = holders(before, after)
  const found = new Map<string, PolicyChange & { fields: string[] }>()
  for (const route of routes) {
    for (const part of route.parts) {
      for (const field of part.fields) {
        for (const { holder, change, mask } of changesOf(standingsOf(route, part, field), Object.keys(field.masks))) {
          const { kind, status, mediaType } = part
          const key = JSON.stringify([holder, change, route.name, kind, status, mediaType, mask])
          const known = found.get(key)
          if (known === undefined) found.set(key, { holder, change, route: route.name, part: kind, status, mediaType, mask, fields: [field.name] })
          else if (!known.fields.includes(field.name)) known.fields.push(field.name)
        }
      }
    }
  }
  const changes = [...found.values()]
  return [...changes.filter(({ change }) => change === 'gains'), ...changes.filter(({ change }) => change === 'loses')]
}

/** Every role of either policy, and every scope that no role holds: tokens of other issuers may carry it, beside any other. */
function holders (before: PolicySnapshot, after: PolicySnapshot): (route: RouteFacts, part: RoutePart, field: Field) => Standing[] {
  const policies = [before, after]
  const names = (member: 'roles' | 'scopes') => [...new Set(policies.flatMap(({ document }) => Object.keys(document[member])))]
  const held = new Set(policies.flatMap(({ document }) => Object.values(document.roles).flat()))
  const views = (scopesUnder: (policy: PolicySnapshot) => string[]) => policies.map(policy => new View(policy, scopesUnder(policy))) as [View, View]
  const roles = names('roles').map(role => ({ holder: role, isRole: true, views: views(policy => policy.scopesOfRoles([role])) }))
  const scopes = names('scopes').filter(scope => !held.has(scope)).map(scope => ({ holder: `scope ${scope}`, isRole: false, views: views(() => [scope]) }))
  return (route, part, field) => [...roles, ...scopes].map(({ holder, isRole, views: [then, now] }) => ({
    holder,
    isRole,
    calls: isRole ? [then.mayCall(route), now.mayCall(route)] : [true, true],
    sees: [seen(then, part, field), seen(now, part, field)]
  }))
}

function seen (view: View, part: RoutePart, field: Field): Seen {
  return view.reaches(part, field) ? AS_IS : view.maskOf(part, field)
}

/** Who gains or loses a field: each alone, and of the roles that do not, each two of which one calls and the other reaches it. */
function changesOf (standings: readonly Standing[], masks: readonly string[]): (Change & { readonly holder: string })[] {
  const changed: (Change & { holder: string })[] = []
  const others = new Map<string, Standing>()
  for (const standing of standings) {
    const change = changeOf([standing], masks)
    if (change !== undefined) changed.push({ holder: standing.holder, ...change })
    // Those who stand alike gain alike: one of them stands for all.
    else if (standing.isRole && !others.has(kindOf(standing))) others.set(kindOf(standing), standing)
  }
  const kinds = [...others.values()]
  for (const [index, one] of kinds.entries()) {
    for (const other of kinds.slice(index + 1)) {
      const change = changeOf([one, other], masks)
      if (change !== undefined) changed.push({ holder: `${one.holder} with ${other.holder}`, ...change })
    }
  }
  return changed
}

function kindOf ({ calls, sees }: Standing): string {
  return JSON.stringify([calls, sees])
}

/** Another mask than before is a gain: it shows what the other one did not. */
function changeOf (together: readonly Standing[], masks: readonly string[]): Change | undefined {
  const [then, now] = [0, 1].map(time => {
    if (!together.some(({ calls }) => calls[time])) return undefined
    return [AS_IS, ...masks].find(what => together.some(({ sees }) => sees[time] === what))
  })
  if (then === now) return undefined
  return then === AS_IS || now === undefined ? { change: 'loses', mask: then! } : { change: 'gains', mask: now }
}
