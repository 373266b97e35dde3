import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccessTokenClaims } from '../../lib/access-token/claims.js'
import type { VerifiedToken } from '../../lib/access-token/verified-token.js'
import { PayloadBlockedError } from '../../lib/errors.js'
import type { PolicySnapshot } from '../../lib/policy/snapshot.js'
import { closedError } from '../../lib/release/closed-error.js'
import { closeGate, type Blocked, type Gate, type GateKeeper } from '../../lib/release/gate.js'
import type { GuardedRoute } from './guarded-route.js'
import { Grants, NO_CLAIM_SETS } from './grants.js'

/** What a guarded route knows of its caller. */
export interface Keyhole {
  /** The claims of the verified token; frozen. */
  readonly token: AccessTokenClaims
  /** The scopes of the token that the policy knows. */
  readonly scopes: readonly string[]
  /** Whether the token holds this scope. */
  can (scope: string): boolean
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller of a guarded route; null on public ones. */
    keyhole: Keyhole
  }
}

const JSON_UTF8 = 'application/json; charset=utf-8'

/** One request to a guarded route: who asks, under which policy, and what may leave. */
export class GuardedRequest implements Keyhole, GateKeeper {
  private verified: VerifiedToken | undefined
  private grants: Grants | undefined
  private gate: Gate | undefined
  private reply: FastifyReply | undefined

  /** @param policy the snapshot on which this request ends, whatever comes meanwhile */
  constructor (readonly route: GuardedRoute, private readonly request: FastifyRequest, readonly policy: PolicySnapshot) {}

  get token (): AccessTokenClaims { return this.require().claims }

  get scopes (): readonly string[] { return this.granted.scopes }

  can (scope: string): boolean { return this.granted.scopes.includes(scope) }

  get granted (): Grants {
    this.require()
    return this.grants!
  }

  private require (): VerifiedToken {
    if (this.verified === undefined) throw new Error('request.keyhole: there is no verified token yet. Read it after the onRequest hooks.')
    return this.verified
  }

  /** From now on only what the guard releases leaves. */
  guard (reply: FastifyReply): void {
    this.reply = reply
    this.gate = closeGate(reply.raw, this)
    reply.serializer(serializeGuarded)
    reply.header('cache-control', 'no-store')
  }

  accept (verified: VerifiedToken): void {
    this.verified = verified
    this.grants = Grants.of(verified, this.policy)
  }

  /** Writes a payload for this token's view, and seals it. */
  release (reply: FastifyReply, payload: unknown): string {
    const status = reply.statusCode
    const contentType = reply.getHeader('content-type') as string | undefined
    const text = this.serialize(status, contentType, payload)
    if (contentType === undefined) reply.header('content-type', JSON_UTF8)
    else if (!/;\s*charset=/i.test(contentType)) reply.header('content-type', `${contentType}; charset=utf-8`)
    this.gate!.seal(text)
    return text
  }

  private serialize (status: number, contentType: string | undefined, payload: unknown): string {
    const isJson = contentType === undefined || /json/i.test(contentType)
    const release = isJson ? this.route.responses.find(status, contentType) : undefined
    if (release !== undefined) {
      return this.grants === undefined ? release.serializerFor(NO_CLAIM_SETS)(payload) : this.grants.serializerFor(release)(payload)
    }
    if (status >= 400 && isJson) return closedError(status, payload)
    this.blocked('body', payload)
    throw new PayloadBlockedError()
  }

  blocked (what: Blocked, chunk: unknown): void {
    this.request.log.error({ blocked: what, route: this.route.name, status: this.reply?.statusCode, payload: kindOf(chunk) }, CURES[what])
  }
}

/** Set as the reply's serializer, so `this` is the reply. A text that somebody else made is not ours to seal. */
export function serializeGuarded (this: FastifyReply, payload: unknown): string {
  return typeof payload === 'string' ? payload : (this.request.keyhole as GuardedRequest).release(this, payload)
}

const CURES: Readonly<Record<Blocked, string>> = {
  body: 'a body that the guard did not release was withheld. Send a plain value that the route has a JSON response schema for at this status, or opt out with config.keyhole.release: { raw: reason }.',
  trailer: 'trailers do not leave a guarded route. Put the value into the response schema.',
  'early hints': 'early hints do not leave a guarded route.',
  'server push': 'a guarded route does not push.',
  'shared cache': 'Cache-Control lets a shared cache keep an answer that belongs to one token. Use private or no-store.',
  head: 'the head of the answer could not be sent: a header has a value that is not allowed.'
}

/** What kind of thing it was, never what was in it. */
function kindOf (chunk: unknown): string {
  if (chunk === null) return 'null'
  return typeof chunk === 'object' ? Object.getPrototypeOf(chunk)?.constructor?.name ?? 'object' : typeof chunk
}
