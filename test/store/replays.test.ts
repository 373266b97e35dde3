import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import Database from 'libsql'
import t from 'tap'
import { openStore } from '../../lib/store/open-store.js'

const soon = () => Date.now() / 1000 + 60

async function message<T> (child: ChildProcess): Promise<T> {
  const [what] = await Promise.race([once(child, 'message'), once(child, 'exit').then(([code]) => { throw new Error(`the process ended with ${code}`) })])
  return what
}

t.test('an identifier → good for one use, of each kind', async t => {
  const { replays, close } = await openStore('sqlite::memory:')
  t.teardown(close)
  t.equal(await replays.use('assertion', 'a', soon()), true)
  t.equal(await replays.use('assertion', 'a', soon()), false)
  t.equal(await replays.use('assertion', 'a', soon() + 600), false, 'whatever its end')
  t.equal(await replays.use('dpop', 'a', soon()), true)
  t.equal(await replays.use('assertion', 'A', soon()), true)
})

t.test('C40, C65 an identifier of 1 MB → kept as its hash', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const { replays, close } = await openStore(`sqlite:${file}`)
  const rows = new Database(file)
  t.teardown(async () => { rows.close(); await close() })
  const id = 'x'.repeat(1024 * 1024)
  t.equal(await replays.use('assertion', id, soon()), true)
  t.equal(await replays.use('assertion', id + 'y', soon()), true, 'all of it counts')
  t.equal(await replays.use('assertion', id, soon()), false)
  for (const { id_hash: hash } of rows.prepare('select id_hash from replays').all() as { id_hash: string }[]) t.match(hash, /^[\w-]{43}$/)
})

t.test('E16 what has expired → dropped when another is used; a restart forgets nothing before', async t => {
  const file = `${t.testdir()}/keyhole.db`
  const rows = new Database(file)
  t.teardown(() => rows.close())
  const first = await openStore(`sqlite:${file}`)
  await first.replays.use('dpop', 'old', Date.now() / 1000 - 2)
  await first.replays.use('dpop', 'new', soon())
  await first.close()

  const second = await openStore(`sqlite:${file}`)
  t.teardown(second.close)
  t.equal(await second.replays.use('dpop', 'new', soon()), false)
  t.match(rows.prepare('select count(*) as count from replays').all(), [{ count: 1 }])
})

t.test('E16 a store that fails → rejects, and nothing counts as used', async t => {
  const { replays, close } = await openStore('sqlite::memory:')
  await close()
  await t.rejects(replays.use('assertion', 'a', soon()), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE' })
})

t.test('E13 two handles of one file, at once → one of them is the first', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const stores = await Promise.all([openStore(url), openStore(url)])
  t.teardown(() => Promise.all(stores.map(store => store.close())))
  for (let id = 0; id < 50; id++) {
    const used = await Promise.all(stores.map(store => store.replays.use('assertion', `${id}`, soon())))
    t.equal(used.filter(Boolean).length, 1)
  }
})

t.test('E13 three processes use the same hundred identifiers at once → each is used once', async t => {
  const url = `sqlite:${t.testdir()}/keyhole.db`
  const replayer = fileURLToPath(new URL('replayer.ts', import.meta.url))
  const children = Array.from({ length: 3 }, () => fork(replayer, [url]))
  t.teardown(() => children.forEach(child => child.kill()))
  await Promise.all(children.map(child => message(child)))
  const used = await Promise.all(children.map(child => {
    child.send('go')
    return message<number[]>(child)
  }))
  t.strictSame(used.flat().sort((a, b) => a - b), [...Array(100).keys()])
})
