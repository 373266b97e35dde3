import { Command } from 'commander'
import { keysOutcome } from '../keys.js'
import { manual } from '../manual.js'
import type { Outcome, Terminal } from '../terminal.js'
import { onStore, withStore, type StoreWords } from '../with-store.js'

/** `keyhole keys list`: which keys are published, which one signs. */
export function keysListCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('list'), terminal)
    .description('the keys that are published: which one signs, which comes next, which only verify')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole keys list --store sqlite:keyhole.db', 'keyhole keys list --store-file /run/secrets/store --json']))
    .action(async ({ json, ...words }: StoreWords & { readonly json?: true }) => {
      end(keysOutcome(await withStore(words, store => store.keys.list()), json, terminal.stdout))
    })
}
