import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../../lib/audit/audit.js'
import { errorCode } from '../../lib/audit/error-code.js'
import type { GuardedOutcome, GuardedRequestEvent } from '../../lib/audit/event.js'
import { GuardedRequest, NO_FIELDS } from './guarded-request.js'

const ERROR = Symbol('keyhole.error')

type Noted = FastifyRequest & { [ERROR]?: string | undefined }

/** Tells of each request to the guarded routes of a context, once its answer is through. */
export function auditRequests (fastify: FastifyInstance, audit: Audit<GuardedRequestEvent>): void {
  fastify.addHook('onError', (request: Noted, _reply, error, done) => {
    request[ERROR] = errorCode(error)
    done()
  })
  fastify.addHook('onResponse', (request: Noted, reply, done) => {
    const guarded = request.keyhole as unknown
    if (guarded instanceof GuardedRequest && guarded.route.declared) audit.tell(eventOf(guarded, request, reply, request[ERROR] ?? guarded.failure), request.log)
    done()
  })
  fastify.addHook('onClose', audit.finish)
}

function eventOf (guarded: GuardedRequest, request: FastifyRequest, { statusCode: status }: FastifyReply, error: string | undefined): GuardedRequestEvent {
  const claims = guarded.bearer?.claims
  const outcome = outcomeOf(guarded, status, error)
  return {
    type: 'guarded request',
    time: Date.now(),
    requestId: request.id,
    route: guarded.route.name,
    policy: guarded.policy.version,
    ...(claims !== undefined && { clientId: claims.client_id, subject: claims.sub, tokenId: claims.jti }),
    status,
    outcome,
    ...(error !== undefined && { error }),
    ...(outcome === 'empty' || outcome === 'blocked' ? NO_FIELDS : guarded.fields)
  }
}

function outcomeOf ({ wasBlocked, isObserved, route, hasReleased }: GuardedRequest, status: number, error: string | undefined): GuardedOutcome {
  if (wasBlocked) return 'blocked'
  if (status >= 400) return status < 500 && error?.startsWith('FST_KEYHOLE_') === true ? 'refused' : 'failed'
  if (isObserved) return 'observed'
  if (route.raw) return 'raw'
  return hasReleased && status !== 204 && status !== 304 ? 'released' : 'empty'
}
