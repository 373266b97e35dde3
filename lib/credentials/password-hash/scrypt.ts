import { randomBytes, scrypt, timingSafeEqual, type BinaryLike, type ScryptOptions } from 'node:crypto'
import { promisify } from 'node:util'
import type { HashReader } from './password-hash.js'
import { readPhc, writePhc } from './phc.js'

/** Memory is 128 N r bytes: 128 MiB at most. Work is N r p: some half a second at most. */
const MAX_MEMORY = 2 ** 20
const MAX_WORK = 2 ** 22

/** One of those that OWASP's Password Storage Cheat Sheet advises, with 32 MiB. */
const ADVISED = { ln: 15, r: 8, p: 3 }
const SALT_BYTES = 16
const HASH_BYTES = 32

const derive = promisify<BinaryLike, BinaryLike, number, ScryptOptions, Buffer>(scrypt)

/**
 * scrypt as `$scrypt$ln=15,r=8,p=3$salt$hash`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc7914 RFC 7914}
 */
export const scryptHash: HashReader = {
  prefix: /^\$scrypt\$/,
  read (text) {
    const { parameters: { ln = 0, r = 0, p = 0 }, salt, hash } = readPhc(text, 'ln', 'r', 'p')
    const work = 2 ** ln * r * p
    if (ln < 1 || work < 1) throw new Error('its parameters are malformed')
    if (2 ** ln * r > MAX_MEMORY || work > MAX_WORK) throw new Error(`scrypt with ln=${ln},r=${r},p=${p} costs more than is spent on one`)
    return {
      text,
      isOutdated: work < 2 ** ADVISED.ln * ADVISED.r * ADVISED.p,
      verify: async secret => timingSafeEqual(await derived(secret, salt, hash.length, { ln, r, p }), hash)
    }
  }
}

/** A new hash, as is advised today. */
export async function hashPassword (secret: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES)
  return writePhc({ id: 'scrypt', parameters: ADVISED, salt, hash: await derived(secret, salt, HASH_BYTES, ADVISED) })
}

async function derived (secret: string, salt: Buffer, length: number, { ln, r, p }: typeof ADVISED): Promise<Buffer> {
  return await derive(secret, salt, length, { N: 2 ** ln, r, p, maxmem: 128 * 2 ** ln * r + 128 * r * p + 2 ** 20 })
}
