import { isObserving } from '../../lib/observe/observation.js'
import { closedError } from '../../lib/gate/closed-error.js'
import { sealForAny } from '../../lib/gate/sealed-error.js'
import { compileWhole, type Serialize } from '../../lib/release/release.js'
import { NO_CLAIM_SETS } from './grants.js'
import type { GuardedRoute } from './guarded-route.js'
import type { ResponseEntry } from './response-table.js'

/**
 * Serializers as Fastify has them for a route. They write errors that Fastify answers with by itself, without asking
 * the reply's serializer: closed, and sealed for any gate, hence as a buffer.
 */

/** For a released schema: what any token may see. */
export function serializeUnasked (entry: ResponseEntry): Serialize {
  return closingErrors(payload => entry.release!.serializerFor(NO_CLAIM_SETS)(payload))
}

/** Writes what was sent as it is told to. Of what was thrown it writes what is left of it when it is closed. */
export function closingErrors (serialize: Serialize): Serialize {
  return payload => {
    if (!wasThrown(payload)) return serialize(payload)
    const closed = closedError(payload.statusCode, payload)
    try {
      return sealed(serialize(JSON.parse(closed)))
    } catch {
      // The schema asks for members that no closed error has.
      return sealed(closed)
    }
  }
}

/** Fastify gives what was thrown, error or not, its status in a member that does not enumerate. */
function wasThrown (payload: unknown): payload is { readonly statusCode: number } {
  return typeof payload === 'object' && payload !== null && Object.getOwnPropertyDescriptor(payload, 'statusCode')?.enumerable === false
}

function sealed (text: string): string {
  return sealForAny(text) as unknown as string
}

/** What Fastify writes of an error that has no schema. */
const writeThrown = compileWhole({
  type: 'object',
  properties: { statusCode: { type: 'number' }, code: { type: 'string' }, error: { type: 'string' }, message: { type: 'string' } }
}, {}, {})

/** For a closed error while its route is observed: as Fastify writes where there is no schema. */
export function serializeUnguarded (payload: unknown): string {
  return wasThrown(payload) ? writeThrown(payload) : JSON.stringify(payload)
}

/** Writes as the application would while the route is observed, and as the guard does from then on. */
export function whileObserved ({ observation }: GuardedRoute, make: () => Serialize, enforced: Serialize): Serialize {
  if (observation === undefined) return enforced
  const observed = make()
  return payload => isObserving(observation) ? observed(payload) : enforced(payload)
}
