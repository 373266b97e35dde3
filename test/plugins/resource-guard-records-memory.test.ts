import { fork } from 'node:child_process'
import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Listening, Usage } from './streaming-server.js'

const MEGABYTES_20 = 20 * 1024 * 1024

/** Once in each record. */
const NAME = '"id":'

// A million records take their time.
t.setTimeout(300_000)

for (const accept of ['application/x-ndjson', 'application/json']) {
  t.test(`a million records to a slow reader, ${accept} → the heap stays within 20 MB, and the source is read no faster than the client`, async t => {
    const child = fork(fileURLToPath(new URL('streaming-server.ts', import.meta.url)), {
      execArgv: ['--expose-gc', '--conditions=keyhole-source', '--import', 'tsx'],
      env: { ...process.env, NODE_OPTIONS: '', _TAPJS_PROCESSINFO_COVERAGE_: '0' }
    })
    t.teardown(() => { child.disconnect() })
    const [{ port, headers }] = await once(child, 'message') as [Listening]
    const usage = async () => {
      child.send('usage')
      const [message] = await once(child, 'message') as [Usage]
      return message
    }
    const ask = async (path: string) => {
      const [response] = await once(get({ port, host: '127.0.0.1', path, headers: { ...headers, accept }, agent: false }), 'response') as [IncomingMessage]
      return response
    }
    // Loads and compiles what the first answer needs.
    await once((await ask('/few')).resume(), 'end')
    const { now: start } = await usage()

    const response = await ask('/')
    let stalled = await usage()
    for (let before = -1; before < stalled.made; stalled = await usage()) {
      before = stalled.made
      await setTimeout(200)
    }
    t.ok(stalled.made < 500_000, `nobody reads: ${stalled.made} records were made`)
    t.ok(stalled.now < start + MEGABYTES_20, `${stalled.now - start} bytes more`)

    let bytes = 0
    let records = 0
    let last = ''
    let carried = ''
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      if (Math.floor(bytes / 1e6) !== Math.floor((bytes + chunk.length) / 1e6)) await setTimeout(5)
      bytes += chunk.length
      records += (carried + chunk).split(NAME).length - 1
      carried = (carried + chunk).slice(1 - NAME.length)
      last = (last + chunk).slice(-100)
    }
    t.equal(records, 1_000_000)
    t.match(last, '{"id":"c999999","name":"Jane 999999","age":41}')
    t.ok(bytes > 40e6)
    const { now, most } = await usage()
    t.ok(most < start + MEGABYTES_20, `${most - start} bytes more at most`)
    t.ok(now < start + MEGABYTES_20, `${now - start} bytes more at the end`)
  })
}
