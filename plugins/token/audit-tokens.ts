import type { FastifyReply, FastifyRequest, onResponseHookHandler } from 'fastify'
import type { Audit } from '../../lib/audit/audit.js'
import type { TokenRequestEvent } from '../../lib/audit/event.js'
import type { TokenFacts } from '../../lib/oauth/token-endpoint.js'
import type { Policy } from '../../lib/policy/policy.js'

const facts = new WeakMap<FastifyRequest, TokenFacts>()

/** What is known of a token request so far. */
export function factsOf (request: FastifyRequest): TokenFacts {
  const known = facts.get(request) ?? {}
  facts.set(request, known)
  return known
}

/** Tells of each token request, once its answer is through. */
export function auditTokens (audit: Audit<TokenRequestEvent>, policy: Policy): onResponseHookHandler {
  return (request, reply, done) => {
    audit(eventOf(request, reply, policy.current.version), request.log)
    done()
  }
}

function eventOf (request: FastifyRequest, { statusCode: status }: FastifyReply, version: string): TokenRequestEvent {
  return {
    type: 'token request',
    time: Date.now(),
    requestId: request.id,
    policy: version,
    status,
    outcome: status < 400 ? 'issued' : status < 500 ? 'refused' : 'failed',
    released: [],
    masked: [],
    withheld: [],
    ...factsOf(request)
  }
}
