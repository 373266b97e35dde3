import { execFile } from 'node:child_process'
import { connect, createServer } from 'node:net'
import { once } from 'node:events'
import { promisify } from 'node:util'
import t from 'tap'
import { generateCustomers } from '../../example-app/customers/generate.js'
import type { Person } from '../../example-app/customers/schema.js'
import { readDemoClients, type DemoClient } from '../../example-app/demo-clients.js'
import { fetchToken } from './running-app.js'
import { npmStart, startScript, startServer } from './server-process.js'

// Processes take their time to start.
t.setTimeout(300_000)

const demoClients = await readDemoClients()
const environment = { DATA_DIR: t.testdir(), HOST: '0.0.0.0' }
const server = await startServer(t, environment)

t.test('the lines that npm start prints pasted into a shell → one customer as salesperson and as admin see it', async t => {
  const { output } = await npmStart(t, { DATA_DIR: t.testdir() })
  const lines = output().match(/^# One customer, as salesperson[^]+; echo$/m)![0]
  const { stdout, stderr } = await promisify(execFile)('bash', ['--norc', '-euc', lines])
  t.equal(stderr, '')
  const [customer] = await generateCustomers(1)
  const { id, type, name, email, age } = customer as Person
  t.equal(stdout, [{ id, type, name, email, age }, customer].map(shown => JSON.stringify(shown) + '\n').join(''))
})

t.test('demo clients in use → loopback only, whatever HOST says, and how to make real ones', async t => {
  t.equal(new URL(server.url).hostname, '127.0.0.1')
  t.ok(await accepts('127.0.0.1', server.url))
  t.notOk(await accepts('127.0.0.2', server.url))
  t.match(server.output(), 'npm run clients -- create crm salesperson')
  for (const client of demoClients) t.equal(await tokenStatus(server.url, client), 200, client.role)
})

t.test('SIGTERM during a request → it is answered, then the process ends with 0', async t => {
  const { port } = new URL(server.url)
  const token = await fetchToken(Number(port), 'editor', 'profile:write')
  const body = JSON.stringify({ age: 44 })
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(`PATCH /customers/c-0002 HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n{`)
  await server.written(/"path":"\/customers\/c-0002".*"incoming request"/)

  server.terminate()
  await server.written(/"signal":"SIGTERM".*"closing"/)
  socket.write(body.slice(1))
  const [answer] = await once(socket, 'data')
  t.match(String(answer), /^HTTP\/1\.1 200 /)
  t.equal(await server.exitCode, 0)
})

t.test('a client of one\'s own instead of the demo clients → its credentials hold, theirs do not, HOST counts', async t => {
  const created = startScript(t, 'clients.ts', environment, 'create', 'crm', 'salesperson')
  t.equal(await created.exitCode, 0)
  const [, secret, apiKey] = created.output().match(/client_id {6}crm\nclient_secret {2}(khs_\S+)\napi_key {8}(khk_\S+)\n/)!
  t.equal(await startScript(t, 'clients.ts', environment, 'delete-demo').exitCode, 0)

  const second = await startServer(t, environment)
  t.equal(await tokenStatus(second.url, { role: 'salesperson', client_id: 'crm', client_secret: secret!, api_key: apiKey! }), 200)
  for (const client of demoClients) t.equal(await tokenStatus(second.url, client), 401, client.role)
  t.ok(await accepts('127.0.0.2', second.url))
  t.notMatch(second.output(), /kh[sk]_|create crm/)
  second.terminate()
  t.equal(await second.exitCode, 0)
})

t.test('npm run clients: what cannot be done → exit code 1 and the reason', async t => {
  const wrong: [string[], string][] = [
    [[], 'Write: create ID ROLE..., or delete-demo\n'],
    [['create', 'crm', 'seller'], 'There is no role seller. The policy has salesperson, manager, admin, viewer, editor.\n'],
    [['create'], 'clients.create: id: write 1 to 255 printable ASCII characters without space at the ends (RFC 6749 A.1); roles: write a list of at least one role, each once\n']
  ]
  await Promise.all(wrong.map(async ([parameters, reason]) => {
    const { exitCode, output } = startScript(t, 'clients.ts', environment, ...parameters)
    t.equal(await exitCode, 1)
    t.equal(output(), reason)
  }))
})

t.test('wrong configuration → exit code 1 and the cure alone', async t => {
  const { exitCode, output } = startScript(t, 'server.ts', { PORT: 'x' })
  t.equal(await exitCode, 1)
  t.equal(output(), 'PORT: write a whole number from 0 (any free port) to 65535\n')
})

t.test('port in use → exit code 1 and the reason in the log', async t => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as { port: number }
  const { exitCode, output } = startScript(t, 'server.ts', { DATA_DIR: t.testdir(), PORT: String(port) })
  t.equal(await exitCode, 1)
  t.match(output(), `PORT: ${port} is in use; write another, or 0 for any free port`)
})

async function tokenStatus (url: string, client: DemoClient): Promise<number> {
  const body = new URLSearchParams({ grant_type: 'client_credentials', ...client })
  return (await fetch(`${url}/oauth2/token`, { method: 'POST', body })).status
}

async function accepts (host: string, url: string): Promise<boolean> {
  const socket = connect(Number(new URL(url).port), host)
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
