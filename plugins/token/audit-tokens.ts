import type { FastifyRequest, onResponseHookHandler } from 'fastify'
import type { Audit } from '../../lib/audit/audit.js'
import type { TokenEndpointEvent } from '../../lib/audit/event.js'
import type { TokenFacts } from '../../lib/oauth/token-endpoint.js'
import type { Policy } from '../../lib/policy/policy.js'

const facts = new WeakMap<FastifyRequest, TokenFacts>()

/** What is known of a request so far. */
export function factsOf (request: FastifyRequest): TokenFacts {
  const known = facts.get(request) ?? {}
  facts.set(request, known)
  return known
}

/** Tells of each request to one of the endpoints, once its answer is through. */
export function auditTokens (audit: Audit<TokenEndpointEvent>, policy: Policy, type: TokenEndpointEvent['type']): onResponseHookHandler {
  return (request, reply, done) => {
    audit.tell(eventOf(type, request, reply.statusCode, policy.current.version), request.log)
    done()
  }
}

function eventOf (type: TokenEndpointEvent['type'], request: FastifyRequest, status: number, version: string): TokenEndpointEvent {
  const known = factsOf(request)
  const seen = { time: Date.now(), requestId: request.id, policy: version, status, ...known }
  if (type === 'token request') {
    return { type, released: [], masked: [], withheld: [], ...seen, outcome: refusal(status) ?? 'issued' }
  }
  const found = type === 'token introspection' ? 'active' : 'revoked'
  return { type, ...seen, outcome: refusal(status) ?? (known.tokenId === undefined ? 'inactive' : found) }
}

function refusal (status: number): 'refused' | 'rate_limited' | 'failed' | undefined {
  if (status < 400) return undefined
  if (status === 429) return 'rate_limited'
  return status < 500 ? 'refused' : 'failed'
}
