import { promise as queueOf, type queueAsPromised } from 'fastq'

/** Has work wait for its turn: of the same key so much is done at a time at most, in the order in which it came. */
export type Turns<Result> = (key: string, work: () => Promise<Result>) => Promise<Result>

/** @param atOnce how much of one key is done at a time */
export function createTurns<Result> (atOnce: number): Turns<Result> {
  /** Of keys whose work is under way: no others are remembered. */
  const queues = new Map<string, queueAsPromised<() => Promise<Result>, Result>>()

  return async (key, work) => {
    const queue = queues.get(key) ?? queueOf(async work => await work(), atOnce)
    queues.set(key, queue)
    try {
      return await queue.push(work)
    } finally {
      // Two that end at once: the first has deleted it, and another may have begun one anew.
      if (queue.idle() && queues.get(key) === queue) queues.delete(key)
    }
  }
}
