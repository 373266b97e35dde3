import { PeerMissingError } from '../../errors.js'
import type { HashReader } from './password-hash.js'
import { readPhc } from './phc.js'

/** Memory in KiB: 128 MiB at most. Work is memory times passes: some half a second at most. */
const MAX_MEMORY = 2 ** 17
const MAX_WORK = 2 ** 19
const MAX_LANES = 16

/** The least that OWASP's Password Storage Cheat Sheet advises, with two passes or more. */
const ADVISED_WORK = 19_456 * 2

/** The one version that is in use: 1.3. */
const VERSION = 0x13

/**
 * Argon2id as `$argon2id$v=19$m=19456,t=2,p=1$salt$hash`. Needs the package `@node-rs/argon2`.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9106 RFC 9106}
 */
export const argon2idHash: HashReader = {
  prefix: /^\$argon2id\$/,
  read (text) {
    const { version, parameters: { m = 0, t = 0, p = 0 } } = readPhc(text, 'm', 't', 'p')
    if (version !== VERSION || t < 1 || p < 1 || m < 8 * p) throw new Error('its parameters are malformed')
    if (m > MAX_MEMORY || m * t > MAX_WORK || p > MAX_LANES) throw new Error(`Argon2id with m=${m},t=${t},p=${p} costs more than is spent on one`)
    return {
      text,
      isOutdated: m * t < ADVISED_WORK,
      verify: async secret => await (await argon2()).verify(text, secret)
    }
  }
}

async function argon2 (): Promise<typeof import('@node-rs/argon2')> {
  try {
    return await import('@node-rs/argon2')
  } catch (cause) {
    throw new PeerMissingError('A hash of Argon2id', '@node-rs/argon2', { cause })
  }
}
