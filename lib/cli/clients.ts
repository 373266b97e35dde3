import type { Client, CreatedClient, SecretState } from '../store/store.js'
import { paintFor } from './colours.js'
import { plainTable, printable, withoutEmptyColumns } from './tables.js'
import { EXIT, jsonOutcome, type Outcome, type Output } from './terminal.js'
import { at } from './times.js'

/** What clients are listed as. */
export function clientsOutcome (clients: readonly Client[], json: true | undefined, stdout: Output): Outcome {
  if (json) return jsonOutcome(clients)
  if (clients.length === 0) return { text: 'There is no client yet. keyhole clients add makes one.\n', exit: EXIT.fine }
  const rows = clients.map(client => [
    client.id,
    client.disabled ? 'disabled' : 'enabled',
    client.roles.join(', '),
    client.authMethod + (client.requireApiKey ? ' and API key' : ''),
    client.audiences.join(' '),
    at(client.createdAt)
  ])
  const table = withoutEmptyColumns({ head: ['client', 'state', 'roles', 'proves itself by', 'audiences', 'created'], rows })
  return { text: plainTable(table, { paint: paintFor(stdout), shades: { enabled: 'good', disabled: 'faint' } }), exit: EXIT.fine }
}

/** All that is known of one client. */
export function clientOutcome (client: Client, json: true | undefined): Outcome {
  return json ? jsonOutcome(client) : { text: lines(membersOf(client)), exit: EXIT.fine }
}

/** A new client with what it must know, or what it must know from now on: shown this once. */
export function secretsOutcome (secrets: Pick<CreatedClient, 'id' | 'clientSecret' | 'apiKey'>, json: true | undefined): Outcome {
  if (json) return jsonOutcome(secrets)
  const { id, clientSecret, apiKey } = secrets
  const shown = [['client_id', id], ...clientSecret === undefined ? [] : [['client_secret', clientSecret]], ...apiKey === undefined ? [] : [['api_key', apiKey]]]
  const last = shown.length > 1 ? 'This is the only time that they are shown.\n' : 'It has no secret: it proves itself as it was registered.\n'
  return { text: lines(shown) + last, exit: EXIT.fine }
}

function membersOf (client: Client): string[][] {
  const { claims, jwks, federated, clientSecrets, apiKeys, disabled, createdAt, ...members } = client
  return [
    ...Object.entries(members).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]),
    ['claims', JSON.stringify(claims)],
    ...jwks === undefined ? [] : [['jwks', jwks.keys.map(({ kid, kty }) => kid ?? kty).join(', ')]],
    ...federated === undefined ? [] : [['federated', JSON.stringify(federated)]],
    ...clientSecrets.map(state => ['client secret', secretText(state)]),
    ...apiKeys.map(state => ['API key', secretText(state)]),
    ['state', disabled ? 'disabled' : 'enabled'],
    ['created', at(createdAt)]
  ].filter(([, value]) => value !== '')
}

function secretText ({ createdAt, expiresAt, lastUsedAt }: SecretState): string {
  return `made ${at(createdAt)}, ${expiresAt === null ? 'does not expire' : `expires ${at(expiresAt)}`}, ${lastUsedAt === null ? 'not used yet' : `last used ${at(lastUsedAt)}`}`
}

function lines (pairs: readonly (readonly string[])[]): string {
  const width = Math.max(...pairs.map(([name]) => name!.length))
  return pairs.map(([name, value]) => `${name!.padEnd(width)}  ${printable(value!)}\n`).join('')
}
