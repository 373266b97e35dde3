import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { generateCustomers } from '../example-app/customers/generate.js'
import { compare, shortened, table } from './comparison.js'
import { contestants, type Setting } from './contestants.js'
import { issue } from './issuer.js'
import { runRound, type Round } from './round.js'
import { shuffled } from './statistics.js'
import { WORKLOADS } from './workloads.js'

/** Measures guarded routes against the same routes without any security. */

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    /** Only workloads whose name holds this. */
    workload: { type: 'string', default: '' },
    /** Only laps during which nobody else keeps the machine busy. */
    quiet: { type: 'boolean', default: false },
    /** Another checkout in which the bench was compiled: its guard runs in the same rounds. */
    against: { type: 'string' },
    results: { type: 'string', default: 'bench/results/http.json' }
  }
})

const others = options.against === undefined ? [] : contestants(resolve(options.against, 'dist/bench')).filter(({ guarded }) => guarded)
const all = [...contestants(), ...others.map(other => ({ ...other, name: `${other.name}, against` }))]
  .filter(({ workload }) => workload.includes(options.workload))

const rounds: Round[] = []
const setting: Setting = { customers: await generateCustomers(1000), issued: await issue() }
for (let number = 1; number <= Number(options.rounds); number++) {
  for (const workload of shuffled(WORKLOADS)) {
    const contestants = all.filter(each => each.workload === workload)
    if (contestants.length > 0) rounds.push(await runRound(contestants, setting, options.quiet))
  }
  console.error(`round ${number} of ${options.rounds}\n${table(compare(all, rounds))}\n`)
}

const results = compare(all, rounds)
console.log(table(results))
await mkdir(dirname(options.results), { recursive: true })
await writeFile(options.results, JSON.stringify({ node: process.version, results }, shortened, 2) + '\n')
