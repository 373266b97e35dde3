import { mock } from 'node:test'
import t, { type Test } from 'tap'
import type { Attempts } from '../../lib/oauth/attempts.js'
import type { CredentialProvider, Principal } from '../../lib/credentials/provider.js'
import { createClientAuthentication, presentedCredentials, type CredentialHeaders } from '../../lib/oauth/client-authentication.js'
import { OAuthError } from '../../lib/oauth/errors.js'
import type { TokenRequest } from '../../lib/oauth/token-request.js'
import { segment } from '../credentials/asserting.js'

const UNLIMITED: Attempts = { counting: (_clientId, look) => look() }

const present = (parameters: Partial<TokenRequest>, headers: Partial<CredentialHeaders> = {}) =>
  presentedCredentials({ grant_type: 'client_credentials', ...parameters } as TokenRequest, { authorization: undefined, apiKey: undefined, ...headers })

const asserted = (assertion: string) => ({ client_assertion: assertion, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer' })

const authorization = 'Basic ' + Buffer.from('crm:secret').toString('base64')

function refused (t: Test, ask: () => unknown, code: string, challenge: boolean, name: string): void {
  try {
    ask()
    t.fail(name)
  } catch (error) {
    t.match(error, { name: 'OAuthError', code }, name)
    t.equal('www-authenticate' in (error as OAuthError).headers, challenge, name)
  }
}

t.test('one method → its credentials', async t => {
  t.same(present({ client_id: 'crm', client_secret: 's', api_key: 'k' }), { credentials: { clientId: 'crm', clientSecret: 's', apiKey: 'k' }, byHeader: false })
  t.same(present({ client_id: 'crm' }, { apiKey: 'k' }), { credentials: { clientId: 'crm', clientSecret: undefined, apiKey: 'k' }, byHeader: false })
  t.same(present({}, { authorization }), { credentials: { clientId: 'crm', clientSecret: 'secret', apiKey: undefined }, byHeader: true })
})

t.test('B37, B38 two methods → invalid_request, right or wrong', async t => {
  refused(t, () => present({ client_secret: 'secret' }, { authorization }), 'invalid_request', false, 'Basic and client_secret')
  refused(t, () => present({ client_id: 'other', client_secret: 'x' }, { authorization }), 'invalid_request', false, 'of another client')
  refused(t, () => present({ ...asserted('x') }, { authorization }), 'invalid_request', false, 'Basic and client_assertion')
  refused(t, () => present({ client_id: 'crm', client_secret: 's', ...asserted('x') }), 'invalid_request', false, 'client_secret and client_assertion')
  refused(t, () => present({ client_secret: 'secret' }, { authorization: 'Bearer x' }), 'invalid_request', false, 'another scheme and client_secret')
})

t.test('B39 Basic and client_id → accepted when equal, else invalid_request', async t => {
  t.equal(present({ client_id: 'crm' }, { authorization }).credentials.clientId, 'crm')
  refused(t, () => present({ client_id: 'CRM' }, { authorization }), 'invalid_request', false, 'different')
})

t.test('B42, B53 nothing to authenticate with → invalid_client', async t => {
  refused(t, () => present({}), 'invalid_client', false, 'nothing')
  refused(t, () => present({ client_secret: 's' }), 'invalid_client', false, 'secret alone')
  refused(t, () => present({ api_key: 'k' }), 'invalid_client', false, 'API key alone')
})

t.test('C42 an assertion without its type, with another one, or a type alone → invalid_request', async t => {
  const { client_assertion: assertion, client_assertion_type: type } = asserted(`${segment({})}.${segment({ sub: 'crm' })}.x`)
  for (const parameters of [{ client_assertion: assertion }, { client_assertion_type: type }, { client_assertion: assertion, client_assertion_type: type + ' ' },
    { client_assertion: assertion, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:saml2-bearer' }]) {
    refused(t, () => present({ client_id: 'crm', ...parameters }), 'invalid_request', false, JSON.stringify(parameters))
  }
})

t.test('C43, C46 whom an assertion is about → client_id, else its sub; neither: invalid_client', async t => {
  const about = (sub: unknown) => asserted(`${segment({ alg: 'ES256' })}.${segment({ sub })}.x`)
  const clientOf = (parameters: Partial<TokenRequest>) => present(parameters).credentials
  t.same(clientOf(about('crm')), { clientId: 'crm', clientSecret: undefined, apiKey: undefined, clientAssertion: about('crm').client_assertion })
  t.equal(clientOf({ ...about('other'), client_id: 'crm' }).clientId, 'crm', 'the provider compares them')
  for (const assertion of [about(undefined), about(''), about(1), about(null), asserted('x'), asserted('a.b'), asserted(`${segment(null)}.${segment([])}.x`), asserted(`x.${segment('x')}.x`)]) {
    refused(t, () => present(assertion), 'invalid_client', false, assertion.client_assertion)
  }
})

t.test('an assertion and a provider that looks at none → invalid_client, and it is not asked', async t => {
  const credentialProvider = { verify: async () => t.fail('asked') as never }
  const authenticate = createClientAuthentication({ credentialProvider, issuer: 'https://auth.example.com' })
  await t.rejects(authenticate({ parameters: { client_id: 'crm', ...asserted('x.y.z') }, headers: { authorization: undefined, apiKey: undefined }, abort: new AbortController(), attempts: UNLIMITED, report: () => {} }), { code: 'invalid_client', headers: {} })
})

t.test('B34, B43 an Authorization header that is no Basic credentials → invalid_client with a Basic challenge', async t => {
  for (const header of ['', 'Basic', 'Bearer x', 'Basic !']) refused(t, () => present({}, { authorization: header }), 'invalid_client', true, header)
})

t.test('the API key in body and header → invalid_request, unless one is empty', async t => {
  refused(t, () => present({ client_id: 'crm', api_key: 'k' }, { apiKey: 'k' }), 'invalid_request', false, 'both')
  t.equal(present({ client_id: 'crm', api_key: 'k' }, { apiKey: '' }).credentials.apiKey, 'k')
  t.equal(present({ client_id: 'crm' }, { apiKey: '' }).credentials.apiKey, undefined)
})

const ask = (verify: CredentialProvider['verify'], byHeader = false, abort = new AbortController()) =>
  createClientAuthentication({ credentialProvider: { verify }, issuer: 'https://auth.example.com' })({
    parameters: byHeader ? {} : { client_id: 'crm', client_secret: 'TOPSECRET' },
    headers: { authorization: byHeader ? 'Basic ' + Buffer.from('crm:TOPSECRET').toString('base64') : undefined, apiKey: 'APIKEY' },
    abort,
    attempts: UNLIMITED,
    report: () => {}
  })

t.test('a principal of this client → it', async t => {
  const principal: Principal = { clientId: 'crm', roles: ['manager'], grants: ['x'], claims: { name: 'CRM' }, tokenLifetime: 60 }
  t.same(await ask(async () => principal), principal)
  await ask(async (credentials, context) => {
    t.same(credentials, { clientId: 'crm', clientSecret: 'TOPSECRET', apiKey: 'APIKEY' })
    t.equal(context.signal.aborted, false)
    t.equal(context.issuer, 'https://auth.example.com')
    return principal
  })
})

t.test('B43, B44 null → invalid_client, with the challenge of the method used', async t => {
  await t.rejects(ask(async () => null), { code: 'invalid_client', statusCode: 401, headers: {} })
  const error = await ask(async () => null, true).catch(error => error)
  t.match(error.headers['www-authenticate'], /^Basic realm="[^"]+"/)
})

t.test('B55, B56 no answer, or one that is no principal of this client → temporarily_unavailable', async t => {
  const answers: unknown[] = [undefined, true, '<html>', {}, [], { clientId: 'crm' }, { clientId: 'crm', roles: 'admin' }, { clientId: 'crm', roles: [1] },
    { clientId: 'other', roles: [] }, { clientId: 'crm', roles: [], grants: 'all' }, { clientId: 'crm', roles: [], claims: ['x'] },
    ...[0, -1, NaN, 1.5, '60', Infinity].map(tokenLifetime => ({ clientId: 'crm', roles: [], tokenLifetime }))]
  for (const answer of answers) {
    await t.rejects(ask(async () => answer as Principal), { code: 'temporarily_unavailable', statusCode: 503, headers: { 'retry-after': '5' } }, JSON.stringify(answer))
  }
  await t.rejects(ask(() => { throw new Error('at once') }), { code: 'temporarily_unavailable' })
})

t.test('B55 no answer within 10 seconds → temporarily_unavailable, the provider\'s signal is aborted, and a late failure harms nobody', async t => {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  let fail = (_error: Error) => {}
  let given: AbortSignal | undefined
  const answer = ask((_credentials, { signal }) => {
    given = signal
    return new Promise((_resolve, reject) => { fail = reject })
  })
  let settled = false
  const settling = () => { settled = true }
  answer.then(settling, settling)
  await new Promise(resolve => setImmediate(resolve))
  mock.timers.tick(9_999)
  await new Promise(resolve => setImmediate(resolve))
  t.equal(settled, false)
  mock.timers.tick(1)
  await t.rejects(answer, { code: 'temporarily_unavailable', statusCode: 503, headers: { 'retry-after': '5' }, cause: { message: 'no answer within 10 seconds' } })
  t.equal(given?.aborted, true)
  fail(new Error('too late'))
})

t.test('B55 the client goes away → the provider\'s signal is aborted, and nothing is waited for', async t => {
  const client = new AbortController()
  let given: AbortSignal | undefined
  const answer = ask((_credentials, { signal }) => {
    given = signal
    return new Promise(() => {})
  }, false, client)
  await new Promise(resolve => setImmediate(resolve))
  client.abort(new Error('gone'))
  await t.rejects(answer, { code: 'temporarily_unavailable', cause: { message: 'gone' } })
  t.equal(given?.aborted, true)
})

t.test('B66 what the provider threw → in the cause, without the secrets and without other members', async t => {
  const thrown = Object.assign(new Error('GET /?s=TOPSECRET failed', { cause: new Error('key APIKEY') }), { code: 'E_TOPSECRET', config: { password: 'TOPSECRET' } })
  const { cause, body } = await ask(async () => { throw thrown }).catch(error => error) as OAuthError
  t.match(cause, { type: 'Error', code: 'E_[secret]', message: 'GET /?s=[secret] failed', cause: { message: 'key [secret]' } })
  t.notMatch(JSON.stringify([cause, body]), /TOPSECRET|APIKEY/)
})
