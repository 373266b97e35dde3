import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { parseArgs } from 'node:util'
import { generateCustomers } from '../example-app/customers/generate.js'
import { shortened } from './comparison.js'
import { issue } from './issuer.js'
import { gateParts } from './parts/gate.js'
import { requestParts } from './parts/request.js'
import { serializerParts } from './parts/serializers.js'
import { tokenEndpointParts, tokenRequestParts } from './parts/token-requests.js'
import { tokenParts } from './parts/tokens.js'
import { shuffled, spread } from './statistics.js'
import { prepareIssuance } from './token-requests.js'

/** Measures the parts of a guarded request, and of one for a token, by themselves, in this process and without sockets. */

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '25' },
    results: { type: 'string', default: 'bench/results/parts.json' }
  }
})

/** Milliseconds that a part runs in each round. */
const SLICE = 20

const customers = await generateCustomers(1000)
const issued = await issue()
const issuance = await prepareIssuance()
const parts = { ...await tokenParts(issued), ...gateParts(), ...await requestParts(issued, customers), ...serializerParts(customers), ...await tokenRequestParts(issuance), ...await tokenEndpointParts(issuance) }

const timed = Object.entries(parts).map(([name, run]) => ({ name, run, times: [] as number[], calls: 0 }))
for (const part of timed) part.calls = await callsIn(part.run)
for (let round = 0; round < Number(options.rounds); round++) {
  for (const { run, times, calls } of shuffled(timed)) times.push(await nanoseconds(run, calls))
}

const results = timed.map(({ name, times }) => ({ part: name, nanoseconds: spread(times) }))
console.log('| part | µs | quartiles |\n| --- | --- | --- |')
for (const { part, nanoseconds: { median, lower, upper } } of results) {
  console.log(`| ${part} | ${microseconds(median)} | ${microseconds(lower)}–${microseconds(upper)} |`)
}
await mkdir(dirname(options.results), { recursive: true })
await writeFile(options.results, JSON.stringify({ node: process.version, rounds: Number(options.rounds), results }, shortened, 2) + '\n')

/** How many calls fill a slice, once the engine has compiled them. */
async function callsIn (run: () => unknown): Promise<number> {
  let calls = 1
  let each = 0
  while (each * calls < 5 * SLICE * 1e6) {
    calls *= 2
    each = await nanoseconds(run, calls)
  }
  return Math.ceil(SLICE * 1e6 / each)
}

/** Processor time of a call: what others do on the machine meanwhile does not count. */
async function nanoseconds (run: () => unknown, calls: number): Promise<number> {
  const before = process.cpuUsage()
  for (let call = 0; call < calls; call++) {
    const pending = run()
    if (pending instanceof Promise) await pending
  }
  const { user, system } = process.cpuUsage(before)
  return 1000 * (user + system) / calls
}

function microseconds (nanoseconds: number): string {
  return String(Number((nanoseconds / 1000).toPrecision(3)))
}
