import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { crc32 } from 'node:zlib'

/** The two things that a client must know, each with its own prefix so that neither passes for the other. */
export type SecretKind = 'client_secret' | 'api_key'

const PREFIXES: Readonly<Record<SecretKind, string>> = { client_secret: 'khs_', api_key: 'khk_' }

const RANDOM_BYTES = 32
const CHECKSUM_BYTES = 4

/** 36 bytes are 48 characters of base64url without padding or spare bits, so a value has one spelling only. */
const BODY = /^[A-Za-z0-9_-]{48}$/

/** How many secrets of one kind a client may have at once: the current one and, while rotating, the one before. */
const VALID_AT_ONCE = 2

/** A new secret: the kind's prefix, then 256 random bits and a CRC-32 as base64url; 52 characters in all. */
export function generateSecret (kind: SecretKind): string {
  const random = randomBytes(RANDOM_BYTES)
  return PREFIXES[kind] + Buffer.concat([random, checksum(kind, random)]).toString('base64url')
}

/** Whether a text is a secret of this kind that was generated here and copied without a slip. It says nothing of its being valid. */
export function isWellFormed (kind: SecretKind, text: string): boolean {
  const prefix = PREFIXES[kind]
  const body = text.slice(prefix.length)
  if (!text.startsWith(prefix) || !BODY.test(body)) return false
  const bytes = Buffer.from(body, 'base64url')
  return checksum(kind, bytes.subarray(0, RANDOM_BYTES)).equals(bytes.subarray(RANDOM_BYTES))
}

/** What is kept of a secret: its SHA-256 as base64url. A slow hash would guard nothing: 256 random bits cannot be guessed. */
export function hashSecret (secret: string): string {
  return hash('sha256', secret, 'base64url')
}

/**
 * The hash of what was presented, if it is one of the secrets whose hashes are stored (two at most count, newest first).
 * One hash is made, of 52 bytes, and two comparisons in constant time, whatever was presented and however many are
 * stored: nothing tells a wrong secret from a missing, an oversize one or an unknown client.
 */
export function matchingHash (kind: SecretKind, presented: string | undefined, stored: readonly string[]): string | undefined {
  const presentedHash = hashSecret(presented !== undefined && isWellFormed(kind, presented) ? presented : NOBODY[kind])
  const compared = Buffer.from(presentedHash)
  let matches = false
  for (let position = 0; position < VALID_AT_ONCE; position++) {
    const holds = timingSafeEqual(compared, Buffer.from(stored[position] ?? NOBODY_HASH))
    matches ||= holds
  }
  return matches ? presentedHash : undefined
}

function checksum (kind: SecretKind, random: Buffer): Buffer {
  const sum = Buffer.alloc(CHECKSUM_BYTES)
  sum.writeUInt32BE(crc32(random, crc32(PREFIXES[kind])))
  return sum
}

/** Stand-ins that nobody was ever given and that are never stored. */
const NOBODY: Readonly<Record<SecretKind, string>> = { client_secret: generateSecret('client_secret'), api_key: generateSecret('api_key') }
const NOBODY_HASH = hashSecret(generateSecret('client_secret'))
