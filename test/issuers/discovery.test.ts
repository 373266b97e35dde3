import t from 'tap'
import { discoverJwksUri, metadataUrls } from '../../lib/issuers/discovery.js'
import { NotThereError, type FetchedJson } from '../../lib/issuers/fetch-json.js'

const ISSUER = 'https://login.example.com/tenant'

function asking (first: unknown, second?: unknown) {
  const asked: string[] = []
  const fetch = async (url: string): Promise<FetchedJson> => {
    asked.push(url)
    const answer = asked.length === 1 ? first : second
    if (answer instanceof Error) throw answer
    return { value: answer, maxAge: undefined }
  }
  return { asked, fetch }
}

t.test('where metadata stands → behind the path, or before it; a slash at the end of the issuer is not doubled', async t => {
  t.strictSame(metadataUrls('https://a.example.com'), ['https://a.example.com/.well-known/openid-configuration', 'https://a.example.com/.well-known/oauth-authorization-server'])
  t.strictSame(metadataUrls('https://a.example.com/'), metadataUrls('https://a.example.com'))
  t.strictSame(metadataUrls('https://a.example.com/b/c'), ['https://a.example.com/b/c/.well-known/openid-configuration', 'https://a.example.com/.well-known/oauth-authorization-server/b/c'])
})

t.test('metadata of this issuer → where its keys are', async t => {
  const { asked, fetch } = asking({ issuer: ISSUER, jwks_uri: 'https://login.example.com/keys' })
  t.equal(await discoverJwksUri({ issuer: ISSUER }, fetch), 'https://login.example.com/keys')
  t.strictSame(asked, [metadataUrls(ISSUER)[0]])
})

t.test('nothing at the first place → the second is asked; at any other failure it is not', async t => {
  const { asked, fetch } = asking(new NotThereError('404'), { issuer: ISSUER, jwks_uri: 'https://login.example.com/keys' })
  t.equal(await discoverJwksUri({ issuer: ISSUER }, fetch), 'https://login.example.com/keys')
  t.strictSame(asked, metadataUrls(ISSUER))
  const down = new Error('503')
  const other = asking(down, {})
  await t.rejects(discoverJwksUri({ issuer: ISSUER }, other.fetch), down)
  t.equal(other.asked.length, 1)
})

t.test('C105 metadata of another issuer → refused, though there is a second place', async t => {
  for (const named of [ISSUER + '/', 'https://evil.example', undefined, null, [ISSUER], { secret: 'x'.repeat(1000) }]) {
    const { asked, fetch } = asking({ issuer: named, jwks_uri: 'https://login.example.com/keys' }, { issuer: ISSUER, jwks_uri: 'https://login.example.com/keys' })
    const error = await discoverJwksUri({ issuer: ISSUER }, fetch).catch(error => error)
    t.match(error, { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^issuer: the metadata of 'https:\/\/login\.example\.com\/tenant' says that its issuer is / })
    t.ok(error.message.length < 500)
    t.equal(asked.length, 1)
  }
  for (const value of [null, 'x', 1, []]) await t.rejects(discoverJwksUri({ issuer: ISSUER }, asking(value).fetch), { code: 'FST_KEYHOLE_OPTION_INVALID' })
})

t.test('C105 jwks_uri without https, with a user, or none → refused', async t => {
  for (const uri of ['http://login.example.com/keys', 'ftp://login.example.com/keys', 'file:///etc/passwd', 'https://u:p@login.example.com/keys', '/keys', '', undefined, null, 1]) {
    await t.rejects(discoverJwksUri({ issuer: ISSUER }, asking({ issuer: ISSUER, jwks_uri: uri }).fetch), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /has no https URL as its jwks_uri/ }, String(uri))
  }
})

t.test('C45 C105 jwks_uri at another origin, this machine or a private address → refused, unless the option names it', async t => {
  for (const origin of ['https://keys.example.com', 'https://login.example.com:8443', 'http://127.0.0.1:9200', 'http://localhost', 'https://10.0.0.1', 'https://169.254.169.254']) {
    const metadata = { issuer: ISSUER, jwks_uri: `${origin}/keys` }
    await t.rejects(discoverJwksUri({ issuer: ISSUER }, asking(metadata).fetch), { code: 'FST_KEYHOLE_OPTION_INVALID', message: `jwksOrigin: the key set of '${ISSUER}' is at another origin; if that is meant to be, write jwksOrigin: '${origin}'.` })
    t.equal(await discoverJwksUri({ issuer: ISSUER, jwksOrigin: origin }, asking(metadata).fetch), `${origin}/keys`)
    await t.rejects(discoverJwksUri({ issuer: ISSUER, jwksOrigin: 'https://other.example.com' }, asking(metadata).fetch), { code: 'FST_KEYHOLE_OPTION_INVALID' })
  }
})
