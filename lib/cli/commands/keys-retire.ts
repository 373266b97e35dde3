import { Command } from 'commander'
import { DEFAULT_SETTINGS } from '../../keys/lifecycle.js'
import { retireKey } from '../../keys/manage.js'
import { algorithmOption, keysOutcome, type KeyWords } from '../keys.js'
import { manual } from '../manual.js'
import type { Outcome, Terminal } from '../terminal.js'
import { now } from '../times.js'
import { encryptionOption, onStore, withStore, type StoreWords } from '../with-store.js'

/** `keyhole keys retire --kid KID`: removes a key at once, for one that leaked. A kid may begin with a hyphen, so it is no word of its own. */
export function keysRetireCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('retire'), terminal)
    .description('removes a key at once: every token that it signed is refused. Where it signs, the next key does, or a new one')
    .requiredOption('--kid <kid>', 'the key, as `keyhole keys list` shows it')
    .addOption(encryptionOption())
    .addOption(algorithmOption('what a new key is for').default(DEFAULT_SETTINGS.algorithm))
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole keys retire --kid 2cBq4mVv --store sqlite:keyhole.db']))
    .action(async ({ kid, algorithm = DEFAULT_SETTINGS.algorithm, json, ...words }: StoreWords & KeyWords & { readonly kid: string }) => {
      end(keysOutcome([await withStore(words, ({ keys }) => retireKey(keys, kid, algorithm, now()))], json, terminal.stdout))
    })
}
