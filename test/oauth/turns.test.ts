import { setImmediate } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { createTurns } from '../../lib/oauth/turns.js'

/** Work that ends when it is told to, and tells when it was begun. */
function works (inTurn: ReturnType<typeof createTurns<string>>) {
  const begun: string[] = []
  const ends = new Map<string, { resolve: (result: string) => void, reject: (error: Error) => void }>()
  const begin = (key: string, name: string) => inTurn(key, async () => {
    begun.push(name)
    return await new Promise<string>((resolve, reject) => ends.set(name, { resolve, reject }))
  })
  return { begun, begin, end: (name: string) => ends.get(name)!.resolve(`${name} done`), fail: (name: string) => ends.get(name)!.reject(new Error(`${name} failed`)) }
}

/** So many microtasks later. */
async function after (ticks: number): Promise<void> {
  for (let tick = 0; tick < ticks; tick++) await null
}

t.test('of one key so much at a time, in the order in which it came; other keys do not wait for it', async t => {
  const { begun, begin, end } = works(createTurns(2))
  const results = ['a', 'b', 'c', 'd'].map(name => begin('key', name))
  const other = begin('other', 'x')
  await setImmediate()
  t.strictSame(begun, ['a', 'b', 'x'])
  end('b')
  await setImmediate()
  t.strictSame(begun, ['a', 'b', 'x', 'c'])
  for (const name of ['x', 'a', 'c']) end(name)
  await setImmediate()
  end('d')
  t.strictSame(await Promise.all([...results, other]), ['a', 'b', 'c', 'd', 'x'].map(name => `${name} done`))
})

t.test('what fails, or throws at once → its own error, and the next has its turn', async t => {
  const inTurn = createTurns<string>(1)
  const { begin, end, fail } = works(inTurn)
  const [failing, next] = [begin('key', 'a'), begin('key', 'b')]
  const throwing = inTurn('key', () => { throw new Error('at once') })
  await setImmediate()
  fail('a')
  await t.rejects(failing, { message: 'a failed' })
  await setImmediate()
  end('b')
  t.equal(await next, 'b done')
  await t.rejects(throwing, { message: 'at once' })
})

t.test('two that end at once, and others that come in the midst of that → no more at a time than may be', async t => {
  for (let ticks = 0; ticks < 20; ticks++) {
    const { begun, begin, end } = works(createTurns(2))
    const come = (...names: string[]) => names.forEach(name => { begin('key', name).catch(() => {}) })
    come('a', 'b')
    await setImmediate()
    end('a')
    after(ticks).then(() => come('c', 'd')).catch(() => {})
    end('b')
    await setImmediate()
    come('e', 'f')
    await setImmediate()
    t.strictSame(begun, ['a', 'b', 'c', 'd'], `${ticks} microtasks later`)
  }
})

t.test('100,000 keys → nothing of them is remembered', async t => {
  setFlagsFromString('--expose-gc')
  const gc: () => void = runInNewContext('gc')
  const inTurn = createTurns<string>(10)
  const key = (number: number) => `${number}`.padStart(250, 'x')
  for (let number = 0; number < 1000; number++) await inTurn(key(number), async () => 'done')
  gc()
  const before = process.memoryUsage().heapUsed
  for (let number = 0; number < 100_000; number++) await inTurn(key(number), async () => 'done')
  gc()
  const kept = process.memoryUsage().heapUsed - before
  t.ok(kept < 10e6, `${kept} bytes`)
  t.equal(await inTurn('key', async () => 'still in use'), 'still in use')
})
