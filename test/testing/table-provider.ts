import { EventEmitter, once } from 'node:events'
import { errors, type ClientCredentials, type CredentialProvider, type Principal } from 'fastify-keyhole'
import type { ProviderSubject } from '../../lib/testing/provider-subject.js'

/** A table of clients in memory, and a provider on it, right or with a flaw, as a contract is tested by. */

interface Row {
  readonly secrets: readonly { readonly text: string, readonly expired?: boolean }[]
  readonly disabled?: boolean
  readonly principal: unknown
}

interface Table {
  read (clientId: string, signal: AbortSignal): Promise<Row | undefined>
  log (line: string): void
}

/** What makes a provider a bad one. */
export type Flaw = (right: CredentialProvider, table: Table) => CredentialProvider

export function rightProvider (table: Table): CredentialProvider {
  return {
    async verify ({ clientId, clientSecret }, { signal }) {
      try {
        signal.throwIfAborted()
        const row = await table.read(clientId, signal)
        const holds = row?.secrets.some(({ text, expired = false }) => text === clientSecret && !expired) ?? false
        table.log(`${clientId}: ${holds}`)
        return holds && row?.disabled !== true ? row!.principal as Principal : null
      } catch (cause) {
        throw new errors.ProviderUnavailableError({ cause })
      }
    }
  }
}

export function tableSubject (flaw: Flaw = right => right): ProviderSubject {
  const principalOf = (clientId: string): Principal => ({ clientId, roles: [`${clientId}-role`] })
  const rows = new Map<string, Row>([
    ['crm', { secrets: [{ text: 'secret of crm' }], principal: principalOf('crm') }],
    ['shop', { secrets: [{ text: 'secret of shop' }], principal: principalOf('shop') }],
    ['off', { secrets: [{ text: 'secret of off' }], disabled: true, principal: principalOf('off') }],
    ['late', { secrets: [{ text: 'secret of late', expired: true }], principal: principalOf('late') }],
    ['rotating', { secrets: [{ text: 'new secret' }, { text: 'secret before' }], principal: principalOf('rotating') }]
  ])
  const lines: string[] = []
  const letGo = new EventEmitter().setMaxListeners(0)
  let state: 'up' | 'down' | 'slow' = 'up'
  const table: Table = {
    log: line => { lines.push(line) },
    read: async (clientId, signal) => {
      if (state === 'slow') await once(letGo, 'now', { signal })
      if (state === 'down') throw new Error('the table is down')
      return rows.get(clientId)
    }
  }
  const presenting = (clientId: string, clientSecret: string): ClientCredentials => ({ clientId, clientSecret, apiKey: undefined })
  return {
    provider: flaw(rightProvider(table), table),
    client: { credentials: presenting('crm', 'secret of crm'), principal: principalOf('crm') },
    other: { credentials: presenting('shop', 'secret of shop'), principal: principalOf('shop') },
    disabled: presenting('off', 'secret of off'),
    expired: presenting('late', 'secret of late'),
    rotating: [presenting('rotating', 'new secret'), presenting('rotating', 'secret before')],
    fails: () => { state = 'down' },
    waits: () => {
      state = 'slow'
      return () => letGo.emit('now')
    },
    malformed: { 'a principal without roles': () => rows.set('crm', { ...rows.get('crm')!, principal: { clientId: 'crm' } }) },
    logged: () => lines.join('\n')
  }
}
