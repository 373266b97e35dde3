import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { FastifyInstance, FastifyServerOptions, InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import { openStore } from '../../lib/store/open-store.js'
import { keyhole } from '../cli/running.js'
import { blocksOf } from '../docs/blocks.js'

/** The steps of docs/adopting.md, applied one after another to a copy of a plain application. */

const run = promisify(execFile)
const IBAN = 'NL91ABNA0417164300'
const UNTIL = new Date(Date.now() + 30 * 24 * 60 * 60 * 1000).toISOString().slice(0, 10)
const ROUTES: InjectOptions[] = [
  { url: '/customers' },
  { url: '/customers/1' },
  { method: 'PATCH', url: '/customers/1', payload: { name: 'Augusta' } }
]

// Inside of this repository, so that packages are found from there.
const folder = await mkdtemp(join(fileURLToPath(new URL('.', import.meta.url)), '.copy-'))
t.teardown(() => rm(folder, { recursive: true }))
await cp(new URL('plain', import.meta.url), folder, { recursive: true })
const diffs = (await blocksOf('docs/adopting.md')).filter(({ language }) => language === 'diff').map(({ text }) => text.replaceAll('2027-01-31', UNTIL))

/** Applies as many of the guide's changes. */
async function apply (count: number): Promise<void> {
  for (const diff of diffs.splice(0, count)) {
    const file = join(folder, 'step.diff')
    await writeFile(file, diff)
    // As in a folder that belongs to no repository: else it would look for the files from the root of this one.
    await run('git', ['apply', file], { cwd: folder, env: { ...process.env, GIT_CEILING_DIRECTORIES: dirname(folder) } })
  }
}

/** What `keyhole annotate` says of the application as it stands now. */
async function annotate () {
  const copy = await copied()
  await cp(join(folder, 'instance.js'), join(copy, 'instance.js'))
  return await keyhole(['annotate', join(copy, 'instance.js')])
}

interface Running {
  readonly app: FastifyInstance
  readonly lines: { readonly level: number, readonly keyhole?: string, readonly msg: string, readonly clientId?: string, readonly route?: string, readonly withheld?: string[] }[]
}

let copies = 0

/** A folder with the application as it stands now: a module is loaded once. */
async function copied (): Promise<string> {
  const copy = join(folder, `copy-${++copies}`)
  for (const file of ['app.js', 'customers.js']) await cp(join(folder, file), join(copy, file))
  await cp(join(folder, 'policy.json'), join(copy, 'policy.json')).catch(() => {})
  return copy
}

async function start (t: Test): Promise<Running> {
  const copy = await copied()
  const lines: Running['lines'] = []
  const { build } = await import(join(copy, 'app.js')) as { build (options: FastifyServerOptions): Promise<FastifyInstance> }
  const app = await build({ logger: { level: 'info', stream: { write: line => { lines.push(JSON.parse(line)) } } } })
  t.teardown(() => app.close())
  await app.ready()
  if (copies > 1) await makeClients(`sqlite:${copy}/keyhole.db`)
  return { app, lines }
}

async function answer (app: FastifyInstance, request: InjectOptions, token = '') {
  const { statusCode, headers: { date, ...headers }, payload } = await app.inject({ ...request, ...(token !== '' && { headers: { authorization: `Bearer ${token}` } }) })
  return { statusCode, headers, payload }
}

/** The user interface's own routes, error handler and description. */
async function own (app: FastifyInstance) {
  const { session } = (await app.inject({ method: 'POST', url: '/login', payload: { user: 'ada' } })).json<{ session: string }>()
  const me = await answer(app, { url: '/me' }, session)
  const refused = await answer(app, { url: '/me' })
  return { me, refused, paths: Object.keys(app.swagger().paths!).filter(path => !path.startsWith('/oauth2') && !path.startsWith('/.well-known')) }
}

const clients: Record<string, Record<string, string>> = {}

async function makeClients (url: string): Promise<void> {
  const store = await openStore(url)
  for (const [id, role] of [['crm', 'salesperson'], ['billing', 'accountant']] as const) {
    const { clientSecret, apiKey } = await store.clients.create({ id, roles: [role] })
    clients[id] = { client_id: id, client_secret: clientSecret, api_key: apiKey }
  }
  await store.close()
}

async function tokenOf (app: FastifyInstance, client: string, scope?: string): Promise<string> {
  const payload = { grant_type: 'client_credentials', ...clients[client], ...(scope !== undefined && { scope }) }
  return (await app.inject({ method: 'POST', url: '/oauth2/token', payload })).json<{ access_token: string }>().access_token
}

const told = ({ lines }: Running) => lines.filter(({ keyhole, clientId }) => keyhole === 'observe' && clientId !== undefined).map(({ route, clientId, withheld }) => [clientId, route, withheld])
const warnings = ({ lines }: Running) => lines.filter(({ level, keyhole }) => level === 40 && keyhole === 'observe').map(({ msg }) => msg)

let before: Awaited<ReturnType<typeof answer>>[] = []
let ownBefore: Awaited<ReturnType<typeof own>>

t.test('before → a plain application that shows everything to everybody', async t => {
  const { app } = await start(t)
  before = await Promise.all(ROUTES.map(request => answer(app, request)))
  ownBefore = await own(app)
  t.equal(ownBefore.me.statusCode, 200)
  t.strictSame(ownBefore.refused.statusCode, 401)
  t.equal(ownBefore.paths.length, 4)
  for (const { statusCode, payload } of before) t.match([statusCode, payload], [200, IBAN])
})

t.test('step 1 → a token is asked for; with it each answer is what it was; what is missing is in the log', async t => {
  await apply(2)
  const running = await start(t)
  const { app } = running
  for (const client of ['crm', 'billing']) {
    const token = await tokenOf(app, client)
    t.strictSame(await Promise.all(ROUTES.map(request => answer(app, request, token))), before, client)
  }
  for (const request of ROUTES) t.equal((await answer(app, request)).statusCode, 401)
  t.strictSame({ ...await own(app), me: (await own(app)).me }, ownBefore)
  t.match(warnings(running), [/^GET \/customers, response 200: no claim set on \/\*\/id, \/\*\/name, \/\*\/iban\./, /^GET \/customers\/:id, response 200: /, /^PATCH \/customers\/:id, body: /, /^PATCH \/customers\/:id, response 200: /])
})

t.test('step 2 → no warning is left; the log says who would lose what; nobody writes without the scope', async t => {
  await apply(1)
  t.match(await annotate(), { exit: 1, out: /^GET \/customers, response 200: write for each one of 'profile_claims', 'banking_claims', ANY_TOKEN\n {2}id: / })
  await apply(1)
  t.match(await annotate(), { exit: 0, out: 'Every field of every guarded route has a claim set.\n' })
  const running = await start(t)
  const { app } = running
  t.strictSame(warnings(running), [])
  const crm = await tokenOf(app, 'crm', 'profile profile:write')
  const billing = await tokenOf(app, 'billing')
  for (const token of [crm, billing]) t.strictSame(await Promise.all(ROUTES.slice(0, 2).map(request => answer(app, request, token))), before.slice(0, 2))
  t.strictSame(await answer(app, ROUTES[2]!, crm), before[2])
  t.equal((await answer(app, ROUTES[2]!, billing)).statusCode, 403)
  t.strictSame(told(running).sort(), [
    ['billing', 'GET /customers', ['*.iban']], ['billing', 'GET /customers/:id', ['iban']], ['billing', 'PATCH /customers/:id', ['(error)']],
    ['crm', 'GET /customers', ['*.iban']], ['crm', 'GET /customers/:id', ['iban']], ['crm', 'PATCH /customers/:id', ['iban']]
  ])
})

t.test('step 3 → only those would lose a field who shall', async t => {
  await apply(1)
  const running = await start(t)
  for (const client of ['crm', 'billing']) await answer(running.app, ROUTES[1]!, await tokenOf(running.app, client))
  t.strictSame(told(running), [['crm', 'GET /customers/:id', ['iban']]])
})

t.test('step 4 → enforced', async t => {
  await apply(1)
  t.strictSame(diffs, [])
  const running = await start(t)
  const { app } = running
  const ask = async (client: string) => JSON.parse((await answer(app, ROUTES[1]!, await tokenOf(app, client))).payload) as object
  t.strictSame(await ask('crm'), { id: '1', name: 'Ada' })
  t.strictSame(await ask('billing'), { id: '1', name: 'Ada', iban: IBAN })
  const refusal = await answer(app, ROUTES[1]!)
  t.match(refusal, { statusCode: 401, headers: { 'cache-control': 'no-store', 'www-authenticate': /^Bearer / } })
  t.strictSame({ ...await own(app), me: (await own(app)).me }, ownBefore)
  const customers = join(folder, 'customers.js')
  await writeFile(customers, (await readFile(customers, 'utf8')).replace("id: { type: 'string'", "nickname: { type: 'string' },\n    id: { type: 'string'"))
  await t.rejects(start(t), { code: 'FST_KEYHOLE_ROUTE_INVALID', message: /no claim set on \/nickname/ })
})
