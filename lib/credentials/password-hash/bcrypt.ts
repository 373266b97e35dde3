import { PeerMissingError } from '../../errors.js'
import type { HashReader } from './password-hash.js'

const BCRYPT = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/

/** Each one more doubles the work; some second at most. */
const MAX_COST = 14

/** Bytes of a secret that bcrypt looks at. */
const MAX_BYTES = 72

/**
 * bcrypt as `$2b$12$…`. What is longer than bcrypt looks at is never the one.
 * Needs the package `@node-rs/bcrypt`. Others are advised today.
 */
export const bcryptHash: HashReader = {
  prefix: /^\$2[a-z]?\$/,
  read (text) {
    const cost = Number(BCRYPT.exec(text)?.[1])
    if (!(cost >= 4 && cost <= 31)) throw new Error('it is malformed')
    if (cost > MAX_COST) throw new Error(`bcrypt of cost ${cost} costs more than is spent on one`)
    return {
      text,
      isOutdated: true,
      async verify (secret) {
        const holds = await (await bcrypt()).verify(secret, text)
        return holds && Buffer.byteLength(secret) <= MAX_BYTES
      }
    }
  }
}

async function bcrypt (): Promise<typeof import('@node-rs/bcrypt')> {
  try {
    return await import('@node-rs/bcrypt')
  } catch (cause) {
    throw new PeerMissingError('A hash of bcrypt', '@node-rs/bcrypt', { cause })
  }
}
