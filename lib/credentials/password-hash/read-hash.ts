import { argon2idHash } from './argon2id.js'
import { bcryptHash } from './bcrypt.js'
import type { PasswordHash } from './password-hash.js'
import { djangoPbkdf2Hash, pbkdf2Hash } from './pbkdf2.js'
import { scryptHash } from './scrypt.js'

const READERS = [scryptHash, argon2idHash, bcryptHash, pbkdf2Hash, djangoPbkdf2Hash]

/**
 * A hash of whatever kind, told by how it begins.
 * @throws {Error} for one of another kind, one that is malformed, and one that costs too much; no message quotes it: it
 *   may be a secret that was never hashed.
 */
export function readHash (text: string): PasswordHash {
  const reader = READERS.find(({ prefix }) => prefix.test(text))
  if (reader === undefined) throw new Error('it is of a kind that is not known')
  return reader.read(text)
}
