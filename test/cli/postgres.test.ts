import { readFile, writeFile } from 'node:fs/promises'
import t from 'tap'
import { hashSecret } from '../../lib/credentials/secret.js'
import { openStore } from '../../lib/store/open-store.js'
import { proxyTo } from '../postgres/proxy.js'
import { postgresServer } from '../postgres/server.js'
import { authorizationServer, POLICY } from './doctor/authorization-server.js'
import { inProcess, keyhole } from './running.js'

const server = await postgresServer(t)

t.test('every command on PostgreSQL, its URL in the environment or a file → as on SQLite', async t => {
  const url = await server.database()
  const folder = t.testdir({
    store: `${url}\n`,
    'policy.json': JSON.stringify(POLICY),
    'clients.csv': 'id,roles\n' + Array.from({ length: 1200 }, (_, index) => `c${index},viewer\n`).join(''),
    'taken.csv': 'id,roles\nnew,viewer\nc7,viewer\n'
  })
  const on = (...words: string[]) => keyhole([...words, '--store-file', `${folder}/store`])
  t.match(await on('migrate', '--check'), { exit: 1, out: /^pending {2}0001-/ })
  t.match(await inProcess(['migrate'], { env: { KEYHOLE_STORE: url } }), { exit: 0, out: /^applied {2}0001-/, err: '' })
  t.match(await on('migrate', '--check'), { exit: 0 })
  t.match(await on('policy', 'publish', `${folder}/policy.json`), { exit: 0, out: /\+ role viewer: \+ profile\n/ })
  t.match(await on('clients', 'import', `${folder}/clients.csv`, '--out', `${folder}/out.csv`), { exit: 0, out: '1200 clients were created.\n', err: '' })
  t.match(await on('clients', 'import', `${folder}/taken.csv`), { exit: 1, out: /line 3, id: There is a client 'c7' already/ })
  t.match(await on('clients', 'show', 'new'), { exit: 2 })
  t.match(await on('clients', 'rotate', 'c7'), { exit: 0, out: /khs_/ })
  t.match(await on('clients', 'delete', 'c7', '--yes'), { exit: 0 })
  t.match(await on('keys', 'rotate'), { exit: 0, out: /active/ })
  await writeFile(`${folder}/policy.json`, JSON.stringify({ ...POLICY, roles: {} }))
  t.match(await on('policy', 'publish', `${folder}/policy.json`, '--if-version', 'sha256-other'), { exit: 1, out: /another one by now/ })
  t.match(JSON.parse((await on('policy', 'history', '--json')).out), [{ latest: true }])
  const { issuer } = await authorizationServer(t)
  const doctor = await on('doctor', '--issuer', issuer)
  t.match(doctor, { exit: 2, out: /^ok +store +opens, with its \d+ migrations$/m }, 'its keys are others')
  t.match(doctor.out, /^wrong +keys +not served: /m)
})

t.test('the connection is cut at the commit of an import → 2, and the credentials stay: the clients may be there', async t => {
  const url = await server.database()
  const proxy = await proxyTo(t, url)
  const folder = t.testdir({ store: proxy.url })
  const store = await openStore(url)
  t.teardown(store.close)
  for (const [when, isMade] of [['before', false], ['after', true]] as const) {
    for (const how of [['--out', `${folder}/${when}.csv`], [], ['--json']]) {
      const id = `${when}${how.join('').slice(0, 5)}`
      await writeFile(`${folder}/clients.csv`, `id,roles\n${id},viewer\n`)
      proxy.cutAtCommit(when)
      const { exit, out, err } = await keyhole(['clients', 'import', `${folder}/clients.csv`, ...how, '--store-file', `${folder}/store`])
      t.equal(exit, 2)
      t.match(how.includes('--json') ? JSON.parse(out).error : err, new RegExp(`It cannot be told whether all clients were made, or none\\. Their credentials are .+: they are good if there is a client ${id} now`))
      const told = how.includes('--out') ? await readFile(`${folder}/${when}.csv`, 'utf8') : out
      const [secret] = told.match(/khs_[\w-]{48}/)!
      t.match(await store.credentials.find(id), isMade ? { clientSecretHashes: [hashSecret(secret)] } : null)
    }
  }
})
