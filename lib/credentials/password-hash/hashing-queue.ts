import { createQueue, type Queue } from '../queue.js'

/** How many may wait for their turn: those behind would not be waited for themselves. */
const LONGEST = 400

/** Does costly work in its turn. */
export type HashingQueue = Queue['inTurn']

/**
 * A queue for hashing, so that it never takes the whole of Node's thread pool, on which files and host names wait too.
 * @param concurrency how many are at work at once
 * @throws {Error} when too many wait; what `signal` gives as its reason when it is aborted.
 */
export function createHashingQueue (concurrency: number): HashingQueue {
  const queue = createQueue(concurrency)
  return async (signal, work) => {
    if (queue.pendingCount >= LONGEST) throw new Error(`${LONGEST} wait for their credentials to be checked already`)
    return await queue.inTurn(signal, work)
  }
}
