import { ServerResponse } from 'node:http'
import type { Http2ServerResponse } from 'node:http2'
import { PassThrough, Readable, Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { deflateSync, gzipSync } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify'
import fp from 'fastify-plugin'
import { Type } from '@sinclair/typebox'
import { ANY_TOKEN, claimSet } from '../../lib/release/annotation.js'
import { Customer, JANE, SECRET } from '../plugins/resource-guard-app.js'

/** Attempts of a route's author, careless or worse, to get a withheld value past the guard. */

type Handler = (request: FastifyRequest, reply: FastifyReply) => unknown

const NOTHING = null

export interface Attempt {
  /** Handles GET /. */
  readonly handler?: Handler
  /** Of GET /. */
  readonly options?: RouteShorthandOptions
  /** What else is done in the guarded context before GET / is declared. */
  readonly context?: (api: FastifyInstance) => unknown
  /** What the application does above the guard. */
  readonly before?: (app: FastifyInstance) => unknown
  /** null where HTTP/1.1 has no such thing. */
  readonly outcome: Outcome | null
  /** Where HTTP/2 makes another of it; null where it has no such thing. */
  readonly http2?: Outcome | null
}

export type Outcome =
  /** 500, and nothing else. */
  | 'withheld'
  /** The fields of the view, as if nothing had been tried. */
  | 'released'
  /** A closed error of another status. */
  | 'closed'
  /** 200 without a body. */
  | 'empty'
  /** The connection is cut before a byte of it leaves. */
  | 'cut'
  /** It leaves. The guard cannot close this; docs/guard.md says so. */
  | 'open'

const TEXT = JSON.stringify(JANE)
export const OF_PROFILE = JSON.stringify({ id: JANE.id, name: JANE.name, age: JANE.age })
export const jane = async () => JANE
const text = (reply: FastifyReply) => reply.serialize(JANE) as string
/** `end`, to be called on something else. */
const endOf = (raw: ServerResponse) => raw.end as unknown as { call (target: unknown, text: string): ServerResponse }

export const ATTEMPTS: Readonly<Record<string, Attempt>> = {
  // Payloads
  'toJSON that adds fields': { handler: async () => ({ toJSON: () => ({ ...JANE, more: SECRET }) }), outcome: 'released' },
  'a getter that writes while the answer is made': {
    handler: (_request, reply) => ({ ...JANE, get name () { reply.raw.write(TEXT); return 'Jane Doe' } }),
    outcome: 'withheld'
  },
  'a getter that ends the answer': {
    handler: (_request, reply) => ({ ...JANE, get name () { reply.raw.end(TEXT); return 'Jane Doe' } }),
    outcome: 'withheld'
  },
  'a thenable payload': { handler: () => ({ then: (done: (value: unknown) => void) => done(TEXT) }), outcome: 'withheld' },
  'an object that calls itself a Response': {
    handler: async () => ({ ...JANE, [Symbol.toStringTag]: 'Response', status: 200, headers: new Map(), body: Readable.from([TEXT]) }),
    outcome: 'withheld'
  },
  'an object with pipe': {
    handler: async () => ({ pipe: (raw: ServerResponse) => raw.end(TEXT), on: () => {}, once: () => {}, removeListener: () => {}, readable: true }),
    outcome: 'withheld'
  },
  'bytes under a buffer property': {
    handler: async () => ({ ...JANE, buffer: new TextEncoder().encode(TEXT).buffer, byteOffset: 0, byteLength: TEXT.length }),
    outcome: 'withheld'
  },
  'text in a String object': { handler: async () => Object.assign(Object(TEXT) as object, JANE), outcome: 'released' },
  'JSON as text of another type': { handler: async (_request, reply) => reply.type('application/vnd.api+json').send(TEXT), outcome: 'withheld' },
  'an error that carries data': {
    handler: async () => {
      throw Object.assign(new Error('x'), JANE, { statusCode: 409, toJSON: () => JANE, message: SECRET, details: SECRET })
    },
    outcome: 'closed'
  },
  'an error with a cause': { handler: async () => { throw new Error('x', { cause: new Error(SECRET) }) }, outcome: 'withheld' },
  'an AggregateError': { handler: async () => { throw new AggregateError([new Error(SECRET)], SECRET) }, outcome: 'withheld' },
  'null thrown': { handler: async () => { throw NOTHING }, outcome: 'withheld' },
  'data thrown': { handler: async () => { throw JANE }, outcome: 'withheld' },

  'a Response of the released text': {
    handler: async (_request, reply) => new Response(text(reply), { headers: { 'content-type': 'application/json' } }),
    outcome: 'released'
  },
  'a Response of another text': { handler: async (_request, reply) => { text(reply); return new Response(TEXT) }, outcome: 'withheld' },
  'a Blob': { handler: async () => new Blob([TEXT]), outcome: 'withheld' },
  'the stream of a Blob': { handler: async (_request, reply) => { text(reply); return new Blob([TEXT]).stream() }, outcome: 'withheld' },
  'an ArrayBuffer': { handler: async () => new TextEncoder().encode(TEXT).buffer, outcome: 'withheld' },
  'memory that is shared': { handler: async () => { const bytes = Buffer.from(TEXT); const shared = new Uint8Array(new SharedArrayBuffer(bytes.length)); shared.set(bytes); return shared }, outcome: 'withheld' },
  'numbers for characters': { handler: async () => Float64Array.from(Buffer.from(TEXT)), outcome: 'withheld' },
  'parameters of a URL': { handler: async () => new URLSearchParams({ iban: SECRET }), outcome: 'withheld' },
  'a Map': { handler: async () => new Map(Object.entries(JANE)), outcome: 'withheld' },
  'a generator': { handler: () => (function * () { yield TEXT })(), outcome: 'withheld' },
  'a function': { handler: async () => () => TEXT, outcome: 'withheld' },
  'a symbol': { handler: async () => Symbol(SECRET), outcome: 'withheld' },
  'an error that is sent as data': { handler: (_request, reply) => { reply.code(200).send(Object.assign(new Error(SECRET), JANE)) }, outcome: 'withheld' },
  'an error of validation that quotes data': {
    handler: async () => { throw Object.assign(new Error(SECRET), { statusCode: 400, validation: [{ message: SECRET, params: JANE }], validationContext: SECRET }) },
    outcome: 'closed'
  },
  'an error whose members are getters': {
    handler: async () => { throw Object.defineProperties(new Error('x'), { statusCode: { get: () => 409 }, message: { get: () => SECRET }, code: { get: () => `no ${SECRET}` } }) },
    outcome: 'closed'
  },
  'an error after the answer': { handler: async (_request, reply) => { reply.send(JANE); throw new Error(SECRET) }, outcome: 'released' },

  // Hooks
  'onSend that gives a Response': { handler: jane, options: { onSend: async () => new Response(TEXT) }, outcome: 'withheld' },
  'onSend that gives a web stream': { handler: jane, options: { onSend: async () => new Blob([TEXT]).stream() }, outcome: 'withheld' },
  'onSend that gives an object': { handler: jane, options: { onSend: async () => JANE }, outcome: 'withheld' },
  'onSend that gives nothing': { handler: jane, options: { onSend: async () => null }, outcome: 'empty' },
  'onSend that writes': { handler: jane, options: { onSend: async (_request, reply, payload) => { reply.raw.write(TEXT); return payload } }, outcome: 'withheld' },
  'onSend that tells another length': {
    handler: jane,
    options: { onSend: async (_request, reply, payload) => { reply.header('content-length', TEXT.length); return payload } },
    outcome: 'released'
  },
  'preSerialization that gives a stream': { handler: jane, options: { preSerialization: async () => Readable.from([TEXT]) }, outcome: 'withheld' },
  'preSerialization that throws data': { handler: jane, options: { preSerialization: async () => { throw Object.assign(new Error(SECRET), { statusCode: 422, data: JANE }) } }, outcome: 'closed' },
  'preValidation that answers with bytes': { handler: jane, options: { preValidation: async (_request, reply) => reply.send(Buffer.from(TEXT)) }, outcome: 'withheld' },
  'preParsing that answers with text': { handler: jane, options: { preParsing: async (_request, reply) => { await reply.type('application/json').send(TEXT) } }, outcome: 'withheld' },
  'onSend of the route that replaces the text': { handler: jane, options: { onSend: async () => TEXT }, outcome: 'withheld' },
  'onSend that wraps the text': {
    handler: jane,
    options: { onSend: async (_request, _reply, payload) => `{"data":${payload as string},"iban":"${SECRET}"}` },
    outcome: 'withheld'
  },
  'onSend that gives bytes': { handler: jane, options: { onSend: async () => Buffer.from(TEXT) }, outcome: 'withheld' },
  'onSend that gives a stream': { handler: jane, options: { onSend: async () => Readable.from([TEXT]) }, outcome: 'withheld' },
  'onSend that compresses another text': {
    handler: jane,
    options: { onSend: async (_request, reply) => { reply.header('content-encoding', 'gzip'); return gzipSync(TEXT) } },
    outcome: 'withheld'
  },
  'onSend above the guard': { handler: jane, before: app => { app.addHook('onSend', async () => TEXT) }, outcome: 'withheld' },
  'onSend of a later plugin': {
    handler: jane,
    context: api => api.register(fp(async later => { later.addHook('onSend', async () => TEXT) })),
    outcome: 'withheld'
  },
  'onSend that throws data': {
    handler: jane,
    options: { onSend: async () => { throw Object.assign(new Error(SECRET), { statusCode: 502, data: JANE }) } },
    outcome: 'closed'
  },
  'preSerialization that gives text': { handler: jane, options: { preSerialization: async () => TEXT }, outcome: 'withheld' },
  'preSerialization that gives bytes': { handler: jane, options: { preSerialization: async () => Buffer.from(TEXT) }, outcome: 'withheld' },
  'onRequest behind the guard that answers': {
    handler: jane,
    options: { onRequest: async (_request, reply) => reply.send(TEXT) },
    outcome: 'withheld'
  },
  'preHandler that hijacks and writes later': {
    handler: jane,
    options: { preHandler: async (_request, reply) => { reply.hijack(); await setImmediate(); reply.raw.end(TEXT) } },
    outcome: 'withheld'
  },
  'onResponse that writes': {
    handler: jane,
    options: { onResponse: async (_request, reply) => { reply.raw.write(TEXT); reply.raw.end(TEXT) } },
    outcome: 'released'
  },
  'onError that writes': {
    handler: async () => { throw new Error('x') },
    options: { onError: async (_request, reply) => { reply.raw.end(TEXT) } },
    outcome: 'withheld'
  },
  'a listener of the response that writes': {
    handler: async (_request, reply) => {
      reply.raw.on('finish', () => reply.raw.end(TEXT)).on('close', () => reply.raw.write(TEXT))
      return JANE
    },
    outcome: 'released'
  },

  // Reply
  'reply.serializer in a hook behind the guard': {
    handler: jane,
    options: { preHandler: async (_request, reply) => { reply.serializer(() => TEXT) } },
    outcome: 'withheld'
  },
  'reply.serializer set to none': { handler: (_request, reply) => reply.serializer(null as never).send(JANE), outcome: 'withheld' },
  'reply.serializeInput by the schema of the route': {
    handler: (_request, reply) => reply.type('application/json').send(reply.serializeInput(JANE, '200')),
    outcome: 'withheld'
  },
  'reply.serializeInput by a schema of its own': {
    handler: (_request, reply) => reply.type('application/json').send(reply.serializeInput(JANE, { type: 'object', additionalProperties: true })),
    outcome: 'withheld'
  },
  'reply.compileSerializationSchema of the annotated schema': {
    handler: (_request, reply) => reply.type('application/json').send(reply.compileSerializationSchema(Customer)(JANE)),
    outcome: 'withheld'
  },
  'reply.getSerializationFunction of the route': {
    handler: (_request, reply) => reply.type('application/json').send(reply.getSerializationFunction('200')!(JANE)),
    outcome: 'withheld'
  },
  'reply.serialize, then its text': { handler: (_request, reply) => reply.type('application/json').send(text(reply)), outcome: 'released' },
  'reply.serialize, then another text of the same length': {
    handler: (_request, reply) => reply.type('application/json').send(text(reply).replace('Jane Doe', 'DE893704')),
    outcome: 'withheld'
  },
  'reply.serialize twice, then the first text': {
    handler: (_request, reply) => {
      const first = reply.serialize({ ...JANE, name: SECRET })
      reply.serialize(JANE)
      reply.type('application/json').send(first)
    },
    outcome: 'withheld'
  },
  'send twice, text second': {
    handler: (_request, reply) => {
      reply.send(JANE)
      reply.send(TEXT)
    },
    outcome: 'released'
  },
  'send, then text on the raw response': {
    handler: (_request, reply) => {
      reply.send(JANE)
      reply.raw.write(TEXT)
      reply.raw.end(TEXT)
    },
    outcome: 'released'
  },
  'a trailer': { handler: (_request, reply) => reply.trailer('x-iban', async () => SECRET).send(JANE), outcome: 'withheld' },
  'early hints': {
    handler: (_request, reply) => { reply.writeEarlyHints({ link: `</${SECRET}>; rel=preload` }, () => reply.send(JANE)) },
    outcome: 'released'
  },
  'another status by the error handler': {
    handler: async () => { throw new Error('x') },
    options: { errorHandler: (_error, _request, reply) => { reply.code(203).send(JANE) } },
    outcome: 'withheld'
  },
  'callNotFound with data from above': {
    handler: (_request, reply) => { reply.callNotFound() },
    before: app => { app.setNotFoundHandler((_request, reply) => { reply.code(200).send(TEXT) }) },
    outcome: 'withheld'
  },
  'another raw response': {
    handler: (_request, reply) => {
      const { raw } = reply
      Object.assign(reply, { raw: Object.create(raw) })
      reply.send(TEXT)
    },
    outcome: 'withheld'
  },
  'inject with the token, its text': {
    handler: async (request, reply) => {
      const inner = await request.server.inject({ url: '/good', headers: { authorization: request.headers.authorization! } })
      return reply.type('application/json').send(inner.payload)
    },
    outcome: 'withheld'
  },
  'inject with the token, its object': {
    handler: async request => (await request.server.inject({ url: '/good', headers: { authorization: request.headers.authorization! } })).json(),
    options: { schema: { response: { 200: Type.Partial(Customer) } } },
    outcome: 'released'
  },

  // The raw response
  'the length of the whole, and the released text': {
    handler: (_request, reply) => {
      const released = text(reply)
      reply.hijack().raw.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': TEXT.length }).end(released)
    },
    outcome: 'withheld'
  },
  'the length of the whole, before a part of the released text': {
    handler: (_request, reply) => {
      const released = text(reply)
      reply.hijack().raw.writeHead(200, { 'content-length': TEXT.length }).write(released.slice(0, 9))
      reply.raw.end(released.slice(9))
    },
    outcome: 'withheld'
  },
  'the length of the whole, and no body': {
    handler: (_request, reply) => { reply.hijack().raw.writeHead(200, { 'Content-Length': TEXT.length }).end() },
    outcome: 'withheld'
  },
  'a shared cache, told in capitals': {
    handler: (_request, reply) => {
      const released = text(reply)
      const { raw } = reply.hijack()
      raw.setHeader('cache-control', 'no-store')
      raw.writeHead(200, { 'Cache-Control': 'public, max-age=60' }).end(released)
    },
    outcome: 'withheld'
  },
  'a shared cache, told through somebody\'s writeHead': {
    handler: (_request, reply) => {
      const { raw } = reply
      const { writeHead } = raw
      raw.writeHead = ((...args: unknown[]) => Reflect.apply(writeHead, raw, [args[0], args[1], args[2]])) as never
      reply.header('cache-control', 'public').send(JANE)
    },
    outcome: 'withheld'
  },
  'a trailer told in capitals': {
    handler: (_request, reply) => {
      const released = text(reply)
      const raw = reply.hijack().raw.writeHead(200, { Trailer: 'x-iban' })
      raw.addTrailers({ 'x-iban': SECRET })
      raw.end(released)
    },
    outcome: 'withheld'
  },
  'nothing first, then text': {
    handler: (_request, reply) => {
      reply.hijack().raw.write('')
      reply.raw.write(Buffer.alloc(0))
      reply.raw.end(TEXT)
    },
    outcome: 'withheld'
  },
  'corked text': {
    handler: (_request, reply) => {
      reply.hijack().raw.cork()
      reply.raw.write(TEXT)
      reply.raw.uncork()
      reply.raw.end()
    },
    outcome: 'withheld'
  },
  'text first, then the value': { handler: async (_request, reply) => { reply.raw.write(TEXT); reply.send(JANE); return reply }, outcome: 'withheld' },
  'a 304 with a body': { handler: (_request, reply) => { reply.hijack().raw.writeHead(304).end(TEXT) }, outcome: 'withheld' },
  'a response that is a stream of the web': {
    handler: async (_request, reply) => {
      const { raw } = reply.hijack()
      try {
        await new Blob([TEXT]).stream().pipeTo(Writable.toWeb(raw))
      } catch {
        // HTTP/2 has none.
        raw.end(TEXT)
      }
    },
    outcome: 'withheld'
  },
  'chunks made by hand': {
    handler: (_request, reply) => { reply.hijack().raw.writeHead(200, { 'transfer-encoding': 'chunked' }).end(`${TEXT.length.toString(16)}\r\n${TEXT}\r\n0\r\n\r\n`) },
    outcome: 'withheld'
  },
  'end with a callback': { handler: (_request, reply) => { reply.hijack().raw.end(TEXT, () => {}) }, outcome: 'withheld' },
  'end in base64': { handler: (_request, reply) => { reply.hijack().raw.end(Buffer.from(TEXT).toString('base64'), 'base64') }, outcome: 'withheld' },
  'end in an encoding that there is not': {
    handler: (_request, reply) => { reply.hijack().raw.end(TEXT, 'nonsense' as BufferEncoding) },
    outcome: 'withheld'
  },
  'write in parts': {
    handler: (_request, reply) => {
      for (const part of TEXT) reply.hijack().raw.write(part)
      reply.raw.end()
    },
    outcome: 'withheld'
  },
  'writeHead, flushHeaders, write': {
    handler: (_request, reply) => {
      const raw = reply.hijack().raw.writeHead(200)
      raw.flushHeaders()
      raw.write(TEXT)
    },
    outcome: 'withheld'
  },
  'writeHead with a list of headers': {
    handler: (_request, reply) => {
      text(reply)
      reply.hijack().raw.writeHead(200, ['x-iban', SECRET]).end(OF_PROFILE)
    },
    outcome: 'withheld'
  },
  'writeHead with a header that is none': {
    handler: (_request, reply) => {
      text(reply)
      reply.hijack().raw.writeHead(200, { 'x-iban': `a\r\n${SECRET}` }).end(OF_PROFILE)
    },
    outcome: 'withheld',
    http2: 'released'
  },
  'another status on the raw response': {
    handler: async (_request, reply) => {
      reply.raw.statusCode = 201
      return JANE
    },
    outcome: 'withheld'
  },
  'the released text, and more in one go': {
    handler: (_request, reply) => {
      const released = text(reply)
      reply.hijack().raw.end(released + SECRET)
    },
    outcome: 'withheld'
  },
  'the released text, and more in a second write': {
    handler: (_request, reply) => {
      const released = text(reply)
      reply.hijack().raw.write(released)
      reply.raw.write(SECRET)
    },
    outcome: 'cut'
  },
  'the released text in parts': {
    handler: (_request, reply) => {
      const released = text(reply)
      reply.hijack().raw.write(released.slice(0, 5))
      reply.raw.write(Buffer.from(released.slice(5)))
      reply.raw.end()
    },
    outcome: 'released'
  },
  'bytes that change after they were written': {
    handler: (_request, reply) => {
      const bytes = Buffer.from(text(reply))
      reply.hijack().raw.cork()
      reply.raw.write(bytes)
      bytes.write(SECRET)
      reply.raw.uncork()
      reply.raw.end()
    },
    outcome: 'released'
  },
  'bytes that claim to be others': {
    handler: (_request, reply) => {
      const good = Buffer.from(text(reply))
      class Lying extends Uint8Array {
        override get buffer () { return good.buffer as ArrayBuffer }
        override get byteOffset () { return good.byteOffset }
        override get byteLength () { return good.length }
      }
      reply.hijack().raw.end(new Lying(Buffer.from(TEXT.slice(0, good.length))))
    },
    outcome: 'released'
  },
  'bytes that claim to be none': {
    handler: (_request, reply) => {
      class Empty extends Uint8Array { override get length () { return 0 } }
      reply.hijack().raw.end(new Empty(Buffer.from(TEXT)))
    },
    outcome: 'empty'
  },
  'a closed error as bytes, changed': {
    handler: (_request, reply) => {
      const bytes = reply.serializeInput(Object.create(new Error('x'), { statusCode: { value: 409 } }), '409') as unknown as Buffer
      bytes.write(SECRET)
      reply.hijack().raw.writeHead(409, { 'content-length': bytes.length }).end(bytes)
    },
    options: { schema: { response: { 200: Customer, 409: claimSet(ANY_TOKEN, Type.Object({ statusCode: Type.Integer(), message: Type.String() })) } } },
    outcome: 'closed'
  },
  'pipeline to the response': {
    handler: async (_request, reply) => { await pipeline(Readable.from([TEXT]), reply.hijack().raw).catch(() => {}) },
    outcome: 'withheld'
  },
  'a stream piped through': { handler: async (_request, reply) => reply.send(Readable.from([TEXT]).pipe(new PassThrough())), outcome: 'withheld' },
  'a stream of the released text': {
    handler: async (_request, reply) => {
      const released = text(reply)
      return reply.type('application/json').send(Readable.from([released.slice(0, 9), released.slice(9)]))
    },
    outcome: 'released'
  },
  'a method of the response, called on what inherits from it': {
    handler: (_request, reply) => {
      const { raw } = reply.hijack()
      endOf(raw).call(Object.create(raw), TEXT)
    },
    outcome: 'withheld'
  },
  'a method of the response, kept from before': {
    handler: (_request, reply) => {
      const end = endOf(reply.raw)
      reply.hijack()
      end.call(reply.raw, TEXT)
    },
    outcome: 'withheld'
  },
  'end replaced by a handler': {
    handler: async (_request, reply) => {
      const end = endOf(reply.raw)
      reply.raw.end = function (this: ServerResponse) { return end.call(this, TEXT) } as never
      return JANE
    },
    outcome: 'withheld'
  },
  'trailers of the raw response': {
    handler: async (_request, reply) => {
      reply.raw.setHeader('trailer', 'x-iban')
      reply.raw.addTrailers({ 'x-iban': SECRET })
      return JANE
    },
    outcome: 'withheld'
  },
  'trailers without a Trailer header': {
    handler: async (_request, reply) => {
      reply.header('transfer-encoding', 'chunked')
      reply.raw.addTrailers({ 'x-iban': SECRET })
      return JANE
    },
    outcome: 'released',
    http2: 'withheld'
  },
  'a Content-Length that is too short': { handler: async (_request, reply) => reply.header('content-length', 3).send(JANE), outcome: 'released' },
  'a Content-Length that is too long': { handler: async (_request, reply) => reply.header('content-length', 999).send(JANE), outcome: 'released' },
  'deflated bytes with their encoding': {
    handler: async (_request, reply) => reply.header('content-encoding', 'deflate').send(deflateSync(TEXT)),
    outcome: 'withheld'
  },
  'headers of an answer that is withheld': {
    handler: async (_request, reply) => {
      reply.raw.setHeader('x-iban', SECRET)
      reply.raw.statusMessage = SECRET
      return reply.headers({ 'x-iban-2': SECRET, 'set-cookie': SECRET }).send(TEXT)
    },
    outcome: 'withheld'
  },

  // HTTP/2
  'a pushed answer': {
    handler: (_request, reply) => {
      const raw = reply.raw as unknown as Http2ServerResponse
      raw.createPushResponse({ ':path': '/pushed', 'x-iban': SECRET }, (error, pushed) => {
        if (error === null) pushed.end(TEXT)
        reply.send(JANE)
      })
    },
    outcome: null,
    http2: 'released'
  },
  'a trailer, set': {
    handler: async (_request, reply) => {
      (reply.raw as unknown as { setTrailer (name: string, value: string): void }).setTrailer('x-iban', SECRET)
      return JANE
    },
    outcome: null,
    http2: 'released'
  },
  'text after the first frames of a long answer': {
    handler: (_request, reply) => {
      reply.send({ ...JANE, name: 'x'.repeat(200_000) })
      reply.raw.write(TEXT)
    },
    outcome: null,
    http2: 'cut'
  },
  'a long text': { handler: async () => TEXT.repeat(2000), outcome: 'withheld' },
  'a long text as JSON': { handler: async (_request, reply) => reply.type('application/json').send(TEXT.repeat(2000)), outcome: 'withheld' },

  // What the guard knows
  'another keyhole': {
    handler: async request => {
      request.keyhole = { ...request.keyhole, release: () => TEXT } as never
      return JANE
    },
    outcome: 'withheld'
  },
  'no keyhole': {
    handler: async request => {
      request.keyhole = null as never
      return JANE
    },
    outcome: 'withheld'
  },
  'a keyhole that can more': {
    handler: async request => {
      Object.defineProperties(request.keyhole, { can: { value: () => true }, scopes: { value: ['banking'] } })
      return JANE
    },
    outcome: 'released'
  },
  'the route opened in its config': {
    handler: async request => {
      Object.assign(request.routeOptions.config, { keyhole: { public: true } })
      return JANE
    },
    outcome: 'released'
  },
  'the route\'s record opened': {
    handler: async request => {
      const { config } = request.routeOptions as unknown as { config: Record<symbol, object> }
      for (const symbol of Object.getOwnPropertySymbols(config)) Reflect.set(config[symbol]!, 'raw', true)
      return JANE
    },
    outcome: 'released'
  },
  'every object public': {
    handler: async () => {
      Reflect.defineProperty(Object.prototype, 'public', { value: true, configurable: true })
      setImmediate().finally(() => Reflect.deleteProperty(Object.prototype, 'public'))
      return JANE
    },
    outcome: 'released'
  },

  // Not closable
  'a header of the raw response': {
    handler: async (_request, reply) => {
      reply.raw.setHeader('x-iban', SECRET)
      return JANE
    },
    outcome: 'open'
  },
  'a method that Node calls its own': {
    handler: (_request, reply) => {
      const raw = reply.hijack().raw as unknown as ServerResponse & { _send (text: string): void }
      raw._send(`HTTP/1.1 200 OK\r\ncontent-length: ${SECRET.length}\r\n\r\n${SECRET}`)
      raw.socket!.end()
    },
    outcome: 'open',
    http2: null
  },
  'a header': { handler: async (_request, reply) => reply.header('x-iban', SECRET).send(JANE), outcome: 'open' },
  'the status message': {
    handler: async (_request, reply) => {
      reply.raw.statusMessage = SECRET
      return JANE
    },
    outcome: 'open',
    http2: null
  },
  'a redirect': { handler: async (_request, reply) => reply.redirect(`/x?iban=${SECRET}`), outcome: 'open' },
  'the headers of an error': { handler: async () => { throw Object.assign(new Error('x'), { headers: { 'x-iban': SECRET } }) }, outcome: 'open' },
  'a released field with something else in it': { handler: async () => ({ ...JANE, name: { toString: () => SECRET } }), outcome: 'open' },
  'the socket': {
    handler: (_request, reply) => {
      reply.hijack().raw.socket!.end(`HTTP/1.1 200 OK\r\ncontent-length: ${SECRET.length}\r\n\r\n${SECRET}`)
    },
    outcome: 'open',
    http2: null
  },
  'a method of the prototype': {
    handler: (_request, reply) => { endOf(ServerResponse.prototype as ServerResponse).call(reply.hijack().raw, SECRET) },
    outcome: 'open',
    http2: null
  },
  'a hook above the guard that answers': {
    handler: jane,
    before: app => { app.addHook('onRequest', async (_request, reply) => reply.send(TEXT)) },
    outcome: 'open'
  },
  'end replaced above the guard': {
    handler: jane,
    before: app => {
      app.addHook('onRequest', async (_request, reply) => {
        const end = endOf(reply.raw)
        reply.raw.end = function (this: ServerResponse) { return end.call(this, TEXT) } as never
      })
    },
    outcome: 'open',
    http2: null
  },
  'the stream of HTTP/2': {
    handler: (_request, reply) => {
      const { stream } = reply.hijack().raw as unknown as Http2ServerResponse
      stream.respond({ ':status': 200 })
      stream.end(TEXT)
    },
    outcome: null,
    http2: 'open'
  }
}
