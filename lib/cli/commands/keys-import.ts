import { Command } from 'commander'
import { readFile } from 'node:fs/promises'
import { text } from 'node:stream/consumers'
import { importKey } from '../../keys/manage.js'
import { readPrivateKey } from '../../keys/private-key.js'
import { algorithmOption, announceOption, keysOutcome, now, type KeyWords } from '../keys.js'
import { CommandError, type Outcome, type Terminal } from '../terminal.js'
import { encryptionOption, storeOption, withStore, type StoreWords } from '../with-store.js'

/** `keyhole keys import FILE`: a private key from elsewhere becomes the next one. */
export function keysImportCommand (end: (outcome: Outcome) => void, { stdin }: Terminal): Command {
  return new Command('import')
    .description('makes a private key from elsewhere the next one, or the first one')
    .argument('[file]', 'a JWK, or PEM without passphrase; - or nothing for what is piped in', '-')
    .addOption(storeOption())
    .addOption(encryptionOption())
    .addOption(algorithmOption('what the key is for; without it, what the JWK says, else RS256 for RSA'))
    .addOption(announceOption())
    .option('--json')
    .action(async (file: string, { algorithm, announce, json, ...words }: StoreWords & KeyWords) => {
      const key = readPrivateKey(await read(file, stdin), algorithm)
      end(keysOutcome([await withStore(words, ({ keys }) => importKey(keys, key, { announce, now: now() }))], json))
    })
}

async function read (file: string, stdin: Terminal['stdin']): Promise<string> {
  try {
    return file === '-' ? await text(stdin) : await readFile(file, 'utf8')
  } catch (error) {
    throw new CommandError(`${file}: ${(error as Error).message}`, { cause: error })
  }
}
