import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import t, { type Test } from 'tap'
import { closeGate } from '../../lib/gate/gate.js'

const keeper = { blocked: () => undefined }

async function answerOf (t: Test, listener: RequestListener): Promise<{ status: number, body: string }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return { status: response.status, body: await response.text() }
}

for (const method of ['writeHead', 'writeHeader', 'write', 'end', 'addTrailers', 'writeEarlyHints', 'flushHeaders'] as const) {
  t.test(`${method} replaced before the gate closes → what is sealed leaves through it, nothing else does`, async t => {
    for (const { sent, answer } of [{ sent: 'sealed', answer: { status: 200, body: 'sealed' } }, { sent: 'secret', answer: { status: 500 } }]) {
      const calls: unknown[][] = []
      t.match(await answerOf(t, (request, response) => {
        // Node's types leave out writeHeader.
        const methods = response as unknown as Record<typeof method, (...args: unknown[]) => unknown>
        const original = methods[method]
        Object.assign(response, {
          [method] (...args: unknown[]) {
            calls.push(args)
            return original.apply(response, args)
          }
        })
        const replacement = methods[method]
        closeGate(response, keeper).seal('sealed')
        t.not(methods[method], replacement, 'it is shadowed as well')
        response.writeHead(200)
        response.write(sent)
        response.end()
      }), answer)
      t.notMatch(JSON.stringify(calls), 'secret')
      t.equal(calls.length > 0, ['writeHead', 'end'].includes(method) || (method === 'write' && sent === 'sealed'))
    }
  })
}

t.test('a response like all others → its methods are those of its prototype, before and after', async t => {
  const answer = await answerOf(t, (request, response) => {
    const prototype = Object.getPrototypeOf(response) as object
    const names = (value: object) => Reflect.ownKeys(value).map(String)
    const before = names(prototype)
    const gate = closeGate(response, keeper)
    t.same(names(prototype), before)
    t.notOk('setTrailer' in response, 'what HTTP/1 has not, the gate does not add')
    gate.seal('sealed')
    response.end('sealed')
  })
  t.same(answer, { status: 200, body: 'sealed' })
})
