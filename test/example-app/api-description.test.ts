import t from 'tap'
import { runApp } from './running-app.js'

const { app, port } = await runApp(t)
const origin = `http://127.0.0.1:${port}`

t.test('the OpenAPI document → every route, and how to get a token', async t => {
  const document = await (await fetch(`${origin}/docs/json`)).json() as any
  t.equal(document.openapi, '3.1.0')
  t.strictSame(Object.keys(document.paths).sort(), ['/.well-known/oauth-authorization-server', '/customers', '/customers/{id}', '/health', '/oauth2/jwks', '/oauth2/token'])
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
      'profile:write': 'writes profile_claims',
      'address:write': 'writes address_claims',
      'banking:write': 'writes banking_claims'
    }
  })
  t.strictSame(document.paths['/customers/{id}'].get.security, [{ oauth2: [] }])
  t.notMatch(JSON.stringify(document), /kh[sk]_/, 'no credentials in it')
})

t.test('the pages under /docs → served, and they send the API key along to the token endpoint alone', async t => {
  const page = await fetch(`${origin}/docs`)
  t.equal(page.status, 200)
  t.match(await page.text(), 'swagger-ui')

  const script = await (await fetch(`${origin}/docs/static/swagger-initializer.js`)).text()
  const [, source] = script.match(/const config = \{"requestInterceptor":(.+?)\}\n\s+const resConfig/s)!
  const ui = { authSelectors: { authorized: () => ({ getIn: (path: string[]) => path.join() === 'apiKey,value' ? 'the key' : undefined }) } }
  // eslint-disable-next-line no-new-func
  const intercept = (url: string) => new Function('ui', `return (${source})({ url: '${url}', headers: {} })`)(ui).headers
  t.strictSame(intercept(`${origin}/oauth2/token`), { 'X-API-Key': 'the key' })
  t.strictSame(intercept(`${origin}/customers`), {})
})

t.test('/health → 200 without a token', async t => {
  const response = await app.inject('/health')
  t.equal(response.statusCode, 200)
  t.strictSame(response.json(), { status: 'up' })
})
