import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import type { ObservedEvent } from '../../lib/observe/observed-event.js'
import { presentFields, WHOLE_VALUE } from '../../lib/observe/present-fields.js'
import { RateLimit } from '../../lib/observe/rate-limit.js'
import { closedError } from '../../lib/gate/closed-error.js'
import { checkFor } from './check-input.js'
import type { GuardedRequest } from './guarded-request.js'

type Done = (error: null, payload: unknown) => void

/** Gets what would change for clients of observed routes; what it throws is logged. */
export type ObservedHook = (event: ObservedEvent) => void

const SERIALIZED = Symbol('keyhole.serialized')

type Observed = FastifyRequest & { [SERIALIZED]?: boolean }

/** Looks at what observed routes send and get, changes nothing, and tells what would be otherwise if it were enforced. */
export class Observer {
  private readonly limit: RateLimit

  constructor (log: FastifyBaseLogger, hook: ObservedHook | undefined) {
    this.limit = new RateLimit(event => {
      const { route, clientId, withheld, refused, times } = event
      if (withheld.length > 0) log.info({ keyhole: 'observe', route, clientId, withheld, times }, 'would be withheld')
      else log.info({ keyhole: 'observe', route, clientId, refused, times }, 'would be refused')
      try {
        hook?.(Object.freeze(event))
      } catch (err) {
        log.error({ err }, 'onObserved failed')
      }
    })
  }

  /** After the check of the input. */
  readonly beforeValidation = (request: Observed, _reply: FastifyReply, done: () => void): void => {
    const guarded = request.keyhole as GuardedRequest
    if (guarded.isObserved) {
      const refused = [...refusedOfBody(guarded, request), ...refusedOfQuery(guarded, request)]
      if (refused.length > 0) this.limit.add({ route: guarded.route.name, clientId: guarded.token.client_id, withheld: [], refused })
    }
    done()
  }

  /** The last hook of an observed route before its answer is serialized. */
  readonly beforeSerialization = (request: Observed, _reply: FastifyReply, payload: unknown, done: Done): void => {
    request[SERIALIZED] = true
    done(null, payload)
  }

  /** The first hook of an observed route's own once its answer is serialized. */
  readonly beforeSending = (request: Observed, reply: FastifyReply, payload: unknown, done: Done): void => {
    const guarded = request.keyhole as GuardedRequest
    if (guarded.isObserved && guarded.verified !== undefined) {
      const withheld = this.withheldOf(guarded, reply, payload, request[SERIALIZED] === true)
      if (withheld.length > 0) this.limit.add({ route: guarded.route.name, clientId: guarded.token.client_id, withheld, refused: [] })
    }
    done(null, payload)
  }

  /** Tells what was counted and not told. */
  end (): void {
    this.limit.flush()
  }

  private withheldOf ({ route, granted }: GuardedRequest, reply: FastifyReply, payload: unknown, serialized: boolean): readonly string[] {
    const { statusCode: status } = reply
    if (route.raw !== undefined || payload === undefined || payload === null || payload === '') return []
    // What Fastify answers to an error by itself was not serialized by a hook's route either.
    if (!serialized) return status < 400 ? [WHOLE_VALUE] : []
    const release = route.responses.find(status, reply.getHeader('content-type') as string | undefined)
    const text = typeof payload === 'string' ? payload : undefined
    if (release === undefined) {
      if (status < 400) return [WHOLE_VALUE]
      return text !== undefined && closedError(status, parsed(text)) === text ? [] : ['(error)']
    }
    const names = release.namesFor(granted.readable)
    return text === undefined ? [...names.withheld, ...names.masked] : presentFields(names, parsed(text))
  }
}

/** Names that the client chose stay out of the log: who knows what they are. */
function refusedOfBody (guarded: GuardedRequest, { body, headers }: FastifyRequest): string[] {
  if (body === undefined || body === null) return []
  const check = checkFor(guarded, headers['content-type'])
  if (check === undefined) return ['body']
  return check.refusal(body, guarded.granted.writable, { ungoverned: true }) !== undefined ? ['body.*'] : []
}

function refusedOfQuery ({ route: { query: check }, granted }: GuardedRequest, { query }: FastifyRequest): string[] {
  const declared = new Set(check?.fields.map(({ name }) => name.split('.', 1)[0]!))
  const refused = Object.keys(query as object)
    .filter(name => check?.isDeclared(name) !== true || check.refusal([name], granted.readable) !== undefined)
    .map(name => `query.${declared.has(name) ? name : '*'}`)
  return [...new Set(refused)].sort()
}

/** What was serialized by a serializer of the application need not be JSON. */
function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
