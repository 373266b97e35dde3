import { randomUUID } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import type { FastifyReply } from 'fastify'
import { StreamFailedError, StreamInvalidError } from '../../lib/errors.js'
import type { Gate } from '../../lib/gate/gate.js'
import { whenGone } from '../../lib/gate/gated-stream.js'
import { closeWithConnection } from '../../lib/gate/queued-response.js'
import type { RecordFormat } from '../../lib/gate/record-format.js'
import { RecordPump, type Outlet, type StreamFailure } from '../../lib/gate/record-pump.js'
import { RevocableOutlet } from '../../lib/gate/revocable-outlet.js'
import { areRecords, RecordSource, type Records } from '../../lib/gate/record-source.js'
import type { Serialize } from '../../lib/release/release.js'

declare const STREAMED: unique symbol

/**
 * Stands for records in an answer. To a compiler it is the list of them; at run time it has no members, and only the
 * guard of its own request knows what it stands for.
 */
export type RecordStream<Item> = Item[] & { readonly [STREAMED]: true }

class Opaque {}

interface Held {
  readonly source: RecordSource
  readonly reply: FastifyReply
}

const held = new WeakMap<object, Held>()

/**
 * What stands for these records in an answer to this request, once.
 * @throws {FST_KEYHOLE_STREAM_INVALID}
 */
export function streamOf<Item> (records: Records<Item>, reply: FastifyReply): RecordStream<Item> {
  if (!areRecords(records)) throw new StreamInvalidError('request.keyhole.stream takes an iterable, or an async one: a list, a generator, a Readable in object mode.')
  const source = new RecordSource(records)
  closeWithConnection(reply.raw)
  // Whatever becomes of the answer.
  whenGone(reply.raw, () => { close(source, reply) })
  const stream = Object.freeze(new Opaque())
  held.set(stream, { source, reply })
  return stream as RecordStream<Item>
}

export function isStream (payload: unknown): payload is object {
  return payload instanceof Opaque
}

/** How the records of a stream are written. */
export interface Writing {
  readonly format: RecordFormat
  /** Undefined where nothing of any record leaves. */
  readonly serialize: Serialize | undefined
  failed (failure: StreamFailure): void
  /** Whether those who get them may not have them any more. */
  isRevoked (): boolean
  /** Told when it ends for that. */
  revoked (): void
}

/**
 * Lets a stream pass through the gate of its own request, and no other.
 * @returns a text that stands for it, and for nothing else: hooks may read it
 * @throws {FST_KEYHOLE_STREAM_INVALID}
 */
export function sealStream (stream: object, reply: FastifyReply, gate: Gate, writing: Writing): string {
  const { source, reply: own } = held.get(stream) ?? {}
  if (source === undefined || own !== reply) throw new StreamInvalidError('request.keyhole.stream: send what it returns once, as the answer to that request.')
  held.delete(stream)
  const text = randomUUID()
  gate.sealStream(text, outlet => { begin(source, outlet, reply, writing) })
  return text
}

function begin (source: RecordSource, outlet: Outlet, reply: FastifyReply, { format, serialize, failed, isRevoked, revoked }: Writing): void {
  if (serialize === undefined || reply.request.method === 'HEAD') {
    outlet.end(format.open + format.close)
    return
  }
  const revocable = new RevocableOutlet(outlet, isRevoked, () => {
    revoked()
    close(source, reply)
  })
  whenGone(reply.raw, () => {
    revocable.stop()
    tellIfCut(reply.raw)
  })
  new RecordPump(source, serialize, format, revocable, failed).run().then(() => { close(source, reply) })
}

/** An answer that ends too early never finishes; Fastify runs its hooks for the end of an answer when there is an error instead. */
function tellIfCut (response: ServerResponse): void {
  if (!response.writableFinished && response.listenerCount('error') > 0) response.emit('error', new StreamFailedError())
}

function close (source: RecordSource, { log }: FastifyReply): void {
  source.close().catch((error: unknown) => { log.warn(describeThrown(error), 'the source of a stream could not be closed') })
}

/** What was thrown, for the log: its message may quote the record. */
export function describeThrown (error: unknown): { readonly thrown: string, readonly code?: string } {
  const { code } = (error ?? {}) as { readonly code?: unknown }
  const thrown = error instanceof Error ? error.name : typeof error
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{0,63}$/.test(code) ? { thrown, code } : { thrown }
}
