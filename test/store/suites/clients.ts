import fc from 'fast-check'
import type { Test } from 'tap'
import { generateSecret, isWellFormed } from '../../../lib/credentials/secret.js'
import { openStore } from '../../../lib/store/open-store.js'
import type { NewClient } from '../../../lib/store/store.js'
import { clientKey } from '../../credentials/asserting.js'
import type { TestDatabase } from '../databases.js'

/** Clients with their secrets and API keys. */
export function clientsSuite (t: Test, database: TestDatabase): void {
  async function setUp (t: Test, url?: string) {
    const store = await openStore(url ?? await database.url(t))
    t.teardown(() => store.close())
    return store
  }

  t.test('create → the client with generated credentials, shown this once', async t => {
    const { clients } = await setUp(t)
    const before = Math.floor(Date.now() / 1000)
    const created = await clients.create({ id: 'crm', roles: ['salesperson', 'manager'], claims: { name: 'CRM', address: { city: 'Köln\0' } } })
    const { clientSecret, apiKey, ...client } = created
    t.ok(isWellFormed('client_secret', clientSecret))
    t.ok(isWellFormed('api_key', apiKey))
    t.match(client, { id: 'crm', roles: ['salesperson', 'manager'], claims: { name: 'CRM', address: { city: 'Köln\0' } }, disabled: false })
    t.ok(Number.isInteger(client.createdAt) && client.createdAt >= before && client.createdAt <= Date.now() / 1000)
    t.strictSame(await clients.get('crm'), client)
    t.strictSame(await clients.list(), [client])
  })

  t.test('no client → null, an empty list', async t => {
    const { clients } = await setUp(t)
    for (const id of ['crm', '', 'no\nid', 'é']) t.equal(await clients.get(id), null)
    t.strictSame(await clients.list(), [])
  })

  t.test('several clients → listed by id', async t => {
    const { clients } = await setUp(t)
    for (const id of ['b', 'a', 'B', '10', '9']) await clients.create({ id, roles: ['viewer'] })
    t.strictSame((await clients.list()).map(client => client.id), ['10', '9', 'B', 'a', 'b'])
  })

  t.test('stored → hashes, never a secret or an API key', async t => {
    const url = await database.url(t)
    const { clients, close } = await setUp(t, url)
    const { clientSecret, apiKey } = await clients.create({ id: 'crm', roles: ['viewer'] })
    const rotated = [await clients.rotateSecret('crm'), await clients.rotateApiKey('crm')]
    await close()
    const dump = await (await database.sql(t, url)).rows('select * from client_secrets')
    t.equal(dump.length, 4)
    for (const secret of [clientSecret, apiKey, ...rotated]) {
      t.notOk(JSON.stringify(dump).includes(secret.slice(4)))
      t.notOk(JSON.stringify(dump).includes(secret.slice(4, -6)))
    }
  })

  t.test('create with credentials of the generated format → these', async t => {
    const { clients } = await setUp(t)
    const given = { clientSecret: generateSecret('client_secret'), apiKey: generateSecret('api_key') }
    t.match(await clients.create({ id: 'demo', roles: ['viewer'], ...given }), given)
    const half = await clients.create({ id: 'half', roles: ['viewer'], apiKey: given.apiKey })
    t.equal(half.apiKey, given.apiKey)
    t.ok(isWellFormed('client_secret', half.clientSecret))
  })

  t.test('create with other credentials → refused, and they are not shown', async t => {
    const { clients } = await setUp(t)
    const secret = generateSecret('client_secret')
    for (const wrong of ['correct horse battery', '', secret.slice(0, -1), secret + 'A', secret.replace('khs_', 'khk_'), secret.toUpperCase()]) {
      const error = await clients.create({ id: 'demo', roles: ['viewer'], clientSecret: wrong, apiKey: secret }).then(() => undefined, error => error)
      t.match(error, {
        code: 'FST_KEYHOLE_OPTION_INVALID',
        message: 'clients.create: clientSecret: not one that was generated here (khs_…); leave it out, and it is generated; apiKey: not one that was generated here (khk_…); leave it out, and it is generated'
      })
    }
    t.strictSame(await clients.list(), [])
  })

  t.test('create twice → refused, the first one stays as it is', async t => {
    const { clients, credentials } = await setUp(t)
    await clients.create({ id: 'crm', roles: ['salesperson'] })
    const before = await credentials.find('crm')
    await t.rejects(clients.create({ id: 'crm', roles: ['admin'] }), { code: 'FST_KEYHOLE_CLIENT_EXISTS', statusCode: 409, message: /'crm'/ })
    t.strictSame(await credentials.find('crm'), before)
    await clients.disable('crm')
    await t.rejects(clients.create({ id: 'crm', roles: ['admin'] }), { code: 'FST_KEYHOLE_CLIENT_EXISTS' })
  })

  t.test('ten creations of one id at once → one', async t => {
    const { clients } = await setUp(t)
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, () => clients.create({ id: 'crm', roles: ['viewer'] })))
    t.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1)
    for (const outcome of outcomes) if (outcome.status === 'rejected') t.equal(outcome.reason.code, 'FST_KEYHOLE_CLIENT_EXISTS')
  })

  t.test('create that fails half-way → nothing is left of it', async t => {
    const url = await database.url(t)
    const store = await setUp(t, url)
    const mend = await (await database.sql(t, url)).fault('insert', 'client_secrets', "new.kind = 'api_key'", 'fault')
    await t.rejects(store.clients.create({ id: 'crm', roles: ['viewer'] }), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /fault/ })
    t.equal(await store.clients.get('crm'), null)
    await mend()
    t.ok(await store.clients.create({ id: 'crm', roles: ['viewer'] }))
  })

  t.test('ids → 1 to 255 printable ASCII characters without space at the ends, RFC 6749 A.1', async t => {
    const { clients } = await setUp(t)
    for (const id of ['a', 'with space', "~!@#$%^&*()_+:'\"\\", 'x'.repeat(255), 'urn:example:client', '__proto__']) {
      await clients.create({ id, roles: ['viewer'] })
      t.equal((await clients.get(id))?.id, id)
    }
    for (const id of ['', ' ', ' a', 'a ', 'x'.repeat(256), 'é', 'a\tb', 'a\n', 'a\0', '\x7f', '\ud800', 5, null, undefined, ['a']]) {
      await t.rejects(clients.create({ id, roles: ['viewer'] } as NewClient), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^clients\.create: id: write 1 to 255 printable ASCII/ })
    }
  })

  t.test('roles → a list of at least one name, each once', async t => {
    const { clients } = await setUp(t)
    for (const roles of [undefined, [], ['a', 'a'], 'admin', null, {}]) {
      await t.rejects(clients.create({ id: 'crm', roles } as never), { code: 'FST_KEYHOLE_OPTION_INVALID', message: 'clients.create: roles: write a list of at least one role, each once' })
    }
    for (const role of ['', ' a', 'a ', 5, null]) {
      await t.rejects(clients.create({ id: 'crm', roles: ['viewer', role] } as never), { code: 'FST_KEYHOLE_OPTION_INVALID', message: 'clients.create: roles.1: write the name of a role' })
    }
    t.ok(await clients.create({ id: 'crm', roles: ['a b', 'x'] }))
  })

  t.test('claims → plain JSON only', async t => {
    const { clients } = await setUp(t)
    const cycle: Record<string, unknown> = {}
    cycle['self'] = cycle
    for (const claims of [{ at: new Date() }, { n: NaN }, { u: undefined }, { f () {} }, { b: 1n }, { m: new Map() }, cycle, { a: [undefined] }]) {
      await t.rejects(clients.create({ id: 'crm', roles: ['viewer'], claims }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: 'clients.create: claims: write plain JSON, what JSON.stringify keeps as it is' })
    }
    for (const claims of [null, [], 'text', 5]) {
      await t.rejects(clients.create({ id: 'crm', roles: ['viewer'], claims } as never), { code: 'FST_KEYHOLE_OPTION_INVALID', message: 'clients.create: claims: write an object of plain JSON' })
    }
    let number = 0
    await fc.assert(fc.asyncProperty(fc.dictionary(fc.string({ unit: 'grapheme' }), fc.jsonValue({ noUnicodeString: false }), { noNullPrototype: true }), async claims => {
      const json = JSON.parse(JSON.stringify(claims))
      const { id } = await clients.create({ id: String(number++), roles: ['viewer'], claims: json })
      t.strictSame((await clients.get(id))?.claims, json)
    }))
  })

  t.test('several faults, unknown members, no object → all named', async t => {
    const { clients } = await setUp(t)
    const error = await clients.create({ id: '', role: 'admin', apiKey: 5 } as never).then(() => undefined, error => error)
    t.match(error, { code: 'FST_KEYHOLE_OPTION_INVALID' })
    t.strictSame(error.message.replace('clients.create: ', '').split('; ').sort(), [
      'apiKey: leave it out, and it is generated',
      'id: write 1 to 255 printable ASCII characters without space at the ends (RFC 6749 A.1)',
      'role: there is no such member, and id and roles are required',
      'roles: write a list of at least one role, each once'
    ])
    for (const client of [undefined, null, 'crm', []]) {
      await t.rejects(clients.create(client as never), { code: 'FST_KEYHOLE_OPTION_INVALID' })
    }
  })

  t.test('rotation → a new one each time; two of the kind are kept, and the other kind is left alone', async t => {
    const { clients, credentials } = await setUp(t)
    await clients.create({ id: 'crm', roles: ['viewer'] })
    await clients.create({ id: 'other', roles: ['viewer'] })
    const [first, other] = [await credentials.find('crm'), await credentials.find('other')]
    t.match(first, { clientSecretHashes: { length: 1 }, apiKeyHashes: { length: 1 } })

    const secret = await clients.rotateSecret('crm')
    t.ok(isWellFormed('client_secret', secret))
    const second = await credentials.find('crm')
    t.match(second, { clientSecretHashes: { length: 2, 1: first?.clientSecretHashes[0] }, apiKeyHashes: first?.apiKeyHashes })

    t.not(await clients.rotateSecret('crm'), secret)
    const third = await credentials.find('crm')
    t.match(third, { clientSecretHashes: { length: 2, 1: second?.clientSecretHashes[0] } })

    t.ok(isWellFormed('api_key', await clients.rotateApiKey('crm')))
    t.match(await credentials.find('crm'), { clientSecretHashes: third?.clientSecretHashes, apiKeyHashes: { length: 2, 1: first?.apiKeyHashes[0] } })
    t.strictSame(await credentials.find('other'), other)
  })

  t.test('twenty rotations at once → two are left, the current one and the one before', async t => {
    const url = await database.url(t)
    const [a, b] = [await setUp(t, url), await setUp(t, url)]
    await a.clients.create({ id: 'crm', roles: ['viewer'] })
    const secrets = await Promise.all(Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? a : b).clients.rotateSecret('crm')))
    t.equal(new Set(secrets).size, 20)
    t.match(await a.credentials.find('crm'), { clientSecretHashes: { length: 2 } })
  })

  t.test('a third valid secret → refused by the database itself', async t => {
    const url = await database.url(t)
    const { clients } = await setUp(t, url)
    await clients.create({ id: 'crm', roles: ['viewer'] })
    await clients.rotateSecret('crm')
    const sql = await database.sql(t, url)
    for (const position of [0, 1, 2, 3]) {
      await t.rejects(sql.run(`insert into client_secrets (client_id, kind, position, hash, created_at) values ('crm', 'client_secret', ${position}, 'hash', 0)`), { code: /^(SQLITE_CONSTRAINT|23)/ })
    }
  })

  t.test('disable → shown as disabled, twice as well; the rest stays', async t => {
    const { clients } = await setUp(t)
    await clients.create({ id: 'crm', roles: ['viewer'] })
    await clients.create({ id: 'other', roles: ['viewer'] })
    await clients.disable('crm')
    await clients.disable('crm')
    t.match(await clients.list(), [{ id: 'crm', roles: ['viewer'], disabled: true }, { id: 'other', disabled: false }])
  })

  t.test('delete → gone with its secrets, the id is free again', async t => {
    const url = await database.url(t)
    const { clients, credentials } = await setUp(t, url)
    await clients.create({ id: 'crm', roles: ['viewer'] })
    await clients.create({ id: 'other', roles: ['viewer'] })
    await clients.delete('crm')
    t.equal(await clients.get('crm'), null)
    t.equal(await credentials.find('crm'), null)
    t.strictSame(await (await database.sql(t, url)).rows('select distinct client_id from client_secrets'), [{ client_id: 'other' }])
    t.ok(await clients.create({ id: 'crm', roles: ['viewer'] }))
  })

  t.test('an unknown client → refused by name', async t => {
    const { clients, credentials } = await setUp(t)
    await clients.create({ id: 'crm', roles: ['viewer'] })
    for (const method of ['rotateSecret', 'rotateApiKey', 'disable', 'delete'] as const) {
      for (const id of ['nobody', 'CRM', 'crm ', 'crm\0', '%', "' or 1=1 --"]) {
        await t.rejects(async () => { await clients[method](id) }, { code: 'FST_KEYHOLE_CLIENT_UNKNOWN', statusCode: 404, message: `There is no client '${id}'.` })
      }
    }
    t.match(await credentials.find('crm'), { disabled: false, clientSecretHashes: { length: 1 } })
  })

  t.test('a registration → kept and shown, with its defaults', async t => {
    const { clients, credentials } = await setUp(t)
    const defaults = { authMethod: 'client_secret', requireApiKey: true, grants: ['client_credentials'], resources: [], dpopBound: false }
    t.match(await clients.create({ id: 'crm', roles: ['viewer'] }), defaults)

    const { publicJwk } = await clientKey()
    const jwks = { keys: [publicJwk] }
    const members = { grants: ['urn:ietf:params:oauth:grant-type:token-exchange'], resources: ['https://billing.example.com'], tokenLifetime: 60, dpopBound: true }
    const signing = await clients.create({ id: 'job', roles: ['viewer'], authMethod: 'private_key_jwt', jwks, ...members })
    t.match(signing, { authMethod: 'private_key_jwt', jwks, requireApiKey: false, ...members })
    t.notOk('clientSecret' in signing || 'apiKey' in signing)
    t.strictSame(await clients.get('job'), signing)

    const federated = { issuer: 'https://kubernetes.example.com', subject: 'system:serviceaccount:shop:crm', audience: 'https://auth.example.com' }
    t.match(await clients.create({ id: 'pod', roles: ['viewer'], authMethod: 'federated', federated }), { federated, requireApiKey: false })
    t.match(await credentials.find('pod'), { federated, clientSecretHashes: [], apiKeyHashes: [] })
  })

  t.test('a client of before registrations were kept → the defaults', async t => {
    const url = await database.url(t)
    const { clients } = await setUp(t, url)
    await clients.create({ id: 'crm', roles: ['viewer'] })
    await (await database.sql(t, url)).run('update clients set registration = null')
    t.match(await clients.get('crm'), { authMethod: 'client_secret', requireApiKey: true, grants: ['client_credentials'], resources: [], dpopBound: false })
  })

  t.test('a secret or API key of a client that has none → no rotation, and it still has none', async t => {
    const { clients, credentials } = await setUp(t)
    const { publicJwk } = await clientKey()
    await clients.create({ id: 'job', roles: ['viewer'], authMethod: 'private_key_jwt', jwks: { keys: [publicJwk] } })
    await t.rejects(clients.rotateSecret('job'), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^clients\.rotateSecret: the client 'job' has none/ })
    await t.rejects(clients.rotateApiKey('job'), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^clients\.rotateApiKey: the client 'job' has none/ })
    t.match(await credentials.find('job'), { clientSecretHashes: [], apiKeyHashes: [] })
  })

  t.test('wrong registrations → refused, saying what to write', async t => {
    const { clients } = await setUp(t)
    const [first, second, rsa] = await Promise.all([clientKey(), clientKey(), clientKey('RS256')])
    const key = { authMethod: 'private_key_jwt' as const, jwks: { keys: [first.publicJwk] } }
    const federated = { issuer: 'https://kubernetes.example.com', subject: 'x' }
    const wrong: [unknown, RegExp][] = [
      [{ authMethod: 'none' }, /authMethod: write 'client_secret', 'private_key_jwt' or 'federated'/],
      [{ authMethod: 'private_key_jwt' }, /jwks: write a JWK Set with authMethod 'private_key_jwt'/],
      [{ jwks: key.jwks }, /jwks: write a JWK Set with authMethod 'private_key_jwt'/],
      [{ ...key, jwks: { keys: [] } }, /jwks: write a JWK Set/],
      [{ ...key, jwks: { keys: 'x' } }, /jwks\.keys: write a list of public keys/],
      [{ ...key, jwks: [] }, /jwks: write a JWK Set/],
      [{ ...key, jwks: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } }, /keys of type oct are not taken/],
      [{ ...key, jwks: { keys: [{ ...first.publicJwk, d: 'x' }] } }, /it is a private key/],
      [{ ...key, jwks: { keys: [first.publicJwk, second.publicJwk] } }, /stands on several keys/],
      [{ ...key, jwks: { keys: Array(17).fill(first.publicJwk) } }, /jwks: write 16 keys at most/],
      [{ ...key, jwks: { keys: [{ ...rsa.publicJwk, alg: 'RS512' }] } }, /its alg does not fit/],
      [{ ...key, clientSecret: generateSecret('client_secret') }, /clientSecret: a client of private_key_jwt has none/],
      [{ ...key, apiKey: generateSecret('api_key') }, /apiKey: this client needs none/],
      [{ requireApiKey: false, apiKey: generateSecret('api_key') }, /apiKey: this client needs none/],
      [{ authMethod: 'federated' }, /federated: write \{ issuer, subject \}/],
      [{ federated }, /federated: write \{ issuer, subject \}/],
      [{ authMethod: 'federated', federated: { ...federated, sub: 'x' } }, /federated\.sub: write \{ issuer, subject, audience\? \}/],
      [{ authMethod: 'federated', federated: { issuer: federated.issuer } }, /federated\.subject: write the sub of its tokens/],
      [{ authMethod: 'federated', federated: { ...federated, subject: '' } }, /federated\.subject: write the sub of its tokens/],
      [{ requireApiKey: 'no' }, /requireApiKey: write true or false/],
      [{ grants: ['x', 'x'] }, /grants: write a list of grant types, each once/],
      [{ grants: [''] }, /grants\.0: write a grant type/],
      [{ resources: ['billing'] }, /resources: write absolute URIs/],
      [{ resources: ['https://billing.example.com/#x'] }, /resources: write absolute URIs/],
      ...[0, -1, 1.5, NaN, 86_401, '60'].map((tokenLifetime): [unknown, RegExp] => [{ tokenLifetime }, /tokenLifetime: write a whole number of seconds from 1 to 86400/]),
      [{ dpopBound: 1 }, /dpopBound: write true or false/]
    ]
    for (const [members, message] of wrong) {
      const error = await clients.create({ id: 'crm', roles: ['viewer'], ...members as object }).then(() => undefined, error => error)
      t.match(error, { code: 'FST_KEYHOLE_OPTION_INVALID', message }, JSON.stringify(members))
      t.notMatch(error?.message, /kh[sk]_[A-Za-z0-9_-]{48}/)
    }
    t.strictSame(await clients.list(), [])
  })

  t.test('C5 an id that looks like the subject of a trusted issuer → refused', async t => {
    const { clients } = await setUp(t)
    for (const id of ['https://login.example.com|ada', 'HTTP://x|', 'https://login.example.com/a b|c']) {
      await t.rejects(clients.create({ id, roles: ['viewer'] }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^clients\.create: id: write no URL with \| in it/ })
    }
    for (const id of ['https://crm.example.com/client', 'a|b']) t.ok(await clients.create({ id, roles: ['viewer'] }))
  })
}
