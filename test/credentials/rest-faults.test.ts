import t, { type Test } from 'tap'
import { restCredentialProvider } from '../../lib/credentials/rest-provider.js'
import type { RestProviderOptions } from '../../lib/credentials/rest-options.js'
import { isRefusal, tokenApp } from '../plugins/token-endpoint-app.js'
import { answer, ENDLESS_FAULTS, FAULTS, serveFaults, type Fault } from './faults.js'

const SECRETS = { client_secret: 'the secret+of/crm', api_key: 'the key+of/crm' }
const OWN_HEADER = 'token-of-this-server'
const MEGABYTE = 1024 * 1024

const HOLDS: Fault = socket => { socket.write(answer('200 OK', { 'content-type': 'application/json' }, '{"clientId":"crm","roles":["manager"]}')) }

/** A token endpoint whose external system meets faults, and all of its log. */
async function setUp (t: Test, options: Partial<RestProviderOptions>) {
  const server = await serveFaults(t)
  const lines: string[] = []
  const { post } = await tokenApp(t, {
    options: { credentialProvider: restCredentialProvider({ url: server.url, headers: { authorization: `Bearer ${OWN_HEADER}` }, ...options }) },
    server: { logger: { level: 'trace', stream: { write: (line: string) => { lines.push(line) } } } }
  })
  return { server, lines, ask: () => post({ grant_type: 'client_credentials', client_id: 'crm', ...SECRETS }) }
}

/** That the client is told to come back, and the log why, and nobody a secret. */
async function isHonest (t: Test, { server, lines, ask }: Awaited<ReturnType<typeof setUp>>, name: string): Promise<void> {
  lines.length = 0
  const response = await ask()
  isRefusal(t, response, 503, 'temporarily_unavailable', name)
  t.match(response.headers['retry-after'], /^\d+$/, `${name}: says when to come back`)
  const log = lines.join('')
  t.match(log, /"outcome":"unavailable"/, `${name}: an event`)
  t.match(log, /"code":"FST_KEYHOLE_PROVIDER_UNAVAILABLE"/, `${name}: an error`)
  t.match(log, /cannot be asked|is neither yes nor no|is no JSON/, `${name}: and what is wrong`)
  for (const secret of [...Object.values(SECRETS), OWN_HEADER, 'secret of the server']) {
    t.notOk(log.includes(secret) || log.includes(encodeURIComponent(secret)) || response.payload.includes(secret), `${name}: ${secret} is nowhere`)
  }
  t.strictSame(server.elsewhere, [], `${name}: nobody else was asked`)
}

t.test('B55 B56 each fault of the external system → 503 with Retry-After, a clear log, nothing leaked', async t => {
  const setting = await setUp(t, { breaker: false })
  for (const [name, fault] of Object.entries(FAULTS)) {
    setting.server.meet(fault)
    await isHonest(t, setting, name)
  }
  setting.server.meet(HOLDS)
  t.equal((await setting.ask()).statusCode, 200, 'and it heals by itself')
})

t.test('B55 an answer that does not come, or byte by byte → given up in the time that was set', async t => {
  const setting = await setUp(t, { breaker: false, timeout: 2 })
  for (const [name, fault] of Object.entries(ENDLESS_FAULTS)) {
    setting.server.meet(fault)
    if (name === 'one byte a second of a refusal') isRefusal(t, await setting.ask(), 401, 'invalid_client', 'a no is one by its status')
    else await isHonest(t, setting, name)
    // What was dripping would have become a yes in the end.
    await setting.server.closed()
  }
})

t.test('B55 a body of 50 MB, also a hundred at once → neither taken nor kept', async t => {
  const setting = await setUp(t, { breaker: false, connections: 100 })
  for (const name of ['a body of 50 MB', 'a body of 50 MB in chunks', 'a gzip bomb']) {
    setting.server.meet(FAULTS[name]!)
    const before = process.memoryUsage().rss
    const responses = await Promise.all(Array.from({ length: 100 }, setting.ask))
    t.ok(responses.every(({ statusCode }) => statusCode === 503), name)
    t.ok(process.memoryUsage().rss - before < 1000 * MEGABYTE, `${name}: 5 GB were offered`)
    await setting.server.closed()
  }
  t.ok(setting.server.written() < 2000 * MEGABYTE, 'what was not taken was not sent')
})

t.test('the connection breaks before an answer → asked once more; broken within an answer, or with retries: 0 → not', async t => {
  const { server, ask } = await setUp(t, { breaker: false })
  let met = 0
  const onceThen = (fault: Fault): Fault => (socket, elsewhere) => { (met++ === 0 ? fault : HOLDS)(socket, elsewhere) }
  server.meet(onceThen(FAULTS['the connection is reset']!))
  t.equal((await ask()).statusCode, 200)
  t.equal(server.requests.length, 2)
  t.equal(server.requests[0], server.requests[1], 'the same question')

  met = 0
  server.meet(onceThen(FAULTS['500']!))
  t.equal((await ask()).statusCode, 503, 'an answer is an answer')

  const without = await setUp(t, { breaker: false, retries: 0 })
  met = 0
  without.server.meet(onceThen(FAULTS['the connection is reset']!))
  t.equal((await without.ask()).statusCode, 503)
  t.equal(without.server.requests.length, 1)
})

t.test('the connection breaks before an answer to an assertion → not asked again: it may have been used', async t => {
  const server = await serveFaults(t)
  server.meet(FAULTS['the connection is reset']!)
  const provider = restCredentialProvider({ url: server.url, checksAssertions: true })
  const credentials = { clientId: 'crm', clientSecret: undefined, apiKey: undefined, clientAssertion: 'a.b.c' }
  await t.rejects(provider.verify(credentials, { issuer: 'https://auth.example.com', signal: new AbortController().signal }), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' })
  t.equal(server.requests.length, 1)
})
