import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { createPolicy } from '../../lib/policy/policy.js'
import { openStore } from '../../lib/store/open-store.js'
import { postgresServer } from '../postgres/server.js'
import { askForCustomer, askForToken, type Answer, type Credentials } from './answers.js'
import { permittedBy, type Span } from './faults.js'
import { startNode } from './nodes.js'

/**
 * Three processes on one PostgreSQL under load, while things are changed and break: each answer is one that
 * docs/operations.md permits. `KEYHOLE_SECONDS` says for how long; the shorter it is, the more room the changes have to spread.
 */

const SECONDS = Number(process.env['KEYHOLE_SECONDS'] ?? 8)
/** Milliseconds: two seconds are promised, and a machine that has other tests to run is given more. */
const SPREAD = SECONDS >= 30 ? 2000 : 10_000
/** Milliseconds in which a process may find out that its connections to the database are new; the same holds. */
const RECONNECTING = SECONDS >= 30 ? 1000 : 5000

const POLICY = {
  claimSets: { profile_claims: {}, address_claims: {} },
  scopes: { customers: { reads: ['profile_claims'] } },
  roles: { reader: ['customers'] }
}
const WIDER = { ...POLICY, scopes: { customers: { reads: ['profile_claims', 'address_claims'] } } }
const CLIENTS = ['steady', 'rotated', 'disabled']

async function during (work: () => Promise<unknown>): Promise<Span> {
  const from = performance.now()
  await work()
  return { from, to: performance.now() }
}

t.test('E17 E24 E29 a client disabled, a secret rotated, a policy published, a process killed and PostgreSQL restarted under load → only answers that are permitted, nothing acknowledged is lost', async t => {
  const server = await postgresServer(t)
  const url = await server.database()
  const store = await openStore(url)
  t.teardown(() => store.close())
  await store.policies.publish(POLICY)
  const credentials = new Map<string, Credentials[]>()
  for (const id of CLIENTS) credentials.set(id, [await store.clients.create({ id, roles: ['reader'] })])
  const nodes = await Promise.all([1, 2, 3].map(() => startNode(t, { url })))

  const answers: Answer[] = []
  const over = new AbortController()
  const asking = CLIENTS.flatMap(client => nodes.map(async (_node, number) => {
    let held: string | undefined
    for (let round = 0; !over.signal.aborted; round++) {
      const ways = credentials.get(client)!
      const token = await askForToken(nodes[number]!.base, { what: 'token', process: number, client }, ways[round % ways.length]!)
      answers.push(token)
      if (token.status === 200) held = token.body['access_token'] as string
      for (const [process, { base }] of nodes.entries()) {
        if (held !== undefined) answers.push(await askForCustomer(base, { what: 'customer', process, client }, held))
      }
      await sleep(10)
    }
  }))
  const until = async (part: number) => await sleep(SECONDS * 1000 * part)

  await until(0.1)
  const disabled = await during(() => store.clients.disable('disabled'))
  await until(0.1)
  const rotated = await store.clients.rotateSecret('rotated')
  const [before] = credentials.get('rotated')!
  credentials.set('rotated', [before!, { ...before!, clientSecret: rotated }])
  await until(0.1)
  const published = await during(() => store.policies.publish(WIDER))
  await until(0.2)
  const killed = await during(async () => {
    nodes[2]!.child.kill('SIGKILL')
    await until(0.1)
    nodes[2] = await startNode(t, { url, port: Number(new URL(nodes[2]!.base).port) })
  })
  await until(0.1)
  const database = await during(async () => {
    await server.crash()
    await until(0.1)
    await server.start()
    await sleep(RECONNECTING)
  })
  await until(0.2)
  over.abort()
  await Promise.all(asking)

  const faults = {
    disabled: { ...disabled, client: 'disabled' },
    published: { ...published, before: 'name', after: 'name city' },
    killed: { ...killed, process: 2 },
    database,
    spread: SPREAD
  }
  const counts = new Map<string, number>()
  const refused: Answer[] = []
  for (const answer of answers) {
    const row = permittedBy(answer, faults)
    if (row === undefined) refused.push({ ...answer, body: {} })
    const key = `${row}: ${answer.what} ${answer.status ?? 'no answer'}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  t.strictSame(refused.slice(0, 5), [], 'answers that nothing permits')
  t.comment(Object.fromEntries([...counts].sort()))
  for (const seen of ['nothing: token 200', 'a client is disabled: token 401', 'the database is away: token 503', 'the database is away: customer 200', 'a client is disabled: customer 401', 'a process is killed: token no answer']) {
    t.ok(counts.has(seen), `seen: ${seen}`)
  }

  t.equal((await store.clients.get('disabled'))?.disabled, true)
  t.strictSame(await store.policies.latest(), createPolicy(WIDER).current.document)
  for (const [number, { base }] of nodes.entries()) {
    const ask = async (client: string, ways: Credentials) => (await askForToken(base, { what: 'token', process: number, client }, ways)).status
    t.equal(await ask('rotated', credentials.get('rotated')![1]!), 200)
    t.match(await ask('disabled', credentials.get('disabled')![0]!), /401|429/)
  }
})
