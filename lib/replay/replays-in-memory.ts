import { createHash } from 'node:crypto'
import type { ReplayStorage } from './replay-storage.js'

/** Most identifiers remembered at once: 100 MB of memory. */
const MOST = 1_000_000

/** Seconds that are forgotten together. */
const SPAN = 30

/**
 * Remembers within this process alone.
 * @param most identifiers at once; one more is not accepted, since what is forgotten for it could be used again
 * @param now seconds since the epoch
 */
export function createReplaysInMemory (most = MOST, now = () => Date.now() / 1000): ReplayStorage {
  /** By the end of the span in which they expire. */
  const spans = new Map<number, Set<string>>()

  return Object.freeze<ReplayStorage>({
    async use (kind, id, expiresAt) {
      let size = 0
      for (const [end, used] of spans) {
        if (end < now()) spans.delete(end)
        else size += used.size
      }
      const hash = createHash('sha256').update(`${kind} ${id}`).digest('base64url')
      if ([...spans.values()].some(used => used.has(hash))) return false
      if (size >= most) throw new Error(`${most} identifiers are remembered, and none of them has expired`)
      const end = Math.ceil(expiresAt / SPAN) * SPAN
      const used = spans.get(end)
      if (used === undefined) spans.set(end, new Set([hash]))
      else used.add(hash)
      return true
    }
  })
}
