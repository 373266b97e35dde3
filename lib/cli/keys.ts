import { Option } from 'commander'
import type { Algorithm } from '../keys/key-source.js'
import { DEFAULT_SETTINGS } from '../keys/lifecycle.js'
import type { StoredKey } from '../keys/storage.js'
import { ALGORITHMS } from '../keys/verification-key.js'
import { paintFor } from './colours.js'
import { plainTable, withoutEmptyColumns } from './tables.js'
import { EXIT, jsonOutcome, type Outcome, type Output } from './terminal.js'
import { at, wholeSeconds } from './times.js'

/** The words that the commands about keys share. */
export interface KeyWords {
  readonly algorithm?: Algorithm
  readonly announce: number
  readonly json?: true
}

export function algorithmOption (description: string): Option {
  return new Option('--algorithm <alg>', description).choices(ALGORITHMS)
}

export function announceOption (): Option {
  return new Option('--announce <seconds>', 'for how long the key is published before it signs; 0: it signs at once')
    .default(DEFAULT_SETTINGS.announce)
    .argParser(wholeSeconds)
}

/** What is told of keys. */
export function keysOutcome (keys: readonly StoredKey[], json: true | undefined, stdout: Output): Outcome {
  return json ? jsonOutcome(keys) : { text: keyTable(keys, stdout), exit: EXIT.fine }
}

function keyTable (keys: readonly StoredKey[], stdout: Output): string {
  if (keys.length === 0) return 'There is no key yet. The first start of the token endpoint makes one.\n'
  const rows = keys.map(({ kid, alg, state, signsFrom, retiredAt }) => [kid, alg, state, at(signsFrom), retiredAt === null ? '' : at(retiredAt)])
  const table = withoutEmptyColumns({ head: ['key', 'alg', 'state', 'signs from', 'retired'], rows })
  return plainTable(table, { paint: paintFor(stdout), shades: { active: 'good', retired: 'faint' } })
}
