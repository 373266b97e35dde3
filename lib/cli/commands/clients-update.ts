import { Command } from 'commander'
import type { ClientChanges } from '../../store/store.js'
import { clientOutcome, secretsOutcome } from '../clients.js'
import { manual } from '../manual.js'
import { checkPiped, registrationFrom, registrationOptions, several, type RegistrationWords } from '../registration-options.js'
import { CommandError, type Outcome, type Terminal } from '../terminal.js'
import { onStore, withStore, type StoreWords } from '../with-store.js'

interface Words extends StoreWords, RegistrationWords {
  readonly role?: readonly string[]
  readonly json?: true
}

/** `keyhole clients update ID`: what is written changes, what is not stays. */
export function clientsUpdateCommand (end: (outcome: Outcome) => void, terminal: Terminal): Command {
  return registrationOptions(onStore(new Command('update'), terminal)
    .description('changes what a client is registered for: what is written, whole; the rest stays. Its secret is changed by rotate')
    .argument('<id>', 'its client_id')
    .addOption(several('--role <role>', 'role of the policy; write it again for each that it is to have')))
    .option('--no-audience', 'it is no protected resource any more')
    .option('--no-resource', 'it may ask tokens for the audience of the endpoint alone')
    .option('--no-token-lifetime', 'its tokens live as long as the endpoint says')
    .option('--no-dpop-bound', 'its tokens need not be bound')
    .option('--json', 'as data')
    .addHelpText('after', manual([
      'keyhole clients update crm --role salesperson --role manager --store sqlite:keyhole.db',
      'keyhole clients update crm --token-lifetime 60 --no-resource --store sqlite:keyhole.db',
      'keyhole clients update robot --jwks robot.jwks.json --store sqlite:keyhole.db'
    ]))
    .action(async (id: string, words: Words) => {
      const changes = await changesFrom(words, terminal.stdin)
      const updated = await withStore(words, ({ clients }) => clients.update(id, changes))
      end(words.json || updated.apiKey === undefined ? clientOutcome(updated, words.json) : secretsOutcome({ id, apiKey: updated.apiKey }, undefined))
    })
}

async function changesFrom (words: Words, stdin: Terminal['stdin']): Promise<ClientChanges> {
  const { role, claims, jwks, tokenLifetime, storeFile } = words
  checkPiped({ '--claims': claims, '--jwks': jwks, '--store-file': storeFile })
  const changes = {
    ...(role !== undefined && { roles: role }),
    ...await registrationFrom(words, stdin),
    ...(tokenLifetime !== undefined && { tokenLifetime: tokenLifetime === false ? null : tokenLifetime })
  }
  if (Object.keys(changes).length === 0) throw new CommandError('What is to change? Write it, such as --role manager.')
  return changes
}
