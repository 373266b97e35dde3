/** The shortest time between two readings that a caller may cause, in milliseconds. */
const PACE = 1000

/** Something read from elsewhere, and how to read it again. */
export interface Reading<T> {
  /** What the last successful reading gave. */
  readonly latest: T
  /**
   * Reads again, unless that was done less than a second ago: callers during a reading, and in the second after it began,
   * share what came of it. Rejects when it fails: `latest` stays.
   */
  refresh (): Promise<void>
  /** Reads again, however soon: for whoever was told that there is something new. Rejects as `refresh` does. */
  reread (): Promise<void>
}

/**
 * Reads once, and then again at a limited pace. The first reading does not count: what was written right after it
 * can be had at once.
 * @param clock milliseconds that never step back.
 */
export async function paced<T> (read: () => Promise<T>, clock: () => number): Promise<Reading<T>> {
  let latest = await read()
  let lastAt = -Infinity
  let last: Promise<void> | undefined
  let underWay: Promise<void> | undefined

  async function readAgain (): Promise<void> {
    lastAt = clock()
    latest = await read()
  }

  async function readUnlessReading (pace: number): Promise<void> {
    if (underWay === undefined && clock() - lastAt >= pace) {
      last = underWay = readAgain().finally(() => { underWay = undefined })
    }
    await last
  }

  return Object.freeze({
    get latest () { return latest },
    refresh: () => readUnlessReading(PACE),
    async reread () {
      // What is being read may have been written before it was told of.
      await underWay?.catch(() => {})
      await readUnlessReading(0)
    }
  })
}
