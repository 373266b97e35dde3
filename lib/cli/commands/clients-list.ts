import { Command } from 'commander'
import { clientsOutcome } from '../clients.js'
import { manual } from '../manual.js'
import type { Outcome, Terminal } from '../terminal.js'
import { onStore, withStore, type StoreWords } from '../with-store.js'

/** `keyhole clients list`: all clients, by id, without a secret. */
export function clientsListCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('list'), terminal)
    .description('all clients, by id; never a secret')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole clients list --store sqlite:keyhole.db', "keyhole clients list --store sqlite:keyhole.db --json | jq '.[].id'"]))
    .action(async ({ json, ...words }: StoreWords & { readonly json?: true }) => {
      end(clientsOutcome(await withStore(words, ({ clients }) => clients.list()), json, terminal.stdout))
    })
}
