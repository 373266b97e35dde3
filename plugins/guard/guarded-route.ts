import type { RouteOptions } from 'fastify'
import { readObservation, type Observation, type ObserveOptions } from '../../lib/observe/observation.js'
import type { QueryCheck } from '../../lib/release/query-check.js'
import type { WriteCheck } from '../../lib/release/write-check.js'
import { ResponseTable } from './response-table.js'

/** `config.keyhole` of a route in a guarded context. */
export interface KeyholeRouteConfig {
  /** The token must hold this scope, or any one of these. Default: any token that verifies. */
  readonly scope?: string | readonly string[]
  /** true opens the route: no token is asked for, and its answers are not looked at. */
  readonly public?: boolean
  /** Lets this route's bodies leave as the handler sends them; the reason is for whoever reviews it. The token is still asked for. */
  readonly release?: { readonly raw: string }
  /** Until when nothing of this route's answers is withheld, but only told what would be. Default: as the guard's option says. */
  readonly observe?: ObserveOptions
  /** Whether only tokens that are bound to a key are taken, with a proof of it (RFC 9449). Default: as the guard's option says. */
  readonly dpop?: { readonly required: boolean }
}

declare module 'fastify' {
  interface FastifyContextConfig {
    keyhole?: KeyholeRouteConfig
  }
}

/** A route in a guarded context, as its declaration says. */
export interface GuardedRoute {
  /** Such as `GET /customers/:id`. */
  readonly name: string
  /** False where no declaration was read, so that nothing but closed errors leaves. */
  readonly declared: boolean
  readonly public: boolean
  /** Why its bodies leave as the handler sends them; undefined where they do not. */
  readonly raw: string | undefined
  /** Until when it is only observed; undefined where it is not. */
  readonly observation: Observation | undefined
  /** Whether only tokens that are bound to a key are taken. */
  readonly mustBeBound: boolean
  /** Any one of them will do; undefined where any token will. */
  readonly scopes: readonly string[] | undefined
  readonly responses: ResponseTable
  /** The checks of the body by media type; `*` for any. Undefined where the route declares no body. */
  bodies: ReadonlyMap<string, WriteCheck> | undefined
  query: QueryCheck | undefined
  readonly faults: string[]
}

/** Where a URL leads to no route: nobody needs a token to learn that. */
export const notFoundRoute = undeclaredRoute('(no route)')

/** A route that was declared before the guard. */
export const unseenRoute = undeclaredRoute('(a route that the guard never saw)')

function undeclaredRoute (name: string): GuardedRoute {
  return { name, declared: false, public: false, raw: undefined, observation: undefined, mustBeBound: false, scopes: undefined, responses: new ResponseTable(), bodies: undefined, query: undefined, faults: [] }
}

const MEMBERS = ['scope', 'public', 'release', 'observe', 'dpop']

/** What a guard says of routes that say nothing themselves. */
export interface RouteDefaults {
  readonly observation: Observation | undefined
  readonly mustBeBound: boolean
  /** Whether proofs of possession can be checked. */
  readonly canProve: boolean
}

/** Options of routes by which the plugins for websockets and server-sent events write to the connection themselves. */
const STREAMING = ['websocket', 'wsHandler', 'sse']

/**
 * Reads a route's declaration; what is wrong with `config.keyhole` becomes a fault.
 */
export function readRoute (options: RouteOptions, defaults: RouteDefaults): GuardedRoute {
  const name = `${[options.method].flat().join(',')} ${options.url}`
  const faults: string[] = []
  const fault = (message: string) => faults.push(`${name}, config.keyhole: ${message}`)
  const given: unknown = options.config?.keyhole ?? {}
  const config = (isObject(given) ? given : {}) as KeyholeRouteConfig
  const { release, observe, dpop } = config

  if (!isObject(given)) fault('write an object with scope, public or release.')
  const unknown = Object.keys(config).filter(member => !MEMBERS.includes(member))
  if (unknown.length > 0) fault(`there is no ${unknown.join(', ')}; there are ${MEMBERS.join(', ')}.`)
  const scopes = config.scope === undefined ? undefined : scopeNames(config.scope)
  if (scopes?.length === 0) fault('scope is the name of a scope, or a list of names that is not empty.')
  if (config.public !== undefined && typeof config.public !== 'boolean') fault('public is true or false.')
  if (release !== undefined && !(isObject(release) && Object.keys(release).join() === 'raw' && typeof release.raw === 'string' && release.raw.trim() !== '')) {
    fault("release takes { raw: 'the reason why' }.")
  }
  const isPublic = config.public === true
  if (isPublic && (scopes !== undefined || release !== undefined)) fault('a public route has neither scope nor release.')
  if (isPublic && observe !== undefined) fault('of a public route there is nothing to observe.')
  if (dpop !== undefined && !(isObject(dpop) && Object.keys(dpop).join() === 'required' && typeof dpop.required === 'boolean')) fault('dpop takes { required: true } or { required: false }.')
  const mustBeBound = isObject(dpop) ? dpop.required !== false : defaults.mustBeBound
  if (dpop !== undefined && isPublic) fault('a public route takes no proof of possession.')
  else if (mustBeBound && !defaults.canProve) fault('dpop: proofs are compared with a URL that the guard does not know. Give it dpop: { baseUrl }, or an audience that is a URL.')
  const observed = observe === undefined ? defaults.observation : readObservation(observe, Date.now())
  if (typeof observed === 'string') fault(observed)
  const streaming = STREAMING.find(option => Boolean((options as unknown as Record<string, unknown>)[option]))
  if (streaming !== undefined && release === undefined && !isPublic) {
    faults.push(`${name}, ${streaming}: what leaves by it is not released by fields. Opt out with config.keyhole.release: { raw: 'the reason why' }, or take ${streaming} out.`)
  }
  return { name, declared: true, public: isPublic, raw: release === undefined ? undefined : String(isObject(release) && release.raw), observation: isPublic || typeof observed === 'string' ? undefined : observed, mustBeBound, scopes, responses: new ResponseTable(), bodies: undefined, query: undefined, faults }
}

/** None where they are malformed: then nobody would get in. */
function scopeNames (scope: unknown): string[] {
  const names: unknown[] = [scope].flat()
  return names.every(name => typeof name === 'string') ? names : []
}

function isObject (value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
