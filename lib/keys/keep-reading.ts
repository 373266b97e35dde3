/** Where it is said that something cannot be read, and that it can be again. */
export interface ReadingLog {
  info (message: string): void
  error (details: object, message: string): void
}

/** Milliseconds from one reading to the next; a little more than the pace of those that others may cause. */
const PAUSE = 1050

/**
 * Reads again, about each second, until it is told to stop. That it fails is logged once, and that it no longer does.
 * It keeps no process alive.
 * @param what such as `revocations`
 * @returns what ends it
 */
export function keepReading (refresh: () => Promise<void>, what: string, log: ReadingLog): () => void {
  let isClosed = false
  let isReachable = true
  let timer: NodeJS.Timeout

  const look = async () => {
    try {
      await refresh()
      if (!isReachable && !isClosed) log.info(`${what} can be read again`)
      isReachable = true
    } catch (err) {
      if (isReachable && !isClosed) log.error({ err }, `${what} cannot be read; those that are known stay in force`)
      isReachable = false
    }
    wait()
  }
  const wait = () => { if (!isClosed) timer = setTimeout(look, PAUSE).unref() }

  wait()
  return () => {
    isClosed = true
    clearTimeout(timer)
  }
}
