import { Command } from 'commander'
import { ClientUnknownError } from '../../errors.js'
import { clientOutcome } from '../clients.js'
import { manual } from '../manual.js'
import type { Outcome, Terminal } from '../terminal.js'
import { onStore, withStore, type StoreWords } from '../with-store.js'

/** `keyhole clients show ID`: all that is known of a client, without a secret. */
export function clientsShowCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('show'), terminal)
    .description('all that is known of a client; never a secret')
    .argument('<id>', 'its client_id')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole clients show crm --store sqlite:keyhole.db']))
    .action(async (id: string, { json, ...words }: StoreWords & { readonly json?: true }) => {
      const client = await withStore(words, ({ clients }) => clients.get(id))
      if (client === null) throw new ClientUnknownError(id)
      end(clientOutcome(client, json))
    })
}
