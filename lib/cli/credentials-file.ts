import { stringify } from 'csv-stringify/sync'
import { open, unlink } from 'node:fs/promises'
import type { IssuedCredentials } from '../store/store.js'
import { CommandError } from './terminal.js'

type Issued = IssuedCredentials & { readonly id: string }

/** Where the credentials of new clients go. */
export interface Credentials {
  /** Before the client is kept. */
  add (issued: Issued): Promise<void>
  /** Once all were added, and before any client is kept: then they are safe. */
  keep (): Promise<void>
  /** The clients were not kept, so their credentials are worth nothing. */
  discard (): Promise<void>
  /** Where they are, for messages. */
  readonly place: string
  /** What is to be printed of them: as CSV, and as data. */
  text (): string
  data (): { readonly credentials?: readonly Issued[] }
}

/** Characters that are written at once. */
const CHUNK = 64 * 1024

const HEAD = csvLine(['id', 'clientSecret', 'apiKey'])

/** In memory, until they are printed. */
export function credentialsAside (): Credentials {
  const credentials: Issued[] = []
  return {
    async add (issued) { credentials.push(issued) },
    async keep () {},
    async discard () {},
    place: 'printed',
    text: () => HEAD + credentials.map(lineOf).join(''),
    data: () => ({ credentials })
  }
}

/**
 * In a new CSV file that its owner alone can read; nothing of them is printed.
 * @throws {CommandError} when there is such a file already, or none can be made
 */
export async function credentialsFile (file: string): Promise<Credentials> {
  const handle = await open(file, 'wx', 0o600).catch(error => {
    throw new CommandError(error.code === 'EEXIST' ? `${file}: there is such a file already. Write another name for --out.` : `${file}: ${error.message}`, { cause: error })
  })
  let waiting = HEAD
  const write = async () => {
    await handle.appendFile(waiting)
    waiting = ''
  }
  return {
    async add (issued) {
      waiting += lineOf(issued)
      if (waiting.length > CHUNK) await write()
    },
    async keep () {
      await write()
      await handle.sync()
      await handle.close()
    },
    async discard () {
      await handle.close()
      await unlink(file)
    },
    place: `in ${file}`,
    text: () => '',
    data: () => ({})
  }
}

function lineOf ({ id, clientSecret = '', apiKey = '' }: Issued): string {
  return csvLine([id, clientSecret, apiKey])
}

/** As it is, for programs: nothing is escaped for spreadsheets. */
function csvLine (cells: string[]): string {
  return stringify([cells], { record_delimiter: 'windows' })
}
