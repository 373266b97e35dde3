import { Option } from 'commander'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { KeyEncryption } from '../keys/sealing.js'
import { openStore } from '../store/open-store.js'
import type { Store } from '../store/store.js'
import { CommandError } from './terminal.js'

/** The words of a command that tell which store it works on. */
export interface StoreWords {
  readonly store: string
  readonly encryption?: string
}

const KEY_VARIABLE = 'KEYHOLE_KEY_ENCRYPTION'

export function storeOption (): Option {
  return new Option('--store <url>', 'the store, such as sqlite:keyhole.db').env('KEYHOLE_STORE').makeOptionMandatory()
}

export function encryptionOption (): Option {
  return new Option('--encryption <module>', `a module that exports { wrap, unwrap } by default, where the private keys are wrapped; where they are encrypted with a key, put that into ${KEY_VARIABLE}`)
}

/**
 * Opens a store that is there, hands it over, and closes it.
 * @throws {CommandError} when there is no such file, or the module is none.
 */
export async function withStore<Result> ({ store: url, encryption }: StoreWords, use: (store: Store) => Promise<Result>): Promise<Result> {
  const file = url.replace(/^sqlite:/, '')
  if (file !== url && file !== ':memory:' && !existsSync(file)) throw new CommandError(`${url}: there is no such file. Start the application once, which makes it, or write its path.`)
  const keyEncryption = await encryptionFrom(encryption)
  const store = await openStore(url, keyEncryption === undefined ? {} : { keyEncryption })
  try {
    return await use(store)
  } finally {
    await store.close()
  }
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
