import { OptionInvalidError } from '../errors.js'
import type { PolicySnapshot } from '../policy/snapshot.js'
import { ANY_TOKEN } from '../release/annotation.js'
import type { Revealed } from '../release/fields.js'
import { factsOf, type RouteFacts } from './facts.js'
import { noticesOf, type Notice } from './notices.js'
import { isForAny, scopesReaching, View } from './view.js'

/** A field of a route, with everybody who gets at it. */
export interface ReportRow {
  /** Such as `GET /customers/:id`. */
  readonly route: string
  /** What it is a field of: those of a response are read, those of a body written, and by those of a query is asked. */
  readonly part: 'response' | 'body' | 'query'
  /** Of a response, such as `200`, `2xx` or `default`; empty for a body or query. */
  readonly status: string
  /** Empty where the schema is for any. */
  readonly mediaType: string
  /** Its place in the data: `banking.iban`, `items.*.name`; empty for the value itself. */
  readonly field: string
  /** The mask through which it is seen by those of this row; empty where they see it as it is. */
  readonly mask: string
  /** Any one of these governs it; `*` for any token. Empty where an observed route has none for it yet. */
  readonly claimSets: readonly string[]
  /** The scopes any one of which reaches it; empty where any token does, or none. */
  readonly scopes: readonly string[]
  /** The scopes any one of which the route itself asks for; undefined where any token will do. */
  readonly routeScopes: readonly string[] | undefined
  /** Whether the route takes only tokens that are bound to a key, with a proof of it (RFC 9449). */
  readonly mustBeBound: boolean
  /** The roles each of which reaches it by itself. */
  readonly roles: readonly string[]
  /** The roles that would reach it, but need another role beside them to get past the route's scopes. */
  readonly rolesBesideOthers: readonly string[]
  /** What its release tells beside its value. */
  readonly reveals: readonly Revealed[]
}

/**
 * Who sees, writes and asks by which field on which route. A client of several roles, or a token of several scopes,
 * has what each of them releases, together.
 */
export interface Report {
  /** The versions of the policies in force, one for each guard. */
  readonly policies: readonly string[]
  /** What to look at first: what leaves without being released by fields, and what shows more than its value. */
  readonly notices: readonly Notice[]
  readonly rows: readonly ReportRow[]
}

/** What the report reads of an application. */
export interface ReportedApp {
  readonly server: object
  ready (): PromiseLike<unknown>
}

/**
 * Reports on the guarded routes of an application, under the policies in force.
 *
 * @param app the application; it is made ready
 * @throws {FST_KEYHOLE_OPTION_INVALID} when no resource guard is registered in it
 * @throws {FST_KEYHOLE_ROUTE_INVALID} and whatever else keeps the application from getting ready
 */
export async function report (app: ReportedApp): Promise<Report> {
  await app.ready()
  const guards = factsOf(app.server).map(({ policy, routes }) => ({ policy: policy.current, routes: routes() }))
  if (guards.length === 0) throw new OptionInvalidError('report: no resource guard is registered in this application.')
  return {
    policies: guards.map(({ policy }) => policy.version),
    notices: guards.flatMap(({ routes }) => noticesOf(routes)),
    rows: guards.flatMap(({ policy, routes }) => rowsOf(policy, routes))
  }
}

/** The rows of routes under one policy: for each field those who reach it as it is, then those who see a mask of it. */
export function rowsOf (policy: PolicySnapshot, routes: readonly RouteFacts[]): ReportRow[] {
  const views = Object.keys(policy.document.roles).map(role => [role, new View(policy, policy.scopesOfRoles([role]))] as const)
  return routes.flatMap(route => route.parts.flatMap(part => part.fields.flatMap(field => {
    const row = (mask: string, claimSets: readonly string[], reaching: (view: View) => boolean): ReportRow => {
      const found = views.filter(([, view]) => reaching(view))
      const [alone, beside] = [true, false].map(may => found.filter(([, view]) => view.mayCall(route) === may).map(([role]) => role))
      return {
        route: route.name,
        part: part.kind,
        status: part.status,
        mediaType: part.mediaType,
        field: field.name,
        mask,
        claimSets: isForAny(claimSets) ? [ANY_TOKEN] : claimSets,
        scopes: scopesReaching(policy, part, claimSets),
        routeScopes: route.scopes,
        mustBeBound: route.mustBeBound,
        roles: alone!,
        // Any role lets a token in where it may call the route; none adds to a field that is for any token.
        rolesBesideOthers: isForAny(claimSets) ? [] : beside!,
        reveals: part.kind === 'response' ? field.reveals : []
      }
    }
    const masks = part.kind === 'response' ? Object.entries(field.masks) : []
    return [
      row('', field.claimSets, view => view.reaches(part, field)),
      ...masks.map(([mask, claimSets]) => row(mask, claimSets, view => view.maskOf(part, field) === mask))
    ]
  })))
}
