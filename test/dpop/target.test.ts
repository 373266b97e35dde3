import t from 'tap'
import { normalizedTarget, requestUrl } from '../../lib/dpop/target.js'

t.test('C56 one URL in several spellings → the same', async t => {
  for (const url of ['HTTPS://API.example:443/x', 'https://api.example/x?a=b', 'https://api.example/x#f', 'https://api.example/x?', 'https://api.example/./y/../x', 'https://api.example/%78']) {
    t.equal(normalizedTarget(url), 'https://api.example/x', url)
  }
  t.equal(normalizedTarget('https://api.example'), 'https://api.example/')
  t.equal(normalizedTarget('https://api.example/%7Ea'), normalizedTarget('https://api.example/~a'))
  t.equal(normalizedTarget('https://api.example/%2fa'), 'https://api.example/%2Fa', 'an escaped slash stays one')
  t.equal(normalizedTarget('https://api.example/%253F'), 'https://api.example/%253F', 'nothing is taken back twice')
})

t.test('C56 another scheme, host, port, path or case → another', async t => {
  for (const url of ['http://api.example/x', 'https://api.example:8443/x', 'https://evil.example/x', 'https://api.example/x/', 'https://api.example/X', 'https://api.example//x', 'https://api.example/x%2F']) {
    t.not(normalizedTarget(url), 'https://api.example/x', url)
  }
})

t.test('what is no http URL, or hides one → none', async t => {
  for (const url of ['', '/x', '//api.example/x', 'https:api.example/x', 'https:///x', 'https:\\\\api.example\\x', 'https://api.example\\x', 'https://a@api.example/x', 'ftp://api.example/x',
    'https://api.example/ü', 'https://api.example/a b', 'https://api.example:99999/', ' https://api.example/x', 'https://api.example/x\n', 'javascript:1', '*']) {
    t.equal(normalizedTarget(url), undefined, url)
  }
})

t.test('a request target of whatever form → the configured host, whatever it names', async t => {
  const base = 'https://api.example'
  for (const target of ['/x', '/x?a=b', 'http://evil.example/x', 'HTTPS://evil.example:99/x?a', 'https://a@evil.example/x']) t.equal(requestUrl(base, target), 'https://api.example/x', target)
  t.equal(requestUrl(base, '//evil.example/x'), 'https://api.example//evil.example/x')
  t.equal(requestUrl(base, '/@evil.example/x'), 'https://api.example/@evil.example/x')
  for (const target of ['*', '.evil.example/x', '@evil.example/x', ':99/x']) t.not(requestUrl(base, target), 'https://api.example/x', target)
  t.equal(requestUrl('https://example.com/api', '/x'), 'https://example.com/api/x')
})
