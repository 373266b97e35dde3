import { setTimeout as sleep } from 'node:timers/promises'

/** How long to wait for another connection that writes, and how often to look, in milliseconds. */
export const PATIENCE = 5000
const POLL = 5

/**
 * Waits for the lock without blocking the process, as `busy_timeout` would: who holds it may be another connection
 * in this very process.
 * @param patience milliseconds; when none are left, it is tried once
 */
export async function untilFree<T> (work: () => Promise<T>, patience = PATIENCE): Promise<T> {
  const deadline = performance.now() + patience
  for (;;) {
    try {
      return await work()
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error
      await sleep(POLL)
    }
  }
}

/**
 * Waits for a connection that is in use.
 * @param giveBack takes it when it comes too late
 */
export async function inTime<T> (connection: Promise<T>, patience: number, giveBack: (late: T) => void): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((resolve, reject) => {
    timer = setTimeout(() => {
      connection.then(giveBack)
      reject(new BusyError(`database is locked: what this process began to write has not ended for ${patience / 1000} seconds`))
    }, patience)
  })
  return await Promise.race([connection, late]).finally(() => clearTimeout(timer))
}

/** As SQLite's own for a lock of another connection. */
class BusyError extends Error {
  readonly code = 'SQLITE_BUSY'
}

function isBusy (error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY')
}
