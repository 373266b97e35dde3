import { lookAgain, type OnChange } from '../look-again.js'

/** Where it is said that something cannot be read, and that it can be again. */
export interface ReadingLog {
  info (message: string): void
  error (details: object, message: string): void
}

/**
 * Reads again, about each second and at once when it is told of a change, until it is told to stop. That it fails is
 * logged once, and that it no longer does. It keeps no process alive.
 * @param what such as `revocations`
 * @returns what ends it
 */
export function keepReading (refresh: () => Promise<void>, what: string, log: ReadingLog, onChange?: OnChange): () => void {
  let isClosed = false
  let isReachable = true

  const stop = lookAgain(async () => {
    try {
      await refresh()
      if (!isReachable && !isClosed) log.info(`${what} can be read again`)
      isReachable = true
    } catch (err) {
      if (isReachable && !isClosed) log.error({ err }, `${what} cannot be read; those that are known stay in force`)
      isReachable = false
    }
  }, onChange)

  return () => {
    isClosed = true
    stop()
  }
}
