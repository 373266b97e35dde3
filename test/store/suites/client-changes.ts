import type { Test } from 'tap'
import { isWellFormed } from '../../../lib/credentials/secret.js'
import { openStore } from '../../../lib/store/open-store.js'
import type { ClientChanges } from '../../../lib/store/store.js'
import { clientKey } from '../../credentials/asserting.js'
import type { TestDatabase } from '../databases.js'

/** What of a client may change after it was created. */
export function clientChangesSuite (t: Test, database: TestDatabase): void {
  async function setUp (t: Test, url?: string) {
    const store = await openStore(url ?? await database.url(t))
    t.teardown(() => store.close())
    return store
  }

  t.test('update → the members that are named, the others stay; what was there is shown no secret', async t => {
    const { clients, credentials } = await setUp(t)
    const { clientSecret, apiKey, ...before } = await clients.create({ id: 'crm', roles: ['viewer'], claims: { name: 'CRM' }, audiences: ['https://api.example.com'], tokenLifetime: 60 })
    const { clientSecretHashes, apiKeyHashes } = (await credentials.find('crm'))!
    t.strictSame(await clients.update('crm', {}), before)
    const changes: ClientChanges[] = [
      { roles: ['editor', 'viewer'] }, { claims: {} }, { audiences: [] }, { grants: ['urn:ietf:params:oauth:grant-type:token-exchange'] }, { resources: ['https://billing.example.com'] },
      { dpopBound: true }, { tokenLifetime: 30 }, { requireApiKey: false }, { roles: ['x'], claims: { a: [1] } }
    ]
    let expected = before
    for (const change of changes) {
      expected = { ...expected, ...change } as typeof before
      t.strictSame(await clients.update('crm', change), expected, JSON.stringify(change))
      t.strictSame(await clients.get('crm'), expected)
    }
    const { tokenLifetime, ...rest } = expected
    t.strictSame(await clients.update('crm', { tokenLifetime: null }), rest)
    t.match(await credentials.find('crm'), { clientSecretHashes, apiKeyHashes })
  })

  t.test('jwks and jwksUrl → one takes the place of the other', async t => {
    const { clients, credentials } = await setUp(t)
    const [first, second] = (await Promise.all([clientKey('ES256', 'one'), clientKey('ES256', 'two')])).map(({ publicJwk }) => ({ keys: [publicJwk] }))
    const jwksUrl = 'https://crm.example.com/jwks'
    t.match(await clients.create({ id: 'job', roles: ['viewer'], authMethod: 'private_key_jwt', jwks: first! }), { jwks: first })
    t.strictSame((await clients.update('job', { jwks: second! })).jwks, second)
    t.strictSame((await clients.update('job', { audiences: ['https://api.example.com'] })).jwks, second)
    const byUrl = await clients.update('job', { jwksUrl })
    t.strictSame([byUrl.jwks, byUrl.jwksUrl], [undefined, jwksUrl])
    t.equal((await credentials.find('job'))?.jwksUrl, jwksUrl)
    t.strictSame((await clients.update('job', { roles: ['editor'] })).jwksUrl, jwksUrl)
    const back = await clients.update('job', { jwks: first! })
    t.strictSame([back.jwks, back.jwksUrl], [first, undefined])
    t.match(await clients.create({ id: 'url', roles: ['viewer'], authMethod: 'private_key_jwt', jwksUrl: 'http://127.0.0.1:3000/jwks' }), { jwksUrl: 'http://127.0.0.1:3000/jwks' })
  })

  t.test('federated → another subject', async t => {
    const { clients } = await setUp(t)
    await clients.create({ id: 'pod', roles: ['viewer'], authMethod: 'federated', federated: { issuer: 'https://kubernetes.example.com', subject: 'a' } })
    const federated = { issuer: 'https://kubernetes.example.com', subject: 'b', audience: 'x' }
    t.strictSame((await clients.update('pod', { federated })).federated, federated)
  })

  t.test('requireApiKey where there is no key → one is made, and shown this once; where there is one it stays', async t => {
    const { clients, credentials } = await setUp(t)
    await clients.create({ id: 'crm', roles: ['viewer'], requireApiKey: false })
    const { apiKey, ...client } = await clients.update('crm', { requireApiKey: true })
    t.ok(isWellFormed('api_key', apiKey!))
    t.strictSame(await clients.get('crm'), client)
    const known = await credentials.find('crm')
    t.equal(known?.apiKeyHashes.length, 1)
    for (const requireApiKey of [false, true]) t.notOk('apiKey' in await clients.update('crm', { requireApiKey }))
    t.strictSame((await credentials.find('crm'))?.apiKeyHashes, known?.apiKeyHashes)
  })

  t.test('requireApiKey where the only key has expired → one is made; whatever else changes, or is refused, makes none and keeps what it had', async t => {
    const { clients, credentials } = await setUp(t)
    const expired = await clients.create({ id: 'crm', roles: ['viewer'], apiKeyExpiresAt: 1, clientSecretExpiresAt: 1 })
    const { clientSecrets, apiKeys: before } = (await clients.get('crm'))!
    await t.rejects(clients.update('crm', { resources: ['nonsense'] }), { code: 'FST_KEYHOLE_OPTION_INVALID' })
    for (const change of [{ roles: ['editor'] }, { tokenLifetime: 60 }, { requireApiKey: false }]) {
      const { apiKey, ...client } = await clients.update('crm', change)
      t.equal(apiKey, undefined)
      t.match(client, { clientSecrets, apiKeys: before })
      t.strictSame(await clients.get('crm'), client)
    }
    const { apiKey, apiKeys } = await clients.update('crm', { requireApiKey: true })
    t.ok(isWellFormed('api_key', apiKey!))
    t.not(apiKey, expired.apiKey)
    t.match(apiKeys, [{ expiresAt: null }])
    t.equal(apiKeys.length, 1)
    t.equal((await credentials.find('crm'))?.apiKeyHashes.length, 1)
  })

  t.test('a disabled client → stays disabled; an unknown one → refused', async t => {
    const { clients } = await setUp(t)
    await clients.create({ id: 'crm', roles: ['viewer'] })
    await clients.disable('crm')
    t.match(await clients.update('crm', { roles: ['editor'] }), { disabled: true, roles: ['editor'] })
    await t.rejects(clients.update('nobody', { roles: ['editor'] }), { code: 'FST_KEYHOLE_CLIENT_UNKNOWN', message: "There is no client 'nobody'." })
    await t.rejects(clients.update('no\nclient', { roles: ['editor'] }), { code: 'FST_KEYHOLE_CLIENT_UNKNOWN' }, 'what can be no id')
  })

  t.test('what cannot be changed, and what would be wrong in a new client → refused by name, nothing changed', async t => {
    const { clients, credentials } = await setUp(t)
    const { publicJwk } = await clientKey()
    await clients.create({ id: 'crm', roles: ['viewer'] })
    const before = await credentials.find('crm')
    const wrong: [unknown, RegExp][] = [
      [{ id: 'cms' }, /^clients\.update: id: this cannot be changed; there are roles, claims/],
      [{ clientSecret: 'x' }, /clientSecret: this cannot be changed/],
      [{ apiKey: 'x' }, /apiKey: this cannot be changed/],
      [{ authMethod: 'federated' }, /authMethod: this cannot be changed/],
      [{ disabled: false }, /disabled: this cannot be changed/],
      [{ createdAt: 0 }, /createdAt: this cannot be changed/],
      [{ role: 'x' }, /role: this cannot be changed/],
      [{ claims: undefined }, /claims: leave it out, and it stays as it is/],
      [null, /changes: write an object/],
      [[], /changes: write an object/],
      ['roles', /changes: write an object/],
      [{ roles: [] }, /^clients\.update: roles: write a list of at least one role, each once/],
      [{ roles: null }, /roles: write a list/],
      [{ claims: { at: new Date() } }, /claims: write plain JSON/],
      [{ grants: ['x', 'x'] }, /grants: write a list of grant types/],
      [{ resources: ['billing'] }, /resources: write absolute URIs/],
      [{ tokenLifetime: 0 }, /tokenLifetime: write a whole number/],
      [{ tokenLifetime: '60' }, /tokenLifetime: write a whole number/],
      [{ jwks: { keys: [publicJwk] } }, /jwks: write a JWK Set with authMethod 'private_key_jwt', or jwksUrl in its place, and only then/],
      [{ federated: { issuer: 'https://x.example.com', subject: 'x' } }, /federated: write \{ issuer, subject \} with authMethod 'federated', and only then/],
      [{ roles: ['editor'], dpopBound: 1 }, /dpopBound: write true or false/]
    ]
    for (const [changes, message] of wrong) {
      await t.rejects(clients.update('crm', changes as ClientChanges), { code: 'FST_KEYHOLE_OPTION_INVALID', message }, JSON.stringify(changes))
      t.strictSame(await credentials.find('crm'), before)
    }
  })

  t.test('C45 a jwksUrl that may not be asked → refused at registration and at a change', async t => {
    const { clients } = await setUp(t)
    const { publicJwk } = await clientKey()
    const jwks = { keys: [publicJwk] }
    await clients.create({ id: 'job', roles: ['viewer'], authMethod: 'private_key_jwt', jwks })
    const refusal = { code: 'FST_KEYHOLE_OPTION_INVALID', message: /jwksUrl: write the URL of its JWK Set/ }
    for (const jwksUrl of ['', '/jwks', 'crm.example.com/jwks', 'http://crm.example.com/jwks', 'http://169.254.169.254/', 'http://10.0.0.1/jwks', 'http://127.0.0.1.example.com/', 'https://user@crm.example.com/jwks', 'https://user:x@crm.example.com/', 'file:///etc/passwd', 'data:application/json,{}', 'ftp://crm.example.com/jwks', 5, null, {}]) {
      await t.rejects(clients.create({ id: 'new', roles: ['viewer'], authMethod: 'private_key_jwt', jwksUrl: jwksUrl as string }), refusal, String(jwksUrl))
      await t.rejects(clients.update('job', { jwksUrl: jwksUrl as string }), refusal, String(jwksUrl))
    }
    await t.rejects(clients.create({ id: 'new', roles: ['viewer'], authMethod: 'private_key_jwt', jwks, jwksUrl: 'https://crm.example.com/jwks' }), { message: /jwks: write a JWK Set/ }, 'both')
    await t.rejects(clients.update('job', { jwks, jwksUrl: 'https://crm.example.com/jwks' }), { message: /jwks: write a JWK Set/ }, 'both')
    await t.rejects(clients.create({ id: 'new', roles: ['viewer'], jwksUrl: 'https://crm.example.com/jwks' }), { message: /jwks: write a JWK Set/ }, 'of a client with a secret')
    t.strictSame((await clients.get('job'))?.jwks, jwks)
  })

  t.test('twenty changes of one client at once, from two processes\' stores → all of them', async t => {
    const url = await database.url(t)
    const [a, b] = [await setUp(t, url), await setUp(t, url)]
    await a.clients.create({ id: 'crm', roles: ['viewer'] })
    const members = ['roles', 'audiences', 'resources', 'grants'] as const
    await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? a : b).clients.update('crm', { [members[index % 4]!]: [`urn:x:${index}`] })))
    const client = await a.clients.get('crm')
    for (const [index, member] of members.entries()) t.ok([index, index + 4, index + 8, index + 12, index + 16].map(last => `urn:x:${last}`).includes(client![member][0]!), `${member}: none was lost`)
  })
}
