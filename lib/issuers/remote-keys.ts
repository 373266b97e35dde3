import { OptionInvalidError } from '../errors.js'
import { findIn } from '../keys/key-set.js'
import type { KeySource, VerificationKey } from '../keys/key-source.js'
import type { FetchedJson } from './fetch-json.js'
import { usableKeys } from './usable-keys.js'

/** Keys that are read from another server, again and again until they are closed. */
export interface RemoteKeys extends KeySource {
  close (): void
}

/** Where it is said what becomes of an issuer's keys. */
export interface IssuerLog {
  info (details: object, message: string): void
  warn (details: object, message: string): void
  error (details: object, message: string): void
}

const unheard = () => {}

/** Where nobody wants to know. */
export const SILENT: IssuerLog = Object.freeze({ info: unheard, warn: unheard, error: unheard })

export interface RemoteKeysOptions {
  readonly issuer: string
  /** Reads the key set from where it is now. */
  readonly read: () => Promise<FetchedJson>
  readonly log: IssuerLog
  /** Milliseconds that never step back. */
  readonly clock?: () => number
  /** Does something after so many milliseconds, and keeps no process alive. */
  readonly after?: (milliseconds: number, work: () => void) => { stop (): void }
}

/** From the beginning of one reading to that of the next, whoever wants it: an unknown `kid` costs the sender nothing. Milliseconds. */
const PACE = 10_000

/** When keys are read again, in seconds: as the issuer says by `max-age`, within these; else every five minutes. */
const SHORTEST = 60
const LONGEST = 3600
const USUAL = 300

/** How long keys are used while they cannot be read again, in milliseconds: a day, as long as a token lives at most. */
const KEPT = 24 * 60 * 60 * 1000

/**
 * Reads an issuer's keys and follows them. `refresh` joins a reading that is under way, and begins none in the ten
 * seconds after the last began: then it gives what came of that. While the keys cannot be read, or nothing of what was
 * read can be used, those that are known stay in force for a day.
 *
 * jose's remote key set keeps no key beyond its age when the issuer is down, and knows no limit of bytes or keys.
 * @throws {FST_KEYHOLE_OPTION_INVALID} when the first reading shows that the option is wrong; when it fails otherwise
 *   there are no keys yet, which is logged.
 */
export async function openRemoteKeys ({ issuer, read, log, clock = monotonic, after = unhurried }: RemoteKeysOptions): Promise<RemoteKeys> {
  let known: ReadonlyMap<string, VerificationKey> = new Map()
  let find = findIn([])
  let refusals = ''
  let readAt = -Infinity
  let begunAt = -Infinity
  let isReading = false
  let last: Promise<void> = Promise.resolve()
  let timer: { stop (): void } | undefined
  let isClosed = false

  const take = ({ value, maxAge = USUAL }: FetchedJson) => {
    const { keys, refused } = usableKeys(value, known)
    known = keys
    find = findIn([...keys.values()])
    readAt = clock()
    if (refused.join() !== refusals) log.warn({ issuer, refused }, 'keys of an issuer cannot be used')
    refusals = refused.join()
    lookAgain(Math.min(Math.max(maxAge, SHORTEST), LONGEST) * 1000)
  }
  const miss = (error: unknown) => {
    const isOver = clock() - readAt >= KEPT
    if (isOver) {
      known = new Map()
      find = findIn([])
    }
    const { message } = error as Error
    log.error({ issuer, reason: message, err: error }, isOver ? 'the keys of an issuer cannot be read, and there are none' : 'the keys of an issuer cannot be read; those that are known stay in force')
    lookAgain(SHORTEST * 1000)
    throw error
  }
  const lookAgain = (milliseconds: number) => {
    timer?.stop()
    if (!isClosed) timer = after(milliseconds, () => { refresh().catch(() => {}) })
  }
  const refresh = async () => {
    if (!isReading && clock() - begunAt >= PACE) {
      begunAt = clock()
      isReading = true
      last = read().then(take).catch(miss).finally(() => { isReading = false })
    }
    await last
  }

  await refresh().catch(error => {
    if (!(error instanceof OptionInvalidError)) return
    timer?.stop()
    throw error
  })
  return Object.freeze({
    find: (kid: string | undefined, alg?: unknown) => find(kid, alg),
    refresh,
    close () {
      isClosed = true
      timer?.stop()
    }
  })
}

function monotonic (): number {
  return performance.now()
}

function unhurried (milliseconds: number, work: () => void): { stop (): void } {
  const timer = setTimeout(work, milliseconds).unref()
  return { stop: () => clearTimeout(timer) }
}
