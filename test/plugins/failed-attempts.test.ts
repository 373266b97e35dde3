import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { Agent, request as undiciRequest } from 'undici'
import type { TokenEndpointEvent } from '../../lib/audit/event.js'
import type { CredentialProvider } from '../../lib/credentials/provider.js'
import type { ProviderEvent } from '../../lib/credentials/provider-event.js'
import { form, isRefusal, tokenApp, without, type Parameters, type TokenApp } from './token-endpoint-app.js'

const A = '192.0.2.1'
const B = '198.51.100.7'

/** How this address asks. */
function from ({ app }: TokenApp, remoteAddress: string, headers: Record<string, string> = {}) {
  return (parameters: Parameters, url = '/oauth2/token') => app.inject({
    method: 'POST', url, remoteAddress, headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers }, payload: form(parameters)
  })
}

t.test('B48 1,000 failures from A → A gets 429 with Retry-After, the same client from B gets its token; another client at A does too', async t => {
  const used = await tokenApp(t)
  const { manager, editor, request } = used
  const wrong = { ...request(manager), client_secret: editor.clientSecret }
  const [a, b] = [from(used, A), from(used, B)]
  const statuses = new Map<number, number>()
  for (let count = 0; count < 1000; count++) {
    const { statusCode } = await a(wrong)
    statuses.set(statusCode, (statuses.get(statusCode) ?? 0) + 1)
  }
  t.strictSame([...statuses], [[401, 10], [429, 990]])
  const refused = await a(request(manager))
  isRefusal(t, refused, 429, 'slow_down')
  const wait = Number(refused.headers['retry-after'])
  t.ok(wait >= 1 && wait <= 60)
  t.equal((await b(request(manager))).statusCode, 200)
  t.equal((await a(request(editor))).statusCode, 200)
})

t.test('B48 500 guesses at once, at a provider that takes its time → fewer than twice as many are looked at; 100 right ones at once → each gets its token', async t => {
  let [asked, underWay, most] = [0, 0, 0]
  const credentialProvider: CredentialProvider = {
    async verify ({ clientId, clientSecret }) {
      asked++
      most = Math.max(most, ++underWay)
      await sleep(20)
      underWay--
      return clientSecret === 'right' ? { clientId, roles: ['manager'] } : null
    }
  }
  const used = await tokenApp(t, { options: { credentialProvider } })
  const [a, b] = [from(used, A), from(used, B)]
  const ask = { grant_type: 'client_credentials', client_id: 'crm' }
  const guesses = await Promise.all(Array.from({ length: 500 }, async (_, count) => (await a({ ...ask, client_secret: `guess-${count}` })).statusCode))
  t.ok(asked >= 10 && asked < 20, `${asked} were looked at`)
  t.equal(most, 10)
  t.equal(guesses.filter(status => status === 401).length, asked)
  t.equal(guesses.filter(status => status === 429).length, 500 - asked)
  const right = await Promise.all(Array.from({ length: 100 }, async () => (await b({ ...ask, client_secret: 'right' })).statusCode))
  t.strictSame(right, Array(100).fill(200))
})

t.test('B49 300 guesses at once with as many client ids → a hundred at a time are looked at', async t => {
  let [underWay, most] = [0, 0]
  const credentialProvider: CredentialProvider = {
    async verify () {
      most = Math.max(most, ++underWay)
      await sleep(50)
      underWay--
      return null
    }
  }
  const used = await tokenApp(t, { options: { credentialProvider } })
  const a = from(used, A)
  const statuses = await Promise.all(Array.from({ length: 300 }, async (_, count) => (await a({ grant_type: 'client_credentials', client_id: `guess-${count}`, client_secret: 'x' })).statusCode))
  t.equal(most, 100)
  t.equal(statuses.filter(status => status === 401).length, 100)
})

t.test('an address as long as one likes, which a proxy passes on → counted all the same', async t => {
  const used = await tokenApp(t, { server: { trustProxy: true }, options: { limits: { failures: { max: 1 } } } })
  const { manager, request } = used
  const far = from(used, A, { 'x-forwarded-for': 'x'.repeat(5000) })
  t.equal((await far({ ...request(manager), client_secret: 'x' })).statusCode, 401)
  t.equal((await far(request(manager))).statusCode, 429)
  t.equal((await from(used, A, { 'x-forwarded-for': 'x'.repeat(5001) })(request(manager))).statusCode, 200)
})

t.test('over a Unix socket, where there is no address → answered, and counted as one', { skip: process.platform === 'win32' && 'has none' }, async t => {
  const used = await tokenApp(t, { options: { limits: { failures: { max: 1 } } } })
  const { app, manager, request } = used
  // Not in the test's own folder: the path of a socket is 100 bytes long at most.
  const folder = await mkdtemp(join(tmpdir(), 'keyhole-socket-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const socketPath = join(folder, 's')
  await app.listen({ path: socketPath })
  const agent = new Agent({ connect: { socketPath } })
  t.teardown(() => agent.close())
  const ask = async (parameters: Parameters) =>
    (await undiciRequest('http://localhost/oauth2/token', { method: 'POST', dispatcher: agent, headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form(parameters) })).statusCode
  t.strictSame([await ask(request(manager)), await ask({ ...request(manager), client_secret: 'x' }), await ask(request(manager))], [200, 401, 429])
})

t.test('B48 who waits for a turn and goes away → is not asked about, and the next one is', async t => {
  const asked: (string | undefined)[] = []
  const answers: (() => void)[] = []
  const credentialProvider: CredentialProvider = {
    async verify ({ clientId, clientSecret }) {
      asked.push(clientSecret)
      await new Promise<void>(resolve => { answers.push(resolve) })
      return { clientId, roles: ['manager'] }
    }
  }
  const events: ProviderEvent[] = []
  const { app } = await tokenApp(t, {
    options: { credentialProvider, onProvider: event => { events.push(event) }, limits: { failures: { max: 1 } } },
    before: app => { app.addHook('onRequest', async (_request, { raw }) => { raw.on('close', () => { closed++ }) }); app.addHook('preHandler', async () => { come++ }) }
  })
  let [come, closed] = [0, 0]
  const origin = await app.listen()
  const ask = (secret: string, signal: AbortSignal | null = null) =>
    fetch(`${origin}/oauth2/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: 'crm', client_secret: secret }), signal })
  const until = async (holds: () => boolean) => { while (!holds()) await sleep(5) }
  const [first, gone] = [ask('first'), new AbortController()]
  await until(() => asked.length === 1)
  const leaving = ask('gone', gone.signal)
  await until(() => come === 2)
  gone.abort()
  await t.rejects(leaving, { name: 'AbortError' })
  await until(() => closed === 1)
  const next = ask('next')
  await until(() => come === 3)
  t.strictSame(asked, ['first'])
  answers[0]!()
  t.equal((await first).status, 200)
  await until(() => answers.length === 2)
  answers[1]!()
  t.equal((await next).status, 200)
  t.strictSame(asked, ['first', 'next'])
  t.equal(events.length, 2, 'no event of a question that was not asked')
})

t.test('B48 the window ends → the client may try again, however often it was refused in between', async t => {
  const used = await tokenApp(t, { options: { limits: { failures: { max: 1, window: 3 } } } })
  const { manager, request } = used
  const a = from(used, A)
  t.equal((await a(without(request(manager), 'api_key'))).statusCode, 401)
  const { statusCode, headers } = await a(request(manager))
  t.equal(statusCode, 429)
  t.match(headers['retry-after'], /^[123]$/)
  let status = 429
  while (status === 429) {
    await sleep(50)
    status = (await a(request(manager))).statusCode
  }
  t.equal(status, 200)
})

t.test('only failures count → as many good requests as one likes; a malformed one is not one either', async t => {
  const used = await tokenApp(t, { options: { limits: { failures: { max: 1 } } } })
  const a = from(used, A)
  for (let count = 0; count < 30; count++) {
    t.equal((await a(used.request(used.manager))).statusCode, 200)
    t.equal((await a({ ...used.request(used.manager), scope: 'nothing' })).statusCode, 400)
    t.equal((await a({ grant_type: 'client_credentials' })).statusCode, 401)
  }
})

t.test('B49 rotating client ids → the address is told to slow down after ten times as many; a right client at it is not', async t => {
  const used = await tokenApp(t, { options: { limits: { failures: { max: 2 } } } })
  const { manager, request } = used
  const a = from(used, A)
  const statuses: number[] = []
  for (let count = 0; count < 25; count++) statuses.push((await a({ ...request(manager), client_id: `guess-${count}` })).statusCode)
  t.strictSame(statuses, [...Array(20).fill(401), ...Array(5).fill(429)])
  t.equal((await a(request(manager))).statusCode, 200)
  t.equal((await from(used, B)({ ...request(manager), client_id: 'guess' })).statusCode, 401)
})

t.test('B49 X-Forwarded-For → nothing without trustProxy, the address with it', async t => {
  for (const [trustProxy, status] of [[false, 429], [true, 200]] as const) {
    const used = await tokenApp(t, { server: { trustProxy }, options: { limits: { failures: { max: 1 } } } })
    const { manager, request } = used
    await from(used, A, { 'x-forwarded-for': B })({ ...request(manager), client_secret: 'x' })
    t.equal((await from(used, A, { 'x-forwarded-for': '203.0.113.9', 'x-real-ip': '203.0.113.9', forwarded: 'for=203.0.113.9' })(request(manager))).statusCode, status)
  }
})

t.test('IPv6 → counted by /64; an IPv4 address within IPv6 → as that address', async t => {
  const used = await tokenApp(t, { options: { limits: { failures: { max: 1 } } } })
  const { manager, request } = used
  const fail = { ...request(manager), client_secret: 'x' }
  await from(used, '2001:db8:1:2::1')(fail)
  t.equal((await from(used, '2001:db8:1:2:ffff:1:2:3')(request(manager))).statusCode, 429)
  t.equal((await from(used, '2001:db8:1:3::1')(request(manager))).statusCode, 200)
  await from(used, `::ffff:${A}`)(fail)
  t.equal((await from(used, A)(request(manager))).statusCode, 429)
})

t.test('client ids that hold whatever one likes → counted each for itself', async t => {
  const used = await tokenApp(t, { options: { limits: { failures: { max: 1 } } } })
  const a = from(used, A)
  const long = 'x'.repeat(10_000)
  for (const id of [' ', `crm ${A}`, '__proto__', 'a\nb', long, `${long}y`, 'crm\u0000']) {
    t.equal((await a({ ...used.request(used.manager), client_id: id })).statusCode, 401)
    t.equal((await a({ ...used.request(used.manager), client_id: id })).statusCode, 429)
  }
  t.equal((await a(used.request(used.manager))).statusCode, 200)
})

t.test('B55 a provider that cannot tell → 503, and no failure', async t => {
  const used = await tokenApp(t, { options: { limits: { failures: { max: 1 } }, credentialProvider: { verify: async () => { throw new Error('away') } } } })
  for (let count = 0; count < 3; count++) t.equal((await from(used, A)(used.request(used.manager))).statusCode, 503)
})

t.test('C91 introspection and revocation → counted alike, together; with right credentials random tokens are never limited', async t => {
  const events: TokenEndpointEvent[] = []
  const used = await tokenApp(t, { options: { limits: { failures: { max: 2 } }, audit: { log: false, hook: event => { events.push(event) } } } })
  const { manager, editor, request } = used
  const a = from(used, A)
  const about = (parameters: Parameters, token = 'x') => ({ ...without(parameters, 'grant_type'), token })
  const wrong = { ...request(manager), client_secret: editor.clientSecret }
  isRefusal(t, await a(about(wrong), '/oauth2/introspect'), 401, 'invalid_client')
  isRefusal(t, await a(about(wrong), '/oauth2/revoke'), 401, 'invalid_client')
  for (const url of ['/oauth2/introspect', '/oauth2/revoke', '/oauth2/token']) isRefusal(t, await a({ ...request(manager), token: 'x' }, url), 429, 'slow_down', url)
  t.strictSame(events.map(({ type, outcome }) => [type, outcome]), [
    ['token introspection', 'refused'], ['token revocation', 'refused'], ['token introspection', 'rate_limited'], ['token revocation', 'rate_limited'], ['token request', 'rate_limited']
  ])
  for (let count = 0; count < 1000; count++) {
    const { statusCode, body } = await a(about(request(editor), `eyJ.${count}.x`), '/oauth2/introspect')
    if (statusCode !== 200 || body !== '{"active":false}') t.fail(`${statusCode}: ${body}`)
  }
})

t.test('limits: false → nothing is counted; wrong limits and keys → the boot stops', async t => {
  const used = await tokenApp(t, { options: { limits: false } })
  const wrong = { ...used.request(used.manager), client_secret: 'x' }
  for (let count = 0; count < 150; count++) if ((await from(used, A)(wrong)).statusCode !== 401) t.fail('it was limited')
  await t.rejects(tokenApp(t, { options: { limits: { failures: { max: 0 } } } }), { message: /^limits\.failures\.max: / })
  await t.rejects(tokenApp(t, { options: { keys: { announce: 0 } } }), { message: /^keys\.announce: / })
})
