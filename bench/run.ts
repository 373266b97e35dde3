import { execFile } from 'node:child_process'
import { mkdir, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { generateCustomers } from '../example-app/customers/generate.js'
import { bootRound, bootTable, compareBoots } from './boot.js'
import { compare, shortened, table } from './comparison.js'
import { isPeer, PEERS_FOLDER, type Setting } from './contestants.js'
import { issue } from './issuer.js'
import { runRound, type Round } from './round.js'
import { shuffled } from './statistics.js'
import { SUITES, type SuiteName } from './suites.js'
import { prepareIssuance } from './token-requests.js'
import { measureTypes } from './types.js'

/**
 * `npm run bench -- guard list …`: measures one suite after another, all of them when none is named; `types` is what
 * annotations cost the compiler.
 */

/** More tokens than any contestant remembers, so that none meets one that it knows. */
const FRESH = 20_000

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '9' },
    /** Of each contestant in a round. */
    laps: { type: 'string', default: '5' },
    /** Only groups whose name holds this. */
    group: { type: 'string', default: '' },
    /** Only laps during which nobody else keeps the machine busy. */
    quiet: { type: 'boolean', default: false },
    /** Another checkout in which the bench was compiled: its guard runs in the same rounds. */
    against: { type: 'string' },
    /** Folder. */
    results: { type: 'string', default: 'bench/results' }
  }
})

const rounds = Number(options.rounds)
const names = [...Object.keys(SUITES), 'types'] as (SuiteName | 'types')[]
const unknown = positionals.find(name => !names.includes(name as SuiteName))
if (unknown !== undefined) throw new Error(`There is no ${unknown} to measure; there are ${names.join(', ')}.`)

await mkdir(options.results, { recursive: true })
for (const name of positionals.length === 0 ? names : positionals as typeof names) {
  console.log(`\n## ${name}\n`)
  const results = name === 'types' ? await measureTypes(rounds) : await measured(name)
  await writeFile(join(options.results, `${name}.json`), JSON.stringify({ node: process.version, rounds, results }, shortened, 2) + '\n')
}

async function measured (name: SuiteName): Promise<unknown> {
  const { against } = options
  const own = SUITES[name](import.meta.dirname)
  const others = against === undefined ? [] : SUITES[name](resolve(against, 'dist/bench')).filter(({ program }) => program.startsWith('ours'))
  const all = [...own, ...others.map(other => ({ ...other, name: `${other.name}, against`, isBase: false }))].filter(({ group }) => group.includes(options.group))
  if (all.some(isPeer)) await installPeers()
  const isFresh = all.some(contestant => contestant.kind === 'route' && contestant.tokens === 'new')
  const setting: Setting = { customers: await generateCustomers(1000), issued: await issue(isFresh ? FRESH : 0), issuance: await prepareIssuance() }
  if (name === 'boot') {
    const boots: Awaited<ReturnType<typeof bootRound>>[] = []
    for (let number = 1; number <= rounds; number++) boots.push(await bootRound(all, setting))
    const results = compareBoots(all, boots)
    console.log(bootTable(results))
    return results
  }
  const run: Round[] = []
  for (let number = 1; number <= rounds; number++) {
    for (const group of shuffled([...new Set(all.map(({ group }) => group))])) {
      run.push(await runRound(all.filter(each => each.group === group), setting, Number(options.laps), options.quiet))
    }
    console.error(`round ${number} of ${rounds}\n${table(compare(all, run))}\n`)
  }
  const results = compare(all, run)
  console.log(table(results))
  return results
}

async function installPeers (): Promise<void> {
  // npm writes the second one when it has installed what the first one says.
  const [wanted, installed] = await Promise.all(['package-lock.json', 'node_modules/.package-lock.json'].map(async name => await stat(join(PEERS_FOLDER, name)).catch(() => undefined)))
  if (installed !== undefined && wanted !== undefined && installed.mtimeMs >= wanted.mtimeMs) return
  console.error(`installing what is measured beside us, in ${PEERS_FOLDER}`)
  await promisify(execFile)('npm', ['ci', '--ignore-scripts'], { cwd: PEERS_FOLDER })
}
