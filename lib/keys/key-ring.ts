import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { KeyRefusedError, SigningUnavailableError } from '../errors.js'
import { generateSigningKey } from './generate.js'
import type { JWK, JWKSet } from './jwk.js'
import { findIn } from './key-set.js'
import type { KeySource, VerificationKey } from './key-source.js'
import { DEFAULT_SETTINGS, dueStep, MARGIN, type KeySettings, type KeyStep } from './lifecycle.js'
import { paced } from './paced.js'
import type { KeyState, KeyStorage, StoredKey } from './storage.js'
import { verificationKey } from './verification-key.js'

/** A key of ours as it is published. */
interface PublishedKey extends VerificationKey {
  readonly kid: string
  /** The public members with `kid`, `alg` and `use: 'sig'`. */
  readonly publicJwk: JWK
}

/** The key that new tokens are signed with. */
export interface SigningKey extends PublishedKey {
  readonly privateKey: KeyObject
}

/** Keys of a storage. */
export interface StoredKeys extends KeySource {
  /** Reads the keys again, however soon. Rejects as `refresh` does. */
  reread (): Promise<void>
}

/** The issuer's own keys: one signs, all of them verify. */
export interface KeyRing extends StoredKeys {
  /** @throws {FST_KEYHOLE_SIGNING_UNAVAILABLE} when the storage could not tell for five minutes whether it still is that, or it was removed and the next one cannot be used. */
  readonly signingKey: SigningKey
  /** The public keys as they are published, newest first. */
  jwks (): JWKSet
}

/** The clocks of a key ring. */
export interface Clocks {
  /** Seconds since the epoch: when keys are due. */
  readonly now?: () => number
  /** Milliseconds that never step back: it paces `refresh`. */
  readonly monotonic?: () => number
}

/**
 * Opens the issuer's key ring, makes the first key where the storage holds none, and does what is due at each
 * `refresh`: of several processes with one storage, all go through the same keys.
 * @throws {FST_KEYHOLE_KEY_REFUSED} when a stored key is broken; what the storage throws goes through.
 */
export async function openKeyRing (storage: KeyStorage, settings: KeySettings = DEFAULT_SETTINGS, { now = seconds, monotonic = milliseconds }: Clocks = {}): Promise<KeyRing> {
  const publish = keyPublisher()
  const withPrivatePart = privateKeyLoader(storage)
  let published: readonly PublishedKey[] = []
  let find = findIn(published)
  let signing: SigningKey | undefined
  let confirmedAt = -Infinity

  /** @param failed keys that could not be used: other keys are there when another process retired or removed one of them since they were listed */
  async function read (failed?: { readonly stored: readonly StoredKey[], readonly error: unknown }): Promise<StoredKey[]> {
    const startedAt = monotonic()
    const stored = await storage.list()
    if (failed !== undefined && haveSameStates(stored, failed.stored)) throw failed.error
    published = publish(stored)
    find = findIn(published)
    const [active, next] = (['active', 'next'] as const).map(state => published[stored.findIndex(key => key.state === state)])
    try {
      if (active !== undefined) {
        signing = await withPrivatePart(active)
        confirmedAt = startedAt
      }
      // Read ahead: what is wrong with it shows while there is time, and it is not let to sign.
      if (next !== undefined) await withPrivatePart(next)
      return stored
    } catch (error) {
      // What a key signs that is not published any more holds nowhere.
      if (!published.some(({ publicKey }) => publicKey === signing?.publicKey)) signing = undefined
      return await read({ stored, error })
    }
  }

  // What is there is used first: a step that fails does not take away the key that signs.
  const reading = await paced(async () => {
    let stored = await read()
    for (let steps = 0; steps < MOST_STEPS; steps++) {
      const time = now()
      const step = dueStep(stored, settings, time)
      if (step === undefined) return
      await take(step, storage, settings, time)
      stored = await read()
    }
    if (signing === undefined) throw new KeyRefusedError('The key storage is refused: it does not keep the keys that it is given.')
  }, monotonic)

  return Object.freeze<KeyRing>({
    find: kid => find(kid),
    refresh: reading.refresh,
    reread: reading.reread,
    jwks: () => ({ keys: published.map(key => key.publicJwk) }),
    get signingKey () {
      if (signing === undefined || monotonic() - confirmedAt > MARGIN * 1000) throw new SigningUnavailableError('the signing keys cannot be read')
      return signing
    }
  })
}

/**
 * The issuer's keys for verifying alone: it reads the public parts, and changes nothing.
 * @param monotonic milliseconds that never step back; it paces `refresh`.
 * @throws {FST_KEYHOLE_KEY_REFUSED} when a stored key is broken; what the storage throws goes through.
 */
export async function readKeyRing (storage: Pick<KeyStorage, 'list'>, monotonic = milliseconds): Promise<StoredKeys> {
  const publish = keyPublisher()
  const reading = await paced(async () => findIn(publish(await storage.list())), monotonic)
  return Object.freeze<StoredKeys>({ find: kid => reading.latest(kid), refresh: reading.refresh, reread: reading.reread })
}

function seconds (): number {
  return Math.floor(Date.now() / 1000)
}

function milliseconds (): number {
  return performance.now()
}

/** Whether the same key signs, and the same one is next. */
function haveSameStates (some: readonly StoredKey[], others: readonly StoredKey[]): boolean {
  const kidOf = (keys: readonly StoredKey[], state: KeyState) => keys.find(key => key.state === state)?.kid
  return (['active', 'next'] as const).every(state => kidOf(some, state) === kidOf(others, state))
}

/** One step follows from another: a key is announced, and may be due at once. */
const MOST_STEPS = 4

async function take (step: KeyStep, storage: KeyStorage, { algorithm }: KeySettings, now: number): Promise<void> {
  switch (step.kind) {
    case 'create': return await storage.addActive(generateSigningKey(algorithm), now)
    case 'announce': return await storage.addNext(generateSigningKey(algorithm), now, step.signsFrom)
    case 'activate': return await storage.activate(step.kid, now)
    case 'purge': return await storage.purge(step.retiredBefore)
  }
}

/** Loads public parts. A key that was there before stays the same object, so what a verifier remembers of it lives on. */
function keyPublisher (): (stored: readonly StoredKey[]) => PublishedKey[] {
  let known = new Map<string, PublishedKey>()
  return stored => {
    known = new Map(stored.map(({ kid, alg, publicJwk: members }) => {
      const publicJwk: JWK = Object.freeze({ ...members, kid, alg, use: 'sig' })
      const digest = createHash('sha256').update(JSON.stringify(publicJwk)).digest('base64')
      return [digest, known.get(digest) ?? Object.freeze({ ...verificationKey(publicJwk), kid, publicJwk })]
    }))
    return [...known.values()]
  }
}

/** Loads private parts, once each while the key is needed. */
function privateKeyLoader (storage: KeyStorage): (key: PublishedKey) => Promise<SigningKey> {
  let loaded: readonly SigningKey[] = []
  return async key => {
    const known = loaded.find(other => other.publicKey === key.publicKey)
    if (known !== undefined) return known
    const signingKey = Object.freeze({ ...key, privateKey: privateKeyOf(key, await storage.privateJwk(key.kid)) })
    // The one that signs and the next one.
    loaded = [signingKey, ...loaded].slice(0, 2)
    return signingKey
  }
}

function privateKeyOf ({ kid, publicKey }: PublishedKey, privateJwk: JWK | undefined): KeyObject {
  try {
    const privateKey = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' })
    if (createPublicKey(privateKey).equals(publicKey)) return privateKey
  } catch {}
  throw new KeyRefusedError(`The key ${JSON.stringify(kid)} is refused: its stored private part cannot be read, or is another key's.`)
}
