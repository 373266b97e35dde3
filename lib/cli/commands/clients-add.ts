import { Command, Option } from 'commander'
import type { NewClient } from '../../store/store.js'
import { secretsOutcome } from '../clients.js'
import { readLine } from '../input.js'
import { manual } from '../manual.js'
import { checkPiped, registrationFrom, registrationOptions, several, type RegistrationWords } from '../registration-options.js'
import type { Outcome, Terminal } from '../terminal.js'
import { timeFrom } from '../times.js'
import { onStore, withStore, type StoreWords } from '../with-store.js'

interface Words extends StoreWords, RegistrationWords {
  readonly role: readonly string[]
  readonly authMethod?: NonNullable<NewClient['authMethod']>
  readonly secretFile?: string
  readonly secretExpires?: number
  readonly apiKeyFile?: string
  readonly apiKeyExpires?: number
  readonly tokenLifetime?: number
  readonly json?: true
}

/** `keyhole clients add ID`: a new client, and what it must know. */
export function clientsAddCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return registrationOptions(onStore(new Command('add'), terminal)
    .description('makes a client, and shows its secret and API key, this once')
    .argument('<id>', 'its client_id')
    .addOption(several('--role <role>', 'role of the policy; write it again for each further one').makeOptionMandatory())
    .addOption(new Option('--auth-method <method>', 'how it proves itself; client_secret, where nothing is written').choices(['client_secret', 'private_key_jwt', 'federated']))
    .option('--secret-file <file>', 'a secret of the generated format (khs_…), to move a client; - for what is piped in. It is never a word of the command')
    .addOption(new Option('--secret-expires <time>', 'when its secret is no longer good, such as 2027-01-31; never, where nothing is written').argParser(timeFrom))
    .option('--api-key-file <file>', 'an API key of the generated format (khk_…); - for what is piped in')
    .addOption(new Option('--api-key-expires <time>', 'when its API key is no longer good').argParser(timeFrom)))
    .option('--json', 'as data')
    .addHelpText('after', manual([
      'keyhole clients add crm --role salesperson --store sqlite:keyhole.db',
      'keyhole clients add crm --role salesperson --role viewer --claims crm.json --token-lifetime 60 --store sqlite:keyhole.db',
      'keyhole clients add robot --role robot --auth-method private_key_jwt --jwks robot.jwks.json --store sqlite:keyhole.db'
    ]))
    .action(async (id: string, words: Words) => {
      const client = await clientFrom(id, words, terminal.stdin)
      end(secretsOutcome(await withStore(words, ({ clients }) => clients.create(client)), words.json))
    })
}

async function clientFrom (id: string, words: Words, stdin: Terminal['stdin']): Promise<NewClient> {
  const { role, claims, authMethod, secretFile, secretExpires, jwks, apiKeyFile, apiKeyExpires, tokenLifetime, storeFile } = words
  checkPiped({ '--claims': claims, '--secret-file': secretFile, '--jwks': jwks, '--api-key-file': apiKeyFile, '--store-file': storeFile })
  return {
    id,
    roles: role,
    ...await registrationFrom(words, stdin),
    ...(authMethod !== undefined && { authMethod }),
    ...(secretFile !== undefined && { clientSecret: await readLine(secretFile, stdin) }),
    ...(secretExpires !== undefined && { clientSecretExpiresAt: secretExpires }),
    ...(apiKeyFile !== undefined && { apiKey: await readLine(apiKeyFile, stdin) }),
    ...(apiKeyExpires !== undefined && { apiKeyExpiresAt: apiKeyExpires }),
    ...(tokenLifetime !== undefined && { tokenLifetime })
  }
}
