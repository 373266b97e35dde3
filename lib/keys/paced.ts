/** The shortest time between two readings that a caller may cause, in milliseconds. */
const PACE = 1000

/** Something read from elsewhere, and how to read it again. */
export interface Reading<T> {
  /** What the last successful reading gave. */
  readonly latest: T
  /** Reads again, unless that was done less than a second ago. Callers during one reading share it. Rejects when it fails: `latest` stays. */
  refresh (): Promise<void>
}

/**
 * Reads once, and then again at a limited pace. The first reading does not count: what was written right after it
 * can be had at once.
 * @param clock milliseconds that never step back.
 */
export async function paced<T> (read: () => Promise<T>, clock: () => number): Promise<Reading<T>> {
  let latest = await read()
  let lastAt = -Infinity
  let underWay: Promise<void> | undefined

  async function readAgain (): Promise<void> {
    lastAt = clock()
    latest = await read()
  }

  return Object.freeze({
    get latest () { return latest },
    async refresh () {
      if (underWay === undefined && clock() - lastAt >= PACE) underWay = readAgain().finally(() => { underWay = undefined })
      await underWay
    }
  })
}
