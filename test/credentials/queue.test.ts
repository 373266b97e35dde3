import { getEventListeners } from 'node:events'
import t from 'tap'
import { createQueue } from '../../lib/credentials/queue.js'

const { signal } = new AbortController()
const soon = async () => await new Promise(resolve => setImmediate(resolve))

/** A queue for one at a time, whose turn is taken until it is released. */
function taken () {
  const queue = createQueue(1)
  let release = () => {}
  const first = queue.inTurn(signal, () => new Promise<void>(resolve => { release = resolve }))
  return { queue, first, release: () => release() }
}

t.test('who waits is counted until its turn comes; who has it is not', async t => {
  const { queue, first, release } = taken()
  t.equal(queue.pendingCount, 0)
  const second = queue.inTurn(signal, async () => queue.pendingCount)
  const third = queue.inTurn(signal, async () => queue.pendingCount)
  t.equal(queue.pendingCount, 2)
  await soon()
  release()
  await first
  t.strictSame(await Promise.all([second, third]), [1, 0])
})

t.test('a caller that waits goes away → told at once, and counted no more; nothing is done in its turn', async t => {
  const { queue, first, release } = taken()
  const caller = new AbortController()
  const gone = queue.inTurn(caller.signal, async () => t.fail('it is not begun'))
  const there = queue.inTurn(signal, async () => queue.pendingCount)
  await soon()
  caller.abort(new Error('gone'))
  await t.rejects(gone, { message: 'gone' })
  t.equal(queue.pendingCount, 1)
  release()
  await first
  t.equal(await there, 0)
  t.equal(queue.pendingCount, 0)
  t.strictSame(getEventListeners(caller.signal, 'abort'), [])
})

t.test('a caller that had gone before → told, and never counted', async t => {
  const { queue, first, release } = taken()
  await t.rejects(queue.inTurn(AbortSignal.abort(new Error('gone')), async () => t.fail('it is not begun')), { message: 'gone' })
  t.equal(queue.pendingCount, 0)
  release()
  await first
})

t.test('a caller goes away when its work has begun → told at once; the work keeps its turn until it ends', async t => {
  const queue = createQueue(1)
  const caller = new AbortController()
  let end = () => {}
  let hasEnded = false
  const begun = queue.inTurn(caller.signal, async () => {
    await new Promise<void>(resolve => { end = resolve })
    hasEnded = true
    throw new Error('nobody hears of it')
  })
  const next = queue.inTurn(signal, async () => hasEnded)
  await soon()
  caller.abort(new Error('gone'))
  await t.rejects(begun, { message: 'gone' })
  await soon()
  t.equal(queue.pendingCount, 1)
  end()
  t.equal(await next, true)
})
