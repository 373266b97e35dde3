import t from 'tap'
import { fetchJson } from '../../lib/issuers/fetch-json.js'
import { serve } from './issuer-server.js'

const server = await serve(t)
const patient = () => AbortSignal.timeout(60_000)

async function answering (answer: (typeof server.answers)[string]): Promise<ReturnType<typeof fetchJson>> {
  server.answers['/a'] = answer
  return await fetchJson(`${server.url}/a`, patient())
}

t.test('JSON → its value, and how long it holds', async t => {
  t.strictSame(await answering({ keys: [] }), { value: { keys: [] }, maxAge: undefined })
  for (const [header, maxAge] of [['public, max-age=300', 300], ['MAX-AGE=5', 5], ['max-age=x', undefined], ['s-max-age=7', undefined], ['x-max-age=7', undefined], ['no-store', undefined], ['max-age=99999999999', undefined]] as const) {
    t.equal((await answering((_, response) => { response.setHeader('cache-control', header).end('{}') })).maxAge, maxAge, header)
  }
})

t.test('C45 C105 a redirect → not followed, wherever it leads', async t => {
  server.answers['/secret'] = { secret: true }
  for (const location of ['/secret', `${server.url}/secret`, 'http://169.254.169.254/latest/meta-data/', 'https://evil.example/', 'file:///etc/passwd']) {
    await t.rejects(answering((_, response) => { response.writeHead(302, { location }).end() }), { message: /status 302; redirects are not followed$/ }, location)
  }
  t.notOk(server.asked.includes('/secret'))
})

t.test('E7 another status → an error that says so; from 400 to 499 nothing is there', async t => {
  for (const status of [201, 204, 304, 500, 503]) await t.rejects(answering((_, response) => { response.writeHead(status).end() }), { name: 'Error', message: new RegExp(`status ${status}`) })
  for (const status of [400, 404, 410]) await t.rejects(answering((_, response) => { response.writeHead(status).end('{"secret":1}') }), { name: 'NotThereError', message: new RegExp(`status ${status}$`) })
})

t.test('E7 HTML, a truncated or empty body → an error that quotes nothing', async t => {
  for (const body of ['<html>secret</html>', '{"keys":[{"secret"', '']) {
    const error = await answering((_, response) => { response.end(body) }).catch(error => error)
    t.match(error.message, /what is no JSON$/)
    t.equal(error.cause, undefined)
  }
  await t.rejects(answering((_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('{"keys":[')
    response.destroy()
  }))
})

t.test('E7 C45 a body without end, plain or as a bomb → given up after 512 KiB', async t => {
  let written = 0
  await t.rejects(answering((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write(' '.repeat(65_536))) written += 65_536
    }
    response.on('drain', more).on('error', () => {})
    more()
  }), { message: /more than 512 KiB$/ })
  t.ok(written < 50 * 1024 * 1024)
  const { gzipSync } = await import('node:zlib')
  const bomb = gzipSync(Buffer.alloc(50 * 1024 * 1024, ' '))
  await t.rejects(answering((_, response) => { response.setHeader('content-encoding', 'gzip').end(bomb) }), { message: /more than 512 KiB$/ })
})

t.test('E7 C45 no answer, or a body that comes byte by byte → ended by the signal', async t => {
  for (const answer of [() => {}, (_: unknown, response: import('node:http').ServerResponse) => { response.writeHead(200).write('{') }]) {
    server.answers['/a'] = answer
    await t.rejects(fetchJson(`${server.url}/a`, AbortSignal.timeout(50)), { name: 'TimeoutError' })
  }
})

t.test('nobody there → an error', async t => {
  await t.rejects(fetchJson('http://127.0.0.1:1/', patient()), { name: 'TypeError' })
})
