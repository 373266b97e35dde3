import { OptionInvalidError } from '../errors.js'
import type { Algorithm } from '../keys/key-source.js'
import { DEFAULT_SETTINGS, type KeySettings } from '../keys/lifecycle.js'
import { ALGORITHMS } from '../keys/verification-key.js'

/** The issuer's signing keys: how they are made and how long they sign. */
export interface KeyOptions {
  /** Of keys that are made from now on, the first one included. Default: ES256. */
  readonly algorithm?: Algorithm
  /** After how many seconds the next key signs. Default: when somebody says `keyhole keys rotate`. */
  readonly rotateEvery?: number
  /** For how many seconds a key is published before it signs, at least 2: longer than others keep the key set. Default: 600. */
  readonly announce?: number
}

/** For how long others may keep the key set, in seconds, at most. */
const LONGEST_CACHING = 300

/** @throws {FST_KEYHOLE_OPTION_INVALID} naming the member and what to write. */
export function checkedKeys (options: KeyOptions = {}): KeySettings {
  if (typeof options !== 'object' || options === null) throw new OptionInvalidError('keys: write an object with algorithm, rotateEvery and announce, or some of them.')
  const { algorithm = DEFAULT_SETTINGS.algorithm, rotateEvery, announce = DEFAULT_SETTINGS.announce, ...others } = options
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) throw new OptionInvalidError(`keys.${unknown}: there is no such member; there are algorithm, rotateEvery and announce.`)
  if (!ALGORITHMS.includes(algorithm)) throw new OptionInvalidError(`keys.algorithm: write ${ALGORITHMS.join(', ')}.`)
  if (!Number.isSafeInteger(announce) || announce < 2) throw new OptionInvalidError('keys.announce: write a whole number of seconds, 2 or more.')
  if (rotateEvery !== undefined && (!Number.isSafeInteger(rotateEvery) || rotateEvery < 2 * announce)) {
    throw new OptionInvalidError(`keys.rotateEvery: write a whole number of seconds, ${2 * announce} or more: twice as long as a key is announced.`)
  }
  return { algorithm, rotateEvery, announce }
}

/** For how long others may keep the key set, in seconds: they have read the next key well before it signs. */
export function keySetMaxAge ({ announce }: KeySettings): number {
  return Math.min(LONGEST_CACHING, Math.floor(announce / 2))
}
