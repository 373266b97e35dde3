import { getEventListeners } from 'node:events'
import { mock } from 'node:test'
import t from 'tap'
import { createConnectionQueue } from '../../lib/credentials/connection-queue.js'

const { signal } = new AbortController()
const soon = async () => await new Promise(resolve => setImmediate(resolve))

t.beforeEach(() => { mock.timers.enable({ apis: ['setTimeout'] }) })
t.afterEach(() => { mock.timers.reset() })

/** A question that is under way until it is answered. */
function question () {
  let answer = (_text: string) => {}
  let isBegun = false
  return {
    answer: (text: string) => answer(text),
    isBegun: () => isBegun,
    work: async () => await new Promise<string>(resolve => {
      isBegun = true
      answer = resolve
    })
  }
}

t.test('as many as there are connections → at once; the others when one is free, in the order in which they came', async t => {
  const whenFree = createConnectionQueue(2, 5000)
  const questions = Array.from({ length: 4 }, question)
  const answers = questions.map(async ({ work }) => await whenFree(signal, work))
  const begun = async () => { await soon(); return questions.filter(({ isBegun }) => isBegun()).length }
  t.equal(await begun(), 2)
  questions[1]!.answer('second')
  t.equal(await answers[1], 'second')
  t.equal(await begun(), 3)
  t.ok(questions[2]!.isBegun())
  for (const { answer } of questions) { answer('answer'); await soon() }
  t.strictSame(await Promise.all(answers), ['answer', 'second', 'answer', 'answer'])
})

t.test('none is free in time → it is given up and never sent; one that is sent has all the time that it needs', async t => {
  const whenFree = createConnectionQueue(1, 5000)
  const [first, second, third] = [question(), question(), question()]
  const asked = whenFree(signal, first.work)
  await soon()
  const late = whenFree(signal, second.work)
  mock.timers.tick(4999)
  const next = whenFree(signal, third.work)
  mock.timers.tick(1)
  await t.rejects(late, { message: 'no connection was free within 5 seconds' })
  first.answer('after a long time')
  t.equal(await asked, 'after a long time')
  await soon()
  t.notOk(second.isBegun())
  t.ok(third.isBegun())
  mock.timers.tick(60_000)
  third.answer('after a longer one')
  t.equal(await next, 'after a longer one')
})

t.test('the caller goes away → told at once, and its question is never sent; nothing listens to its signal any more', async t => {
  const whenFree = createConnectionQueue(1, 5000)
  const [first, second] = [question(), question()]
  const asked = whenFree(signal, first.work)
  await soon()
  const caller = new AbortController()
  const waiting = whenFree(caller.signal, second.work)
  caller.abort(new Error('gone'))
  await t.rejects(waiting, { message: 'gone' })
  first.answer('answer')
  t.equal(await asked, 'answer')
  await soon()
  t.notOk(second.isBegun())
  t.strictSame(getEventListeners(caller.signal, 'abort'), [])
  await t.rejects(whenFree(caller.signal, second.work), { message: 'gone' })
})

t.test('what a question throws → goes through, and its connection is free again', async t => {
  const whenFree = createConnectionQueue(1, 5000)
  await t.rejects(whenFree(signal, async () => { throw new Error('down') }), { message: 'down' })
  t.equal(await whenFree(signal, async () => 'up'), 'up')
})
