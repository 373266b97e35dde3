import { generateKeyPairSync } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import Database from 'libsql'
import t, { type Test } from 'tap'
import { generateSecret, hashSecret } from '../../lib/credentials/secret.js'
import { openStore } from '../../lib/store/open-store.js'
import { atTerminal, inProcess, keyhole, storeIn } from './running.js'

async function setUp (t: Test, files: Record<string, string> = {}) {
  const url = await storeIn(t, {}, files)
  const clients = (words: readonly string[], stdin: readonly string[] = []) => keyhole(['clients', ...words, '--store', url], stdin)
  const data = async (...words: string[]) => JSON.parse((await clients([...words, '--json'])).out)
  const hashes = async (id: string) => {
    const store = await openStore(url)
    try {
      return await store.credentials.find(id)
    } finally {
      await store.close()
    }
  }
  return { url, clients, data, hashes, folder: t.testdirName }
}

t.test('as processes: add, list, show, rotate, disable, delete → each does it, and a secret is shown once', async t => {
  const { url, hashes } = await setUp(t)
  const clients = (...words: string[]) => inProcess(['clients', ...words, '--store', url], { isCounted: true })
  const added = await clients('add', 'crm', '--role', 'salesperson', '--role', 'viewer')
  t.strictSame([added.exit, added.err], [0, ''])
  const [, secret = '', apiKey = ''] = added.out.match(/^client_id {6}crm\nclient_secret {2}(khs_\S{48})\napi_key {8}(khk_\S{48})\nThis is the only time that they are shown\.\n$/) ?? []
  t.match(await hashes('crm'), { clientSecretHashes: [hashSecret(secret)], apiKeyHashes: [hashSecret(apiKey)] })
  const list = await clients('list')
  t.match(list, { exit: 0, err: '', out: /^client +state +roles +proves itself by +created\ncrm +enabled +salesperson, viewer +client_secret and API key +\d{4}-\S+Z\n$/ })
  const shown = await clients('show', 'crm')
  t.match(shown.out, /^id +crm\nroles +salesperson, viewer\nauthMethod +client_secret\nrequireApiKey +true\ngrants +client_credentials\ndpopBound +false\nclaims +\{\}\nclient secret +made \S+Z, does not expire, not used yet\nAPI key +made \S+Z, does not expire, not used yet\nstate +enabled\ncreated +\S+Z\n$/)
  const rotated = await clients('rotate', 'crm')
  const [, another = ''] = rotated.out.match(/^client_id {6}crm\nclient_secret {2}(khs_\S{48})\n/) ?? []
  t.match(await hashes('crm'), { clientSecretHashes: [hashSecret(another), hashSecret(secret)], apiKeyHashes: [hashSecret(apiKey)] })
  t.strictSame(await clients('disable', 'crm'), { exit: 0, out: 'crm is disabled.\n', err: '' })
  t.match((await clients('show', 'crm')).out, /state +disabled\n/)
  t.match(await clients('delete', 'crm'), { exit: 2, out: '', err: /There is no terminal to ask at: write --yes\.\n$/ })
  t.strictSame(await clients('delete', 'crm', '--yes'), { exit: 0, out: 'crm is deleted.\n', err: '' })
  t.match(await clients('show', 'crm'), { exit: 2, out: '', err: "There is no client 'crm'.\n" })
  for (const { out } of [list, shown]) t.notMatch(out, /kh[sk]_/)
})

t.test('delete at a terminal → asks; no, or whatever else, does nothing', async t => {
  const { url, clients, data } = await setUp(t)
  await clients(['add', 'crm', '--role', 'viewer'])
  const asked = await atTerminal(['clients', 'delete', 'crm', '--store', url], { answer: 'n\r' })
  t.equal(asked.exit, 1)
  t.match(asked.out, /Delete the client crm with its secrets\? There is no way back\. \[y\/N\] n\r\nNothing was done\./)
  t.match(await data('list'), [{ id: 'crm' }])
  t.match(await keyhole(['clients', 'delete', 'crm', '--store', url, '--json'], ['yep', '\n', 'y\n'], { isTTY: true }), { exit: 1, out: '' })
  t.match(await keyhole(['clients', 'delete', 'crm', '--store', url], [], { isTTY: true }), { exit: 1, out: 'Nothing was done.\n' })
  t.match(await keyhole(['clients', 'delete', 'crm', '--store', url, '--json'], [Buffer.from('Yes\n')], { isTTY: true }), { exit: 0, out: '{\n  "id": "crm",\n  "deleted": true\n}\n' })
  t.strictSame(await data('list'), [])
})

t.test('--json → data, secrets where there are new ones', async t => {
  const { data } = await setUp(t)
  const added = await data('add', 'crm', '--role', 'viewer')
  t.match(added, { id: 'crm', clientSecret: /^khs_/, apiKey: /^khk_/ })
  t.match(await data('show', 'crm'), { id: 'crm', roles: ['viewer'], disabled: false })
  t.notOk('clientSecret' in await data('show', 'crm'))
  t.match(await data('rotate', 'crm', '--api-key'), { id: 'crm', apiKey: /^khk_/ })
  t.strictSame(await data('disable', 'crm'), { id: 'crm', disabled: true })
})

t.test('a client that was disabled → listed as such', async t => {
  const { url, clients } = await setUp(t)
  for (const id of ['cms', 'crm']) await clients(['add', id, '--role', 'viewer'])
  await clients(['disable', 'crm'])
  t.match((await clients(['list'])).out, /^cms +enabled .*\ncrm +disabled /m)
  t.match((await keyhole(['clients', 'list', '--store', url], [], { hasColours: true })).out, '\u001b[90mdisabled\u001b[39m')
})

t.test('everything that a client can be → kept so', async t => {
  const jwk = { kty: 'EC', kid: 'k1', ...generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ format: 'jwk' }) }
  const { clients, data, folder } = await setUp(t, { 'claims.json': '{"name":"CRM","city":{"name":"Köln"}}', 'jwks.json': JSON.stringify({ keys: [jwk] }) })
  const one = await clients(['add', 'crm', '--role', 'viewer', '--claims', `${folder}/claims.json`, '--audience', 'https://a.example', '--audience', 'b', '--no-api-key',
    '--grant', 'client_credentials', '--grant', 'urn:x', '--resource', 'https://r.example/', '--token-lifetime', '60', '--dpop-bound'])
  t.strictSame([one.exit, one.err], [0, ''])
  t.notMatch(one.out, 'api_key')
  t.match(await data('show', 'crm'), {
    claims: { name: 'CRM', city: { name: 'Köln' } }, audiences: ['https://a.example', 'b'], requireApiKey: false, grants: ['client_credentials', 'urn:x'], resources: ['https://r.example/'], tokenLifetime: 60, dpopBound: true
  })
  t.match(await clients(['add', 'robot', '--role', 'robot', '--auth-method', 'private_key_jwt', '--jwks', '-'], [JSON.stringify({ keys: [jwk] })]),
    { exit: 0, out: 'client_id  robot\nIt has no secret: it proves itself as it was registered.\n' })
  t.match((await clients(['show', 'robot'])).out, /jwks +k1\n/)
  await clients(['add', 'nameless', '--role', 'robot', '--auth-method', 'private_key_jwt', '--jwks', '-'], [JSON.stringify({ keys: [{ ...jwk, kid: undefined }] })])
  t.match((await clients(['show', 'nameless'])).out, /jwks +EC\n/)
  t.match(await clients(['add', 'keyed', '--role', 'robot', '--auth-method', 'private_key_jwt', '--api-key', '--jwks', `${folder}/jwks.json`]), { exit: 0, out: /api_key +khk_/ })
  await clients(['add', 'published', '--role', 'robot', '--auth-method', 'private_key_jwt', '--jwks-url', 'https://robot.example/jwks'])
  t.match(await data('show', 'published'), { jwksUrl: 'https://robot.example/jwks' })
  await clients(['add', 'ci', '--role', 'robot', '--auth-method', 'federated', '--federated-issuer', 'https://ci.example', '--federated-subject', 'repo:a', '--federated-audience', 'x'])
  t.match(await data('show', 'ci'), { authMethod: 'federated', federated: { issuer: 'https://ci.example', subject: 'repo:a', audience: 'x' } })
  t.match((await clients(['show', 'ci'])).out, /federated +\{"issuer":"https:\/\/ci\.example"/)
  await clients(['add', 'cd', '--role', 'robot', '--auth-method', 'federated', '--federated-issuer', 'https://ci.example', '--federated-subject', 'repo:b'])
  t.strictSame((await data('show', 'cd')).federated, { issuer: 'https://ci.example', subject: 'repo:b' })
  t.match((await clients(['list'])).out, /^crm .*https:\/\/a\.example b/m)
})

t.test('a secret and an API key to move a client → from a file or piped in, never shown in a message', async t => {
  const { clients, hashes, folder } = await setUp(t)
  const [secret, apiKey] = [generateSecret('client_secret'), generateSecret('api_key')]
  await writeFile(`${folder}/key`, `${apiKey}\n`, { mode: 0o600 })
  t.match(await clients(['add', 'moved', '--role', 'viewer', '--secret-file', '-', '--api-key-file', `${folder}/key`], [`${secret}\n`]), { exit: 0 })
  t.match(await hashes('moved'), { clientSecretHashes: [hashSecret(secret)], apiKeyHashes: [hashSecret(apiKey)] })
  const wrong = await clients(['add', 'other', '--role', 'viewer', '--secret-file', '-'], ['hunter2\n'])
  t.match(wrong, { exit: 2, out: '', err: /clientSecret: not one that was generated here/ })
  t.notMatch(wrong.err, 'hunter2')
})

t.test('when secrets expire, and for how long the one before is good → kept so, and shown', async t => {
  const { url, clients, data } = await setUp(t)
  t.match(await clients(['add', 'crm', '--role', 'viewer', '--secret-expires', '2099-01-31', '--api-key-expires', '2099-01-31T12:00:00Z']), { exit: 0 })
  t.match(await data('show', 'crm'), { clientSecrets: [{ expiresAt: Date.parse('2099-01-31') / 1000 }], apiKeys: [{ expiresAt: Date.parse('2099-01-31T12:00:00Z') / 1000 }] })
  t.match(await clients(['rotate', 'crm', '--keep-previous-for', '60', '--expires', '2098-01-31']), { exit: 0 })
  const { clientSecrets: [current, before] } = await data('show', 'crm')
  t.equal(current.expiresAt, Date.parse('2098-01-31') / 1000)
  t.ok(before.expiresAt <= Date.now() / 1000 + 60)
  const rows = new Database(url.slice('sqlite:'.length))
  rows.prepare("update client_secrets set last_used_at = 0 where kind = 'api_key'").run()
  rows.close()
  t.match((await clients(['show', 'crm'])).out, /^API key +made \S+Z, expires 2099-01-31T12:00:00Z, last used 1970-01-01T00:00:00Z$/m)
})

t.test('update → what is written is so from now on, whole; the rest stays', async t => {
  const { clients, data, hashes } = await setUp(t)
  await clients(['add', 'crm', '--role', 'viewer', '--resource', 'https://r.example/', '--token-lifetime', '60', '--dpop-bound', '--audience', 'a'])
  const credentials = await hashes('crm')
  const before = await data('show', 'crm')
  const update = async (...words: string[]) => await clients(['update', 'crm', ...words])
  for (const [words, changes] of [
    [['--role', 'manager', '--role', 'editor'], { roles: ['manager', 'editor'] }],
    [['--grant', 'urn:x', '--resource', 'https://s.example/', '--audience', 'b', '--audience', 'c'], { grants: ['urn:x'], resources: ['https://s.example/'], audiences: ['b', 'c'] }],
    [['--token-lifetime', '30', '--no-audience', '--no-resource', '--no-dpop-bound'], { tokenLifetime: 30, audiences: [], resources: [], dpopBound: false }],
    [['--no-resource', '--resource', 'https://t.example/'], { resources: ['https://t.example/'] }],
    [['--no-token-lifetime'], { tokenLifetime: undefined }]
  ] as const) {
    const { exit, out, err } = await update(...words)
    t.strictSame([exit, err], [0, ''], words.join(' '))
    t.notMatch(out, /kh[sk]_/)
    Object.assign(before, changes)
    t.strictSame(await data('show', 'crm'), JSON.parse(JSON.stringify(before)), words.join(' '))
  }
  t.match((await clients(['update', 'crm', '--claims', '-'], ['{"name":"CRM"}'])).out, /^claims +\{"name":"CRM"\}$/m)
  t.match(await data('update', 'crm', '--no-api-key'), { id: 'crm', requireApiKey: false })
  t.match(await hashes('crm'), { clientSecretHashes: credentials!.clientSecretHashes })
})

t.test('update to a client that needs an API key, and has none → that is shown, once', async t => {
  const { clients, data } = await setUp(t)
  for (const id of ['crm', 'cms']) await clients(['add', id, '--role', 'viewer', '--no-api-key'])
  t.match(await clients(['update', 'crm', '--api-key']), { exit: 0, out: /^client_id +crm\napi_key +khk_\S{48}\nThis is the only time that they are shown\.\n$/ })
  t.match(await data('update', 'cms', '--api-key'), { id: 'cms', requireApiKey: true, apiKey: /^khk_/ })
  t.notOk('apiKey' in await data('update', 'cms', '--api-key'))
})

t.test('used wrongly → 2, and what to do', async t => {
  const { clients } = await setUp(t)
  await clients(['add', 'crm', '--role', 'viewer'])
  for (const [words, message] of [
    [['add', 'x'], /required option '--role <role>' not specified\nkeyhole clients add --help has examples\.\n$/],
    [['add', 'crm', '--role', 'viewer'], /^There is a client 'crm' already/],
    [['add', ' x', '--role', 'viewer'], /^clients\.create: id: write 1 to 255/],
    [['add', 'x', '--role', 'v', '--claims', '/nowhere.json'], /^\/nowhere\.json: ENOENT/],
    [['add', 'x', '--role', 'v', '--claims', '-'], /^-: no JSON\.\n$/],
    [['add', 'x', '--role', 'v', '--claims', '-', '--secret-file', '-'], /^--claims and --secret-file: one of them can be what is piped in/],
    [['add', 'x', '--role', 'v', '--token-lifetime', 'long'], /Write a whole number of seconds/],
    [['add', 'x', '--role', 'v', '--auth-method', 'none'], /Allowed choices are client_secret, /],
    [['add', 'x', '--role', 'v', '--federated-issuer', 'https://a'], /^Write --federated-issuer and --federated-subject, both/],
    [['add', 'x', '--role', 'v', '--secret-expires', 'soon'], /Write a time such as 2027-01-31 or/],
    [['rotate', 'crm', '--expires', '2027-02-31T00:00:00Z'], /Write a time such as/],
    [['rotate', 'crm', '--expires', '2020-01-31'], /'2020-01-31' is invalid\. It is past; write a time that is to come\./],
    [['update', 'crm'], /^What is to change\? Write it, such as --role manager\.\n$/],
    [['update', 'crm', '--jwks-url', 'https://robot.example/jwks'], /^clients\.update: jwks: write a JWK Set with authMethod/],
    [['update', 'crm', '--token-lifetime', '0'], /^clients\.update: tokenLifetime: write a whole number of seconds from 1/],
    [['update', 'crm', '--claims', '-', '--jwks', '-'], /^--claims and --jwks: one of them can be/],
    [['update', 'nobody', '--role', 'viewer'], /^There is no client 'nobody'/],
    [['rotate', 'nobody'], /^There is no client 'nobody'/],
    [['disable', 'nobody'], /^There is no client 'nobody'/],
    [['delete', 'nobody', '--yes'], /^There is no client 'nobody'/]
  ] as const) t.match(await clients(words, ['{secret']), { exit: 2, out: '', err: message }, words.join(' '))
})
