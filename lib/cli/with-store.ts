import { Option, type Command } from 'commander'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { KeyEncryption } from '../keys/sealing.js'
import { databaseAt } from '../store/database-at.js'
import { openStore } from '../store/open-store.js'
import type { Store } from '../store/store.js'
import { readLine } from './input.js'
import { CommandError, type Terminal } from './terminal.js'

/** The words of a command that tell which store it works on. */
export interface StoreWords {
  /** Its URL, wherever it was written. */
  readonly store: string
  /** Where it was read from, if from a file. */
  readonly storeFile?: string
  readonly encryption?: string
}

const KEY_VARIABLE = 'KEYHOLE_KEY_ENCRYPTION'
const STORE_VARIABLE = 'KEYHOLE_STORE'

/** Adds the options that name the store: the action finds its URL as `store`, wherever it was written. */
export function onStore (command: Command, terminal: Terminal): Command {
  return onStoreIfAny(command, terminal).hook('preAction', (_, command) => {
    if (command.getOptionValue('store') === undefined) throw new CommandError(`Which store? Write --store sqlite:keyhole.db or --store-file FILE, or put its URL into ${STORE_VARIABLE}.`)
  })
}

/** The same for a command that can do without. */
export function onStoreIfAny (command: Command, { stdin }: Terminal): Command {
  return command
    .addOption(new Option('--store <url>', 'the store, such as sqlite:keyhole.db; never with a password').env(STORE_VARIABLE))
    .option('--store-file <file>', 'a file that holds nothing but the URL of the store; - for what is piped in')
    .hook('preAction', async (_, command) => {
      const written = await storeUrl(command, stdin)
      if (written === undefined) return
      // Refuses what is no URL by the name of where it was written.
      databaseAt(written.url, written.as)
      command.setOptionValue('store', written.url)
    })
}

export function encryptionOption (): Option {
  return new Option('--encryption <module>', `a module that exports { wrap, unwrap } by default, where the private keys are wrapped; where they are encrypted with a key, put that into ${KEY_VARIABLE}`)
}

/**
 * Opens a store that is there, hands it over, and closes it.
 * @throws {CommandError} when there is no such file, or the module is none.
 */
export async function withStore<Result> ({ store: url, encryption }: StoreWords, use: (store: Store) => Promise<Result>): Promise<Result> {
  checkStore(url)
  const keyEncryption = await encryptionFrom(encryption)
  const store = await openStore(url, keyEncryption === undefined ? {} : { keyEncryption })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
}

/** A command works on a store that is there, and makes none. @throws {CommandError} */
export function checkStore (url: string): void {
  const file = url.replace(/^sqlite:/, '')
  if (file !== url && file !== ':memory:' && !existsSync(file)) throw new CommandError(`${url}: there is no such file. Write the path of the one that is there; keyhole migrate, or the first start of the application, makes a new one.`)
}

/** The URL of the store, and what it is called where it was written. */
async function storeUrl (command: Command, stdin: Terminal['stdin']): Promise<{ readonly url: string, readonly as: string } | undefined> {
  const { store, storeFile }: { readonly store?: string, readonly storeFile?: string } = command.opts()
  const isWritten = command.getOptionValueSource('store') === 'cli'
  if (isWritten && storeFile !== undefined) throw new CommandError('Write --store or --store-file, not both.')
  if (storeFile !== undefined) return { url: await readLine(storeFile, stdin), as: '--store-file' }
  if (isWritten && store !== undefined && hasPassword(store)) {
    throw new CommandError('--store: it holds a password, which every user of this machine can read in the list of processes, and which stays in the history of your shell. ' +
      `Put the URL into ${STORE_VARIABLE}, or into a file of mode 0600 for --store-file. Change the password if the machine is not yours alone.`)
  }
  return store === undefined ? undefined : { url: store, as: isWritten ? '--store' : STORE_VARIABLE }
}

/** A password with characters that a URL must escape makes it none: what comes before an @ tells then. */
function hasPassword (store: string): boolean {
  if (!URL.canParse(store)) return /:\/\/[^@]*:[^@]*@/.test(store)
  const { password, searchParams } = new URL(store)
  return password !== '' || searchParams.has('password')
}

async function encryptionFrom (file: string | undefined): Promise<KeyEncryption | undefined> {
  if (file === undefined) return process.env[KEY_VARIABLE]
  try {
    const { default: encryption } = await import(pathToFileURL(resolve(file)).href)
    return encryption ?? ''
  } catch (error) {
    throw new CommandError(`${file}: ${(error as Error).message}`, { cause: error })
  }
}
