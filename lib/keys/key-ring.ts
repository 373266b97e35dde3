import { createHash, createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto'
import { KeyRefusedError } from '../errors.js'
import { generateSigningKey } from './generate.js'
import type { JWK, JWKSet } from './jwk.js'
import { findIn } from './key-set.js'
import type { Algorithm, KeySource } from './key-source.js'
import { paced, type Reading } from './paced.js'
import type { KeyStorage, StoredKey } from './storage.js'
import { verificationKey } from './verification-key.js'

/** The key that new tokens are signed with. */
export interface SigningKey {
  readonly kid: string
  readonly alg: Algorithm
  readonly privateKey: KeyObject
  readonly publicKey: KeyObject
  /** The public members with `kid`, `alg` and `use: 'sig'`. */
  readonly publicJwk: JWK
}

/** The issuer's own keys: the newest one signs, all of them verify. */
export interface KeyRing extends KeySource {
  readonly signingKey: SigningKey
  /** The public keys as they are published, newest first. */
  jwks (): JWKSet
}

/**
 * Opens the issuer's key ring and makes the first key where the storage holds none; of several processes that open
 * one storage at once, all end with the same key.
 * @param clock milliseconds that never step back; it paces `refresh`.
 * @throws {FST_KEYHOLE_KEY_REFUSED} when a stored key is broken.
 */
export async function openKeyRing (storage: KeyStorage, clock = monotonic): Promise<KeyRing> {
  const load = keyLoader()
  const reading = await paced(async () => {
    const keys = load(await listOrCreate(storage))
    const [signingKey] = keys
    if (signingKey === undefined) throw new KeyRefusedError('The key storage is refused: it does not keep the keys that it is given.')
    const jwks: JWKSet = Object.freeze({ keys: Object.freeze(keys.map(key => key.publicJwk)) })
    return { signingKey, jwks, find: findIn(keys) }
  }, clock)

  return Object.freeze({
    ...keySource(reading),
    get signingKey () { return reading.latest.signingKey },
    jwks: () => reading.latest.jwks
  })
}

/**
 * The issuer's keys for verifying alone: it reads the storage, and never makes a key.
 * @param clock milliseconds that never step back; it paces `refresh`.
 * @throws {FST_KEYHOLE_KEY_REFUSED} when a stored key is broken.
 */
export async function readKeyRing (storage: KeyStorage, clock = monotonic): Promise<KeySource> {
  const load = keyLoader()
  return Object.freeze(keySource(await paced(async () => ({ find: findIn(load(await storage.list())) }), clock)))
}

function monotonic (): number {
  return performance.now()
}

function keySource (reading: Reading<Pick<KeySource, 'find'>>): KeySource {
  return { find: kid => reading.latest.find(kid), refresh: reading.refresh }
}

async function listOrCreate (storage: KeyStorage): Promise<StoredKey[]> {
  const keys = await storage.list()
  if (keys.length > 0) return keys
  await storage.addFirst(generateSigningKey())
  return await storage.list()
}

/** Loads stored keys. One that was there before stays the same object, so what a verifier remembers of it lives on. */
function keyLoader (): (stored: readonly StoredKey[]) => SigningKey[] {
  let loaded = new Map<string, SigningKey>()
  return stored => {
    loaded = new Map(stored.map(key => {
      const digest = createHash('sha256').update(JSON.stringify(key)).digest('base64')
      return [digest, loaded.get(digest) ?? load(key)]
    }))
    return [...loaded.values()]
  }
}

function load ({ kid, alg, privateJwk }: StoredKey): SigningKey {
  const privateKey = loadPrivate(kid, privateJwk)
  const publicJwk = Object.freeze({ ...createPublicKey(privateKey).export({ format: 'jwk' }), kid, alg, use: 'sig' }) as JWK
  return Object.freeze({ ...verificationKey(publicJwk), kid, privateKey, publicJwk })
}

function loadPrivate (kid: string, jwk: JWK): KeyObject {
  try {
    return createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  } catch {
    throw new KeyRefusedError(`The key ${JSON.stringify(kid)} is refused: its stored private part cannot be read.`)
  }
}
