import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import Database from 'libsql'
import t from 'tap'
import type { Finding } from '../../../lib/cli/doctor/finding.js'
import { generateSigningKey } from '../../../lib/keys/generate.js'
import { rotateKeys } from '../../../lib/keys/manage.js'
import { nameOf } from '../../name-of.js'
import { inProcess, keyhole, storeIn } from '../running.js'
import { authorizationServer, POLICY } from './authorization-server.js'

/** What is found, but for what is well: `state subject: message`. */
async function faults (...words: string[]) {
  const { exit, out, err } = await keyhole(['doctor', ...words, '--json'])
  const { findings }: { findings: Finding[] } = JSON.parse(out || '{"findings":[]}')
  return { exit, err, found: findings.filter(({ state }) => state !== 'ok').map(({ state, subject, message }) => `${state} ${subject}: ${message}`), cures: findings.every(({ state, cure }) => (state === 'ok') === (cure === undefined)) }
}

const NOW = Math.floor(Date.now() / 1000)
const ENCRYPTED = { keyEncryption: randomBytes(32).toString('base64url') }

t.test('all is well → 0, as a process, in lines and as data', async t => {
  const { issuer, url, store } = await authorizationServer(t, { options: ENCRYPTED })
  await store.policies.publish(POLICY)
  await store.clients.create({ id: 'crm', roles: ['viewer'] })
  const { exit, out, err } = await inProcess(['doctor', '--issuer', issuer, '--store', url])
  t.strictSame([exit, err], [0, ''])
  t.match(out.split('\n').map(line => line.split(/ {2,}/)), [
    ['ok', 'issuer', `answers at ${issuer}/.well-known/oauth-authorization-server`],
    ['ok', 'TLS', /^plain http, which is right/],
    ['ok', 'clock', /^agrees/],
    ['ok', 'metadata', /^names this issuer and \d+ more members$/],
    ['ok', 'key set', `1 key at ${issuer}/oauth2/jwks`],
    ['ok', 'store', /^opens, with its \d+ migrations$/],
    ['ok', 'keys', / has signed for 0 days$/],
    ['ok', 'keys', 'private keys are encrypted'],
    ['ok', 'keys', 'the issuer serves these, and no others'],
    ['ok', 'policy', /^sha256-/],
    ['']
  ])
  const { issuer: named, findings } = JSON.parse((await keyhole(['doctor', '--issuer', issuer, '--json'])).out)
  t.equal(named, issuer)
  t.match(findings, [{ subject: 'issuer', state: 'ok', message: /^answers/ }, {}, {}, {}, {}])
  await rotateKeys(store.keys, 'ES256', { announce: 600, now: NOW })
  t.match((await keyhole(['doctor', '--issuer', issuer, '--store', url])).out, / signs, \S+ is next from /)
})

t.test('another issuer, or the wrong path → 2, and what to write', async t => {
  const { issuer, port } = await authorizationServer(t)
  const other = await faults('--issuer', `http://localhost:${port}`)
  t.equal(other.exit, 2)
  t.ok(other.cures)
  t.match(other.found, [`wrong metadata: names another issuer: "${issuer}"`, /^warning metadata: token_endpoint is at another origin/, /jwks_uri/, /introspection_endpoint/, /revocation_endpoint/])
  t.match(await faults('--issuer', `${issuer}/tenant`), { exit: 2, found: [/^wrong issuer: \S+oauth-authorization-server\/tenant answered with the status 404$/] })
  const text = await keyhole(['doctor', '--issuer', `${issuer}/tenant`], [], { hasColours: true })
  t.match(text.out, '\u001b[31mwrong\u001b[39m    issuer  ')
  t.match(text.out, /\n {17}→ Is the path of --issuer /)
})

t.test('metadata that is no JSON, no object, or lacks members → 2, each is named', async t => {
  const { issuer, around } = await authorizationServer(t)
  const answering = (change: (metadata: Record<string, unknown>) => unknown) => {
    around.alter = ({ url }, _reply, body) => url.startsWith('/.well-known') ? JSON.stringify(change(JSON.parse(body))) : body
    return faults('--issuer', issuer)
  }
  t.match(await answering(({ token_endpoint: _, scopes_supported: __, ...others }) => others), { exit: 2, found: ['wrong metadata: lacks token_endpoint', 'wrong metadata: lacks scopes_supported, or it is no list of names'] })
  t.match(await answering(({ jwks_uri: _, ...others }) => ({ ...others, issuer: undefined, grant_types_supported: [] })), {
    found: ['wrong metadata: names another issuer: nothing', 'wrong metadata: lacks jwks_uri', 'wrong metadata: lacks grant_types_supported, or it is no list of names']
  })
  t.match(await answering(metadata => ({ ...metadata, token_endpoint: 'http://auth.example.com/token', jwks_uri: 7 })), {
    found: ['wrong metadata: token_endpoint is plain http: "http://auth.example.com/token"', 'wrong metadata: jwks_uri is no URL: 7']
  })
  for (const nothing of [[], 'x']) t.match(await answering(() => nothing), { exit: 2, found: ['wrong metadata: is no JSON object'] })
  t.match(await answering(() => null), { exit: 2, found: ['wrong metadata: is no JSON object'] })
  around.alter = (_request, reply) => { reply.type('text/html'); return '<html>secret</html>' }
  t.match(await faults('--issuer', issuer), { exit: 2, found: [/^wrong issuer: .* answered with what is no JSON$/] })
})

t.test('a key set that is no JSON, or has what guards refuse → 2', async t => {
  const { issuer, around } = await authorizationServer(t)
  const { privateJwk, kid } = generateSigningKey()
  for (const [body, found] of [
    ['<html>', /^wrong key set: .* answered with what is no JSON$/],
    [JSON.stringify({ keys: [{ ...privateJwk, kid }] }), /^wrong key set: The key "\S+" is refused: it is a private key/],
    ['{"keys":[]}', /^wrong key set: jwks: write a JWK Set/]
  ] as const) {
    around.alter = ({ url }, _reply, real) => url.endsWith('/jwks') ? body : real
    const ended = await faults('--issuer', issuer)
    t.match(ended, { exit: 2, found: [found] })
    t.notMatch(JSON.stringify(ended), privateJwk['d'])
  }
  around.alter = ({ url, raw }, _reply, real) => {
    if (url.endsWith('/jwks')) raw.destroy()
    return real
  }
  t.match(await faults('--issuer', issuer), { exit: 2, found: [/^wrong key set: \S+\/jwks does not answer: other side closed$/] })
})

t.test('a clock that is off → 1 from five seconds on, 2 from a minute on', async t => {
  const { issuer, around } = await authorizationServer(t)
  const off = (seconds: number, age?: number) => {
    around.alter = (_request, reply, body) => {
      reply.header('date', new Date(Date.now() + seconds * 1000).toUTCString())
      if (age !== undefined) reply.header('age', age)
      return body
    }
    return faults('--issuer', issuer)
  }
  t.match(await off(30), { exit: 1, found: [/^warning clock: is (29|30|31) seconds ahead of this machine's$/] })
  t.match(await off(-30), { exit: 1, found: [/^warning clock: is (28|29|30) seconds behind this machine's$/] })
  t.match(await off(3600), { exit: 2, found: [/^wrong clock: is \d{4} seconds ahead/] })
  t.match(await off(-3600), { exit: 2, found: [/^wrong clock: is \d{4} seconds behind/] })
  t.match(await off(-3600, 3600), { exit: 0, found: [] }, 'an hour in a cache')
  around.alter = (_request, reply, body) => { reply.raw.sendDate = false; return body }
  t.match(await faults('--issuer', issuer), { exit: 1, found: ['warning clock: its answers have no Date'] })
})

t.test('a name of several addresses, nobody at any → 2, and what the first one says', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise(resolve => server.close(resolve))
  t.match((await faults('--issuer', `http://${nameOf(t, '127.0.0.1', '::1')}:${port}`)).found, [`does not answer: connect ECONNREFUSED 127.0.0.1:${port}`, /^wrong TLS/])
})

t.test('nobody there, or plain http to elsewhere → 2; what is no issuer → 2, and what to write', async t => {
  t.match(await faults('--issuer', 'http://127.0.0.1:1'), { exit: 2, found: [/^wrong issuer: http:\/\/127\.0\.0\.1:1\/\S+ does not answer: /] })
  t.match(await faults('--issuer', 'https://127.0.0.1:1'), { exit: 2, found: [/^wrong issuer: /, /^wrong TLS: no connection: /] })
  t.match(await faults('--issuer', 'http://keyhole.invalid'), { exit: 2, found: [/^wrong issuer: .*ENOTFOUND|EAI_AGAIN/, /^wrong TLS: plain http: whoever is in between reads secrets and tokens$/] })
  t.match(await faults('--issuer', 'https://keyhole.invalid'), { exit: 2, found: [/^wrong issuer: /, /^wrong TLS: no connection: .*keyhole\.invalid/] })
  for (const [issuer, message] of [['x', /^--issuer: write the URL/], ['http://127.0.0.1:1/', /^--issuer: write 'http:\/\/127\.0\.0\.1:1', without/]] as const) {
    t.match(await keyhole(['doctor', '--issuer', issuer]), { exit: 2, out: '', err: message })
  }
  t.match(await keyhole(['doctor']), { exit: 2, err: /required option '--issuer <url>'/ })
})

t.test('keys that are not those of the store, another policy, clients without a role, private keys in the clear → each is told', async t => {
  const { issuer, url, store, around } = await authorizationServer(t)
  await store.clients.create({ id: 'gone', roles: ['x'] })
  await store.clients.disable('gone')
  for (const id of ['a', 'b', 'c', 'd', 'e', 'f']) await store.clients.create({ id, roles: ['viewer', 'nobody'] })
  t.match(await faults('--issuer', issuer, '--store', url), { exit: 1, cures: true, found: [/^warning keys: not encrypted: the private key of \S+$/, 'warning policy: none was published'] })
  await store.policies.publish({ ...POLICY, scopes: { ...POLICY.scopes, banking: {} } })
  t.match(await faults('--issuer', issuer, '--store', url), {
    exit: 1,
    cures: true,
    found: [/^warning keys: not encrypted/, /^warning policy: the issuer serves other scopes than the latest, sha256-/, 'warning clients: 6 have a role that the policy lacks: a, b, c, d, e, …']
  })
  await store.clients.delete('f')
  t.match((await faults('--issuer', issuer, '--store', url)).found, [/./, /./, /lacks: a, b, c, d, e$/])

  const other = await storeIn(t)
  t.match(await faults('--issuer', issuer, '--store', other), { exit: 1, found: ['warning keys: none signs', 'warning policy: none was published'] })
  await keyhole(['keys', 'rotate', '--store', other])
  t.match(await faults('--issuer', issuer, '--store', other), { exit: 2, cures: true, found: [/not encrypted/, /^wrong keys: not served: \S+; not in the store: \S+$/, /^warning policy/] })
  around.alter = ({ url }, _reply, body) => url.endsWith('/jwks') ? JSON.stringify({ keys: [{ ...JSON.parse(body).keys[0], kid: undefined }] }) : body
  t.match((await faults('--issuer', issuer, '--store', other)).found, [/./, /; not in the store: one without kid$/, /./])
})

t.test('a store that is not there, is no store, is not up to date, or of a later version → 2, and it is left as it is', async t => {
  const { issuer } = await authorizationServer(t)
  const url = await storeIn(t, {}, { 'no.db': 'this is no database, and it is long enough to be taken for none' })
  const file = url.slice('sqlite:'.length)
  t.match(await faults('--issuer', issuer, '--store', `${url}.none`), { exit: 2, found: [/^wrong store: .*there is no such file/] })
  t.match(await faults('--issuer', issuer, '--store', `sqlite:${t.testdirName}/no.db`), { exit: 2, found: [/^wrong store: The store cannot be used: .*no\.db: /] })
  const rows = new Database(file)
  t.teardown(() => rows.close())
  const [{ name }] = rows.prepare('delete from kysely_migration where name = (select max(name) from kysely_migration) returning name').all() as [{ name: string }]
  t.match(await faults('--issuer', issuer, '--store', url), { exit: 2, found: [`wrong store: its tables are not up to date; pending: ${name}`] })
  t.match(await faults('--issuer', issuer, '--store', url), { exit: 2, found: [/pending/] }, 'still')
  rows.prepare("insert into kysely_migration (name, timestamp) values (?, ''), ('9999-later', '')").run(name)
  t.match(await faults('--issuer', issuer, '--store', url), { exit: 2, found: ['wrong store: a later version of fastify-keyhole has changed its tables: 9999-later'] })
})

t.test('an old key, a next one that should sign by now, one from the future, a policy that is refused → each is told', async t => {
  const url = await storeIn(t)
  const rows = new Database(url.slice('sqlite:'.length))
  t.teardown(() => rows.close())
  const { issuer, around } = await authorizationServer(t)
  around.alter = ({ url }, _reply, body) => url.endsWith('/jwks') ? 'x' : body
  const told = async () => (await faults('--issuer', issuer, '--store', url)).found.filter(line => !/key set|encrypted/.test(line))
  await keyhole(['keys', 'rotate', '--store', url])
  rows.prepare('update signing_keys set signs_from = ?').run(NOW - 91 * 86_400)
  t.match(await told(), [/^warning keys: \S+ \(ES256\) has signed for 91 days$/, /policy/])
  await keyhole(['keys', 'rotate', '--store', url, '--announce', '0'])
  rows.prepare("update signing_keys set signs_from = ? where state = 'active'").run(NOW + 3600)
  t.match(await told(), [/^wrong keys: \S+ signs from \S+ on, which is in the future$/, /policy/])
  await keyhole(['keys', 'rotate', '--store', url])
  rows.prepare("update signing_keys set signs_from = ? where state = 'next'").run(NOW - 3600)
  t.match(await told(), [/^warning keys: \S+ signs, \S+ is next from \S+, and should sign by now$/, /policy/])
  rows.prepare('insert into policies (version, document, sequence, published_at) values (?, ?, 1, 0)').run('sha256-x', '{"claimSets":{}}')
  t.match(await told(), [/keys/, /^wrong policy: the latest is refused: The policy was refused: {3}\/\S+/])
})
