import type { FastifyReply, FastifyRequest } from 'fastify'
import { FieldUnknownError, MediaTypeRefusedError } from '../../lib/errors.js'
import type { WriteCheck } from '../../lib/release/write-check.js'
import { authenticateAgain } from './authenticate.js'
import { insufficientScope } from './challenges.js'
import type { GuardedRequest } from './guarded-request.js'
import { INPUT_HOOK } from './printed-routes.js'

/**
 * The last hook before validation: what the token may not write or ask for is refused, and what is not declared goes
 * no further. Public routes have it too, as a sign that the guard saw them. On a route that is only observed what has
 * claim sets is not written without the right to, and everything else goes on. Where a body was waited for, the token
 * has to hold still.
 */
export function checkInput (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
  const guarded = request.keyhole as GuardedRequest | null
  if (guarded === null) done()
  else if (wasRead(request)) authenticateAgain(guarded, request, reply, refusal => done(refusal ?? inputRefusal(guarded, request, reply)))
  else done(inputRefusal(guarded, request, reply))
}
Object.defineProperty(checkInput, 'name', { value: INPUT_HOOK })

/** Whether anything was read of a body, also where a parser makes nothing of it. */
function wasRead ({ raw }: FastifyRequest): boolean {
  return raw.readableEnded || raw.readableDidRead
}

function inputRefusal (guarded: GuardedRequest, request: FastifyRequest, reply: FastifyReply): Error | undefined {
  return bodyRefusal(guarded, request, reply) ?? queryRefusal(guarded, request, reply)
}

const WHILE_OBSERVED = { undeclared: true, ungoverned: true }

function bodyRefusal (guarded: GuardedRequest, request: FastifyRequest, reply: FastifyReply): Error | undefined {
  const { body } = request
  if (body === undefined || body === null) return undefined
  const check = checkFor(guarded, request.headers['content-type'])
  if (check === undefined) {
    if (guarded.isObserved) return undefined
    return new MediaTypeRefusedError(guarded.route.bodies === undefined
      ? 'This route takes no body.'
      : `This route takes a body of ${[...guarded.route.bodies.keys()].join(', ')}.`)
  }
  const refusal = check.refusal(body, guarded.granted.writable, guarded.isObserved ? WHILE_OBSERVED : {})
  if (refusal === undefined) return undefined
  if (refusal.kind === 'unknown') return new FieldUnknownError(refusal.pointer)
  const scopes = [...new Set(refusal.claimSets.flatMap(claimSet => guarded.policy.scopesWriting(claimSet)))]
  return insufficientScope(guarded, reply, scopes, `Writing ${refusal.pointer || 'this body'} ${takes(scopes)}.`)
}

/** The check of a body of this content type. */
export function checkFor ({ route: { bodies } }: GuardedRequest, contentType: string | undefined): WriteCheck | undefined {
  const mediaType = contentType?.split(';', 1)[0]!.trim().toLowerCase()
  return bodies?.get(mediaType ?? '*') ?? bodies?.get('*')
}

function queryRefusal (guarded: GuardedRequest, request: FastifyRequest, reply: FastifyReply): Error | undefined {
  const { query: check } = guarded.route
  const query = request.query as Record<string, unknown>
  const names = Object.keys(query)
  if (names.length === 0 || guarded.isObserved) return undefined
  for (const name of names) {
    if (check?.isDeclared(name) !== true) delete query[name]
  }
  const refusal = check?.refusal(Object.keys(query), guarded.granted.readable)
  if (refusal === undefined) return undefined
  const scopes = [...new Set(refusal.claimSets.flatMap(claimSet => guarded.policy.scopesReading(claimSet)))]
  return insufficientScope(guarded, reply, scopes, `The query field ${refusal.name} ${takes(scopes)}.`)
}

function takes (scopes: readonly string[]): string {
  return scopes.length === 0 ? 'is what no scope of the policy allows' : `takes the scope ${scopes.join(' or ')}`
}
