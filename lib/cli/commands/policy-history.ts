import { Command } from 'commander'
import { paintFor } from '../colours.js'
import { manual } from '../manual.js'
import { plainTable } from '../tables.js'
import { EXIT, jsonOutcome, type Outcome, type Terminal } from '../terminal.js'
import { at } from '../times.js'
import { onStore, withStore, type StoreWords } from '../with-store.js'

/** `keyhole policy history`: the policies that were published, the latest first. */
export function policyHistoryCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('history'), terminal)
    .description('the policies that were published, the latest first')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole policy history --store sqlite:keyhole.db', "keyhole policy history --store sqlite:keyhole.db --json | jq -r '.[0].version'"]))
    .action(async ({ json, ...words }: StoreWords & { readonly json?: true }) => {
      const history = (await withStore(words, ({ policies }) => policies.history())).map((policy, place) => ({ ...policy, latest: place === 0 }))
      if (json) return end(jsonOutcome(history))
      if (history.length === 0) return end({ text: 'No policy was published yet. keyhole policy publish does it.\n', exit: EXIT.fine })
      const rows = history.map(({ version, publishedAt, latest }) => [version, at(publishedAt), latest ? 'latest' : ''])
      end({ text: plainTable({ head: ['version', 'published', 'state'], rows }, { paint: paintFor(terminal.stdout), shades: { latest: 'good' } }), exit: EXIT.fine })
    })
}
