import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'
import { openStore } from '../../../lib/store/open-store.js'
import { forkProgram } from '../../fork-program.js'
import type { TestDatabase } from '../databases.js'

const soon = () => Date.now() / 1000 + 60

async function message<T> (child: ChildProcess): Promise<T> {
  const [what] = await Promise.race([once(child, 'message'), once(child, 'exit').then(([code]) => { throw new Error(`the process ended with ${code}`) })])
  return what
}

/** What is good for one use. */
export function replaysSuite (t: Test, database: TestDatabase): void {
  t.test('an identifier → good for one use, of each kind', async t => {
    const { replays, close } = await openStore(await database.url(t))
    t.teardown(close)
    t.equal(await replays.use('assertion', 'a', soon()), true)
    t.equal(await replays.use('assertion', 'a', soon()), false)
    t.equal(await replays.use('assertion', 'a', soon() + 600), false, 'whatever its end')
    t.equal(await replays.use('dpop', 'a', soon()), true)
    t.equal(await replays.use('assertion', 'A', soon()), true)
  })

  t.test('C40, C65 an identifier of 1 MB → kept as its hash', async t => {
    const url = await database.url(t)
    const { replays, close } = await openStore(url)
    t.teardown(close)
    const sql = await database.sql(t, url)
    const id = 'x'.repeat(1024 * 1024)
    t.equal(await replays.use('assertion', id, soon()), true)
    t.equal(await replays.use('assertion', id + 'y', soon()), true, 'all of it counts')
    t.equal(await replays.use('assertion', id, soon()), false)
    for (const { id_hash: hash } of await sql.rows('select id_hash from replays')) t.match(hash, /^[\w-]{43}$/)
  })

  t.test('E16 what expired five minutes ago → dropped when another is used; a restart forgets nothing before, since clocks differ', async t => {
    const url = await database.url(t)
    const first = await openStore(url)
    await first.replays.use('dpop', 'old', Date.now() / 1000 - 302)
    await first.replays.use('dpop', 'just expired', Date.now() / 1000 - 200)
    await first.replays.use('dpop', 'new', soon())
    await first.close()

    const second = await openStore(url)
    t.teardown(second.close)
    for (const id of ['new', 'just expired']) t.equal(await second.replays.use('dpop', id, soon()), false)
    t.equal((await (await database.sql(t, url)).rows('select * from replays')).length, 2)
  })

  t.test('E16 a store that fails → rejects, and nothing counts as used', async t => {
    const { replays, close } = await openStore(await database.url(t))
    await close()
    await t.rejects(replays.use('assertion', 'a', soon()), { code: 'FST_KEYHOLE_STORE_UNAVAILABLE' })
  })

  t.test('E13 two handles of one file, at once → one of them is the first', async t => {
    const url = await database.url(t)
    const stores = await Promise.all([openStore(url), openStore(url)])
    t.teardown(() => Promise.all(stores.map(store => store.close())))
    for (let id = 0; id < 50; id++) {
      const used = await Promise.all(stores.map(store => store.replays.use('assertion', `${id}`, soon())))
      t.equal(used.filter(Boolean).length, 1)
    }
  })

  t.test('E13 three processes use the same hundred identifiers at once → each is used once', async t => {
    const url = await database.url(t)
    const replayer = fileURLToPath(new URL('replayer.ts', import.meta.url))
    const children = Array.from({ length: 3 }, () => forkProgram(replayer, [url]))
    t.teardown(() => children.forEach(child => child.kill()))
    await Promise.all(children.map(child => message(child)))
    const used = await Promise.all(children.map(child => {
      child.send('go')
      return message<number[]>(child)
    }))
    t.strictSame(used.flat().sort((a, b) => a - b), [...Array(100).keys()])
  })
}
