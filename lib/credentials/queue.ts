import pLimit from 'p-limit'
import { unlessAborted } from './unless-aborted.js'

/** Work that waits for its turn, in the order in which it came. */
export interface Queue {
  /** How many wait for their turn and are still there. */
  readonly pendingCount: number

  /**
   * Does work in its turn. Work that has begun keeps its turn until it ends, also when its caller has gone away.
   * @throws what `signal` gives as its reason, as soon as it is aborted: then nothing is begun any more.
   */
  inTurn<T> (signal: AbortSignal, work: () => Promise<T>): Promise<T>
}

/** @param concurrency how much is done at once */
export function createQueue (concurrency: number): Queue {
  const limit = pLimit(concurrency)
  /** How many have gone away of those that p-limit counts: it keeps them until their turn comes. */
  let gone = 0

  return Object.freeze<Queue>({
    get pendingCount () { return limit.pendingCount - gone },

    async inTurn (signal, work) {
      signal.throwIfAborted()
      let isPending = true
      const turn = async () => {
        if (!isPending) gone--
        isPending = false
        signal.throwIfAborted()
        return await work()
      }
      return await unlessAborted(signal, () => limit(turn)).finally(() => {
        if (isPending) gone++
        isPending = false
      })
    }
  })
}
