import type { Policy } from '../policy/policy.js'
import type { Field, FieldNames } from '../release/fields.js'

/** One schema of a route, by its fields. */
export interface RoutePart {
  readonly kind: 'response' | 'body' | 'query'
  /** Of a response, such as `200`, `2xx` or `default`; empty for a body or query. */
  readonly status: string
  /** Empty where the schema is for any. */
  readonly mediaType: string
  readonly fields: readonly Field[]
  /** Of a response: which of them whoever may read these claim sets sees. A tuple is seen whole or not at all. */
  readonly names?: (readable: ReadonlySet<string>) => FieldNames
}

/** A guarded route, as its guard knows it once the application is ready. */
export interface RouteFacts {
  /** Such as `GET /customers/:id`. */
  readonly name: string
  readonly public: boolean
  /** Why its bodies leave as the handler sends them; undefined where they do not. */
  readonly raw: string | undefined
  /** Until which day it is only observed, and withholds nothing; undefined where it is not. */
  readonly observing: string | undefined
  /** A token needs any one of these; undefined where any token will do. */
  readonly scopes: readonly string[] | undefined
  /** Whether only tokens that are bound to a key are taken, with a proof of it (RFC 9449). */
  readonly mustBeBound: boolean
  /** One of a raw or public route has the whole value as its only field. */
  readonly parts: readonly RoutePart[]
}

/** Fields of a schema that have no claim set yet. */
export interface MissingAnnotations {
  /** Such as `GET /customers/:id, response 200`. */
  readonly where: string
  /** Their places in the data, as JSON pointers; `*` for any item or member. */
  readonly pointers: readonly string[]
}

/** What stands against serving the routes of a guard, or will once they are no longer only observed. */
export interface Shortcomings {
  readonly missing: readonly MissingAnnotations[]
  /** All else, a line each. */
  readonly others: readonly string[]
}

/** What a guard tells of the routes behind it. */
export interface GuardFacts {
  readonly policy: Policy
  /** Known once the application is ready. */
  routes (): readonly RouteFacts[]
  /** What stands against serving, a line each. Known once all routes were compiled. */
  faults (): readonly string[]
  /** Known once the boot has ended, also where it ended for these or for those of another guard. */
  shortcomings (): Shortcomings
}

const known = new WeakMap<object, readonly GuardFacts[]>()

/** A guard makes its routes known to reports on its application. @param server the HTTP server that all contexts share */
export function rememberFacts (server: object, facts: GuardFacts): void {
  known.set(server, [...factsOf(server), facts])
}

export function factsOf (server: object): readonly GuardFacts[] {
  return known.get(server) ?? []
}
