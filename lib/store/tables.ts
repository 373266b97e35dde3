import type { Generated } from 'kysely'
import type { Revocation } from '../access-token/revocation.js'
import type { SecretKind } from '../credentials/secret.js'
import type { SealedKey } from '../keys/sealing.js'
import type { KeyState } from '../keys/storage.js'
import type { ReplayKind } from '../replay/replay-storage.js'

/** On PostgreSQL the tables have a schema of their own, so that they may share a database with an application's. */
export const SCHEMA = 'keyhole'

/** The store's tables. Types are those that every SQL database has; times are in seconds since the epoch, JSON is text. */
export interface Tables {
  clients: {
    id: string
    roles: string
    claims: string
    /** JSON; null where it has none. */
    audiences: string | null
    /** JSON; null where nothing but the defaults was known yet. */
    registration: string | null
    created_at: number
    disabled_at: number | null
  }
  client_secrets: {
    client_id: string
    kind: SecretKind
    /** 1 is the current secret, 2 the one before; there is no 3. */
    position: number
    hash: string
    created_at: number
    /** From when on it is refused; null for never. */
    expires_at: number | null
    /** About: it is written once a minute. Null before the first time. */
    last_used_at: number | null
  }
  signing_keys: {
    /** 1 is the first key, each further one has the next number. */
    generation: number
    kid: string
    alg: string
    /** Of `next` and `active` there is one each at most. */
    state: KeyState
    public_jwk: string
    /** How `private_jwk` is sealed; both are null once the key is retired. */
    sealing: SealedKey['sealing'] | null
    private_jwk: string | null
    created_at: number
    signs_from: number
    retired_at: number | null
  }
  policies: {
    version: string
    document: string
    /** The highest is the latest. */
    sequence: number
    published_at: number
  }
  nonce_keys: {
    /** 1: there is one. */
    position: number
    secret: string
    created_at: number
  }
  revocations: {
    /** In the order in which they were added. */
    position: Generated<number>
    kind: Revocation['kind']
    /** The token's `jti`, or the client's id. */
    name: string
    /** 0 for a token. */
    issued_before: number
    expires_at: number
  }
  replays: {
    kind: ReplayKind
    /** SHA-256 as base64url. */
    id_hash: string
    expires_at: number
    /** Which use it was, for whoever has to ask whether it was his own. */
    used_by: string | null
  }
}

/** Now, in seconds since the epoch. */
export function timestamp (): number {
  return Math.floor(Date.now() / 1000)
}

/** JSON as it was stored. What is broken is not quoted: it may be a private key. */
export function parseStored<T> (text: string): T {
  try {
    return JSON.parse(text)
  } catch {
    throw new Error('stored JSON is broken')
  }
}
