import { inspect } from 'node:util'
import t from 'tap'
import { openStore } from '../../lib/store/open-store.js'
import { authorizationServer } from '../cli/doctor/authorization-server.js'
import { environment, keyhole } from '../cli/running.js'
import { authority, certificateFor } from '../credentials/certificates.js'
import { until } from '../policy/log.js'
import { wiretap } from '../postgres/wiretap.js'
import { postgres } from './databases.js'

/** PostgreSQL over TLS, as docs/operations.md says to write it. */

const [company, stranger] = await Promise.all([authority('Company'), authority('Stranger')])
const [right, elsewhere, expired, strange] = await Promise.all([
  certificateFor('127.0.0.1', company),
  certificateFor('db.example.com', company),
  certificateFor('127.0.0.1', company, { expired: true }),
  certificateFor('127.0.0.1', stranger)
])
const folder = t.testdir({ 'company.pem': company.cert, 'stranger.pem': stranger.cert })

function verified (url: string, ca = 'company.pem'): string {
  return `${url}?sslmode=verify-full&sslrootcert=${folder}/${ca}`
}

t.test('a certificate of the authority that the URL names → store, listener and keyhole doctor, all of them by TLS', async t => {
  const database = await postgres(t)
  const url = await database.url(t)
  await t.rejects(openStore(verified(url)), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', message: /The server does not support SSL connections/ })
  await database.server.secure(right)
  const [one, other] = [await openStore(verified(url)), await openStore(verified(url))]
  t.teardown(async () => { await one.close(); await other.close() })
  await one.clients.create({ id: 'crm', roles: ['viewer'] })
  t.match(await other.clients.get('crm'), { id: 'crm' })

  let told = 0
  t.teardown(other.revocations.onChange!(() => { told++ }))
  await until(() => told === 1)
  await one.clients.disable('crm')
  await until(() => told === 2)
  const connections = await (await database.sql(t, url)).rows("select ssl, query = 'listen fastify_keyhole' as listens from pg_stat_ssl join pg_stat_activity using (pid) where application_name = 'fastify-keyhole'")
  t.ok(connections.length >= 3 && connections.every(({ ssl }) => ssl === true))
  t.equal(connections.filter(({ listens }) => listens).length, 1)

  const { issuer } = await authorizationServer(t)
  environment(t, 'KEYHOLE_STORE', verified(url))
  t.match(await keyhole(['doctor', '--issuer', issuer]), { out: /^ok +store +opens, with its \d+ migrations$/m })
  environment(t, 'KEYHOLE_STORE', verified(url, 'stranger.pem'))
  const wrong = await keyhole(['doctor', '--issuer', issuer])
  t.match(wrong, { exit: 2, out: /^wrong +store +The store cannot be used: postgres:\/\/127\.0\.0\.1:\d+\/test_1: .*certificate/m })
  t.notOk((wrong.out + wrong.err).includes(new URL(url).password))
})

t.test('another authority, another host, an expired certificate, no TLS → a clear error, and nothing was told to whoever it is', async t => {
  for (const [what, certificate, reason] of [
    ['another authority', strange, /unable to verify the first certificate|unable to get local issuer certificate/],
    ['another host', elsewhere, /IP: 127\.0\.0\.1 is not in the cert's list/],
    ['expired', expired, /certificate has expired/],
    ['no TLS', undefined, /The server does not support SSL connections/]
  ] as const) {
    const server = await wiretap(t, certificate)
    const error = await openStore(verified(`postgres://app:hunter2@127.0.0.1:${server.port}/shop`)).then(() => undefined, error => error)
    t.match(error, { code: 'FST_KEYHOLE_STORE_UNAVAILABLE', statusCode: 503, message: reason }, what)
    t.notMatch(inspect(error, { depth: null, showHidden: true }), /hunter2/, what)
    t.ok(server.asked > 0, what)
    t.equal(server.text(), '', what)
  }
  const server = await wiretap(t, strange)
  await t.rejects(openStore(`postgres://app:hunter2@127.0.0.1:${server.port}/shop?sslmode=no-verify`))
  t.match(server.text(), /user\0app\0/, 'whoever does not look is heard')
})
