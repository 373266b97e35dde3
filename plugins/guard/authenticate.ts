import type { FastifyReply, FastifyRequest } from 'fastify'
import { InvalidTokenError } from '../../lib/access-token/errors.js'
import type { TokenVerifier, VerifiedToken } from '../../lib/access-token/verified-token.js'
import { bearerChallenge, type Challenge } from '../../lib/bearer/challenge.js'
import { presentedToken } from '../../lib/bearer/presented-token.js'
import { InsufficientScopeError, KeysUnavailableError, TokenInvalidError, TokenMalformedError, TokenMissingError } from '../../lib/errors.js'
import type { GuardedRequest } from './guarded-request.js'

/** When to come back while the issuer's keys cannot be read, in seconds. */
const RETRY_AFTER = 5

/** How nearly everybody writes it. */
const BEARER = 'Bearer '

/** Lets a request on once its token holds, and holds a scope that the route asks for. */
export function authenticate (verifier: TokenVerifier, guarded: GuardedRequest, request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void {
  const { authorization } = request.headers
  // A text that is remembered keeps to the grammar: reading it again would take longer than all the rest of this.
  const known = authorization?.startsWith(BEARER) === true ? verifier.recall(authorization.slice(BEARER.length)) : undefined
  if (known !== undefined) {
    guarded.accept(known)
    return done(scopeRefusal(guarded, reply))
  }
  const presented = presentedToken(authorization)
  if (presented.kind === 'none') return done(challenged(reply, {}, new TokenMissingError()))
  if (presented.kind === 'malformed') return done(challenged(reply, { error: 'invalid_request' }, new TokenMalformedError()))
  const accept = (verified: VerifiedToken) => {
    guarded.accept(verified)
    done(scopeRefusal(guarded, reply))
  }
  let verified
  try {
    verified = verifier.verify(presented.token)
  } catch (error) {
    return done(tokenRefusal(error, request, reply))
  }
  if (verified instanceof Promise) verified.then(accept, error => done(tokenRefusal(error, request, reply)))
  else accept(verified)
}

function scopeRefusal ({ route, granted }: GuardedRequest, reply: FastifyReply): Error | undefined {
  const { scopes } = route
  if (scopes === undefined || scopes.some(scope => granted.scopes.includes(scope))) return undefined
  return insufficientScope(reply, scopes, `This takes the scope ${scopes.join(' or ')}.`)
}

/** 403 `insufficient_scope`, RFC 6750 3.1. */
export function insufficientScope (reply: FastifyReply, scopes: readonly string[], message: string): Error {
  return challenged(reply, { error: 'insufficient_scope', scopes }, new InsufficientScopeError(message))
}

function tokenRefusal (error: unknown, request: FastifyRequest, reply: FastifyReply): Error {
  if (error instanceof InvalidTokenError) {
    request.log.info({ reason: error.reason }, 'access token refused')
    return challenged(reply, { error: 'invalid_token', description: error.description }, new TokenInvalidError(error.description))
  }
  reply.header('retry-after', RETRY_AFTER)
  return new KeysUnavailableError({ cause: error })
}

function challenged (reply: FastifyReply, challenge: Challenge, error: Error): Error {
  // Said already, unless the route is only observed.
  reply.header('cache-control', 'no-store').header('www-authenticate', bearerChallenge(challenge))
  return error
}
