import type { Algorithm } from './key-source.js'
import type { StoredKey } from './storage.js'

/** How keys come and go. Times are in seconds. */
export interface KeySettings {
  /** Of keys that are made from now on. */
  readonly algorithm: Algorithm
  /** For how long a key is published before it signs. */
  readonly announce: number
  /** For how long a key signs before the next one does; until somebody says so, when undefined. */
  readonly rotateEvery: number | undefined
}

export const DEFAULT_SETTINGS: KeySettings = Object.freeze({ algorithm: 'ES256', announce: 600, rotateEvery: undefined })

/**
 * For how long a process signs with a key of which it cannot tell whether it was retired, in seconds. By as much the
 * processes' clocks may differ.
 */
export const MARGIN = 300

/** For how long a retired key verifies: no token lives longer than a day, and one may be signed late by a clock that is slow. */
export const KEPT = 86_400 + 2 * MARGIN

/** What is to be done with the keys now. */
export type KeyStep =
  | { readonly kind: 'create' }
  | { readonly kind: 'announce', readonly signsFrom: number }
  | { readonly kind: 'activate', readonly kid: string }
  | { readonly kind: 'purge', readonly retiredBefore: number }

/**
 * The next thing to do, if any: what processes do is the same, whichever does it.
 * @param now seconds since the epoch
 */
export function dueStep (keys: readonly StoredKey[], { announce, rotateEvery }: KeySettings, now: number): KeyStep | undefined {
  const active = keys.find(({ state }) => state === 'active')
  const next = keys.find(({ state }) => state === 'next')
  if (next !== undefined && (active === undefined || now >= next.signsFrom)) return { kind: 'activate', kid: next.kid }
  if (active === undefined) return { kind: 'create' }
  if (next === undefined && rotateEvery !== undefined && now >= active.signsFrom + rotateEvery - announce) {
    return { kind: 'announce', signsFrom: now + announce }
  }
  const retiredBefore = now - KEPT
  return keys.some(({ retiredAt }) => retiredAt !== null && retiredAt < retiredBefore) ? { kind: 'purge', retiredBefore } : undefined
}
