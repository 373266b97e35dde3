import { Command } from 'commander'
import { stat } from 'node:fs/promises'
import { ClientExistsError } from '../../errors.js'
import type { NewClient } from '../../store/store.js'
import { clientRows, type RowFault } from '../client-rows.js'
import { credentialsAside, credentialsFile, type Credentials } from '../credentials-file.js'
import { manual } from '../manual.js'
import { progressOn, type Progress } from '../progress.js'
import { printable } from '../tables.js'
import { CommandError, EXIT, jsonOutcome, type Outcome, type Output, type Terminal } from '../terminal.js'
import { onStore, withStore, type StoreWords } from '../with-store.js'

interface Words extends StoreWords { readonly out?: string, readonly json?: true }

/** What is known of a file once all of it was checked. */
interface Checked {
  readonly faults: readonly RowFault[]
  /** On which line each client stands. */
  readonly lines: ReadonlyMap<string, number>
}

/** Faults that are shown to people. */
const SHOWN = 20

/** `keyhole clients import FILE`: many clients, all of them or none. */
export function clientsImportCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('import'), terminal)
    .description('makes the clients of a CSV file, all of them or none, and tells their credentials, this once. The first line names the columns: ' +
      'id, roles and what else a client has; several values in a cell are separated by ; and objects are JSON')
    .argument('<file>', 'CSV, one client a line')
    .option('--out <file>', 'where the credentials are written, as CSV that its owner alone can read: a new file. Without it they are printed')
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole clients import clients.csv --out credentials.csv --store sqlite:keyhole.db'],
      { [EXIT.finding]: 'a line is wrong, or a client is there already; nothing was done' }))
    .action(async (file: string, { out, json, ...words }: Words) => {
      const progress = progressOn(terminal.stderr)
      try {
        const { faults, lines } = await check(file, progress)
        if (faults.length > 0) return end(faultsOutcome(file, faults, json))
        const credentials = out === undefined ? credentialsAside() : await credentialsFile(out)
        end(await keep({ file, lines, credentials, words, progress, json }, terminal.stderr))
      } finally {
        progress.end()
      }
    })
}

async function check (file: string, progress: Progress): Promise<Checked> {
  const faults: RowFault[] = []
  const lines = new Map<string, number>()
  progress.begin('checking', await sizeOf(file))
  for await (const row of clientRows(file)) {
    const { id } = row.client
    const before = lines.get(id)
    faults.push(...row.faults)
    if (before === undefined) lines.set(id, row.line)
    else faults.push({ line: row.line, column: 'id', message: `write another: this one stands on line ${before}` })
    progress.at(row.bytes)
  }
  return { faults, lines }
}

async function sizeOf (file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    throw new CommandError(`${file}: ${(error as Error).message}`, { cause: error })
  }
}

interface Work extends Checked {
  readonly file: string
  readonly credentials: Credentials
  readonly words: StoreWords
  readonly progress: Progress
  readonly json: true | undefined
}

async function keep ({ file, lines, credentials, words, progress, json }: Omit<Work, 'faults'>, stderr: Output): Promise<Outcome> {
  let isComplete = false
  const changed = () => new CommandError(`${file}: it was changed while it was read.`)
  async function * clients (): AsyncGenerator<NewClient> {
    let done = 0
    progress.begin('creating', lines.size)
    for await (const { line, client, faults } of clientRows(file)) {
      if (faults.length > 0 || lines.get(client.id) !== line) throw changed()
      yield client
      progress.at(++done)
    }
    if (done < lines.size) throw changed()
    await credentials.keep()
    isComplete = true
  }
  try {
    const created = await withStore(words, store => store.clients.createAll(clients(), credentials.add))
    return json ? jsonOutcome({ created, ...credentials.data() }) : { text: credentials.text() || `${created} clients were created.\n`, exit: EXIT.fine }
  } catch (error) {
    const isTaken = error instanceof ClientExistsError && 'clientId' in error
    if (isComplete && !isTaken) return undecided(error as Error, { lines, credentials, json }, stderr)
    await credentials.discard()
    if (!isTaken) throw error
    return faultsOutcome(file, [{ line: lines.get(String(error.clientId))!, column: 'id', message: error.message }], json)
  }
}

/** The database may have kept the clients, and its answer was lost: then these are all the credentials that they have. */
function undecided ({ message: reason }: Error, { lines, credentials, json }: Pick<Work, 'lines' | 'credentials' | 'json'>, stderr: Output): Outcome {
  const [first] = lines.keys()
  const message = `${reason} It cannot be told whether all clients were made, or none. Their credentials are ${credentials.place}: ` +
    `they are good if there is a client ${first} now, which keyhole clients show tells; if not, delete them and import again.`
  if (json) return jsonOutcome({ error: message, ...credentials.data() }, EXIT.unable)
  stderr.write(printable(message) + '\n')
  return { text: credentials.text(), exit: EXIT.unable }
}

function faultsOutcome (file: string, faults: readonly RowFault[], json: true | undefined): Outcome {
  if (json) return jsonOutcome({ created: 0, faults }, EXIT.finding)
  const shown = faults.slice(0, SHOWN).map(({ line, column, message }) => `${file}, line ${line}, ${column}: ${message}`)
  const more = faults.length > SHOWN ? [`and ${faults.length - SHOWN} more`] : []
  return { text: [...shown, ...more, 'Nothing was done.'].map(line => printable(line) + '\n').join(''), exit: EXIT.finding }
}
