import { connect, type Http2ServerResponse } from 'node:http2'
import { PassThrough } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import type { FastifyReply } from 'fastify'
import t, { type Test } from 'tap'
import { liveMembers, tables, withoutBytes } from '../docs/no-way-around.js'
import { rawRequest, requestBytes } from '../plugins/raw-request.js'
import { bearer, Customer, guardedApp, JANE, SECRET, tokenOf } from '../plugins/resource-guard-app.js'

/** Members that docs/release.md says put no bytes on the wire: each is called with a withheld value, or set to it, before the answer is sent. */

const nothing = () => {}

/** What some members have to be called with so that they do something. */
const ARGUMENTS: Record<string, () => unknown[]> = {
  then: () => [nothing, nothing],
  setTimeout: () => [1_000_000, nothing],
  setMaxListeners: () => [5],
  emit: () => [SECRET, SECRET],
  pipe: () => [new PassThrough()],
  destroy: () => [new Error(SECRET)],
  removeAllListeners: () => ['drain'],
  ...Object.fromEntries(['addListener', 'off', 'on', 'once', 'prependListener', 'prependOnceListener', 'removeListener'].map(name => [name, () => ['finish', () => SECRET]]))
}

/** Setting these would break the application, not the answer. */
const READ_ONLY = ['constructor', 'log', 'routeOptions']

function use (target: object, name: string): void {
  try {
    const member: unknown = Reflect.get(target, name)
    if (READ_ONLY.includes(name) || name.startsWith('_')) return
    if (typeof member === 'function') Reflect.apply(member, target, ARGUMENTS[name]?.() ?? [SECRET, SECRET, nothing])
    else Reflect.set(target, name, SECRET)
  } catch {
    // One that refuses has put nothing on the wire either.
  }
}

/** Everything that a client gets of an answer before which this was done. */
async function seen (t: Test, act: (reply: FastifyReply) => void, http2: boolean): Promise<string> {
  const { app, log } = await guardedApp(t, api => {
    api.get('/', { schema: { response: { 200: Customer } } }, async (request, reply) => {
      const { socket } = request.raw
      reply.log.info({ about: 'the members' })
      act(reply)
      reply.send(JANE)
      for (let turn = 0; turn < 50 && !reply.raw.writableFinished; turn++) await setImmediate()
      // Some leave the answer without its end.
      if (http2) (reply.raw as unknown as Http2ServerResponse).stream?.end()
      else socket.end()
      return reply.hijack()
    })
  }, { server: { http2 } as object })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const raw = http2 ? await overHttp2((app.server.address() as { port: number }).port) : await rawRequest(app, requestBytes('GET /', bearer(tokenOf('profile'))))
  t.notMatch(log.lines().filter(({ blocked }) => blocked !== undefined).map(line => JSON.stringify(line)).join(), SECRET)
  return raw
}

async function overHttp2 (port: number): Promise<string> {
  const session = connect(`http://127.0.0.1:${port}`)
  const stream = session.request({ ':path': '/', ...bearer(tokenOf('profile')) })
  const heard: string[] = []
  for (const event of ['response', 'headers', 'trailers', 'push']) stream.on(event, headers => { heard.push(JSON.stringify(headers)) })
  stream.on('data', chunk => { heard.push(String(chunk)) }).on('error', nothing)
  await new Promise(resolve => { stream.once('close', resolve) })
  session.destroy()
  return heard.join('\n')
}

async function tried (t: Test, members: readonly string[], targetOf: (reply: FastifyReply) => object, http2 = false): Promise<void> {
  t.ok(members.length > 10)
  for (const name of members) {
    const raw = await seen(t, reply => use(targetOf(reply), name), http2)
    t.notMatch(raw, SECRET, name)
    t.notMatch(raw, JANE.address.city, name)
  }
}

const { reply, raw } = await tables()
const live = await liveMembers()

t.test('members of a reply → no bytes', async t => {
  await tried(t, withoutBytes(reply), reply => reply)
})

t.test('members of a response of HTTP/1.1 → no bytes', async t => {
  await tried(t, withoutBytes(raw).filter(name => live.http1.has(name)), ({ raw }) => raw)
})

t.test('members of a response of HTTP/2 → no bytes', async t => {
  await tried(t, withoutBytes(raw).filter(name => live.http2.has(name)), ({ raw }) => raw, true)
})
