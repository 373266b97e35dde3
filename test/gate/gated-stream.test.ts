import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import t from 'tap'
import { GatedStream } from '../../lib/gate/gated-stream.js'

/** What a response is to a stream whose client is gone. */
function gone (): ServerResponse {
  return Object.assign(new EventEmitter(), { destroyed: true, headersSent: false }) as unknown as ServerResponse
}

t.test('the client is gone already → nothing is written, and nobody waits', async t => {
  const calls: string[] = []
  const stream = new GatedStream(gone(), {
    sendHead: () => { calls.push('head'); return true },
    run: method => { calls.push(method) },
    failed: () => { calls.push('failed') }
  })
  t.equal(stream.closed, true)
  stream.write('x')
  stream.end('x')
  await stream.room()
  t.strictSame(calls, [])
})
