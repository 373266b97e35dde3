import { randomBytes } from 'node:crypto'
import { OptionInvalidError } from '../errors.js'
import { createNonces, type Nonces } from './nonces.js'

/** How proofs of possession are asked for (RFC 9449). */
export interface DpopOptions {
  /**
   * Whether each proof has to hold a nonce of this server, and for how long one is taken at least: seconds, 10 to 3,600,
   * or true for 300. Default: false.
   */
  readonly nonce?: boolean | number
  /** The secret that nonces are made with, 32 characters or more, where several processes have no store in common. Default: that of the store. */
  readonly nonceKey?: string
}

/** Keeps the secret that nonces are made with. The store implements it. */
export interface NonceKeyStorage {
  /** The key that is kept: this one when there was none. Of several callers, in whatever processes, all get the same. */
  addFirst (key: string): Promise<string>
}

/** The options after checking. */
export interface NonceSettings {
  /** Seconds; undefined where no nonces are demanded. */
  readonly period: number | undefined
  readonly key: string | undefined
}

const PERIOD = 300
const KEY_LENGTH = 32

/**
 * @param given of the option `dpop`
 * @param hasStorage whether the store has a key
 * @throws {FST_KEYHOLE_OPTION_INVALID}
 */
export function checkedNonces ({ nonce = false, nonceKey }: DpopOptions, hasStorage: boolean): NonceSettings {
  if (typeof nonce !== 'boolean' && !(Number.isSafeInteger(nonce) && nonce >= 10 && nonce <= 3600)) {
    throw new OptionInvalidError('dpop.nonce: write true, false, or a whole number of seconds from 10 to 3600.')
  }
  if (nonceKey !== undefined && !(typeof nonceKey === 'string' && nonceKey.length >= KEY_LENGTH)) {
    throw new OptionInvalidError(`dpop.nonceKey: write a text of ${KEY_LENGTH} random characters or more, the same for each process.`)
  }
  if (nonce !== false && nonceKey === undefined && !hasStorage) {
    throw new OptionInvalidError('dpop.nonceKey: write the secret that nonces are made with, the same for each process; there is no store to keep it.')
  }
  return { period: nonce === true ? PERIOD : nonce === false ? undefined : nonce, key: nonceKey }
}

/** The nonces that are demanded; undefined where none are. What the storage throws goes through. */
export async function openNonces ({ period, key }: NonceSettings, storage: NonceKeyStorage | undefined): Promise<Nonces | undefined> {
  if (period === undefined) return undefined
  return createNonces({ key: key ?? await storage!.addFirst(randomBytes(32).toString('base64url')), period })
}
