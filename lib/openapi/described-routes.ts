import type { Policy } from '../policy/policy.js'
import type { JsonSchema } from '../release/json-schema.js'

/** What a description needs to know of a guarded route beside its schema. */
export interface DescribedRoute {
  readonly policy: Policy
  readonly public: boolean
  readonly raw: string | undefined
  /** A token needs any one of these; undefined where any token will do. */
  readonly scopes: readonly string[] | undefined
  /** Whether tokens that are bound to a key are taken, and whether no others are. */
  readonly boundTokens: 'refused' | 'taken' | 'demanded'
  /** The annotated schemas that its schemas may refer to, by `$id`; known once the application is ready. */
  shared (): Readonly<Record<string, JsonSchema>>
}

const routes = new WeakMap<object, DescribedRoute>()
const declarations = new WeakSet<object>()

/**
 * A guard makes a route known to descriptions.
 * @param bare the schema of the route that Fastify, and so @fastify/swagger, gets
 * @param declared its responses as they were declared, annotations included
 */
export function rememberDescribed (bare: object, declared: unknown, route: DescribedRoute): void {
  routes.set(bare, route)
  if (typeof declared === 'object' && declared !== null) declarations.add(declared)
}

/** The guarded route whose schema this is. */
export function describedRoute (bare: object): DescribedRoute | undefined {
  return routes.get(bare)
}

/** Whether these are the responses of a guarded route as they were declared, which say more than a description may. */
export function isDeclaration (responses: unknown): boolean {
  return typeof responses === 'object' && responses !== null && declarations.has(responses)
}
