import { Command } from 'commander'
import { manual } from '../manual.js'
import { publish } from '../publish.js'
import { CommandError, EXIT, type Outcome, type Terminal } from '../terminal.js'
import { onStore, withStore, type StoreWords } from '../with-store.js'

/** `keyhole policy rollback VERSION`: a policy that was published before is the latest again. */
export function policyRollbackCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('rollback'), terminal)
    .description('makes a policy that was published before the latest again; tells how it differs from the one that was')
    .argument('<version>', 'as `keyhole policy history` shows it')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole policy rollback sha256-2cBq4mVv --store sqlite:keyhole.db'], { [EXIT.finding]: 'another policy was published meanwhile; nothing was done' }))
    .action(async (version: string, { json, ...words }: StoreWords & { readonly json?: true }) => {
      end(await withStore(words, async ({ policies }) => {
        const document = await policies.get(version)
        if (document === null) throw new CommandError(`No policy ${version} was published. There are ${(await policies.history()).map(policy => policy.version).join(', ') || 'none'}.`)
        return await publish(policies, document, { ...(json && { json }) }, terminal.stdout)
      }))
    })
}
