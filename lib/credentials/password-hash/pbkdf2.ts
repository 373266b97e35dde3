import { pbkdf2, timingSafeEqual, type BinaryLike } from 'node:crypto'
import { promisify } from 'node:util'
import type { HashReader, PasswordHash } from './password-hash.js'
import { readPhc, SHORTEST_HASH } from './phc.js'

/** Iterations: some second at most. */
const MAX_ITERATIONS = 2_000_000

/** By hash function, what Node calls it. */
const DIGESTS = new Map([['sha1', 'sha1'], ['sha256', 'sha256'], ['sha512', 'sha512']])

const DJANGO = /^pbkdf2_(sha1|sha256)\$(\d{1,9})\$([^$]{1,128})\$([A-Za-z0-9+/]{1,256}={0,2})$/

const derive = promisify<BinaryLike, BinaryLike, number, number, string, Buffer>(pbkdf2)

/** PBKDF2 as `$pbkdf2-sha256$i=600000$salt$hash`, with SHA-1, SHA-256 or SHA-512. Others are advised today. */
export const pbkdf2Hash: HashReader = {
  prefix: /^\$pbkdf2-/,
  read (text) {
    const { id, parameters: { i = 0 }, salt, hash } = readPhc(text, 'i')
    return pbkdf2Of(text, id.slice('pbkdf2-'.length), i, salt, hash)
  }
}

/**
 * PBKDF2 as Django writes it: `pbkdf2_sha256$iterations$salt$hash`.
 * @see {@link https://docs.djangoproject.com/en/stable/topics/auth/passwords/ Password management in Django}
 */
export const djangoPbkdf2Hash: HashReader = {
  prefix: /^pbkdf2_/,
  read (text) {
    const [, digest, iterations, salt, hash] = DJANGO.exec(text) ?? []
    if (digest === undefined || salt === undefined || hash === undefined) throw new Error('it is malformed')
    return pbkdf2Of(text, digest, Number(iterations), salt, Buffer.from(hash, 'base64'))
  }
}

function pbkdf2Of (text: string, name: string, iterations: number, salt: BinaryLike, hash: Buffer): PasswordHash {
  const digest = DIGESTS.get(name)
  if (digest === undefined || iterations < 1 || hash.length < SHORTEST_HASH) throw new Error('its parameters are malformed')
  if (iterations > MAX_ITERATIONS) throw new Error(`PBKDF2 with ${iterations} iterations costs more than is spent on one`)
  return {
    text,
    isOutdated: true,
    verify: async secret => timingSafeEqual(await derive(secret, salt, iterations, hash.length, digest), hash)
  }
}
