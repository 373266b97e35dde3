import { mock } from 'node:test'
import t from 'tap'
import { createBreaker, NoOutageError } from '../../lib/credentials/breaker.js'

const { signal } = new AbortController()
const fails = async () => { throw new Error('down') }
const outcome = (answer: Promise<string>) => answer.catch((error: Error) => error.message)

t.beforeEach(() => { mock.timers.enable({ apis: ['setTimeout', 'setInterval'] }) })
t.afterEach(() => { mock.timers.reset() })

const breakerOf = () => createBreaker<string>({ requests: 3, wait: 10 })

t.test('B55 more than half of enough requests fail → open, nobody is asked; after the wait one tries', async t => {
  const breaker = breakerOf()
  for (let request = 0; request < 3; request++) {
    t.equal(breaker.state, 'closed')
    t.equal(await outcome(breaker.ask(signal, fails)), 'down')
  }
  t.equal(breaker.state, 'open')
  let asked = 0
  t.equal(await outcome(breaker.ask(signal, async () => `${++asked}`)), 'Breaker is open')
  t.equal(asked, 0)

  mock.timers.tick(10_000)
  t.equal(breaker.state, 'half-open')
  let answer = (_text: string) => {}
  const attempt = breaker.ask(signal, async given => await new Promise<string>(resolve => { answer = text => resolve(`${text}, ${given === undefined}`) }))
  t.equal(await outcome(breaker.ask(signal, async () => 'a second one')), 'Breaker is open', 'one alone')
  answer('up')
  t.equal(await attempt, 'up, true')
  t.equal(breaker.state, 'closed')
  t.equal(await breaker.ask(signal, async given => `${given === undefined}`), 'false')
})

t.test('the try fails → open for another wait', async t => {
  const breaker = breakerOf()
  for (let request = 0; request < 3; request++) await outcome(breaker.ask(signal, fails))
  mock.timers.tick(10_000)
  t.equal(await outcome(breaker.ask(signal, fails)), 'down')
  t.equal(breaker.state, 'open')
  mock.timers.tick(10_000)
  t.equal(breaker.state, 'half-open')
})

t.test('half of them fail, or only a few were asked → closed', async t => {
  const breaker = breakerOf()
  for (let round = 0; round < 10; round++) {
    await breaker.ask(signal, async () => 'up')
    await outcome(breaker.ask(signal, fails))
  }
  t.equal(breaker.state, 'closed')
})

t.test('failures that say nothing of others → do not count, however many', async t => {
  const breaker = breakerOf()
  for (let request = 0; request < 100; request++) await outcome(breaker.ask(signal, async () => { throw new NoOutageError('no') }))
  t.equal(breaker.state, 'closed')
})

t.test('callers that go away → do not count, however many', async t => {
  const breaker = breakerOf()
  for (let request = 0; request < 100; request++) {
    const caller = new AbortController()
    const gone = breaker.ask(caller.signal, async () => { caller.abort(); return await fails() })
    t.equal(await outcome(gone), 'the caller has gone away')
  }
  t.equal(breaker.state, 'closed')
})
