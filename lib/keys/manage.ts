import { KeyRefusedError } from '../errors.js'
import { generateSigningKey } from './generate.js'
import type { Algorithm } from './key-source.js'
import type { KeyState, KeyStorage, NewKey, StoredKey } from './storage.js'

/** When a key is to sign. */
interface Schedule {
  /** Seconds for which it is published before; 0 to sign at once. */
  readonly announce: number
  /** Seconds since the epoch. */
  readonly now: number
}

/** Makes the next key, unless there is one. @returns the next key, or the one that signs where nothing is announced */
export async function rotateKeys (storage: KeyStorage, algorithm: Algorithm, schedule: Schedule): Promise<StoredKey> {
  await add(storage, generateSigningKey(algorithm), schedule)
  const next = await keyIn(storage, 'next')
  if (next !== undefined && schedule.announce === 0) await storage.activate(next.kid, schedule.now)
  return await keyIn(storage, 'next') ?? (await keyIn(storage, 'active'))!
}

/**
 * Makes a key from elsewhere the next one, or the one that signs where there is none.
 * @throws {FST_KEYHOLE_KEY_REFUSED} when its kid is taken, or another key is to be the next one.
 */
export async function importKey (storage: KeyStorage, key: NewKey, schedule: Schedule): Promise<StoredKey> {
  const added = async () => (await storage.list()).find(({ kid }) => kid === key.kid)
  if (await added() !== undefined) throw refused(key.kid, 'a key of this kid is in the store already')
  await add(storage, key, schedule)
  if (schedule.announce === 0) await storage.activate(key.kid, schedule.now)
  return await added() ?? await Promise.reject(refused(key.kid, 'another key is the next one already. Wait until that one signs, or retire it'))
}

/**
 * Removes a key, so that every token that it signed is refused; where it signs, another takes its place.
 * @returns the key that signs now
 * @throws {FST_KEYHOLE_KEY_REFUSED} when there is no such key.
 */
export async function retireKey (storage: KeyStorage, kid: string, algorithm: Algorithm, now: number): Promise<StoredKey> {
  const keys = await storage.list()
  if (!keys.some(key => key.kid === kid)) throw refused(kid, `there is no such key. There are ${keys.map(key => key.kid).join(', ') || 'none'}`)
  await storage.remove(kid, now, generateSigningKey(algorithm))
  return (await keyIn(storage, 'active'))!
}

/** A key that signs already is not the next one too: a kid is there once. */
async function add (storage: KeyStorage, key: NewKey, { announce, now }: Schedule): Promise<void> {
  await storage.addActive(key, now)
  await storage.addNext(key, now, now + announce)
}

async function keyIn (storage: KeyStorage, state: KeyState): Promise<StoredKey | undefined> {
  return (await storage.list()).find(key => key.state === state)
}

function refused (kid: string, reason: string): Error {
  return new KeyRefusedError(`The key ${JSON.stringify(kid)} is refused: ${reason}.`)
}
