import { CommanderError, type Command } from 'commander'
import { inspect } from 'node:util'
import { program } from './program.js'
import { printable } from './tables.js'
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
  const keyhole = program(end, terminal)
  everyCommand(keyhole).forEach(command => command
    .exitOverride()
    .showHelpAfterError(`${nameOf(command)} --help has examples.`)
    .configureOutput({ writeOut: text => terminal.stdout.write(text), writeErr: text => terminal.stderr.write(text) }))
  try {
    await keyhole.parseAsync(argv, { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.unable
    terminal.stderr.write(messageOf(error).split('\n').map(line => printable(line) + '\n').join(''))
    return EXIT.unable
  }
}

/** A command, and those within it. */
export function everyCommand (command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)]
}

/** All words that call a command. */
function nameOf (command: Command): string {
  return command.parent === null ? command.name() : `${nameOf(command.parent)} ${command.name()}`
}

/** Where a message is written for the reader it says all; of anything else the stack tells where it came from. */
function messageOf (error: unknown): string {
  const isForReaders = error instanceof CommandError || (error instanceof Error && 'code' in error && String(error.code).startsWith('FST_'))
  return isForReaders ? error.message : inspect(error)
}
