import pLimit, { type LimitFunction } from 'p-limit'

/** Has work wait for its turn: of the same key so much is done at a time at most, in the order in which it came. */
export type Turns<Result> = (key: string, work: () => Promise<Result>) => Promise<Result>

/** @param atOnce how much of one key is done at a time */
export function createTurns<Result> (atOnce: number): Turns<Result> {
  /** Of keys whose work waits or is done: no others are remembered. */
  const queues = new Map<string, { readonly limit: LimitFunction, asked: number }>()

  return async (key, work) => {
    const queue = queues.get(key) ?? { limit: pLimit(atOnce), asked: 0 }
    queues.set(key, queue)
    queue.asked++
    try {
      return await queue.limit(work)
    } finally {
      if (--queue.asked === 0) queues.delete(key)
    }
  }
}
