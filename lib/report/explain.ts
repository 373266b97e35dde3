import type { PolicySnapshot } from '../policy/snapshot.js'
import type { RouteFacts, RoutePart } from './facts.js'
import { isForAny, scopesReaching, View } from './view.js'

/** Why a role does or does not get at a field of a route. */
export interface Explanation {
  readonly part: RoutePart['kind']
  readonly status: string
  readonly mediaType: string
  readonly field: string
  readonly released: boolean
  /** The mask through which it is released; empty otherwise. */
  readonly mask: string
  readonly why: string
}

/** Every field of a route, as one role by itself gets at it. */
export function explain (policy: PolicySnapshot, role: string, route: RouteFacts): Explanation[] {
  const view = new View(policy, policy.scopesOfRoles([role]))
  const isCalled = view.mayCall(route)
  return route.parts.flatMap(part => part.fields.map(field => {
    const isReached = view.reaches(part, field)
    const { kind, status, mediaType } = part
    const mask = view.maskOf(part, field)
    const claimSets = mask === undefined ? field.claimSets : field.masks[mask]!
    const reaching = scopesReaching(policy, part, claimSets)
    const held = reaching.filter(scope => view.scopes.includes(scope))
    const whyField = isForAny(claimSets)
      ? isReached ? 'for any token' : 'within a tuple of which another item is withheld'
      : because(claimSets, kind === 'body' ? 'write' : 'read', held, reaching, isReached || mask !== undefined)
    return {
      part: kind,
      status,
      mediaType,
      field: field.name,
      released: isCalled && (isReached || mask !== undefined),
      mask: isCalled ? mask ?? '' : '',
      why: isCalled ? whyField : `the route takes ${orList(route.scopes!)}; ${whyField}`
    }
  }))
}

function because (claimSets: readonly string[], verb: 'read' | 'write', held: readonly string[], reaching: readonly string[], isReached: boolean): string {
  if (claimSets.length === 0) return 'it has no claim set yet'
  const sets = orList(claimSets)
  if (isReached) return `${held.join(' and ')} ${held.length > 1 ? verb : `${verb}s`} ${sets}`
  if (held.length > 0) return 'within a tuple of which another item is withheld'
  return reaching.length === 0 ? `no scope ${verb}s ${sets}` : `takes ${orList(reaching)}, to ${verb} ${sets}`
}

function orList (names: readonly string[]): string {
  return names.join(' or ')
}
