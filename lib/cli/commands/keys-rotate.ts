import { Command } from 'commander'
import { DEFAULT_SETTINGS } from '../../keys/lifecycle.js'
import { rotateKeys } from '../../keys/manage.js'
import { algorithmOption, announceOption, keysOutcome, now, type KeyWords } from '../keys.js'
import type { Outcome } from '../terminal.js'
import { encryptionOption, storeOption, withStore, type StoreWords } from '../with-store.js'

/** `keyhole keys rotate`: makes the next key, which signs once everybody can know it. */
export function keysRotateCommand (end: (outcome: Outcome) => void): Command {
  return new Command('rotate')
    .description('makes the next key, unless there is one; it is published now, and signs later')
    .addOption(storeOption())
    .addOption(encryptionOption())
    .addOption(algorithmOption('what the key is for').default(DEFAULT_SETTINGS.algorithm))
    .addOption(announceOption())
    .option('--json')
    .action(async ({ algorithm = DEFAULT_SETTINGS.algorithm, announce, json, ...words }: StoreWords & KeyWords) => {
      end(keysOutcome([await withStore(words, ({ keys }) => rotateKeys(keys, algorithm, { announce, now: now() }))], json))
    })
}
