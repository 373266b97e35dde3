import t from 'tap'
import { createReplaysInMemory } from '../../lib/replay/replays-in-memory.js'

t.test('an identifier → once, until it has expired', async t => {
  let time = 1_800_000_000
  const replays = createReplaysInMemory(2, () => time)
  t.equal(await replays.use('dpop', 'a', time + 100), true)
  t.equal(await replays.use('dpop', 'a', time + 100), false)
  t.equal(await replays.use('dpop', 'a', time + 500), false, 'whatever its end')
  t.equal(await replays.use('assertion', 'a', time + 100), true, 'another kind')
  await t.rejects(replays.use('dpop', 'b', time + 100), /2 identifiers/, 'E16 no more than the bound')
  t.equal(await replays.use('dpop', 'a', time + 100), false, 'what is known is told all the same')
  time += 100
  t.equal(await replays.use('dpop', 'a', time), false, 'to the second')
  time += 31
  t.equal(await replays.use('dpop', 'b', time + 100), true, 'E16 what has expired makes room')
  t.equal(await replays.use('dpop', 'c', time + 100), true)
})
