import { mkdir, writeFile } from 'node:fs/promises'
import { Session, type Profiler } from 'node:inspector/promises'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { generateCustomers } from '../example-app/customers/generate.js'
import { shortened } from './comparison.js'
import { issue } from './issuer.js'
import { requestParts } from './parts/request.js'
import { tokenRequestParts } from './parts/token-requests.js'
import { prepareIssuance } from './token-requests.js'

/** Tells where a guarded request, or one for a token, spends its time beyond the bare route's, function by function, in this process and without sockets. */

const { values: options } = parseArgs({
  options: {
    request: { type: 'string', default: 'one record, admin' },
    requests: { type: 'string', default: '200000' },
    results: { type: 'string', default: 'bench/results/profile.json' }
  }
})

/** Microseconds between two samples. */
const INTERVAL = 50

/** Functions whose time differs by less, in nanoseconds a request, are left out. */
const LEAST = 10

const requests = Number(options.requests)
const parts: Record<string, () => unknown> = options.request.startsWith('token')
  ? await tokenRequestParts(await prepareIssuance())
  : await requestParts(await issue(), await generateCustomers(1000))
const guarded = parts[`request: ${options.request}`]
const bare = parts[`request: ${options.request.split(',')[0]}, bare`]
if (guarded === undefined || bare === undefined) throw new Error(`--request is one of ${Object.keys(parts).map(name => name.replace('request: ', '')).join('; ')}`)

const times = await profiled(guarded)
const baseTimes = await profiled(bare)
const rows = [...new Set([...times.keys(), ...baseTimes.keys()])]
  .map(name => ({ function: name, guarded: times.get(name) ?? 0, bare: baseTimes.get(name) ?? 0 }))
  .map(row => ({ ...row, more: row.guarded - row.bare }))
  .filter(({ more }) => Math.abs(more) >= LEAST)
  .sort((some, other) => Math.abs(other.more) - Math.abs(some.more))
const total = { guarded: sum(times), bare: sum(baseTimes) }

console.log(`${options.request}: ${(total.guarded / 1000).toFixed(2)} µs a request, bare ${(total.bare / 1000).toFixed(2)} µs\n`)
console.log('| function | ns more than bare | ns |\n| --- | --- | --- |')
for (const row of rows.slice(0, 30)) console.log(`| ${row.function} | ${row.more.toFixed(0)} | ${row.guarded.toFixed(0)} |`)
await mkdir(dirname(options.results), { recursive: true })
await writeFile(options.results, JSON.stringify({ node: process.version, request: options.request, nanoseconds: { total, functions: rows } }, shortened, 2) + '\n')

/** Nanoseconds a request that each function takes itself. */
async function profiled (ask: () => unknown): Promise<Map<string, number>> {
  for (let request = 0; request < requests / 4; request++) await ask()
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.setSamplingInterval', { interval: INTERVAL })
  await session.post('Profiler.start')
  for (let request = 0; request < requests; request++) await ask()
  const { profile } = await session.post('Profiler.stop')
  session.disconnect()
  return selfTimes(profile)
}

function selfTimes ({ nodes, samples = [], timeDeltas = [] }: Profiler.Profile): Map<string, number> {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const times = new Map<string, number>()
  samples.forEach((id, index) => {
    const name = names.get(id)!
    times.set(name, (times.get(name) ?? 0) + 1000 * timeDeltas[index]! / requests)
  })
  return times
}

function nameOf ({ functionName, url }: Profiler.Profile['nodes'][number]['callFrame']): string {
  const file = url.startsWith('file:') ? fileURLToPath(url) : url
  return `${functionName || '(anonymous)'} ${file.startsWith('/') ? relative('.', file) : file}`.trim()
}

function sum (times: ReadonlyMap<string, number>): number {
  return [...times.values()].reduce((all, time) => all + time, 0)
}
