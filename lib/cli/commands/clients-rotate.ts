import { Command, Option } from 'commander'
import { secretsOutcome } from '../clients.js'
import { manual } from '../manual.js'
import type { Outcome, Terminal } from '../terminal.js'
import { timeFrom, wholeSeconds } from '../times.js'
import { onStore, withStore, type StoreWords } from '../with-store.js'

interface Words extends StoreWords {
  readonly apiKey?: true
  readonly keepPreviousFor?: number
  readonly expires?: number
  readonly json?: true
}

/** `keyhole clients rotate ID`: a new secret, or a new API key, beside the one before. */
export function clientsRotateCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('rotate'), terminal)
    .description('makes a new secret for a client, and shows it, this once; the one before stays good until the next rotation, or for as long as is written')
    .argument('<id>', 'its client_id')
    .option('--api-key', 'a new API key, and not a new secret')
    .addOption(new Option('--keep-previous-for <seconds>', 'for how long the one before stays good; 0: not at all').argParser(wholeSeconds))
    .addOption(new Option('--expires <time>', 'when the new one is no longer good, such as 2027-01-31; never, where nothing is written').argParser(timeFrom))
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole clients rotate crm --store sqlite:keyhole.db', 'keyhole clients rotate crm --keep-previous-for 86400 --store sqlite:keyhole.db', 'keyhole clients rotate crm --api-key --store sqlite:keyhole.db']))
    .action(async (id: string, { apiKey, keepPreviousFor, expires: expiresAt, json, ...words }: Words) => {
      const rotation = { ...(keepPreviousFor !== undefined && { keepPreviousFor }), ...(expiresAt !== undefined && { expiresAt }) }
      end(secretsOutcome(await withStore(words, async ({ clients }) => (
        apiKey ? { id, apiKey: await clients.rotateApiKey(id, rotation) } : { id, clientSecret: await clients.rotateSecret(id, rotation) }
      )), json))
    })
}
