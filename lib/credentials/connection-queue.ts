import pLimit from 'p-limit'
import { unlessAborted } from './unless-aborted.js'

/** Has a question sent as soon as a connection is free for it. */
export type ConnectionQueue = <T>(signal: AbortSignal, send: () => Promise<T>) => Promise<T>

/**
 * A queue for connections to somebody else. It stands before the circuit breaker: who waits here waits for us, which
 * says nothing of whether the other side is up.
 * @param connections how many questions are sent at once
 * @param patience milliseconds for which one waits
 * @throws {Error} when none was free in time, or what `signal` gives as its reason; then nothing is sent.
 */
export function createConnectionQueue (connections: number, patience: number): ConnectionQueue {
  const limit = pLimit(connections)
  return async (signal, send) => {
    const late = new AbortController()
    const timer = setTimeout(() => late.abort(new Error(`no connection was free within ${patience / 1000} seconds`)), patience)
    const waiting = AbortSignal.any([signal, late.signal])
    return await unlessAborted(waiting, () => limit(async () => {
      waiting.throwIfAborted()
      clearTimeout(timer)
      return await send()
    })).finally(() => clearTimeout(timer))
  }
}
