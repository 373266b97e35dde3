import { createHash } from 'node:crypto'
import rateLimit, { normalizeIP, type RateLimitPluginOptions } from '@fastify/rate-limit'
import Fastify, { type FastifyRequest } from 'fastify'
import type { Attempts } from '../../lib/oauth/attempts.js'
import { OAuthError } from '../../lib/oauth/errors.js'
import type { FailureLimit } from '../../lib/oauth/limits.js'

/** How many addresses, and how many clients at addresses, are remembered: of more, those that failed longest ago are forgotten. */
const REMEMBERED = 20_000

/** How many times more one address may fail with all clients than with one. */
const ALL_CLIENTS = 10

/** Longer ones are counted by their hash, so that nobody fills the memory with them. */
const LONGEST_CLIENT_ID = 255

/** For an endpoint without limits. */
const UNLIMITED: Attempts = Object.freeze({ admit: async () => {}, failed: async () => {} })

/**
 * Counts failed authentications in this process, by what cannot be chosen by who fails: the address as Fastify tells
 * it, IPv6 by /64. A client that somebody fails with is refused at that address alone.
 */
export async function countAttempts (limit: FailureLimit | undefined): Promise<(request: FastifyRequest) => Attempts> {
  if (limit === undefined) return () => UNLIMITED
  const { max, window } = limit
  const clients = new WeakMap<FastifyRequest, string>()
  const shared = { global: false, timeWindow: window * 1000, cache: REMEMBERED }
  const ofClient = await limiter({ ...shared, max, keyGenerator: request => `${normalizeIP(request.ip)} ${clients.get(request)}` })
  const ofAddress = await limiter({ ...shared, max: max * ALL_CLIENTS })

  return request => ({
    async admit (clientId) {
      clients.set(request, clientId.length > LONGEST_CLIENT_ID ? createHash('sha256').update(clientId).digest('base64') : clientId)
      const failures = await ofClient(request, { increment: false })
      if (!failures.isAllowed && failures.remaining === 0) throw tooMany(failures.ttlInSeconds)
    },
    async failed () {
      await ofClient(request)
      const failures = await ofAddress(request)
      if (!failures.isAllowed && failures.isExceeded) throw tooMany(failures.ttlInSeconds)
    }
  })
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
