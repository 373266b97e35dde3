import { setImmediate } from 'node:timers/promises'
import t from 'tap'
import { paced } from '../../lib/keys/paced.js'

/** A source that counts its readings, and a clock set by hand. */
async function counted (readings: () => Promise<void> = async () => {}) {
  const source = { count: 0, time: 0 }
  const reading = await paced(async () => {
    const number = ++source.count
    if (number > 1) await readings()
    return number
  }, () => source.time)
  return { source, reading }
}

t.test('the first refresh → reads at once, though the first reading was just now', async t => {
  const { source, reading } = await counted()
  t.equal(reading.latest, 1)
  await reading.refresh()
  t.equal(reading.latest, 2)
  t.equal(source.count, 2)
})

t.test('further ones → read once a second', async t => {
  const { source, reading } = await counted()
  for (const [time, count] of [[0, 2], [999, 2], [1000, 3], [1999, 3], [2000, 4], [9000, 5]] as const) {
    source.time = time
    await reading.refresh()
    t.equal(source.count, count, `after ${time} ms`)
  }
})

t.test('E6 a hundred at once → one reading, and all wait for it', async t => {
  const { source, reading } = await counted(async () => { await setImmediate() })
  await Promise.all(Array.from({ length: 100 }, async () => {
    await reading.refresh()
    t.equal(reading.latest, 2)
  }))
  t.equal(source.count, 2)
})

t.test('one during a reading that takes longer than a second → shares it', async t => {
  const { source, reading } = await counted(async () => { await setImmediate() })
  const first = reading.refresh()
  source.time = 5000
  await Promise.all([first, reading.refresh()])
  t.equal(source.count, 2)
})

t.test('E7 a reading that fails → rejects, what was read before stays, and the next one is paced', async t => {
  const { source, reading } = await counted(async () => { throw new Error('away') })
  await t.rejects(reading.refresh(), { message: 'away' })
  t.equal(reading.latest, 1)
  await t.rejects(reading.refresh(), { message: 'away' }, 'within the second: the same answer')
  t.equal(source.count, 2, '… and not tried')
  source.time = 1000
  await t.rejects(reading.refresh(), { message: 'away' })
  t.equal(reading.latest, 1)
})

t.test('told of something new → reads at once, however soon; during a reading, again after it, whatever came of that', async t => {
  const { source, reading } = await counted(async () => {
    await setImmediate()
    if (source.count === 4) throw new Error('away')
  })
  await reading.refresh()
  await reading.reread()
  t.equal(reading.latest, 3)
  source.time = 1000
  const failing = reading.refresh()
  const again = reading.reread()
  await t.rejects(failing, { message: 'away' })
  await again
  t.equal(reading.latest, 5)
})

t.test('a first reading that fails → rejects', async t => {
  await t.rejects(paced(async () => { throw new Error('away') }, () => 0), { message: 'away' })
})
