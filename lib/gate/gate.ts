import type { ServerResponse } from 'node:http'
import { PayloadBlockedError, StreamFailedError } from '../errors.js'
import { headFault, headerOf, keptHead, removeHeader, streamHead, type Head } from './answer-head.js'
import { bytesOf, callbackOf, isEmpty, lastFunction, later, type Callback } from './chunk.js'
import { closedError } from './closed-error.js'
import { CompressedBody } from './content-coding.js'
import { GatedStream } from './gated-stream.js'
import { eachMethod, originalsOf, type Method, type Methods } from './response-methods.js'
import type { Outlet } from './record-pump.js'
import { LONGEST_REMEMBERED, textSealedForAny, wasSealedForAny } from './sealed-error.js'

/** Who hears of what a gate held back. */
export interface GateKeeper {
  /** @returns what shall leave in its place; when left out, a generic 500 */
  blocked (what: Blocked, chunk: unknown): Substitute | undefined
}

/** An answer that gives nothing away. */
export interface Substitute {
  readonly status: number
  /** JSON. */
  readonly body: string
}

/** What was about to leave without having been sealed. */
export type Blocked = 'body' | 'trailer' | 'early hints' | 'server push' | 'shared cache' | 'head'

const GATE = Symbol('keyhole.gate')

type Gated = ServerResponse & Methods & { [GATE]: Gate }

/**
 * Stands in the way of one response: nothing passes but the bytes that were sealed last, in their order, or all of
 * them in a content coding. The head is held back until the first of them. Everything else is answered with a generic 500.
 *
 * Not closable from here: the socket itself, methods taken from the prototype, header values and the status message.
 */
export class Gate {
  private sealed: string | Buffer | undefined
  private bytes: Buffer | undefined
  /** How many of the sealed bytes have passed. */
  private offset = 0
  private head: Head | undefined
  /** A compressed body, of which nothing passes before its end. */
  private coded: CompressedBody | undefined
  /** An original method is running: what it calls is its own business. */
  private own = false
  private ended = false
  /** What begins once this text comes as the whole body. */
  private stream: { readonly text: string, readonly begin: (outlet: Outlet) => void } | undefined

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
    this.coded = undefined
    this.stream = undefined
  }

  /**
   * Lets a stream pass in place of a text, and nothing else: neither the text, nor anything between or behind what the
   * stream writes.
   * @param text known to nobody else
   * @param begin called once, when the head may be sent
   */
  sealStream (text: string, begin: (outlet: Outlet) => void): void {
    this.seal('')
    this.stream = { text, begin }
  }

  writeHead (args: unknown[]): unknown {
    if (this.own) return this.originals.writeHead.apply(this.response, args)
    if (this.ended) return this.response
    if (typeof args[0] === 'number') this.response.statusCode = args[0]
    this.head = keptHead(args)
    return this.response
  }

  end (chunk: unknown, encoding: unknown, callback: unknown): unknown {
    if (this.own) return this.originals.end.call(this.response, chunk, encoding, callback)
    if (!this.ended) this.finish(chunk, encoding, lastFunction(chunk, encoding, callback))
    return this.response
  }

  /** Any method but these two. */
  call (method: Method, args: unknown[]): unknown {
    if (this.own) return this.originals[method].apply(this.response, args)
    if (this.ended) return method === 'write' ? false : this.response
    switch (method) {
      case 'writeHeader':
        return this.writeHead(args)
      case 'flushHeaders':
        return undefined
      case 'write':
        return this.write(args)
      case 'addTrailers':
      case 'setTrailer':
        this.keeper.blocked('trailer', undefined)
        return undefined
      case 'writeEarlyHints':
      case 'writeInformation':
        this.keeper.blocked('early hints', undefined)
        callbackOf(args)?.()
        return undefined
      case 'createPushResponse':
        this.keeper.blocked('server push', undefined)
        callbackOf(args)?.(new Error('a guarded route does not push'))
    }
  }

  private write (args: unknown[]): unknown {
    const [chunk, encoding] = args
    if (isEmpty(chunk)) return true
    if (this.isCoded(chunk)) return this.hold(chunk) ? later(callbackOf(args)) : this.block('body', this.coded)
    const admitted = this.admit(chunk, encoding)
    if (admitted === undefined || this.tellsLengthOfAnother(admitted)) return this.block('body', chunk)
    return this.sendHead() ? this.run('write', [admitted, undefined, callbackOf(args)]) : false
  }

  private finish (first: unknown, encoding: unknown, callback: Callback | undefined): void {
    const chunk = typeof first === 'function' || isEmpty(first) ? undefined : first
    if (this.stream !== undefined) {
      this.head = streamHead(this.response, this.head)
      if (chunk === this.stream.text) return this.open(this.stream.begin)
    }
    const isCoded = this.isCoded(chunk)
    const hasBody = isCoded || chunk !== undefined
    const admitted = isCoded ? this.admitCoded(chunk) : hasBody ? this.admit(chunk, encoding) : undefined
    if ((hasBody && admitted === undefined) || this.tellsLengthOfAnother(admitted)) {
      this.block('body', isCoded ? this.coded : chunk)
    } else if (this.sendHead()) {
      this.ended = true
      this.run('end', [admitted, undefined, callback])
    }
  }

  private open (begin: (outlet: Outlet) => void): void {
    this.ended = true
    begin(new GatedStream(this.response, {
      sendHead: () => this.sendHead(),
      run: (method, args) => this.run(method, args),
      failed: () => { this.replace(FAILED) }
    }))
  }

  /**
   * What comes next of the sealed bytes, if this chunk is just that; it counts as passed then. The chunk itself is not
   * sent, nor with its encoding: whoever made it could change it before it is.
   */
  private admit (chunk: unknown, encoding: unknown): string | Buffer | undefined {
    const { sealed } = this
    if (chunk === sealed && this.offset === 0 && typeof chunk === 'string' && (typeof encoding !== 'string' || /^utf-?8$/i.test(encoding))) {
      this.offset = Infinity
      return chunk
    }
    const error = textSealedForAny(chunk)
    if (error !== undefined) return Buffer.from(error)
    if (sealed === undefined) return undefined
    const part = bytesOf(chunk, encoding)
    this.bytes ??= Buffer.from(sealed as string)
    const next = this.bytes.subarray(this.offset, this.offset + (part?.length ?? 0))
    if (part === undefined || !next.equals(part)) return undefined
    this.offset += part.length
    return next
  }

  /** Whether this chunk, or the end, belongs to a compressed body. A text that was sealed may still take its place. */
  private isCoded (chunk: unknown): boolean {
    if (typeof chunk === 'string' || textSealedForAny(chunk) !== undefined) return false
    if (this.coded !== undefined) return true
    if (chunk === undefined || this.offset > 0 || this.response.headersSent) return false
    const coding = headerOf(this.response, this.head, 'content-encoding')
    if (coding === undefined) return false
    this.coded = CompressedBody.of(coding, Math.max(Buffer.byteLength(this.sealed ?? ''), LONGEST_REMEMBERED))
    return this.coded !== undefined
  }

  private hold (chunk: unknown): boolean {
    const part = bytesOf(chunk, undefined)
    return part !== undefined && this.coded!.add(part)
  }

  /** The compressed body as it was given, if it stands for all of the sealed bytes, or for an error that gives nothing away. */
  private admitCoded (chunk: unknown): Buffer | undefined {
    if (chunk !== undefined && !this.hold(chunk)) return undefined
    const body = this.coded!.finish()
    if (body === undefined) return undefined
    const { coded, decoded } = body
    const isSealed = this.sealed !== undefined && decoded.equals(Buffer.from(this.sealed as string))
    // Somebody compresses what was emptied for a 304: it has no body to send.
    const isNothing = decoded.length === 0 && this.response.statusCode === 304
    return isSealed || isNothing || wasSealedForAny(decoded.toString()) ? coded : undefined
  }

  /**
   * Whether a head that is held back tells another length than that of what leaves: a body that is held back has one too.
   * Without a body, as for HEAD, it may tell that of the sealed text. Errors that Fastify writes by itself have a length
   * that nobody knows here once their body was left out: these tell none.
   */
  private tellsLengthOfAnother (body: string | Buffer | undefined): boolean {
    if (this.response.headersSent) return false
    const told = headerOf(this.response, this.head, 'content-length')
    if (told === undefined) return false
    const length = Number(told)
    if (length === Buffer.byteLength(body ?? '') || length === Buffer.byteLength(this.sealed ?? '')) return false
    if (body !== undefined || this.response.statusCode < 400) return true
    this.head = removeHeader(this.response, this.head, 'content-length')
    return false
  }

  /** Sends the head that was held back, once; false when it was refused and the answer is a 500. */
  private sendHead (): boolean {
    if (this.response.headersSent) return true
    const fault = headFault(this.response, this.head)
    if (fault !== undefined) return this.block(fault, undefined)
    if (this.head === undefined) return true
    try {
      this.run('writeHead', this.head)
      return true
    } catch {
      return this.block('head', undefined)
    }
  }

  private run (method: Method, args: readonly unknown[]): unknown {
    this.own = true
    try {
      return this.originals[method].apply(this.response, args as unknown[])
    } finally {
      this.own = false
    }
  }

  private block (blocked: Blocked, chunk: unknown): false {
    const substitute = this.keeper.blocked(blocked, chunk) ?? WITHHELD
    this.ended = true
    if (this.response.headersSent) this.response.destroy()
    else this.replace(substitute)
    return false
  }

  /** Answers with this instead of all that was meant to leave. */
  private replace ({ status, body }: Substitute): void {
    const { response } = this
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    if (Object.hasOwn(response, 'statusMessage')) response.statusMessage = ''
    this.run('writeHead', [status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(body), 'cache-control': 'no-store' }])
    this.run('end', [body])
  }
}

const WITHHELD: Substitute = {
  status: 500,
  body: closedError(500, new PayloadBlockedError())
}

const FAILED: Substitute = {
  status: 500,
  body: closedError(500, new StreamFailedError())
}

const SHADOWS: Methods = {
  ...eachMethod(method => function (this: Gated, ...args: unknown[]) {
    return this[GATE].call(method, args)
  }),
  // Every answer calls these two: they take no detour.
  writeHead (this: Gated, ...args: unknown[]) {
    return this[GATE].writeHead(args)
  },
  end (this: Gated, chunk?: unknown, encoding?: unknown, callback?: unknown) {
    return this[GATE].end(chunk, encoding, callback)
  }
}

/** Closes the gate of a response. A method that somebody has replaced before counts as the original. */
export function closeGate (response: ServerResponse, keeper: GateKeeper): Gate {
  const gated = response as Gated
  const methods: Methods = gated
  const originals = originalsOf(methods, SHADOWS)
  const gate = new Gate(gated, originals.methods, keeper)
  gated[GATE] = gate
  // Spelt out: in a loop over names this takes five times as long.
  methods.writeHead = SHADOWS.writeHead
  if (originals.methods.writeHeader !== undefined) methods.writeHeader = SHADOWS.writeHeader
  methods.write = SHADOWS.write
  methods.end = SHADOWS.end
  methods.addTrailers = SHADOWS.addTrailers
  methods.writeEarlyHints = SHADOWS.writeEarlyHints
  methods.flushHeaders = SHADOWS.flushHeaders
  for (const method of originals.optional) methods[method] = SHADOWS[method]
  return gate
}
