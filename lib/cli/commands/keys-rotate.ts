import { Command } from 'commander'
import { DEFAULT_SETTINGS } from '../../keys/lifecycle.js'
import { rotateKeys } from '../../keys/manage.js'
import { algorithmOption, announceOption, keysOutcome, type KeyWords } from '../keys.js'
import { manual } from '../manual.js'
import type { Outcome, Terminal } from '../terminal.js'
import { now } from '../times.js'
import { encryptionOption, onStore, withStore, type StoreWords } from '../with-store.js'

/** `keyhole keys rotate`: makes the next key, which signs once everybody can know it. */
export function keysRotateCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('rotate'), terminal)
    .description('makes the next key, unless there is one; it is published now, and signs later')
    .addOption(encryptionOption())
    .addOption(algorithmOption('what the key is for').default(DEFAULT_SETTINGS.algorithm))
    .addOption(announceOption())
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole keys rotate --store sqlite:keyhole.db', 'keyhole keys rotate --store sqlite:keyhole.db --algorithm EdDSA --announce 3600']))
    .action(async ({ algorithm = DEFAULT_SETTINGS.algorithm, announce, json, ...words }: StoreWords & KeyWords) => {
      end(keysOutcome([await withStore(words, ({ keys }) => rotateKeys(keys, algorithm, { announce, now: now() }))], json, terminal.stdout))
    })
}
