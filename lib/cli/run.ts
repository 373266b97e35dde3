import { Command, CommanderError } from 'commander'
import { inspect } from 'node:util'
import { annotateCommand } from './commands/annotate.js'
import { keysImportCommand } from './commands/keys-import.js'
import { keysListCommand } from './commands/keys-list.js'
import { keysRetireCommand } from './commands/keys-retire.js'
import { keysRotateCommand } from './commands/keys-rotate.js'
import { observeSummaryCommand } from './commands/observe-summary.js'
import { policyCheckCommand } from './commands/policy-check.js'
import { policyDiffCommand } from './commands/policy-diff.js'
import { policyExplainCommand } from './commands/policy-explain.js'
import { reportCommand } from './commands/report.js'
import { CommandError, EXIT, type Outcome, type Terminal } from './terminal.js'

/**
 * Runs one command.
 * @param argv its words, without node and the script
 * @returns the exit code: 0 fine, 1 something was found, 2 used wrongly or could not run
 */
export async function run (argv: readonly string[], terminal: Terminal): Promise<number> {
  let exit: number = EXIT.fine
  const end = (outcome: Outcome) => {
    terminal.stdout.write(outcome.text)
    exit = outcome.exit
  }
  const program = new Command('keyhole')
    .description('Who sees which field: reports on applications guarded by fastify-keyhole, and on their policies.')
    .addCommand(reportCommand(end))
    .addCommand(new Command('policy').description('checks, compares and explains policies')
      .addCommand(policyCheckCommand(end))
      .addCommand(policyDiffCommand(end))
      .addCommand(policyExplainCommand(end)))
    .addCommand(annotateCommand(end))
    .addCommand(new Command('observe').description('what observing would have withheld')
      .addCommand(observeSummaryCommand(end, terminal)))
    .addCommand(new Command('keys').description('the signing keys in a store')
      .addCommand(keysListCommand(end))
      .addCommand(keysRotateCommand(end))
      .addCommand(keysImportCommand(end, terminal))
      .addCommand(keysRetireCommand(end)))
  everyCommand(program).forEach(command => command
    .exitOverride()
    .configureOutput({ writeOut: text => terminal.stdout.write(text), writeErr: text => terminal.stderr.write(text) }))
  try {
    await program.parseAsync(argv, { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.unable
    terminal.stderr.write(`${messageOf(error)}\n`)
    return EXIT.unable
  }
}

function everyCommand (command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}

/** Where a message is written for the reader it says all; of anything else the stack tells where it came from. */
function messageOf (error: unknown): string {
  const isForReaders = error instanceof CommandError || (error instanceof Error && 'code' in error && String(error.code).startsWith('FST_'))
  return isForReaders ? error.message : inspect(error)
}
