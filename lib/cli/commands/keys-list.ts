import { Command } from 'commander'
import { keysOutcome } from '../keys.js'
import type { Outcome } from '../terminal.js'
import { storeOption, withStore, type StoreWords } from '../with-store.js'

/** `keyhole keys list`: which keys are published, which one signs. */
export function keysListCommand (end: (outcome: Outcome) => void): Command {
  return new Command('list')
    .description('the keys that are published: which one signs, which comes next, which only verify')
    .addOption(storeOption())
    .option('--json')
    .action(async ({ json, ...words }: StoreWords & { readonly json?: true }) => {
      end(keysOutcome(await withStore(words, store => store.keys.list()), json))
    })
}
