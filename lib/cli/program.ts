import { Command } from 'commander'
import { annotateCommand } from './commands/annotate.js'
import { clientsAddCommand } from './commands/clients-add.js'
import { clientsDeleteCommand } from './commands/clients-delete.js'
import { clientsDisableCommand } from './commands/clients-disable.js'
import { clientsImportCommand } from './commands/clients-import.js'
import { clientsListCommand } from './commands/clients-list.js'
import { clientsRotateCommand } from './commands/clients-rotate.js'
import { clientsShowCommand } from './commands/clients-show.js'
import { clientsUpdateCommand } from './commands/clients-update.js'
import { doctorCommand } from './commands/doctor.js'
import { keysImportCommand } from './commands/keys-import.js'
import { keysListCommand } from './commands/keys-list.js'
import { keysRetireCommand } from './commands/keys-retire.js'
import { keysRotateCommand } from './commands/keys-rotate.js'
import { migrateCommand } from './commands/migrate.js'
import { observeSummaryCommand } from './commands/observe-summary.js'
import { policyCheckCommand } from './commands/policy-check.js'
import { policyDiffCommand } from './commands/policy-diff.js'
import { policyExplainCommand } from './commands/policy-explain.js'
import { policyHistoryCommand } from './commands/policy-history.js'
import { policyPublishCommand } from './commands/policy-publish.js'
import { policyRollbackCommand } from './commands/policy-rollback.js'
import { reportCommand } from './commands/report.js'
import { manual } from './manual.js'
import { EXIT, type Outcome, type Terminal } from './terminal.js'

/** The command with all its commands. @param end gets what the one that runs answers */
export function program (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return new Command('keyhole')
    .description('fastify-keyhole on the command line: who sees which field, and the store with its clients, keys and policies.')
    .addHelpText('after', manual(['keyhole report app.js', 'keyhole keys list --store sqlite:keyhole.db'], { [EXIT.finding]: 'something was found; the help of each command says what' }))
    .addCommand(reportCommand(end))
    .addCommand(new Command('policy').description('checks, compares, explains and publishes policies')
      .addHelpText('after', manual(['keyhole policy check policy.json', 'keyhole policy publish policy.json --store sqlite:keyhole.db']))
      .addCommand(policyCheckCommand(end))
      .addCommand(policyDiffCommand(end))
      .addCommand(policyExplainCommand(end))
      .addCommand(policyPublishCommand(end, terminal))
      .addCommand(policyHistoryCommand(end, terminal))
      .addCommand(policyRollbackCommand(end, terminal)))
    .addCommand(annotateCommand(end))
    .addCommand(new Command('observe').description('what observing would have withheld')
      .addHelpText('after', manual(['keyhole observe summary app.log']))
      .addCommand(observeSummaryCommand(end, terminal)))
    .addCommand(new Command('keys').description('the signing keys in a store')
      .addHelpText('after', manual(['keyhole keys list --store sqlite:keyhole.db', 'keyhole keys rotate --store sqlite:keyhole.db']))
      .addCommand(keysListCommand(end, terminal))
      .addCommand(keysRotateCommand(end, terminal))
      .addCommand(keysImportCommand(end, terminal))
      .addCommand(keysRetireCommand(end, terminal)))
    .addCommand(new Command('clients').description('the clients in a store')
      .addHelpText('after', manual(['keyhole clients add crm --role salesperson --store sqlite:keyhole.db', 'keyhole clients list --store sqlite:keyhole.db']))
      .addCommand(clientsAddCommand(end, terminal))
      .addCommand(clientsListCommand(end, terminal))
      .addCommand(clientsShowCommand(end, terminal))
      .addCommand(clientsUpdateCommand(end, terminal))
      .addCommand(clientsRotateCommand(end, terminal))
      .addCommand(clientsDisableCommand(end, terminal))
      .addCommand(clientsDeleteCommand(end, terminal))
      .addCommand(clientsImportCommand(end, terminal)))
    .addCommand(migrateCommand(end, terminal))
    .addCommand(doctorCommand(end, terminal))
}
