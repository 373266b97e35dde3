import type { FastifyReply } from 'fastify'
import { challengeOf, type Challenge, type Scheme } from '../../lib/bearer/challenge.js'
import { InsufficientScopeError } from '../../lib/errors.js'
import type { GuardedRequest } from './guarded-request.js'
import type { GuardedRoute } from './guarded-route.js'

/** When to come back while something that is needed cannot be read, in seconds. */
const RETRY_AFTER = 5

/** How one guard asks for tokens. */
export class Challenges {
  /**
   * @param algorithms those of proofs; none where they are not checked
   * @param resourceMetadata where the metadata of this resource stands
   */
  constructor (private readonly algorithms: readonly string[], private readonly resourceMetadata: string | undefined) {}

  /** Every way to send a token to this route; what is wrong stands at the way that was taken, where it is one. */
  for (route: GuardedRoute, scheme?: Scheme, fault: Challenge = {}): string {
    const { resourceMetadata } = this
    const schemes: Scheme[] = [...route.mustBeBound ? [] : ['Bearer' as const], ...this.algorithms.length === 0 ? [] : ['DPoP' as const]]
    const taken = schemes.find(other => other === scheme) ?? schemes[0]
    return schemes.map(other => this.of(other, { ...other === taken ? fault : {}, resourceMetadata })).join(', ')
  }

  /** The one way that was taken. */
  of (scheme: Scheme, fault: Challenge): string {
    return challengeOf(scheme, scheme === 'DPoP' ? { ...fault, algorithms: this.algorithms } : fault)
  }
}

/** 403 `insufficient_scope`, RFC 6750 3.1. */
export function insufficientScope ({ verified }: GuardedRequest, reply: FastifyReply, scopes: readonly string[], message: string): Error {
  const challenge = challengeOf(verified?.boundTo === undefined ? 'Bearer' : 'DPoP', { error: 'insufficient_scope', scopes })
  return refused(reply, challenge, new InsufficientScopeError(message))
}

export function refused (reply: FastifyReply, challenge: string, error: Error): Error {
  // Said already, unless the route is only observed.
  reply.header('cache-control', 'no-store').header('www-authenticate', challenge)
  return error
}

export function unavailable (reply: FastifyReply, error: Error): Error {
  reply.header('retry-after', RETRY_AFTER)
  return error
}
