import { Command } from 'commander'
import { confirm } from '../confirm.js'
import { manual } from '../manual.js'
import { printable } from '../tables.js'
import { EXIT, jsonOutcome, type Outcome, type Terminal } from '../terminal.js'
import { onStore, withStore, type StoreWords } from '../with-store.js'

interface Words extends StoreWords { readonly yes?: true, readonly json?: true }

/** `keyhole clients delete ID`: it is gone with its secrets, once somebody says so. */
export function clientsDeleteCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('delete'), terminal)
    .description('removes a client with its secrets, refuses its tokens within two seconds, and frees its id; asks before it does')
    .argument('<id>', 'its client_id')
    .option('--yes', 'does not ask: for scripts')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole clients delete crm --store sqlite:keyhole.db', 'keyhole clients delete crm --yes --store sqlite:keyhole.db'],
      { [EXIT.finding]: 'it was not confirmed, and nothing was done' }))
    .action(async (id: string, { yes, json, ...words }: Words) => {
      const isMeant = yes ?? await confirm(`Delete the client ${printable(id)} with its secrets? There is no way back.`, terminal)
      if (!isMeant) return end({ text: json ? '' : 'Nothing was done.\n', exit: EXIT.finding })
      await withStore(words, ({ clients }) => clients.delete(id))
      end(json ? jsonOutcome({ id, deleted: true }) : { text: `${printable(id)} is deleted.\n`, exit: EXIT.fine })
    })
}
