import type { FastifyBaseLogger } from 'fastify'
import type { PolicySnapshot } from '../../lib/policy/snapshot.js'
import type { GuardedRoute } from './guarded-route.js'

/** Names that routes use and a policy does not have. */
export interface LostNames {
  readonly claimSets: readonly string[]
  readonly scopes: readonly string[]
}

export function lostNames (routes: readonly GuardedRoute[], { document }: PolicySnapshot): LostNames {
  const guarded = routes.filter(route => !route.public)
  const governing = guarded.flatMap(({ responses, bodies, query }) => [...responses.entries.map(({ release }) => release), ...bodies?.values() ?? [], query])
  const missing = (names: readonly string[], known: object) => [...new Set(names)].filter(name => !Object.hasOwn(known, name)).sort()
  return {
    claimSets: missing(governing.flatMap(part => part?.claimSets ?? []), document.claimSets),
    scopes: missing(guarded.flatMap(({ scopes = [] }) => scopes), document.scopes)
  }
}

/** Says which fields and routes a policy that was put in force leaves to nobody: such names stop only the boot. */
export function logLostNames (log: FastifyBaseLogger, { version }: PolicySnapshot, { claimSets, scopes }: LostNames): void {
  if (claimSets.length > 0) log.warn({ policy: version, claimSets }, 'the policy no longer has claim sets that routes use; their fields are released to nobody')
  if (scopes.length > 0) log.warn({ policy: version, scopes }, 'the policy no longer has scopes that routes ask for; they let nobody in')
}
