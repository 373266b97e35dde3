import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { cacheVerdict, varyByAuthorization } from './cache-control.js'

/** Who hears of what a gate held back. */
export interface GateKeeper {
  blocked (what: Blocked, chunk: unknown): void
}

/** What was about to leave without having been sealed. */
export type Blocked = 'body' | 'trailer' | 'early hints' | 'server push' | 'shared cache' | 'head'

const GATE = Symbol('keyhole.gate')

/** The methods that put bytes on the wire, or give away another way to do so; the last two are HTTP/2's. */
const METHODS = ['writeHead', 'writeHeader', 'write', 'end', 'addTrailers', 'writeEarlyHints', 'flushHeaders', 'setTrailer', 'createPushResponse'] as const

type Method = typeof METHODS[number]
type Methods = Record<Method, (...args: unknown[]) => unknown>
type Gated = ServerResponse & Methods & { [GATE]: Gate }

/**
 * Stands in the way of one response: nothing passes but the bytes that were sealed last, in their order.
 * The head is held back until the first of them. Everything else is answered with a generic 500.
 *
 * Not closable from here: the socket itself, methods taken from the prototype, header values and the status message.
 */
export class Gate {
  private sealed: string | Buffer | undefined
  private bytes: Buffer | undefined
  /** How many of the sealed bytes have passed. */
  private offset = 0
  private head: unknown[] | undefined
  /** An original method is running: what it calls is its own business. */
  private own = false
  private ended = false

  constructor (
    private readonly response: Gated,
    private readonly originals: Methods,
    private readonly keeper: GateKeeper
  ) {}

  /** Lets these bytes pass from now on, and no others; a stream seals one chunk after another. */
  seal (text: string | Buffer): void {
    this.sealed = text
    this.bytes = undefined
    this.offset = 0
  }

  call (method: Method, args: unknown[]): unknown {
    if (this.own) return this.originals[method].apply(this.response, args)
    if (this.ended) return method === 'write' ? false : this.response
    switch (method) {
      case 'writeHead':
      case 'writeHeader':
        if (typeof args[0] === 'number') this.response.statusCode = args[0]
        this.head = args
        return this.response
      case 'flushHeaders':
        return undefined
      case 'write':
        return this.write(args)
      case 'end':
        return this.end(args)
      case 'addTrailers':
      case 'setTrailer':
        this.keeper.blocked('trailer', undefined)
        return undefined
      case 'writeEarlyHints':
        this.keeper.blocked('early hints', undefined)
        callbackOf(args)?.()
        return undefined
      case 'createPushResponse':
        this.keeper.blocked('server push', undefined)
        callbackOf(args)?.(new Error('a guarded route does not push'))
    }
  }

  private write (args: unknown[]): unknown {
    if (isEmpty(args[0])) return true
    if (!this.admits(args[0], args[1])) return this.block('body', args[0])
    return this.sendHead() ? this.run('write', args) : false
  }

  private end (args: unknown[]): unknown {
    const [chunk] = args
    if (typeof chunk !== 'function' && !isEmpty(chunk) && !this.admits(chunk, args[1])) {
      this.block('body', chunk)
      return this.response
    }
    if (this.sendHead()) {
      this.ended = true
      this.run('end', args)
    }
    return this.response
  }

  /** Whether a chunk is what comes next of the sealed bytes; if so, it has passed. */
  private admits (chunk: unknown, encoding: unknown): boolean {
    if (chunk instanceof Buffer && sealedForAny.get(chunk) === chunk.toString()) return true
    const { sealed } = this
    if (sealed === undefined) return false
    if (chunk === sealed && this.offset === 0 && typeof chunk === 'string' && (typeof encoding !== 'string' || /^utf-?8$/i.test(encoding))) {
      this.offset = Infinity
      return true
    }
    const part = bytesOf(chunk, encoding)
    if (part === undefined) return false
    this.bytes ??= Buffer.from(sealed as string)
    const end = this.offset + part.length
    if (!this.bytes.subarray(this.offset, end).equals(part)) return false
    this.offset = end
    return true
  }

  /** Sends the head that was held back, once; false when it was refused and the answer is a 500. */
  private sendHead (): boolean {
    if (this.response.headersSent) return true
    const headers = headersOf(this.head)
    if (headers === undefined) return this.block('head', undefined)
    const of = (name: string) => headers[name] ?? this.response.getHeader(name)
    if (of('trailer') !== undefined) return this.block('trailer', undefined)
    const cacheControl = of('cache-control')
    if (cacheControl !== 'no-store') {
      switch (cacheVerdict(cacheControl === undefined ? 'no-store' : String(cacheControl))) {
        case 'shared': return this.block('shared cache', undefined)
        case 'kept by its client': set(this.head, headers, this.response, 'vary', varyByAuthorization(String(of('vary') ?? ''))); break
        case 'kept nowhere': if (cacheControl === undefined) set(this.head, headers, this.response, 'cache-control', 'no-store')
      }
    }
    if (this.head === undefined) return true
    try {
      this.run('writeHead', this.head)
      return true
    } catch {
      return this.block('head', undefined)
    }
  }

  private run (method: Method, args: unknown[]): unknown {
    this.own = true
    try {
      return this.originals[method].apply(this.response, args)
    } finally {
      this.own = false
    }
  }

  private block (blocked: Blocked, chunk: unknown): false {
    const { response } = this
    this.keeper.blocked(blocked, chunk)
    this.ended = true
    if (response.headersSent) {
      response.destroy()
      return false
    }
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    if (Object.hasOwn(response, 'statusMessage')) response.statusMessage = ''
    this.run('writeHead', [500, BLOCKED_HEADERS])
    this.run('end', [BLOCKED_BODY])
    return false
  }
}

const BLOCKED_BODY = JSON.stringify({
  statusCode: 500, code: 'FST_KEYHOLE_PAYLOAD_BLOCKED', error: 'Internal Server Error', message: 'The response was withheld.'
})
const BLOCKED_HEADERS = {
  'content-type': 'application/json; charset=utf-8',
  'content-length': Buffer.byteLength(BLOCKED_BODY),
  'cache-control': 'no-store'
}

const SHADOWS = Object.fromEntries(METHODS.map(method => [method, function (this: Gated, ...args: unknown[]) {
  return this[GATE].call(method, args)
}])) as Methods

const originalsOfPrototype = new WeakMap<object, Methods>()

/** Closes the gate of a response. A method that somebody has replaced before counts as the original. */
export function closeGate (response: ServerResponse, keeper: GateKeeper): Gate {
  const gated = response as Gated
  const prototype = Object.getPrototypeOf(response) as Methods
  let originals = originalsOfPrototype.get(prototype)
  if (originals === undefined) {
    originals = Object.fromEntries(METHODS.filter(method => method in prototype).map(method => [method, prototype[method]])) as Methods
    originalsOfPrototype.set(prototype, originals)
  }
  for (const method of METHODS) {
    if (Object.hasOwn(gated, method)) originals = { ...originals, [method]: gated[method] }
  }
  const gate = new Gate(gated, originals, keeper)
  gated[GATE] = gate
  for (const method in originals) (gated as Methods)[method as Method] = SHADOWS[method as Method]
  return gate
}

const sealedForAny = new WeakMap<Buffer, string>()

/** Seals a text that gives nothing away, so that it may leave through any gate: an error answer that Fastify writes by itself. */
export function sealForAny (text: string): Buffer {
  const sealed = Buffer.from(text)
  sealedForAny.set(sealed, text)
  return sealed
}

function isEmpty (chunk: unknown): boolean {
  return chunk === undefined || chunk === null || chunk === '' || (chunk instanceof Uint8Array && chunk.length === 0)
}

function callbackOf (args: readonly unknown[]): ((error?: Error) => void) | undefined {
  const last = args.at(-1)
  return typeof last === 'function' ? last as (error?: Error) => void : undefined
}

function bytesOf (chunk: unknown, encoding: unknown): Buffer | undefined {
  if (typeof chunk === 'string') return Buffer.from(chunk, typeof encoding === 'string' ? encoding as BufferEncoding : 'utf8')
  return chunk instanceof Uint8Array ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : undefined
}

/** The headers of a held-back head; undefined where they are in a form that only somebody going around Fastify uses. */
function headersOf (head: readonly unknown[] | undefined): OutgoingHttpHeaders | undefined {
  const last = head?.at(-1)
  if (typeof last !== 'object' || last === null) return {}
  return Array.isArray(last) ? undefined : last as OutgoingHttpHeaders
}

function set (head: readonly unknown[] | undefined, headers: OutgoingHttpHeaders, response: ServerResponse, name: string, value: string): void {
  if (headers === head?.at(-1)) headers[name] = value
  else response.setHeader(name, value)
}
