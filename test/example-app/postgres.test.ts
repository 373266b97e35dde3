import { existsSync } from 'node:fs'
import t from 'tap'
import { postgresServer } from '../postgres/server.js'
import { fetchToken } from './running-app.js'
import { startServer } from './server-process.js'

// Processes take their time to start.
t.setTimeout(300_000)

t.test('DATABASE_URL, two processes at once on a new database → both serve its clients and customers; no file is made', async t => {
  const postgres = await postgresServer(t)
  const dataDir = `${t.testdir()}/data`
  const environment = { DATA_DIR: dataDir, DATABASE_URL: await postgres.database() }
  const [one, two] = await Promise.all([startServer(t, environment), startServer(t, environment)])
  const port = (server: { readonly url: string }) => Number(new URL(server.url).port)
  const get = async (server: { readonly url: string }, token: string, path: string) => await fetch(`${server.url}${path}`, { headers: { authorization: `Bearer ${token}` } })

  const token = await fetchToken(port(one), 'editor')
  const changed = await fetch(`${one.url}/customers/c-0001`, {
    method: 'PATCH',
    headers: { authorization: `Bearer ${await fetchToken(port(one), 'editor', 'profile:write')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'Changed' })
  })
  t.equal(changed.status, 200)
  // Each has an issuer of its own, by its port; what it reads is the same.
  const other = await fetchToken(port(two), 'admin')
  const customer = await (await get(two, other, '/customers/c-0001')).json() as { name: string, banking: { balance: number } }
  t.equal(customer.name, 'Changed')
  t.equal(customer.banking.balance, Math.round(customer.banking.balance * 100) / 100, 'to the cent')
  t.equal(((await (await get(two, other, '/customers?pageSize=1')).json()) as { total: number }).total, 1000)
  t.notOk(existsSync(dataDir))

  await postgres.stop()
  const away = await get(one, token, '/customers/c-0001')
  t.equal(away.status, 503)
  t.equal(away.headers.get('retry-after'), '1')
  await postgres.start()
  t.equal((await get(one, token, '/customers/c-0001')).status, 200)
  t.notMatch(one.output() + two.output(), new URL(environment.DATABASE_URL).password)
  for (const server of [one, two]) {
    server.terminate()
    t.equal(await server.exitCode, 0)
  }
})
