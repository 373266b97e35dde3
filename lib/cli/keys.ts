import { InvalidArgumentError, Option } from 'commander'
import type { Algorithm } from '../keys/key-source.js'
import { DEFAULT_SETTINGS } from '../keys/lifecycle.js'
import type { StoredKey } from '../keys/storage.js'
import { ALGORITHMS } from '../keys/verification-key.js'
import { plainTable, withoutEmptyColumns } from './tables.js'
import { EXIT, type Outcome } from './terminal.js'

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
    .argParser(text => {
      if (!/^\d{1,8}$/.test(text)) throw new InvalidArgumentError('Write a whole number of seconds.')
      return Number(text)
    })
}

/** Now, in seconds since the epoch. */
export function now (): number {
  return Math.floor(Date.now() / 1000)
}

/** What is told of keys. */
export function keysOutcome (keys: readonly StoredKey[], json: true | undefined): Outcome {
  return { text: json ? JSON.stringify(keys, null, 2) + '\n' : keyTable(keys), exit: EXIT.fine }
}

function keyTable (keys: readonly StoredKey[]): string {
  if (keys.length === 0) return 'There is no key yet. The first start of the token endpoint makes one.\n'
  const rows = keys.map(({ kid, alg, state, signsFrom, retiredAt }) => [kid, alg, state, at(signsFrom), retiredAt === null ? '' : at(retiredAt)])
  return plainTable(withoutEmptyColumns({ head: ['key', 'alg', 'state', 'signs from', 'retired'], rows }))
}

function at (seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', 'Z')
}
