import { readHash } from '../password-hash/read-hash.js'
import type { PasswordHash } from '../password-hash/password-hash.js'

/** Of nobody, and advised today: what is worked on until a table has shown how its own hashes are made. */
const NOBODY = '$scrypt$ln=15,r=8,p=3$bm9ib2R5LCBub3doZXJl$' + Buffer.alloc(32).toString('base64').replace(/=+$/, '')

/** What a secret is compared with where there is none, or where it is none that anybody could have. */
const NO_SECRET = 'no secret'

/**
 * Compares secrets with hashes of one kind, taking as much work for a client that is not known as for one that is, and
 * for a wrong secret as for a right one, which might come with a wrong API key: as many hashes as any client had so far,
 * each made as the last one that was seen.
 * @returns the first hash that holds
 */
export function createHashCheck (): (secret: string | undefined, hashes: readonly PasswordHash[]) => Promise<PasswordHash | undefined> {
  let standIn = readHash(NOBODY)
  let most = 1
  return async (secret, hashes) => {
    standIn = hashes[0] ?? standIn
    most = Math.max(most, hashes.length)
    let found: PasswordHash | undefined
    for (let position = 0; position < most; position++) {
      const hash = hashes[position]
      const holds = await (hash ?? standIn).verify(secret ?? NO_SECRET)
      if (holds && secret !== undefined && hash !== undefined) found ??= hash
    }
    return found
  }
}
