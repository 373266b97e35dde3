import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { acceptedFormat } from '../../lib/gate/record-format.js'
import { RecordPump, type Outlet, type StreamFailure } from '../../lib/gate/record-pump.js'
import { areRecords, RecordSource, type Records } from '../../lib/gate/record-source.js'

/** Takes what it is given; where each text fills it, waits to be told that there is room. */
class Sink implements Outlet {
  closed = false
  readonly texts: string[] = []
  ended = false
  hasRoom = true
  makeRoom = (): void => {}

  constructor (private readonly fills: (text: string) => boolean = () => false) {
    this.makeRoom = () => { this.hasRoom = true }
  }

  write (text: string): void {
    this.texts.push(text)
    if (this.fills(text)) this.hasRoom = false
  }

  room (): Promise<void> {
    return new Promise(resolve => {
      this.makeRoom = () => {
        this.hasRoom = true
        resolve()
      }
    })
  }

  end (text: string): void {
    this.texts.push(text)
    this.ended = true
  }

  fail (text: string): void { this.texts.push(text) }

  cut (): void { this.closed = true }
}

function pumping (records: Records, sink: Sink, accept = 'application/json') {
  const failures: StreamFailure[] = []
  const source = new RecordSource(records)
  const done = new RecordPump(source, JSON.stringify, acceptedFormat(accept), sink, failure => { failures.push(failure) }).run()
  return { source, done, failures }
}

function * numbers (count: number): Generator<number> {
  for (let number = 0; number < count; number++) yield number
}

t.test('records → batches, which together are the list', async t => {
  for (const count of [0, 1, 2, 20_000]) {
    const sink = new Sink()
    await pumping(numbers(count), sink).done
    t.equal(sink.texts.join(''), JSON.stringify([...numbers(count)]))
    t.ok(sink.ended)
    t.equal(sink.texts.length > 3, count === 20_000)
    t.ok(sink.texts.every(text => text.length < 64 * 1024))
    const lines = new Sink()
    await pumping(numbers(count), lines, 'application/x-ndjson').done
    t.equal(lines.texts.join(''), [...numbers(count)].map(number => `${number}\n`).join(''))
  }
})

t.test('no room → the source is not read until there is', async t => {
  let made = 0
  const sink = new Sink(() => true)
  const { done } = pumping((function * () { for (; made < 20_000; made++) yield made })(), sink)
  for (let batch = 1; !sink.ended; batch++) {
    for (let turn = 0; turn < 5; turn++) await setImmediate()
    if (sink.ended) break
    t.equal(sink.texts.length, batch)
    const before = made
    for (let turn = 0; turn < 5; turn++) await setImmediate()
    t.equal(made, before)
    sink.makeRoom()
  }
  await done
  t.equal(sink.texts.join(''), JSON.stringify([...numbers(20_000)]))
})

t.test('room again while the source is awaited → what comes next does not wait for it', async t => {
  const sink = new Sink(text => text.length > 5000)
  const { done } = pumping((async function * () {
    yield 'x'.repeat(5000)
    while (sink.hasRoom) await setImmediate()
    sink.makeRoom()
    for (let record = 0; record < 3; record++) yield record
  })(), sink)
  await done
  t.ok(sink.ended)
  t.equal(sink.texts.length, 2)
})

t.test('a source that has everything at hand → others have a turn all the same', async t => {
  const sink = new Sink()
  let turns = 0
  const count = async () => { while (!sink.ended) { await setImmediate(); turns++ } }
  const counting = count()
  await pumping(numbers(100_000), sink).done
  await counting
  t.ok(turns > 10, String(turns))
})

t.test('closed → nothing more is read or told, whatever the source does then', async t => {
  for (const then of [() => 1, () => { throw new Error('x') }]) {
    const sink = new Sink()
    const { done, failures } = pumping((function * () { yield 0; sink.closed = true; yield then() })(), sink)
    await done
    t.strictSame(sink.texts, [])
    t.strictSame(failures, [])
  }
})

t.test('a source that cannot even begin → a failure of the first record', async t => {
  const sink = new Sink()
  const { done, failures } = pumping({ [Symbol.asyncIterator] () { throw new TypeError('x') } }, sink)
  await done
  t.match(failures, [{ by: 'source', record: 0, error: { name: 'TypeError' } }])
  t.strictSame(sink.texts, ['['])
})

t.test('close → once, also of what never began, and not at the end', async t => {
  const returns: string[] = []
  const records = (name: string) => ({ [Symbol.iterator] () { return this }, next: () => ({ done: true, value: undefined }), return: () => { returns.push(name); return { done: true, value: undefined } } }) as unknown as Iterable<unknown>
  const unread = new RecordSource(records('unread'))
  await unread.close()
  await unread.close()
  t.strictSame(returns, ['unread'])
  const { source, done } = pumping(records('read'), new Sink())
  await done
  await source.close()
  t.strictSame(returns, ['unread'])
  await new RecordSource([1]).close()
})

t.test('what can be iterated → records, a text not', t => {
  for (const given of [[], new Map(), numbers(1), (async function * () {})()]) t.ok(areRecords(given))
  for (const given of ['text', 1, null, undefined, {}, { [Symbol.iterator]: 1 }, () => []]) t.notOk(areRecords(given))
  t.end()
})
