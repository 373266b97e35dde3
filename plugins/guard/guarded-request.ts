import type { FastifyReply, FastifyRequest } from 'fastify'
import type { AccessTokenClaims } from '../../lib/access-token/claims.js'
import type { VerifiedToken } from '../../lib/access-token/verified-token.js'
import { isObserving } from '../../lib/observe/observation.js'
import { PayloadBlockedError, StreamFailedError, StreamInvalidError } from '../../lib/errors.js'
import type { PolicySnapshot } from '../../lib/policy/snapshot.js'
import { varyByAccept } from '../../lib/gate/cache-control.js'
import { closedError } from '../../lib/gate/closed-error.js'
import type { FieldNames } from '../../lib/release/fields.js'
import { closeGate, type Blocked, type Gate, type GateKeeper, type Substitute } from '../../lib/gate/gate.js'
import { acceptedFormat, formatOf } from '../../lib/gate/record-format.js'
import type { StreamFailure } from '../../lib/gate/record-pump.js'
import type { Records } from '../../lib/gate/record-source.js'
import type { Release } from '../../lib/release/release.js'
import type { Authentication } from './authenticate.js'
import type { GuardedRoute } from './guarded-route.js'
import { Grants, NO_CLAIM_SETS } from './grants.js'
import { describeThrown, isStream, sealStream, streamOf, type RecordStream } from './record-stream.js'

/** What a guarded route knows of its caller. */
export interface Keyhole {
  /** The claims of the verified token; frozen. */
  readonly token: AccessTokenClaims
  /** The scopes of the token that the policy knows; frozen. */
  readonly scopes: readonly string[]
  /** Whether the token holds this scope. */
  can (scope: string): boolean
  /**
   * Names of the fields that the token does not see, not even through a mask: of the answer, once it was released; before that, of the route's
   * answers of status 2xx. Such as `banking.iban` or `items.*.name`. For the application's log; a name is not a secret.
   */
  readonly withheld: readonly string[]
  /**
   * Stands for records that are released one by one, as they come: `reply.send(request.keyhole.stream(records))`.
   * The route has an array of them as its response schema. They leave as a JSON array, or as NDJSON for clients
   * that ask for `application/x-ndjson`.
   * @param records their `return` is called when the client goes away
   * @throws {FST_KEYHOLE_STREAM_INVALID} when they cannot be iterated, or the route is raw.
   */
  stream<Item> (records: Records<Item>): RecordStream<Item>
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The caller of a guarded route; null on public ones. */
    keyhole: Keyhole
  }
}

/** Of an answer of which nothing was released. */
export const NO_FIELDS: FieldNames = Object.freeze({ released: [], masked: [], withheld: [] })

const JSON_UTF8 = 'application/json; charset=utf-8'

/** One request to a guarded route: who asks, under which policy, and what may leave. Its state is its own, also for those who log it. */
export class GuardedRequest implements Keyhole, GateKeeper {
  readonly #route: GuardedRoute
  readonly #authentication: Authentication
  readonly #request: FastifyRequest
  readonly #reply: FastifyReply
  #policy: PolicySnapshot
  #verified: VerifiedToken | undefined
  #forgotten: VerifiedToken | undefined
  #grants: Grants | undefined
  #gate: Gate | undefined
  #release: Release | undefined
  #wasBlocked = false
  #isObserved: boolean
  #failure: string | undefined

  constructor (route: GuardedRoute, authentication: Authentication, request: FastifyRequest, reply: FastifyReply) {
    this.#route = route
    this.#isObserved = isObserving(route.observation)
    this.#authentication = authentication
    this.#policy = authentication.policy.current
    this.#request = request
    this.#reply = reply
  }

  get token (): AccessTokenClaims { return this.#require().claims }

  get scopes (): readonly string[] { return this.granted.scopes }

  can (scope: string): boolean { return this.granted.scopes.includes(scope) }

  get withheld (): readonly string[] {
    this.#require()
    if (this.#release !== undefined) return this.fields.withheld
    const { readable } = this.granted
    return [...new Set(this.#route.responses.successes().flatMap(release => release.namesFor(readable).withheld))]
  }

  /** Names of the fields of the answer that was released; none of one to a request without a token that holds. */
  get fields (): FieldNames {
    if (this.#release === undefined || this.#grants === undefined) return NO_FIELDS
    return this.#release.namesFor(this.#grants.readable)
  }

  get verified (): VerifiedToken | undefined { return this.#verified }

  /** Whether a body was written by the schema of an answer. */
  get hasReleased (): boolean { return this.#release !== undefined }

  /** Whether something was about to leave that the guard had not released. */
  get wasBlocked (): boolean { return this.#wasBlocked }

  stream<Item> (records: Records<Item>): RecordStream<Item> {
    this.#require()
    if (this.#route.raw) throw new StreamInvalidError(`${this.#route.name}: a raw route streams by itself. Send a Readable, or take release: { raw } out of config.keyhole.`)
    if (this.#isObserved) {
      // No answer of an application without the guard is like it.
      this.#isObserved = false
      this.guard()
    }
    return streamOf(records, this.#reply)
  }

  /** The code of what ended a stream too early. */
  get failure (): string | undefined { return this.#failure }

  /** Whether the answer leaves as the application sends it, and is only looked at. */
  get isObserved (): boolean { return this.#isObserved }

  get route (): GuardedRoute { return this.#route }

  get authentication (): Authentication { return this.#authentication }

  /** That of the moment when the token was accepted last: all of the answer is made on it, whatever comes meanwhile. */
  get policy (): PolicySnapshot { return this.#policy }

  get granted (): Grants {
    this.#require()
    return this.#grants!
  }

  #require (): VerifiedToken {
    if (this.#verified === undefined) throw new Error('request.keyhole: there is no verified token. Read it after the guard, on routes that are not public.')
    return this.#verified
  }

  /** From now on only what the guard releases leaves, and nobody keeps it. A raw route answers for its own bodies; an observed one is left alone. */
  guard (): void {
    if (this.#isObserved) return
    // Said now, so that a plugin which sets it for all answers that say nothing leaves it alone.
    this.#reply.header('cache-control', 'no-store')
    if (this.#route.raw !== undefined) return
    this.#gate = closeGate(this.#reply.raw, this)
    this.#reply.serializer(serializeGuarded)
  }

  accept (verified: VerifiedToken): void {
    this.#policy = this.#authentication.policy.current
    this.#verified = verified
    this.#grants = Grants.of(verified, this.#policy)
  }

  /** Whose token was verified, for the audit: it may hold no more. */
  get bearer (): VerifiedToken | undefined { return this.#verified ?? this.#forgotten }

  /** The token does not hold any more: from now on this is a request without one. */
  forget (): void {
    this.#forgotten = this.#verified
    this.#verified = undefined
    this.#grants = undefined
  }

  /** Writes a payload for this token's view, and seals it. */
  release (payload: unknown): string {
    const reply = this.#reply
    const contentType = reply.getHeader('content-type') as string | undefined
    if (isStream(payload)) return this.#stream(payload, contentType)
    const text = this.#serialize(reply.statusCode, contentType, payload)
    if (contentType === undefined) reply.header('content-type', JSON_UTF8)
    else if (!/;\s*charset=/i.test(contentType)) reply.header('content-type', `${contentType}; charset=utf-8`)
    this.#gate!.seal(text)
    return text
  }

  #stream (stream: object, contentType: string | undefined): string {
    const reply = this.#reply
    const format = contentType === undefined ? acceptedFormat(this.#request.headers.accept) : formatOf(contentType)
    const { responses, name } = this.#route
    const release = format && (responses.find(reply.statusCode, contentType ?? format.mediaType) ?? responses.find(reply.statusCode, undefined))
    if (format === undefined || release === undefined) return this.#withhold(stream)
    if (!release.isList) throw new StreamInvalidError(`${name}: a stream leaves by a response schema that is a list, and nothing else. Write Type.Array(Item) for status ${reply.statusCode}.`)
    const verified = this.#require()
    const text = sealStream(stream, reply, this.#gate!, {
      format,
      serialize: release.recordSerializerFor(this.granted.readable),
      failed: ({ by, record, error }) => { this.#endStream('error', by, { record, ...describeThrown(error) }) },
      isRevoked: () => verified.isRevoked(),
      revoked: () => { this.#endStream('info', 'token', {}) }
    })
    this.#release = release
    if (contentType === undefined) reply.header('content-type', `${format.mediaType}; charset=utf-8`).header('vary', varyByAccept(String(reply.getHeader('vary') ?? '')))
    return text
  }

  #endStream (level: 'info' | 'error', by: keyof typeof STREAM_ENDED, details: object): void {
    this.#failure = new StreamFailedError().code
    if (!this.#reply.raw.headersSent) this.#release = undefined
    this.#request.log[level]({ route: this.#route.name, stream: by, ...details }, STREAM_ENDED[by])
  }

  #withhold (payload: unknown): never {
    this.#log('body', payload)
    throw new PayloadBlockedError()
  }

  #serialize (status: number, contentType: string | undefined, payload: unknown): string {
    if (payload === null && (status === 204 || status === 304)) return ''
    const isError = status >= 400
    const isJson = contentType === undefined || /json/i.test(contentType)
    // An error handler may turn a refusal into something else: without a token that is nothing.
    if (isJson && (isError || this.#grants !== undefined)) {
      const release = this.#route.responses.find(status, contentType)
      if (release !== undefined) {
        const text = (this.#grants?.serializerFor(release) ?? release.serializerFor(NO_CLAIM_SETS))(payload)
        this.#release = release
        return text
      }
      this.#release = undefined
      if (isError) return closedError(status, payload)
    }
    return this.#withhold(payload)
  }

  blocked (what: Blocked, chunk: unknown): Substitute | undefined {
    const status = this.#reply.statusCode
    const isUndeclared = !this.#route.declared || this.#request.is404
    // Fastify writes the errors of its 404 handlers by itself, and has no schema for them.
    if (what === 'body' && status >= 400 && isUndeclared) return { status, body: closedError(status, undefined) }
    this.#log(what, chunk)
    return undefined
  }

  #log (blocked: Blocked, chunk: unknown): void {
    this.#wasBlocked = true
    const payload = blocked === 'body' ? { payload: kindOf(chunk) } : {}
    this.#request.log.error({ blocked, route: this.#route.name, status: this.#reply.statusCode, ...payload }, CURES[blocked])
  }
}

/** Set as the reply's serializer, so `this` is the reply. A text that somebody else made is not ours to seal. */
function serializeGuarded (this: FastifyReply, payload: unknown): string {
  return typeof payload === 'string' ? payload : (this.request.keyhole as GuardedRequest).release(payload)
}

const STREAM_ENDED: Readonly<Record<StreamFailure['by'] | 'token', string>> = {
  source: 'a stream ended before its end: its source threw.',
  serializer: 'a stream ended before its end: a record does not fit the response schema.',
  token: 'a stream ended before its end: its token was revoked.'
}

const CURES: Readonly<Record<Blocked, string>> = {
  body: 'a body that the guard did not release was withheld. Send a plain value that the route has a JSON response schema for at this status, or opt out with config.keyhole.release: { raw: reason }.',
  trailer: 'trailers do not leave a guarded route. Put the value into the response schema.',
  'early hints': 'early hints do not leave a guarded route.',
  'server push': 'a guarded route does not push.',
  'shared cache': 'Cache-Control, or a header that caches obey in its stead, lets a shared cache keep an answer that belongs to one token. Use private or no-store.',
  head: 'the head of the answer could not be sent: a header has a value that is not allowed.'
}

/** What kind of thing it was, never what was in it. */
function kindOf (chunk: unknown): string {
  if (chunk === null) return 'null'
  return typeof chunk === 'object' ? Object.getPrototypeOf(chunk)?.constructor?.name ?? 'object' : typeof chunk
}
