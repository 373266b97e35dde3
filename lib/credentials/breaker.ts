import CircuitBreaker from 'opossum'
import type { BreakerState } from './provider-event.js'

/** When somebody who is down is left alone. */
export interface BreakerSettings {
  /** Of how many requests within ten seconds, at least, more than half must have failed. */
  readonly requests: number
  /** After how many seconds one request is let through, to try. */
  readonly wait: number
}

/** Stops asking who is down. */
export interface Breaker<Result> {
  readonly state: BreakerState
  /**
   * Has a question sent, unless that would be in vain.
   * @param send is given the caller's signal, and none when it is the one that tries: that must not end for a reason of its caller's
   * @throws {Error} 'Breaker is open', without any work; what `send` throws.
   */
  ask (signal: AbortSignal, send: (signal: AbortSignal | undefined) => Promise<Result>): Promise<Result>
}

/** A question came to nothing for what it says: others may well be answered. */
export class NoOutageError extends Error {
  override readonly name = 'NoOutageError'
}

/** Milliseconds in which requests are counted. */
const WINDOW = 10_000

/**
 * A circuit breaker. A NoOutageError does not count, nor does what fails once its caller has gone away: what one caller
 * can bring about must not shut out all others.
 */
export function createBreaker<Result> ({ requests, wait }: BreakerSettings): Breaker<Result> {
  const breaker: CircuitBreaker<Parameters<Breaker<Result>['ask']>, Result> = new CircuitBreaker(async (signal, send) => {
    if (breaker.halfOpen) return await send(undefined)
    return await send(signal).catch(error => { throw signal.aborted ? new NoOutageError('the caller has gone away', { cause: error }) : error })
  }, {
    timeout: false,
    volumeThreshold: requests,
    errorThresholdPercentage: 50,
    rollingCountTimeout: WINDOW,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
    resetTimeout: wait * 1000,
    errorFilter: error => error instanceof NoOutageError
  })
  return Object.freeze<Breaker<Result>>({
    get state () {
      if (breaker.closed) return 'closed'
      return breaker.halfOpen ? 'half-open' : 'open'
    },
    ask: async (signal, send) => await breaker.fire(signal, send)
  })
}
