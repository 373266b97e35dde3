import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { constants } from 'node:http2'
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
  stream.fail('x')
  stream.cut()
  await stream.room()
  t.strictSame(calls, [])
})

/** A response whose connection takes nothing, and which is not told of its own end, as one that waits for its turn. */
function untaken (more = {}) {
  const calls: string[] = []
  const response = Object.assign(new EventEmitter(), { destroyed: false, headersSent: false, destroy () { calls.push('destroy') }, ...more })
  const stream = new GatedStream(response as unknown as ServerResponse, {
    sendHead: () => { response.headersSent = true; return true },
    run: (method, [text]) => { calls.push(`${method} ${String(text)}`); return false },
    failed: () => { calls.push('failed') }
  })
  return { stream, calls }
}

t.test('cut while what was written is not taken → destroyed at once, and whoever waits for room goes on', async t => {
  const { stream, calls } = untaken()
  stream.write('x')
  const room = stream.room()
  stream.cut()
  await room
  t.equal(stream.closed, true)
  stream.write('y')
  stream.fail('z')
  stream.end('z')
  t.strictSame(calls, ['write x', 'destroy'])
})

t.test('cut over HTTP/2 → reset, which is not lost by destroying the stream when it is aborted', t => {
  const resets: unknown[] = []
  const stream = Object.assign(new EventEmitter(), {
    close (code: number) {
      stream.emit('aborted')
      resets.push(code)
    },
    destroy () { resets.push('destroyed') }
  })
  const { stream: gated, calls } = untaken({ stream })
  gated.write('x')
  gated.cut()
  t.equal(gated.closed, true)
  t.strictSame(resets, [constants.NGHTTP2_INTERNAL_ERROR])
  t.strictSame(calls, ['write x'])
  t.end()
})

t.test('cut while what stands before a failure is not taken → destroyed at once', t => {
  const { stream, calls } = untaken()
  stream.write('x')
  stream.fail('y')
  t.strictSame(calls, ['write x', 'write y'])
  stream.cut()
  t.strictSame(calls, ['write x', 'write y', 'destroy'])
  t.end()
})

t.test('cut or failed before anything was sent → a failure', t => {
  for (const how of [(stream: GatedStream) => { stream.cut() }, (stream: GatedStream) => { stream.fail('x') }]) {
    const { stream, calls } = untaken()
    how(stream)
    t.strictSame(calls, ['failed'])
  }
  t.end()
})
