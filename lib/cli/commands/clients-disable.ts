import { Command } from 'commander'
import { printable } from '../tables.js'
import { manual } from '../manual.js'
import { EXIT, jsonOutcome, type Outcome, type Terminal } from '../terminal.js'
import { onStore, withStore, type StoreWords } from '../with-store.js'

/** `keyhole clients disable ID`: its credentials are refused from now on, and its tokens. */
export function clientsDisableCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('disable'), terminal)
    .description('refuses the credentials of a client from now on, and its tokens within two seconds; it stays in the list')
    .argument('<id>', 'its client_id')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole clients disable crm --store sqlite:keyhole.db']))
    .action(async (id: string, { json, ...words }: StoreWords & { readonly json?: true }) => {
      await withStore(words, ({ clients }) => clients.disable(id))
      end(json ? jsonOutcome({ id, disabled: true }) : { text: `${printable(id)} is disabled.\n`, exit: EXIT.fine })
    })
}
