import { Command } from 'commander'
import { importKey } from '../../keys/manage.js'
import { readPrivateKey } from '../../keys/private-key.js'
import { PIPED, readInput } from '../input.js'
import { algorithmOption, announceOption, keysOutcome, type KeyWords } from '../keys.js'
import { manual } from '../manual.js'
import type { Outcome, Terminal } from '../terminal.js'
import { now } from '../times.js'
import { encryptionOption, onStore, withStore, type StoreWords } from '../with-store.js'

/** `keyhole keys import FILE`: a private key from elsewhere becomes the next one. */
export function keysImportCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return onStore(new Command('import'), terminal)
    .description('makes a private key from elsewhere the next one, or the first one')
    .argument('[file]', 'a JWK, or PEM without passphrase; - or nothing for what is piped in', PIPED)
    .addOption(encryptionOption())
    .addOption(algorithmOption('what the key is for; without it, what the JWK says, else RS256 for RSA'))
    .addOption(announceOption())
    .option('--json', 'as data')
    .addHelpText('after', manual(['keyhole keys import key.pem --store sqlite:keyhole.db', 'vault read -field=key secret/issuer | keyhole keys import --store sqlite:keyhole.db --algorithm PS256']))
    .action(async (file: string, { algorithm, announce, json, ...words }: StoreWords & KeyWords) => {
      const key = readPrivateKey(await readInput(file, terminal.stdin), algorithm)
      end(keysOutcome([await withStore(words, ({ keys }) => importKey(keys, key, { announce, now: now() }))], json, terminal.stdout))
    })
}
