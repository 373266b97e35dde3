import { CompactEncrypt, compactDecrypt } from 'jose'
import { OptionInvalidError, SigningUnavailableError } from '../errors.js'
import type { JWK } from './jwk.js'

/** Encrypts private keys elsewhere, in a key management service for one. */
export interface KeyWrap {
  /** What is to be kept instead of this text, which is a private key. */
  wrap (text: string, context: WrapContext): string | Promise<string>
  /** The text again. What it throws is for the log. */
  unwrap (wrapped: string, context: WrapContext): string | Promise<string>
}

/** What `wrap` and `unwrap` may use beside the text. */
export interface WrapContext {
  /** The key's id, the same at both times. */
  readonly kid: string
  /** Aborted after ten seconds: then nobody waits any longer. */
  readonly signal: AbortSignal
}

/**
 * How private keys are encrypted where they are kept: a key of 32 bytes as base64 or base64url; a list of such keys, of
 * which the first one encrypts and all decrypt; or functions that do it.
 */
export type KeyEncryption = string | readonly string[] | KeyWrap

/** A private key as it is kept, and what was done to it. */
export interface SealedKey {
  readonly sealing: 'none' | 'jwe' | 'wrap'
  readonly text: string
}

export interface Sealer {
  seal (kid: string, privateJwk: JWK): Promise<SealedKey>
  /**
   * @returns the key, and whether it is to be sealed again, because now it would be sealed in another way
   * @throws {FST_KEYHOLE_OPTION_INVALID} when this sealer cannot open it.
   * @throws {FST_KEYHOLE_SIGNING_UNAVAILABLE} when `unwrap` failed.
   */
  open (kid: string, sealed: SealedKey): Promise<{ readonly privateJwk: JWK, readonly isOutdated: boolean }>
}

const OPTION = 'openStore: keyEncryption'
const CURE = "write 32 random bytes as base64, from the environment: keyEncryption: process.env.KEYHOLE_KEY_ENCRYPTION. Make them once: node -p \"crypto.randomBytes(32).toString('base64url')\""

const BASE64 = /^(?:[A-Za-z0-9_-]{43}|[A-Za-z0-9+/]{43})=?$/

/** How long `wrap` and `unwrap` may take, in milliseconds. */
const PATIENCE = 10_000

/** @throws {FST_KEYHOLE_OPTION_INVALID} for what is no such option; nothing of it is in the message. */
export function createSealer (encryption: KeyEncryption | undefined): Sealer {
  if (encryption === undefined) return plain
  if (isWrap(encryption)) return wrapped(encryption)
  const keys: readonly unknown[] = [encryption].flat()
  if (keys.length === 0 || !keys.every(isKey)) throw new OptionInvalidError(`${OPTION}: ${CURE}`)
  return encrypted(keys.map(key => Buffer.from(key, 'base64')))
}

const plain: Sealer = Object.freeze<Sealer>({
  seal: async (_kid, privateJwk) => ({ sealing: 'none', text: JSON.stringify(privateJwk) }),
  async open (kid, { sealing, text }) {
    if (sealing === 'jwe') throw unopened(kid, 'is encrypted. Pass the key that it was encrypted with')
    if (sealing === 'wrap') throw unopened(kid, 'is wrapped. Pass { wrap, unwrap } with the functions that wrapped it')
    return { privateJwk: parsed(kid, text), isOutdated: false }
  }
})

/** By AES-256-GCM under the key itself: RFC 7516, RFC 7517 7. */
function encrypted (keys: readonly Uint8Array[]): Sealer {
  const [current] = keys
  return Object.freeze<Sealer>({
    async seal (kid, privateJwk) {
      const bytes = new TextEncoder().encode(JSON.stringify(privateJwk))
      const text = await new CompactEncrypt(bytes).setProtectedHeader({ alg: 'dir', enc: 'A256GCM', cty: 'jwk+json', kid }).encrypt(current!)
      return { sealing: 'jwe', text }
    },
    async open (kid, sealed) {
      if (sealed.sealing !== 'jwe') return { ...await plain.open(kid, sealed), isOutdated: true }
      for (const key of keys) {
        const opened = await compactDecrypt(sealed.text, key, { keyManagementAlgorithms: ['dir'], contentEncryptionAlgorithms: ['A256GCM'] }).catch(() => undefined)
        if (opened?.protectedHeader.kid === kid) return { privateJwk: parsed(kid, new TextDecoder().decode(opened.plaintext)), isOutdated: key !== current }
      }
      throw unopened(kid, 'was encrypted with another key. Pass that one, or both in a list with the new one first')
    }
  })
}

function wrapped ({ wrap, unwrap }: KeyWrap): Sealer {
  return Object.freeze<Sealer>({
    async seal (kid, privateJwk) {
      return { sealing: 'wrap', text: await within(kid, 'wrapped', signal => wrap(JSON.stringify(privateJwk), { kid, signal })) }
    },
    async open (kid, sealed) {
      if (sealed.sealing !== 'wrap') return { ...await plain.open(kid, sealed), isOutdated: true }
      return { privateJwk: parsed(kid, await within(kid, 'unwrapped', signal => unwrap(sealed.text, { kid, signal }))), isOutdated: false }
    }
  })
}

async function within (kid: string, done: string, work: (signal: AbortSignal) => string | Promise<string>): Promise<string> {
  const signal = AbortSignal.timeout(PATIENCE)
  const ended = new Promise<never>((resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }))
  try {
    const text = await Promise.race([work(signal), ended])
    if (typeof text !== 'string' || text === '') throw new TypeError('keyEncryption: write functions that resolve to a string')
    return text
  } catch (cause) {
    throw new SigningUnavailableError(`the key ${JSON.stringify(kid)} cannot be ${done}`, { cause })
  }
}

function isWrap (encryption: KeyEncryption): encryption is KeyWrap {
  return typeof encryption === 'object' && encryption !== null && 'wrap' in encryption &&
    typeof encryption.wrap === 'function' && typeof encryption.unwrap === 'function'
}

function isKey (key: unknown): key is string {
  return typeof key === 'string' && BASE64.test(key)
}

/** JSON as it was stored. What is broken is not quoted: it may be a private key. */
function parsed (kid: string, text: string): JWK {
  try {
    return JSON.parse(text)
  } catch {
    throw new SigningUnavailableError(`the private part of the key ${JSON.stringify(kid)} is broken`)
  }
}

function unopened (kid: string, reason: string): Error {
  return new OptionInvalidError(`${OPTION}: the key ${JSON.stringify(kid)} ${reason}.`)
}
