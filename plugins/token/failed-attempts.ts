import { createHash } from 'node:crypto'
import rateLimit, { normalizeIP, type RateLimitPluginOptions } from '@fastify/rate-limit'
import Fastify, { type FastifyRequest } from 'fastify'
import type { Principal } from '../../lib/credentials/provider.js'
import type { Attempts } from '../../lib/oauth/attempts.js'
import { OAuthError } from '../../lib/oauth/errors.js'
import type { FailureLimit } from '../../lib/oauth/limits.js'
import { createTurns } from '../../lib/oauth/turns.js'

/** How many addresses, and how many clients at addresses, are remembered: of more, those that failed longest ago are forgotten. */
const REMEMBERED = 20_000

/** How many times more one address may fail with all clients than with one. */
const ALL_CLIENTS = 10

/** Longer texts that somebody may choose are counted by their hash, so that nobody fills the memory with them. */
const LONGEST = 255

/** For an endpoint without limits. */
const UNLIMITED: Attempts = Object.freeze<Attempts>({ counting: (_clientId, look) => look() })

/**
 * Counts failed authentications in this process, by what cannot be chosen by who fails: the address as Fastify tells
 * it, IPv6 by /64. A client that somebody fails with is refused at that address alone. Of guesses at once as many are
 * looked at at a time as may fail: together with those that failed before, fewer than twice as many. Nor has one
 * address more under way with all clients, or it would be the only one that is answered.
 */
export async function countAttempts (limit: FailureLimit | undefined): Promise<(request: FastifyRequest) => Attempts> {
  if (limit === undefined) return () => UNLIMITED
  const { max, window } = limit
  const keys = new WeakMap<FastifyRequest, string>()
  const inTurnOfClient = createTurns<Principal | null>(max)
  const inTurnOfAddress = createTurns<Principal | null>(max * ALL_CLIENTS)
  const shared = { global: false, timeWindow: window * 1000, cache: REMEMBERED }
  const ofClient = await limiter({ ...shared, max, keyGenerator: request => keys.get(request)! })
  const ofAddress = await limiter({ ...shared, max: max * ALL_CLIENTS, keyGenerator: addressOf })

  async function failed (request: FastifyRequest): Promise<void> {
    await ofClient(request)
    const failures = await ofAddress(request)
    if (!failures.isAllowed && failures.isExceeded) throw tooMany(failures.ttlInSeconds)
  }

  return request => ({
    async counting (clientId, look) {
      const address = addressOf(request)
      const key = `${address} ${bounded(clientId)}`
      keys.set(request, key)
      return await inTurnOfClient(key, () => inTurnOfAddress(address, async () => {
        const failures = await ofClient(request, { increment: false })
        if (!failures.isAllowed && failures.remaining === 0) throw tooMany(failures.ttlInSeconds)
        const principal = await look()
        if (principal === null) await failed(request)
        return principal
      }))
    }
  })
}

/** Where a request comes from. Over a Unix socket there is no address, unless a proxy tells it. */
function addressOf ({ ip }: FastifyRequest): string {
  return bounded(normalizeIP((ip as string | undefined) ?? ''))
}

function bounded (text: string): string {
  return text.length > LONGEST ? createHash('sha256').update(text).digest('base64') : text
}

/** In an instance of its own: nothing of it is seen by the application, and no limiter of the application's changes it. */
async function limiter (options: RateLimitPluginOptions): Promise<ReturnType<ReturnType<typeof Fastify>['createRateLimit']>> {
  const app = Fastify()
  await app.register(rateLimit, options)
  await app.ready()
  return app.createRateLimit()
}

function tooMany (seconds: number): OAuthError {
  return new OAuthError('slow_down', 'too many failed attempts', { headers: { 'retry-after': String(seconds) } })
}
