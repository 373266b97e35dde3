import t from 'tap'
import { openIssuerKeys } from '../../lib/issuers/issuer-keys.js'
import { keyPair } from '../access-token/forge.js'
import { jwksOf, logOf, notFound, OAUTH, OIDC, serve, serveIssuer } from './issuer-server.js'

const a = keyPair('a')

t.test('keys by discovery, by URL, as they stand → found', async t => {
  const { log, said } = logOf()
  const discovered = await serveIssuer(t, a)
  const keyed = await serve(t, { '/keys': jwksOf(a) })
  const issuers = [{ issuer: discovered.url }, { issuer: 'https://b.example.com', jwks: `${keyed.url}/keys` }, { issuer: 'https://c.example.com', jwks: jwksOf(a) }]
  const keys = await openIssuerKeys(issuers, log)
  t.strictSame([...keys.keys()], issuers.map(({ issuer }) => issuer))
  for (const source of keys.values()) {
    t.ok(source.find('a'))
    source.close()
  }
  t.strictSame(discovered.asked, [OIDC, '/jwks'])
  t.strictSame(keyed.asked, ['/keys'])
  t.strictSame(said, [])
})

t.test('metadata as RFC 8414 alone has it → found', async t => {
  const server = await serveIssuer(t, a)
  server.answers[OAUTH] = server.answers[OIDC]!
  server.answers[OIDC] = notFound
  const keys = await openIssuerKeys([{ issuer: server.url }], logOf().log)
  t.ok(keys.get(server.url)?.find('a'))
  t.strictSame(server.asked, [OIDC, OAUTH, '/jwks'])
})

t.test('C105 keys at another origin → only where jwksOrigin names it', async t => {
  const elsewhere = await serve(t, { '/jwks': jwksOf(a) })
  const server = await serve(t)
  server.answers[OIDC] = { issuer: server.url, jwks_uri: `${elsewhere.url}/jwks` }
  await t.rejects(openIssuerKeys([{ issuer: server.url }], logOf().log), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^jwksOrigin: / })
  t.strictSame(elsewhere.asked, [])
  const keys = await openIssuerKeys([{ issuer: server.url, jwksOrigin: elsewhere.url }], logOf().log)
  t.ok(keys.get(server.url)?.find('a'))
})

t.test('one option of several is wrong → refused, and the keys of the others are read no more', async t => {
  const good = await serveIssuer(t, a)
  const bad = await serve(t, { [OIDC]: { issuer: 'https://evil.example', jwks_uri: 'https://evil.example/jwks' } })
  await t.rejects(openIssuerKeys([{ issuer: good.url }, { issuer: bad.url }], logOf().log), { code: 'FST_KEYHOLE_OPTION_INVALID' })
})

t.test('E7 an issuer that is down → told, and it does not hold up the others', async t => {
  const { log, said } = logOf()
  const keys = await openIssuerKeys([{ issuer: 'http://127.0.0.1:1' }, { issuer: 'https://c.example.com', jwks: jwksOf(a) }], log)
  t.ok(keys.get('https://c.example.com')?.find('a'))
  await t.rejects(keys.get('http://127.0.0.1:1')!.refresh())
  t.match(said, [{ level: 'error', details: { issuer: 'http://127.0.0.1:1' } }])
})
