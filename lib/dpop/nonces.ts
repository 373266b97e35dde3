import { createHmac } from 'node:crypto'

/** Values that say when a proof was made at the earliest. */
export interface Nonces {
  /** The one of this period. */
  current (): string
  /** Whether it is of this period, of the one before, or, clocks being what they are, of the next. */
  accepts (nonce: unknown): boolean
}

interface NoncesOptions {
  /** Shared by all processes whose nonces are to be the same. */
  readonly key: string
  /** Seconds. */
  readonly period: number
  /** Seconds since the epoch. */
  readonly now?: () => number
}

/**
 * Nonces without memory: the HMAC of the number of a period, so that every process with the key makes the same.
 * One is taken for one period at least and two at most.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9449#section-8 RFC 9449, 8}
 */
export function createNonces ({ key, period, now = () => Date.now() / 1000 }: NoncesOptions): Nonces {
  let last = NaN
  let made: readonly [current: string, before: string, next: string] = ['', '', '']
  const nonceOf = (number: number) => createHmac('sha256', key).update(`DPoP nonce ${period} ${number}`).digest('base64url')
  const around = () => {
    const number = Math.floor(now() / period)
    if (number !== last) {
      made = [nonceOf(number), nonceOf(number - 1), nonceOf(number + 1)]
      last = number
    }
    return made
  }
  return Object.freeze<Nonces>({
    current: () => around()[0],
    accepts: nonce => typeof nonce === 'string' && around().includes(nonce)
  })
}
