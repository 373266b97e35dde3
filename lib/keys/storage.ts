import type { OnChange } from '../look-again.js'
import type { JWK } from './jwk.js'
import type { SealedKey } from './sealing.js'

/** A key that is to be kept. */
export interface NewKey {
  readonly kid: string
  readonly alg: string
  /** With nothing but the members that make up the key. */
  readonly publicJwk: JWK
  readonly privateJwk: JWK
}

/** `next`: published, and does not sign yet. `active`: signs. `retired`: only verifies what it signed. */
export type KeyState = 'next' | 'active' | 'retired'

/** A key as a store shows it, without its private part. Times are in seconds since the epoch. */
export interface StoredKey extends Omit<NewKey, 'privateJwk'> {
  readonly state: KeyState
  readonly createdAt: number
  /** From when on it signs or signed; of a `next` one, the earliest time. */
  readonly signsFrom: number
  /** When it stopped signing; null while it has not. */
  readonly retiredAt: number | null
  /** How its private part is encrypted; null once that is gone. */
  readonly sealing: SealedKey['sealing'] | null
}

/**
 * Where a key ring keeps its keys; the store implements it. Each method does its work wholly or not at all, and of
 * several callers with the same wish, in whatever process, one has it. Times are in seconds since the epoch.
 */
export interface KeyStorage {
  /** All keys that may still verify tokens, newest first. */
  list (): Promise<StoredKey[]>
  /**
   * The private part of a key; undefined once it is retired or removed.
   * @throws {FST_KEYHOLE_OPTION_INVALID} when it is encrypted, and the store was not opened with what decrypts it.
   * @throws {FST_KEYHOLE_SIGNING_UNAVAILABLE} when `unwrap` failed.
   */
  privateJwk (kid: string): Promise<JWK | undefined>
  /** Keeps this key as the one that signs, unless one does. */
  addActive (key: NewKey, now: number): Promise<void>
  /** Keeps this key as the next one, unless there is one. */
  addNext (key: NewKey, now: number, signsFrom: number): Promise<void>
  /** Lets the next key sign, if this is it. The one before is retired, and its private part is gone for good. */
  activate (kid: string, now: number): Promise<void>
  /**
   * Removes a key, so that what it signed is refused. In the place of the one that signs comes the next one, else
   * the replacement.
   */
  remove (kid: string, now: number, replacement: NewKey): Promise<void>
  /** Removes the keys that were retired before a time. */
  purge (retiredBefore: number): Promise<void>
  /** Tells when keys may have changed, in whatever process. */
  readonly onChange?: OnChange
}
