import { createQueue, type Queue } from './queue.js'

/** Has a question sent as soon as a connection is free for it. */
export type ConnectionQueue = Queue['inTurn']

/**
 * A queue for connections to somebody else. It stands before the circuit breaker: who waits here waits for us, which
 * says nothing of whether the other side is up.
 * @param connections how many questions are sent at once
 * @param patience milliseconds for which one waits
 * @throws {Error} when none was free in time, or what `signal` gives as its reason; then nothing is sent.
 */
export function createConnectionQueue (connections: number, patience: number): ConnectionQueue {
  const queue = createQueue(connections)
  return async (signal, send) => {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new Error(`no connection was free within ${patience / 1000} seconds`)), patience)
    return await queue.inTurn(AbortSignal.any([signal, late.signal]), async () => {
      clearTimeout(timer)
      return await send()
    }).finally(() => clearTimeout(timer))
  }
}
