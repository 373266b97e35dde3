import { readRevocations, type Revocations, type RevocationStorage } from './revocation.js'

/** Where it is said that revocations cannot be read, and that they can be again. */
export interface RevocationLog {
  info (message: string): void
  error (details: object, message: string): void
}

/** Revocations that are kept up to date until they are closed. */
export interface FollowedRevocations extends Revocations {
  close (): void
}

/** Milliseconds from one reading to the next. */
const PAUSE = 1000

/**
 * Reads all revocations, and those that come within a second and the time that reading takes. While the storage is out
 * of reach what is known stays known; that is logged once. It keeps no process alive.
 * @throws what the storage throws when it cannot be read the first time
 */
export async function followRevocations (storage: RevocationStorage, log: RevocationLog): Promise<FollowedRevocations> {
  const revocations = await readRevocations(storage)
  let isClosed = false
  let isReachable = true
  let timer: NodeJS.Timeout

  const look = async () => {
    try {
      await revocations.refresh()
      if (!isReachable && !isClosed) log.info('revocations can be read again')
      isReachable = true
    } catch (err) {
      if (isReachable && !isClosed) log.error({ err }, 'revocations cannot be read; those that are known stay in force')
      isReachable = false
    }
    wait()
  }
  const wait = () => { if (!isClosed) timer = setTimeout(look, PAUSE).unref() }

  wait()
  return Object.freeze({
    ...revocations,
    close () {
      isClosed = true
      clearTimeout(timer)
    }
  })
}
