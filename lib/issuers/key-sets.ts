import { LRUCache } from 'lru-cache'
import type { VerificationKey } from '../keys/key-source.js'
import { fetchJson, TIME_LIMIT } from './fetch-json.js'
import { openRemoteKeys, SILENT, type IssuerLog, type RemoteKeys } from './remote-keys.js'

/** How many key sets are remembered, at most: of more, those that were not asked for longest are read anew. */
const REMEMBERED = 1000

/** Key sets at URLs that are read when somebody looks for a key in them, and never otherwise. */
export interface KeySets {
  /**
   * A key of the set at this URL. The set is read when it was not yet, when it is old, and, once in ten seconds, when
   * the key is not in it.
   * @param kid undefined where the set has one key
   * @param log of whoever asks first for this set
   * @throws {Error} when the key is not known, and the set cannot be read now: it may well be there.
   */
  find (url: string, { kid, alg }: SoughtKey, log?: IssuerLog): Promise<VerificationKey | undefined>
}

/** What a JWT's header says of its key. */
interface SoughtKey {
  readonly kid: string | undefined
  readonly alg: unknown
}

/** One of the sets, and whether it has to be read before it is used. */
interface Opened {
  readonly keys: RemoteKeys
  readonly isDue: () => boolean
}

/**
 * Key sets as `openRemoteKeys` reads and keeps them, but without a timer.
 * @param clock milliseconds that never step back
 */
export function createKeySets (clock = () => performance.now()): KeySets {
  const opened = new LRUCache<string, Promise<Opened>>({ max: REMEMBERED })

  const open = async (url: string, log: IssuerLog): Promise<Opened> => {
    let dueAt = Infinity
    const keys = await openRemoteKeys({
      issuer: url,
      log,
      clock,
      read: () => fetchJson(url, AbortSignal.timeout(TIME_LIMIT)),
      after (milliseconds) {
        dueAt = clock() + milliseconds
        return { stop () { dueAt = Infinity } }
      }
    })
    return { keys, isDue: () => clock() >= dueAt }
  }
  const setAt = (url: string, log: IssuerLog): Promise<Opened> => {
    const known = opened.get(url)
    if (known !== undefined) return known
    const opening = open(url, log)
    opened.set(url, opening)
    return opening
  }

  return Object.freeze({
    async find (url: string, { kid, alg }: SoughtKey, log = SILENT) {
      const { keys, isDue } = await setAt(url, log)
      // Where that fails, the keys that are known stay in force.
      if (isDue()) await keys.refresh().catch(() => {})
      const key = keys.find(kid, alg)
      if (key !== undefined) return key
      await keys.refresh()
      return keys.find(kid, alg)
    }
  })
}
