import { Command } from 'commander'
import { createReadStream } from 'node:fs'
import { ObservedLosses } from '../../report/observed.js'
import { manual } from '../manual.js'
import { fieldName } from '../report-text.js'
import { plainTable } from '../tables.js'
import { CommandError, EXIT, jsonText, type Outcome, type Terminal } from '../terminal.js'

/** `keyhole observe summary LOG`: which client would lose which field on which route, or be refused what, how often. */
export function observeSummaryCommand (end: (outcome: Outcome) => void, { stdin }: Terminal): Command {
  return new Command('summary')
    .description('which client would lose which field on which route, or be refused what, and how often, once observing ends')
    .argument('[log]', 'log with one JSON object a line, as pino writes it; - or nothing for what is piped in', '-')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole observe summary app.log', 'kubectl logs deployment/api | keyhole observe summary --json']))
    .action(async (file: string, { json }: { readonly json?: true }) => {
      const losses = await read(file, stdin)
      end({ text: json ? jsonText({ losses: losses.list(), skipped: losses.skipped }) : lossText(losses), exit: EXIT.fine })
    })
}

async function read (file: string, stdin: Terminal['stdin']): Promise<ObservedLosses> {
  const losses = new ObservedLosses()
  try {
    for await (const line of linesOf(file === '-' ? stdin : createReadStream(file))) losses.add(line)
  } catch (error) {
    throw new CommandError(`${file}: ${(error as Error).message}`, { cause: error })
  }
  return losses
}

/** Line by line, so that a log may be longer than memory. */
async function * linesOf (chunks: Terminal['stdin']): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + (typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true }))).split('\n')
    rest = lines.pop()!
    yield * lines
  }
  yield rest
}

function lossText (losses: ObservedLosses): string {
  const rows = losses.list().map(({ route, clientId, kind, field, times }) => [route, clientId, kind, fieldName(field), String(times)])
  const skipped = losses.skipped === 0 ? '' : `Lines that were no JSON, and skipped: ${losses.skipped}\n`
  return (rows.length === 0 ? 'Nobody would lose a field, or be refused anything.\n' : plainTable({ head: ['route', 'client', 'would be', 'field', 'times'], rows })) + skipped
}
