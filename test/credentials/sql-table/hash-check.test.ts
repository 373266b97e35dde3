import t from 'tap'
import type { PasswordHash } from '../../../lib/credentials/password-hash/password-hash.js'
import { createHashCheck } from '../../../lib/credentials/sql-table/hash-check.js'

/** A hash that tells its work. */
function counted (name: string, secret: string, work: string[]): PasswordHash {
  return { text: name, isOutdated: false, async verify (presented) { work.push(name); return presented === secret } }
}

t.test('B41 B45 whoever is asked about, and right or wrong → as many hashes, made alike', async t => {
  const work: string[] = []
  const during = async (run: () => Promise<unknown>) => { work.length = 0; await run(); return [...work] }
  const check = createHashCheck()
  const one = counted('one', 'right', work)
  t.strictSame(await during(async () => t.equal(await check('right', [one]), one)), ['one'])
  t.strictSame(await during(async () => t.equal(await check('wrong', [one]), undefined)), ['one'])
  t.strictSame(await during(async () => t.equal(await check('right', []), undefined, 'who has no hash is never right')), ['one'])
  t.strictSame(await during(async () => t.equal(await check(undefined, [one]), undefined)), ['one'])

  const two = counted('two', 'before', work)
  t.strictSame(await during(async () => t.equal(await check('before', [one, two]), two)), ['one', 'two'])
  t.strictSame(await during(async () => t.equal(await check('right', [one, two]), one)), ['one', 'two'], 'the first one holds')
  t.strictSame(await during(async () => t.equal(await check('right', [one]), one)), ['one', 'one'], 'it is the only one')
  t.strictSame(await during(async () => t.equal(await check('right', [one, counted('same', 'right', work)]), one)), ['one', 'same'], 'both hold: the newer one')
  for (const hashes of [[one, two], [one], []]) {
    t.equal((await during(async () => t.equal(await check('wrong', hashes), undefined))).length, 2, `${hashes.length} hashes`)
  }
})

t.test('before any hash was seen → the work of one as is advised', async t => {
  t.equal(await createHashCheck()('wrong', []), undefined)
  t.equal(await createHashCheck()(undefined, []), undefined)
})
