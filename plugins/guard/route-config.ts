import type { FastifyRequest } from 'fastify'

type Held = Readonly<Record<symbol, { readonly config?: unknown } | undefined>>

/** Under which symbol Fastify keeps the context of a request's route. */
let context: symbol | undefined

/**
 * `config` of a request's route. `routeOptions` is made anew each time that it is read, of twelve members, which takes
 * longer than to find a token's view; what it is made of stands on the request itself. Where it cannot be found
 * there, `routeOptions` is read all the same.
 */
export function routeConfig (request: FastifyRequest): unknown {
  const held = request as unknown as Held
  const known = context === undefined ? undefined : held[context]?.config
  if (known !== undefined) return known
  const { config } = request.routeOptions
  context = Object.getOwnPropertySymbols(request).find(symbol => config !== undefined && held[symbol]?.config === config)
  return config
}
