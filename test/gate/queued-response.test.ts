import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import { createConnection, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { closeWithConnection } from '../../lib/gate/queued-response.js'

/** The responses to requests that come at once, and the client that has sent them. */
async function pipelined (t: Test, count: number): Promise<{ readonly client: Socket, readonly connection: Socket, readonly responses: ServerResponse[] }> {
  const responses: ServerResponse[] = []
  const server = createServer()
  t.teardown(() => { server.close() })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const client = createConnection((server.address() as AddressInfo).port, '127.0.0.1')
  client.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n'.repeat(count))
  const come = new Promise<void>(resolve => {
    server.on('request', (_request, response) => { if (responses.push(response) === count) resolve() })
  })
  await come
  t.teardown(() => client.destroy())
  return { client: client.resume(), connection: responses[0]!.req.socket, responses }
}

/** How often each has said that it was closed. */
function closings (responses: readonly ServerResponse[]): number[] {
  const times = responses.map(() => 0)
  responses.forEach((response, index) => response.on('close', () => { times[index]!++ }))
  return times
}

/** The client goes away, and may have left something unread: that is an error. */
async function leave (client: Socket, connection: Socket): Promise<void> {
  const gone = new Promise(resolve => { connection.once('close', resolve) })
  client.destroy()
  await gone
}

t.test('the connection goes → those that wait are closed as the first is, once each, by one listener for all', async t => {
  const { client, connection, responses } = await pipelined(t, 20)
  const before = connection.listenerCount('close')
  responses.forEach(closeWithConnection)
  t.equal(connection.listenerCount('close'), before + 1)
  const times = closings(responses)
  await leave(client, connection)
  t.strictSame(times, responses.map(() => 1))
  t.ok(responses.every(({ destroyed }) => destroyed))
})

t.test('answered, or being so, before the connection goes → closed once', async t => {
  const { client, connection, responses: [first, second, third] } = await pipelined(t, 3)
  for (const response of [first!, second!, third!]) closeWithConnection(response)
  const times = closings([first!, second!, third!])
  second!.end('2')
  first!.end('1')
  await once(second!, 'close')
  t.equal(third!.socket, connection, 'it is its turn')
  t.strictSame(times, [1, 1, 0])
  await leave(client, connection)
  t.strictSame(times, [1, 1, 1])
})

t.test('the connection is gone already → destroyed at once', async t => {
  const { client, connection, responses: [, second] } = await pipelined(t, 2)
  await leave(client, connection)
  t.notOk(second!.destroyed)
  closeWithConnection(second!)
  t.ok(second!.destroyed)
  closeWithConnection(second!)
})
