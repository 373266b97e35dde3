import t from 'tap'
import { createHashingQueue } from '../../../lib/credentials/password-hash/hashing-queue.js'

const { signal } = new AbortController()

t.test('many at once → so many at work as may be, each in its turn', async t => {
  const inTurn = createHashingQueue(2)
  let atWork = 0
  let most = 0
  const order: number[] = []
  await Promise.all(Array.from({ length: 50 }, (_, index) => inTurn(signal, async () => {
    most = Math.max(most, ++atWork)
    order.push(index)
    await new Promise(resolve => setImmediate(resolve))
    atWork--
  })))
  t.equal(most, 2)
  t.strictSame(order, Array.from({ length: 50 }, (_, index) => index))
})

t.test('the caller went away before its turn → nothing is done for it; what fails takes no turn away', async t => {
  const inTurn = createHashingQueue(1)
  const controller = new AbortController()
  let release = () => {}
  const first = inTurn(signal, () => new Promise<void>(resolve => { release = resolve }))
  const second = inTurn(controller.signal, async () => t.fail('it is not begun'))
  controller.abort(new Error('gone'))
  await t.rejects(second, { message: 'gone' })
  const third = inTurn(signal, async () => { throw new Error('failed') })
  const fourth = inTurn(signal, async () => 4)
  await new Promise(resolve => setImmediate(resolve))
  release()
  await first
  await t.rejects(third, { message: 'failed' })
  t.equal(await fourth, 4)
})

t.test('too many wait → refused at once', async t => {
  const inTurn = createHashingQueue(1)
  let release = () => {}
  const gate = new Promise<void>(resolve => { release = resolve })
  const waiting = Array.from({ length: 401 }, () => inTurn(signal, () => gate))
  await new Promise(resolve => setImmediate(resolve))
  await t.rejects(inTurn(signal, async () => t.fail('it is not begun')), { message: '400 wait for their credentials to be checked already' })
  release()
  await Promise.all(waiting)
})

t.test('too many wait and go away → they count no more: the next may wait; nothing is done for them', async t => {
  const inTurn = createHashingQueue(1)
  let release = () => {}
  const first = inTurn(signal, () => new Promise<void>(resolve => { release = resolve }))
  for (let round = 0; round < 3; round++) {
    const callers = new AbortController()
    const waiting = Array.from({ length: 400 }, () => inTurn(callers.signal, async () => t.fail('it is not begun')))
    callers.abort(new Error('gone'))
    const outcomes = await Promise.allSettled(waiting)
    t.strictSame(new Set(outcomes.map(outcome => outcome.status === 'rejected' && outcome.reason.message)), new Set(['gone']))
  }
  const waiting = Array.from({ length: 400 }, (_, index) => inTurn(signal, async () => index))
  await t.rejects(inTurn(signal, async () => t.fail('it is not begun')), { message: '400 wait for their credentials to be checked already' }, 'who is still there counts')
  release()
  await first
  t.strictSame(await Promise.all(waiting), Array.from({ length: 400 }, (_, index) => index))
  t.equal(await inTurn(signal, async () => 'next'), 'next')
})
