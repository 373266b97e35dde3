import type { Field } from '../release/fields.js'
import { setsKey } from '../release/node.js'
import type { RouteFacts, RoutePart } from './facts.js'
import { isForAny } from './view.js'

/** Something about a route that a reviewer should look at first. */
export interface Notice {
  readonly kind:
    /** Its bodies leave as the handler sends them. */
    | 'raw'
    /** It is only observed, and withholds nothing until that ends. */
    | 'observing'
    /** No token is asked for. */
    | 'public'
    /** It has no response schema, so that nothing but errors leaves it. */
    | 'closed'
    /** A field shows that a parent is there which the token may not see. */
    | 'reveals parent'
    /** A field shows which branch of a union was taken, though a withheld field decides it. */
    | 'reveals branch'
    /** A list of which a token sees some fields of the items is as long as it is. */
    | 'reveals length'
    /** Fields that every token sees. */
    | 'any token'
  readonly route: string
  /** Such as `200` or `200, application/json`; empty for the route as a whole. */
  readonly where: string
  /** The fields, or the lists, that it is about. */
  readonly fields: readonly string[]
  /** The reason given for a raw route, the last day of observing, such as `2027-01-31`; empty otherwise. */
  readonly reason: string
}

const ORDER: readonly Notice['kind'][] = ['raw', 'observing', 'public', 'closed', 'reveals parent', 'reveals branch', 'reveals length', 'any token']

/** What to look at first of these routes, the gravest kind first. */
export function noticesOf (routes: readonly RouteFacts[]): Notice[] {
  const notices = routes.flatMap(route => [...observingNotices(route), ...routeNotices(route) ?? route.parts.flatMap(part => partNotices(route, part))])
  return notices.sort((one, other) => ORDER.indexOf(one.kind) - ORDER.indexOf(other.kind))
}

function observingNotices ({ name: route, observing }: RouteFacts): Notice[] {
  return observing === undefined ? [] : [{ kind: 'observing', route, where: '', fields: [], reason: observing }]
}

function routeNotices ({ name: route, raw, public: isPublic, parts }: RouteFacts): Notice[] | undefined {
  const whole = { route, where: '', fields: [] }
  if (raw !== undefined) return [{ ...whole, kind: 'raw', reason: raw }]
  if (isPublic) return [{ ...whole, kind: 'public', reason: '' }]
  return parts.some(({ kind }) => kind === 'response') ? undefined : [{ ...whole, kind: 'closed', reason: '' }]
}

function partNotices ({ name: route }: RouteFacts, { kind, status, mediaType, fields }: RoutePart): Notice[] {
  if (kind !== 'response') return []
  const where = mediaType === '' ? status : `${status}, ${mediaType}`
  const found: [Notice['kind'], readonly string[]][] = [
    ['reveals parent', namesOf(fields.filter(({ reveals }) => reveals.includes('parent')))],
    ['reveals branch', namesOf(fields.filter(({ reveals }) => reveals.includes('branch')))],
    ['reveals length', mixedLists(fields.filter(({ reveals }) => reveals.includes('length')))],
    ['any token', namesOf(fields.filter(({ claimSets }) => isForAny(claimSets)))]
  ]
  return found.filter(([, names]) => names.length > 0).map(([kind, names]) => ({ kind, route, where, fields: names, reason: '' }))
}

function namesOf (fields: readonly Field[]): string[] {
  return [...new Set(fields.map(({ name }) => name))]
}

/** The lists of whose items not all fields are governed alike, by the names of those fields. */
function mixedLists (fields: readonly Field[]): string[] {
  const kinds = new Map<string, Set<string>>()
  for (const { name, claimSets } of fields) {
    const steps = name.split('.')
    steps.forEach((step, index) => {
      const list = steps.slice(0, index).join('.')
      if (step === '*') kinds.set(list, (kinds.get(list) ?? new Set()).add(setsKey(claimSets)))
    })
  }
  return [...kinds].filter(([, sets]) => sets.size > 1).map(([list]) => list)
}
