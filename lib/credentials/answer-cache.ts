import { createHmac, randomBytes } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { ClientCredentials, Principal } from './provider.js'

/** For how many seconds an answer is used again. */
export interface AnswerLifetimes {
  /** Of a yes: for so long a client that was disabled still gets tokens. Default: 0. */
  readonly yes?: number
  /** Of a no: for so long credentials that have become right are refused. Default: 0. */
  readonly no?: number
}

/** Answers of the last seconds. */
export interface AnswerCache {
  /** undefined where it has none. */
  get (credentials: ClientCredentials): Principal | null | undefined
  set (credentials: ClientCredentials, answer: Principal | null): void
}

/** Of each kind; of more, those that were used longest ago are forgotten. */
const ENTRIES = 10_000

/**
 * Remembers answers by an HMAC of the credentials, under a key that this process made and nobody knows: from what is in
 * the memory no secret can be guessed. Yes and no are kept apart, so that nobody drives out a yes by guessing.
 */
export function createAnswerCache ({ yes = 0, no = 0 }: AnswerLifetimes): AnswerCache {
  const key = randomBytes(32)
  // In JSON undefined is null within a list.
  const keyOf = ({ clientId, clientSecret, apiKey }: ClientCredentials) =>
    createHmac('sha256', key).update(JSON.stringify([clientId, clientSecret, apiKey])).digest('base64url')
  const principals = new LRUCache<string, Principal>({ max: ENTRIES })
  const refusals = new LRUCache<string, true>({ max: ENTRIES })
  const isKept = ({ clientAssertion }: ClientCredentials) => yes + no > 0 && clientAssertion === undefined

  return Object.freeze<AnswerCache>({
    get (credentials) {
      if (!isKept(credentials)) return undefined
      const id = keyOf(credentials)
      return principals.get(id) ?? (refusals.has(id) ? null : undefined)
    },
    set (credentials, answer) {
      if (!isKept(credentials)) return
      if (answer === null && no > 0) refusals.set(keyOf(credentials), true, { ttl: no * 1000 })
      if (answer !== null && yes > 0) principals.set(keyOf(credentials), answer, { ttl: yes * 1000 })
    }
  })
}
