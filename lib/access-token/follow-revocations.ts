import { keepReading, type ReadingLog } from '../keys/keep-reading.js'
import { readRevocations, type Revocations, type RevocationStorage } from './revocation.js'

/** Revocations that are kept up to date until they are closed. */
export interface FollowedRevocations extends Revocations {
  close (): void
}

/**
 * Reads all revocations, and those that come: at once where the storage tells of them, else within a second and the
 * time that reading takes. While the storage is out of reach what is known stays known; that is logged once. It keeps
 * no process alive.
 * @throws what the storage throws when it cannot be read the first time
 */
export async function followRevocations (storage: RevocationStorage, log: ReadingLog): Promise<FollowedRevocations> {
  const revocations = await readRevocations(storage)
  return Object.freeze({ ...revocations, close: keepReading(revocations.refresh, 'revocations', log, storage.onChange) })
}
