import { ANY_TOKEN } from '../../lib/release/annotation.js'
import type { Field } from '../../lib/release/fields.js'
import type { RouteFacts, RoutePart } from '../../lib/report/facts.js'
import type { GuardedRoute } from './guarded-route.js'

/** Of the routes of a guard what reports need to know; a HEAD twin says what its GET says. */
export function routeFacts (routes: readonly GuardedRoute[]): RouteFacts[] {
  const names = new Set(routes.map(({ name }) => name))
  return routes
    .filter(({ name }) => !(name.startsWith('HEAD ') && names.has(name.replace('HEAD', 'GET'))))
    .map(route => ({ name: route.name, public: route.public, raw: route.raw, observing: route.observation?.until, scopes: route.scopes, mustBeBound: !route.public && route.mustBeBound, parts: partsOf(route) }))
}

/** What leaves as the handler sends it, whatever that is. */
const WHOLE: RoutePart = { kind: 'response', status: '', mediaType: '', fields: [{ name: '', claimSets: [ANY_TOKEN], masks: {}, reveals: [] }] }

/** A query field without claim sets is about no protected data. */
function forAny (field: Field): Field {
  return field.claimSets.length === 0 ? { ...field, claimSets: [ANY_TOKEN] } : field
}

function partsOf ({ responses, bodies = new Map(), query, raw, public: isPublic }: GuardedRoute): RoutePart[] {
  return [
    ...raw !== undefined || isPublic ? [WHOLE] : [],
    ...responses.entries.map(({ status, mediaType = '', release }) => release === undefined
      ? { ...WHOLE, status, mediaType }
      : { kind: 'response' as const, status, mediaType, fields: release.fields, names: (readable: ReadonlySet<string>) => release.namesFor(readable) }),
    ...[...bodies].map(([mediaType, { fields }]) => ({ kind: 'body' as const, status: '', mediaType: mediaType === '*' ? '' : mediaType, fields })),
    ...query === undefined ? [] : [{ kind: 'query' as const, status: '', mediaType: '', fields: query.fields.map(forAny) }]
  ]
}
