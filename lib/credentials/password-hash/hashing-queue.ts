import pLimit from 'p-limit'

/** How many may wait for their turn: those behind would not be waited for themselves. */
const LONGEST = 400

/** Does costly work in its turn. */
export type HashingQueue = <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T>

/**
 * A queue for hashing, so that it never takes the whole of Node's thread pool, on which files and host names wait too.
 * @param concurrency how many are at work at once
 * @throws {Error} when too many wait; what `signal` gives as its reason when it is aborted before the turn has come.
 */
export function createHashingQueue (concurrency: number): HashingQueue {
  const limit = pLimit(concurrency)
  return async (signal, work) => {
    if (limit.pendingCount >= LONGEST) throw new Error(`${LONGEST} wait for their credentials to be checked already`)
    return await limit(async () => {
      signal.throwIfAborted()
      return await work()
    })
  }
}
