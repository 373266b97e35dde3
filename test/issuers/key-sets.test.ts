import t from 'tap'
import { createKeySets } from '../../lib/issuers/key-sets.js'
import { keyPair } from '../access-token/forge.js'
import { jwksOf, logOf, serve } from './issuer-server.js'

const [a, b] = [keyPair('a'), keyPair('b')]
const SECOND = 1000

/** A server with a key set, and a clock that stands. */
async function setUp (t: Parameters<typeof serve>[0]) {
  const server = await serve(t, { '/jwks': jwksOf(a) })
  const clock = { now: 0 }
  const keySets = createKeySets(() => clock.now)
  const { log, said } = logOf()
  const url = `${server.url}/jwks`
  return { server, clock, keySets, log, said, url, find: async (kid: string | undefined, alg: unknown = 'ES256') => (await keySets.find(url, { kid, alg }, log))?.kid }
}

t.test('the first to look → reads the set, once for all who look at that time', async t => {
  const { server, find } = await setUp(t)
  t.strictSame(server.asked, [])
  t.strictSame(await Promise.all(Array.from({ length: 100 }, () => find('a'))), Array(100).fill('a'))
  t.equal(await find(undefined), 'a', 'the only one')
  t.equal(server.asked.length, 1)
})

t.test('C45 an unknown kid → the set is read again, once in ten seconds however many ask', async t => {
  const { server, clock, find } = await setUp(t)
  await find('a')
  for (let asked = 0; asked < 50; asked++) t.equal(await find(`x${asked}`), undefined)
  t.equal(server.asked.length, 1, 'it was read just now')
  clock.now = 9.9 * SECOND
  server.answers['/jwks'] = jwksOf(a, b)
  t.equal(await find('b'), undefined)
  clock.now = 10 * SECOND
  t.strictSame(await Promise.all(Array.from({ length: 50 }, () => find('b'))), Array(50).fill('b'))
  t.equal(server.asked.length, 2)
})

t.test('old → read before it is used: a key that was taken away holds no longer', async t => {
  const { server, clock, find } = await setUp(t)
  t.equal(await find('a'), 'a')
  server.answers['/jwks'] = jwksOf(b)
  clock.now = 299 * SECOND
  t.equal(await find('a'), 'a')
  clock.now = 300 * SECOND
  t.equal(await find('a'), undefined)
  t.equal(await find('b'), 'b')
  t.equal(server.asked.length, 2)
})

t.test('max-age → says when it is old', async t => {
  const { server, clock, find } = await setUp(t)
  server.answers['/jwks'] = (_request, response) => { response.setHeader('cache-control', 'max-age=60').end(JSON.stringify(jwksOf(a))) }
  await find('a')
  clock.now = 59 * SECOND
  await find('a')
  t.equal(server.asked.length, 1)
  clock.now = 60 * SECOND
  await find('a')
  t.equal(server.asked.length, 2)
})

t.test('out of reach → the keys that are known stay for a day, said in the log; an unknown one cannot be told', async t => {
  const { server, clock, find, said } = await setUp(t)
  await find('a')
  server.answers['/jwks'] = (_request, response) => { response.writeHead(503).end() }
  clock.now = 300 * SECOND
  t.equal(await find('a'), 'a')
  t.match(said, [{ level: 'error', details: { issuer: /\/jwks$/, reason: /status 503/ } }])
  await t.rejects(find('b'), { message: /status 503/ })
  t.equal(server.asked.length, 2, 'no more often than that')
  clock.now = 24 * 3600 * SECOND
  await t.rejects(find('a'), { message: /status 503/ }, 'a day is over')
  server.answers['/jwks'] = jwksOf(a)
  clock.now += 60 * SECOND
  t.equal(await find('a'), 'a')
})

t.test('C45 never read → whoever looks is told that it cannot be; redirects, 10 MB, no JSON, no keys', async t => {
  const other = await serve(t, { '/jwks': jwksOf(a) })
  const answers: [RegExp, (typeof other.answers)[string]][] = [
    [/status 302; redirects are not followed/, (_request, response) => { response.writeHead(302, { location: `${other.url}/jwks` }).end() }],
    [/more than 512 KiB/, (_request, response) => { response.end(Buffer.alloc(10_000_000, ' ')) }],
    [/what is no JSON/, (_request, response) => { response.end('<html>secret of the inside</html>') }],
    [/no JWK Set/, { keys: 'x' }],
    [/no key that can be used/, { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] }],
    [/status 404/, (_request, response) => { response.writeHead(404).end() }]
  ]
  for (const [message, answer] of answers) {
    const { server, find } = await setUp(t)
    server.answers['/jwks'] = answer
    await t.rejects(find('a'), { message }, String(message))
    await t.rejects(find('a'), { message })
    t.equal(server.asked.length, 1)
  }
  t.strictSame(other.asked, [])
})

t.test('several sets → each for itself; without a log nothing is said', async t => {
  const { server, keySets, url } = await setUp(t)
  server.answers['/other'] = jwksOf(b)
  t.equal((await keySets.find(`${server.url}/other`, { kid: 'b', alg: 'ES256' }))?.kid, 'b')
  t.equal(await keySets.find(`${server.url}/other`, { kid: 'a', alg: 'ES256' }), undefined)
  t.equal((await keySets.find(url, { kid: 'a', alg: 'ES256' }))?.kid, 'a')
  await t.rejects(keySets.find(`${server.url}/none`, { kid: 'a', alg: 'ES256' }))
})
