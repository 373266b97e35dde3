import t from 'tap'
import { sendApiKeyToTokenEndpoint } from '../../example-app/send-api-key.js'
import { runApp } from './running-app.js'

const { app, port } = await runApp(t)
const origin = `http://127.0.0.1:${port}`

t.test('the OpenAPI document → every route, and how to get a token', async t => {
  const document = await (await fetch(`${origin}/docs/json`)).json() as any
  t.equal(document.openapi, '3.1.0')
  t.strictSame(Object.keys(document.paths).sort(), ['/.well-known/oauth-authorization-server', '/customers', '/customers/{id}', '/health', '/oauth2/introspect', '/oauth2/jwks', '/oauth2/revoke', '/oauth2/token'])
  t.strictSame(Object.keys(document.paths['/customers/{id}']).sort(), ['get', 'patch'])
  const { apiKey, oauth2 } = document.components.securitySchemes
  t.match(apiKey, { type: 'apiKey', in: 'header', name: 'X-API-Key' })
  t.strictSame(oauth2.flows.clientCredentials, {
    tokenUrl: '/oauth2/token',
    scopes: {
      contact: 'reads contact_claims',
      profile: 'reads profile_claims',
      address: 'reads address_claims',
      banking: 'reads banking_claims',
      support: 'reads support_claims',
      'profile:write': 'writes profile_claims',
      'address:write': 'writes address_claims',
      'banking:write': 'writes banking_claims'
    }
  })
  t.strictSame(document.paths['/customers/{id}'].get.security, [{ oauth2: [] }])
  t.notMatch(JSON.stringify(document), /kh[sk]_/, 'no credentials in it')
})

t.test('the pages under /docs → served, with what sends the API key along', async t => {
  const page = await fetch(`${origin}/docs`)
  t.equal(page.status, 200)
  t.match(await page.text(), 'swagger-ui')
  const script = await (await fetch(`${origin}/docs/static/swagger-initializer.js`)).text()
  t.match(script, /"requestInterceptor":\s*function sendApiKeyToTokenEndpoint/)
})

t.test('the API key that was entered → goes to the token endpoint alone', async t => {
  const sent = (url: string) => sendApiKeyToTokenEndpoint({ url, headers: {} })['headers']
  t.strictSame(sent('/docs/json'), {}, 'before there is a ui')
  t.teardown(() => { Reflect.deleteProperty(globalThis, 'ui') })
  const entered = (key?: string) => Reflect.set(globalThis, 'ui', { authSelectors: { authorized: () => ({ getIn: () => key }) } })
  entered('the key')
  t.strictSame(sent(`${origin}/oauth2/token`), { 'X-API-Key': 'the key' })
  t.strictSame(sent(`${origin}/customers`), {})
  entered(undefined)
  t.strictSame(sent(`${origin}/oauth2/token`), {})
})

t.test('/health → 200 without a token', async t => {
  const response = await app.inject('/health')
  t.equal(response.statusCode, 200)
  t.strictSame(response.json(), { status: 'up' })
})
