import { once } from 'node:events'
import { connect, type ClientHttp2Session, type IncomingHttpHeaders } from 'node:http2'
import t, { type Test } from 'tap'
import { answersIn, rawRequest, requestBytes } from '../plugins/raw-request.js'
import { bearer, Customer, guardedApp, JANE, SECRET, tokenOf, type GuardedApp } from '../plugins/resource-guard-app.js'
import { ATTEMPTS, jane, OF_PROFILE, type Attempt, type Outcome } from './guard-bypass-attempts.js'

/**
 * Each attempt over a socket, by a token that reads `profile_claims` alone, and then a good request on the same
 * connection; by HTTP/1.1 as bytes, and by HTTP/2.
 */

interface Answer { readonly status: number, readonly head: string, readonly body: string }

async function attempted (t: Test, { handler = jane, options = {}, context, before }: Attempt, server = {}): Promise<GuardedApp> {
  const guarded = await guardedApp(t, async api => {
    await context?.(api)
    api.get('/', { schema: { response: { 200: Customer } }, ...options }, handler as never)
    api.get('/good', { schema: { response: { 200: Customer } } }, jane)
  }, { server, ...(before !== undefined && { before }) })
  await guarded.app.listen({ port: 0, host: '127.0.0.1' })
  return guarded
}

function judge (t: Test, { log }: GuardedApp, outcome: Exclude<Outcome, 'open' | 'cut'>, { status, head, body }: Answer): void {
  t.match(head, /cache-control: no-store/i)
  if (outcome === 'released' || outcome === 'empty') {
    t.equal(status, 200)
    t.equal(body, outcome === 'empty' ? '' : OF_PROFILE)
    return
  }
  t.equal(status === 500, outcome === 'withheld', String(status))
  const { statusCode, code, error, message, ...more } = JSON.parse(body)
  t.equal(statusCode, status)
  t.strictSame(more, {})
  if (status >= 500) t.equal(message, error)
  if (status === 500) t.ok(log.lines().some(({ level }) => level === 50), 'there is a word of it in the log')
}

/** Hooks of a whole context answer every request alike. */
function isOfOneRoute ({ context, before }: Attempt): boolean {
  return context === undefined && before === undefined
}

for (const [what, attempt] of Object.entries(ATTEMPTS)) {
  const { outcome } = attempt
  if (outcome === null) continue
  t.test(`${what} → ${outcome}`, async t => {
    const guarded = await attempted(t, attempt)
    const headers = bearer(tokenOf('profile'))
    const raw = await rawRequest(guarded.app, requestBytes('GET /', { ...headers, connection: 'keep-alive' }) + requestBytes('GET /good', headers))
    if (outcome === 'open') {
      t.match(raw, SECRET)
      return
    }
    t.notMatch(raw, SECRET)
    t.notMatch(raw, JANE.address.city)
    t.notMatch(guarded.log.lines().filter(({ blocked }) => blocked !== undefined).map(line => JSON.stringify(line)).join(), SECRET, 'the guard logs no value')
    if (outcome === 'cut') {
      t.notMatch(raw, /\r\n0\r\n\r\n/, 'its end never comes')
      return
    }
    const [first, second, ...others] = answersIn(raw)
    t.strictSame(others, [])
    judge(t, guarded, outcome, first!)
    if (isOfOneRoute(attempt)) t.match(second, { status: 200, body: OF_PROFILE }, 'the next request on this connection')
  })
}

for (const [what, attempt] of Object.entries(ATTEMPTS)) {
  const { outcome, http2 = outcome } = attempt
  if (http2 === null) continue
  t.test(`HTTP/2: ${what} → ${http2}`, async t => {
    const guarded = await attempted(t, attempt, { http2: true })
    const { port } = guarded.app.server.address() as { port: number }
    const session = connect(`http://127.0.0.1:${port}`)
    t.teardown(() => session.close())
    const first = await answerOf(session, '/')
    const seen = `${first.head}\n${first.body}`
    if (http2 === 'open') {
      t.match(seen, SECRET)
      return
    }
    t.notMatch(seen, SECRET)
    t.notMatch(seen, JANE.address.city)
    if (http2 !== 'cut') judge(t, guarded, http2, first)
    if (isOfOneRoute(attempt)) t.match(await answerOf(session, '/good'), { status: 200, body: OF_PROFILE }, 'the next request in this session')
  })
}

/** Everything that one stream brings: head, early hints, trailers, pushed heads, and the body. */
async function answerOf (session: ClientHttp2Session, path: string): Promise<Answer> {
  const stream = session.request({ ':path': path, ...bearer(tokenOf('profile')) })
  const heads: IncomingHttpHeaders[] = []
  const chunks: Buffer[] = []
  for (const event of ['response', 'headers', 'trailers', 'push']) stream.on(event, headers => { heads.push(headers) })
  stream.on('data', chunk => { chunks.push(chunk) })
  stream.on('error', () => {})
  await once(stream, 'close')
  const head = heads.map(headers => Object.entries(headers).map(([name, value]) => `${name}: ${String(value)}`).join('\n')).join('\n')
  return { status: Number(/^:status: (?!1)(\d+)/m.exec(head)?.[1]), head, body: Buffer.concat(chunks).toString() }
}
