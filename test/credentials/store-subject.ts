import type { ClientCredentials } from '../../lib/credentials/provider.js'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import type { Store } from '../../lib/store/store.js'
import type { ProviderSubject } from '../../lib/testing/provider-subject.js'

/**
 * The provider of a store, whatever its database, as its contract is tested by.
 * @param execute runs SQL on the same database, past the store
 */
export async function storeSubject (store: Store, execute: (sql: string) => Promise<void>): Promise<ProviderSubject> {
  const clients = await Promise.all(['crm', 'shop', 'off', 'rotating', 'late'].map(async id => {
    const { clientSecret, apiKey } = await store.clients.create({ id, roles: [`${id}-role`], claims: { name: id } })
    return { credentials: { clientId: id, clientSecret, apiKey } satisfies ClientCredentials, principal: { clientId: id, roles: [`${id}-role`], claims: { name: id } } }
  }))
  const [client, other, off, rotating, late] = clients
  await store.clients.disable('off')
  await execute("update client_secrets set expires_at = 1 where client_id = 'late' and kind = 'client_secret'")
  const newSecret = await store.clients.rotateSecret('rotating')
  let answering: Promise<unknown> | undefined
  const find = async (clientId: string) => {
    await answering
    return await store.credentials.find(clientId)
  }
  const damaged = (assignment: string) => () => execute(`update clients set ${assignment} where id = 'crm'`)

  return {
    provider: storeCredentialProvider({ ...store, credentials: { find } }),
    client: client!,
    other: other!,
    disabled: off!.credentials,
    expired: late!.credentials,
    rotating: [{ ...rotating!.credentials, clientSecret: newSecret }, rotating!.credentials],
    fails: () => store.close(),
    waits: () => {
      let answer = () => {}
      answering = new Promise<void>(resolve => { answer = resolve })
      return answer
    },
    malformed: {
      'roles that are no JSON': damaged("roles = '[\"crm-role\"'"),
      'roles that are no list': damaged("roles = '{\"0\":\"crm-role\"}'"),
      'roles that are no names': damaged("roles = '[1]'"),
      'claims that are no object': damaged("roles = '[\"crm-role\"]', claims = '[1'"),
      'a registration that is no JSON': damaged("claims = '{}', registration = 'x'")
    },
    logged: { without: 'it logs nothing' }
  }
}
