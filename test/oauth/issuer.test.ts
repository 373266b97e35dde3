import t from 'tap'
import { checkedIssuer, metadataPath } from '../../lib/oauth/issuer.js'

t.test('C102 a good issuer → as it is', async t => {
  for (const issuer of ['https://auth.example.com', 'https://auth.example.com:8443', 'https://example.com/tenant/a', 'http://localhost:3000', 'http://127.0.0.1', 'http://127.3.2.1', 'http://[::1]:3000']) {
    t.equal(checkedIssuer(issuer), issuer)
  }
})

t.test('C102 query, fragment, user, slash at the end, other spelling, http → refused, saying what to write', async t => {
  const cures: Record<string, string> = {
    'https://auth.example.com/': "'https://auth.example.com'",
    'https://auth.example.com/a/': "'https://auth.example.com/a'",
    'https://auth.example.com?x': "'https://auth.example.com'",
    'https://auth.example.com/a?': "'https://auth.example.com/a'",
    'https://auth.example.com/#x': "'https://auth.example.com'",
    'https://u:hunter2@auth.example.com': "'https://auth.example.com'",
    'HTTPS://Auth.example.com': "'https://auth.example.com'",
    'https://auth.example.com:443': "'https://auth.example.com'",
    'https://auth.example.com/a/../b': "'https://auth.example.com/b'",
    ' https://auth.example.com': "'https://auth.example.com'",
    'http://auth.example.com': 'https',
    'http://localhost.example.com': 'https',
    'http://127.0.0.1.example.com': 'https',
    'ftp://auth.example.com': 'https://',
    'auth.example.com': 'https://',
    '': 'https://'
  }
  for (const [issuer, cure] of Object.entries(cures)) {
    try {
      checkedIssuer(issuer)
      t.fail(issuer)
    } catch (error) {
      t.match(error, { code: 'FST_KEYHOLE_OPTION_INVALID' }, issuer)
      t.match((error as Error).message, new RegExp(`^issuer: .*${cure.replaceAll('.', '\\.')}`), issuer)
      t.notMatch((error as Error).message, 'hunter2')
    }
  }
  for (const issuer of [undefined, null, 1, {}, new URL('https://auth.example.com')]) t.throws(() => checkedIssuer(issuer), { code: 'FST_KEYHOLE_OPTION_INVALID' })
})

t.test('where the metadata stands: between host and path (RFC 8414 3.1)', async t => {
  t.equal(metadataPath('https://example.com'), '/.well-known/oauth-authorization-server')
  t.equal(metadataPath('https://example.com/tenant/a'), '/.well-known/oauth-authorization-server/tenant/a')
})
