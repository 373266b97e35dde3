import Fastify from 'fastify'
import { Type } from '@sinclair/typebox'
import { createPolicy } from '../../lib/policy/policy.js'
import { claimSet } from '../../lib/release/annotation.js'
import resourceGuard from '../../plugins/resource-guard.js'
import { bearer, GUARD, tokenOf } from './resource-guard-app.js'

/** Puts 10,000 policies in force, each used by the same tokens and by a new one, and prints how much memory is in use before and after. */

const SETS = Array.from({ length: 12 }, (_, index) => `set${index}`)
const FILL = 'x'.repeat(1000)

/** Each of them lets the scope read other sets, and has texts of its own. */
function document (number: number) {
  return {
    claimSets: Object.fromEntries(SETS.map(name => [name, { purpose: `${number} ${FILL}` }])),
    scopes: { all: { reads: SETS.filter((_, index) => (number * 2654435761 >>> (index + 8)) & 1) } },
    roles: {}
  }
}

const policy = createPolicy(document(0))
const app = Fastify()
await app.register(async api => {
  await api.register(resourceGuard, { ...GUARD, policy })
  const schema = { response: { 200: Type.Object(Object.fromEntries(SETS.map(name => [name, claimSet(name, Type.String())]))) } }
  api.get('/', { schema }, async () => Object.fromEntries(SETS.map(name => [name, name])))
})

const bodies = new Set<string>()
const ask = async (token: string) => { bodies.add((await app.inject({ url: '/', headers: bearer(token) })).payload) }
const tokens = Array.from({ length: 10 }, () => tokenOf('all'))

let policies = 0
async function replace (times: number): Promise<void> {
  for (const end = policies + times; policies < end;) {
    policy.replace(document(++policies))
    await ask(tokens[policies % tokens.length]!)
    if (policies % 10 === 0) await ask(tokenOf('all'))
  }
}

/** What is in use after garbage was collected, several times: V8 keeps what it compiled until it has grown old by that. */
async function memory (): Promise<number> {
  for (let round = 0; round < 5; round++) {
    await new Promise(resolve => setImmediate(resolve))
    globalThis.gc!()
  }
  return process.memoryUsage().heapUsed
}

await replace(1000)
const before = await memory()
let after = before
while (policies < 10_000) {
  await replace(1000)
  after = await memory()
}
console.log(JSON.stringify({ before, after, policies, views: bodies.size }))
