import { Command } from 'commander'
import { checkMigrations, migrate } from '../../store/migrations-at.js'
import { manual } from '../manual.js'
import { EXIT, jsonOutcome, type Outcome, type Terminal } from '../terminal.js'
import { onStore, type StoreWords } from '../with-store.js'

interface Words extends StoreWords { readonly check?: true, readonly json?: true }

/** `keyhole migrate`: brings the tables of a store up to date, or tells whether they are. */
export function migrateCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('migrate'), terminal)
    .description('brings the tables of a store up to date, as every start of the application does; makes the store where there is none')
    .option('--check', 'only tells what is pending, and changes nothing')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole migrate --store sqlite:keyhole.db', 'keyhole migrate --check --store sqlite:keyhole.db'],
      { [EXIT.finding]: 'with --check: something is pending, or a later version has changed the tables' }))
    .action(async ({ store: url, check, json }: Words) => end(check ? await checked(url, json) : await migrated(url, json)))
}

async function migrated (url: string, json: true | undefined): Promise<Outcome> {
  const applied = await migrate(url)
  if (json) return jsonOutcome({ applied })
  return { text: applied.length === 0 ? 'The tables are up to date.\n' : applied.map(name => `applied  ${name}\n`).join(''), exit: EXIT.fine }
}

async function checked (url: string, json: true | undefined): Promise<Outcome> {
  const state = await checkMigrations(url)
  const { pending, unknown } = state
  const exit = pending.length + unknown.length === 0 ? EXIT.fine : EXIT.finding
  if (json) return jsonOutcome(state, exit)
  const lines = [...pending.map(name => `pending  ${name}\n`), ...unknown.map(name => `unknown  ${name}: a later version of fastify-keyhole made it\n`)]
  return { text: lines.join('') || 'The tables are up to date.\n', exit }
}
