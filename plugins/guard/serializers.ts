import { closedError } from '../../lib/release/closed-error.js'
import { sealForAny } from '../../lib/release/gate.js'
import type { Serialize } from '../../lib/release/release.js'
import { NO_CLAIM_SETS } from './grants.js'
import type { ResponseEntry } from './response-table.js'

/**
 * Serializers as Fastify has them for a route. They write errors that Fastify answers with by itself, without asking
 * the reply's serializer: closed, and sealed for any gate, hence as a buffer.
 */

/** For a route without a schema for errors. */
export function serializeClosed (payload: unknown): string {
  return sealed(closedError((payload as { readonly statusCode: number }).statusCode, payload))
}

/** For a released schema: what any token may see. */
export function serializeUnasked (entry: ResponseEntry): Serialize {
  return closingErrors(payload => entry.release!.serializerFor(NO_CLAIM_SETS)(payload))
}

/** Writes what is no error as it is told. Of an error it writes what is left of it when it is closed. */
export function closingErrors (serialize: Serialize): Serialize {
  return payload => {
    if (!(payload instanceof Error)) return serialize(payload)
    const closed = closedError((payload as Error & { readonly statusCode: number }).statusCode, payload)
    try {
      return sealed(serialize(JSON.parse(closed)))
    } catch {
      // The schema asks for members that no closed error has.
      return sealed(closed)
    }
  }
}

function sealed (text: string): string {
  return sealForAny(text) as unknown as string
}
