import t, { type Test } from 'tap'
import type { ProviderEvent } from '../../lib/credentials/provider-event.js'
import type { CredentialProvider } from '../../lib/credentials/provider.js'
import { form, FORM, tokenApp, type Parameters } from './token-endpoint-app.js'
import type { TokenEndpointOptions } from '../../plugins/token-endpoint.js'

async function setUp (t: Test, options: Partial<TokenEndpointOptions> = {}, level = 'debug') {
  const lines: string[] = []
  const events: ProviderEvent[] = []
  const setting = await tokenApp(t, {
    options: { onProvider: event => { events.push(event) }, ...options },
    server: { logger: { level, stream: { write: (line: string) => { lines.push(line) } } } }
  })
  const logged = () => lines.map(line => JSON.parse(line)).filter(line => 'credentialProvider' in line)
  return { ...setting, events, lines, logged }
}

t.test('each question at each endpoint → an event to onProvider and the log, without a secret', async t => {
  const { app, manager, request, post, events, lines, logged } = await setUp(t)
  const good = request(manager)
  const at = async (url: string, parameters: Parameters) => await app.inject({ method: 'POST', url, headers: { 'content-type': FORM }, payload: form(parameters) })
  const token = (await post(good)).json().access_token
  await post({ ...good, client_secret: 'wrong' })
  await at('/oauth2/introspect', { ...good, token })
  await at('/oauth2/revoke', { ...good, token })
  const outcomes = ['verified', 'refused', 'verified', 'verified']
  t.strictSame(events.map(({ provider, outcome }) => [provider, outcome]), outcomes.map(outcome => ['store', outcome]))
  t.ok(events.every(event => Object.isFrozen(event) && event.milliseconds >= 0))
  t.match(logged(), outcomes.map(outcome => ({ level: 20, msg: `credential provider store: ${outcome}`, credentialProvider: { provider: 'store', outcome } })))
  for (const secret of [manager.clientSecret, manager.apiKey, token]) t.notOk(lines.join('').includes(secret))
})

t.test('it cannot tell → a warning', async t => {
  const { store, manager, request, post, events, logged } = await setUp(t, {}, 'warn')
  t.equal((await post(request(manager))).statusCode, 200)
  t.strictSame(logged(), [], 'nothing else is one')
  await store.close()
  t.equal((await post(request(manager))).statusCode, 503)
  t.equal(events.at(-1)!.outcome, 'unavailable')
  t.match(logged(), [{ level: 40, msg: 'credential provider store: unavailable' }])
})

t.test('a provider that tells nothing itself → the endpoint tells', async t => {
  const answers: (() => unknown)[] = [
    () => ({ clientId: 'crm', roles: ['manager'] }), () => null, () => ({ clientId: 'other', roles: [] }), () => 'yes', () => { throw new Error('down') }
  ]
  const credentialProvider = { verify: async () => answers.shift()!() } as CredentialProvider
  const { manager, request, post, events } = await setUp(t, { credentialProvider })
  for (const status of [200, 401, 503, 503, 503]) t.equal((await post(request(manager))).statusCode, status)
  t.strictSame(events.map(({ provider, outcome }) => [provider, outcome]),
    ['verified', 'refused', 'unavailable', 'unavailable', 'unavailable'].map(outcome => ['credentialProvider', outcome]))
})

t.test('onProvider throws or rejects → logged, and the client gets its token', async t => {
  for (const onProvider of [() => { throw new Error('no metrics') }, async () => { throw new Error('no metrics') }]) {
    const { manager, request, post, lines } = await setUp(t, { onProvider })
    t.equal((await post(request(manager))).statusCode, 200)
    const failed = lines.map(line => JSON.parse(line)).filter(({ level }) => level === 50)
    t.match(failed, [{ msg: 'onProvider failed', cause: { message: 'no metrics' } }])
  }
})

t.test('nobody listens → the endpoint works', async t => {
  const { manager, request, post } = await tokenApp(t)
  t.equal((await post(request(manager))).statusCode, 200)
})

t.test('onProvider that is no function → stops the boot', async t => {
  await t.rejects(tokenApp(t, { options: { onProvider: {} as () => void } }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: 'onProvider: write a function that takes an event.' })
})
