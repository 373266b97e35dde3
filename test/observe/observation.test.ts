import t from 'tap'
import { isObserving, readObservation } from '../../lib/observe/observation.js'

const NOW = Date.parse('2026-06-15T12:00:00Z')
const read = (until: unknown) => readObservation({ until }, NOW)

t.test('a day → until midnight UTC at its end', async t => {
  t.strictSame(read('2027-01-31'), { until: '2027-01-31', end: Date.parse('2027-02-01T00:00:00Z') })
  t.match(read('2026-06-15'), { end: Date.parse('2026-06-16T00:00:00Z') }, 'today')
  t.match(read('2027-06-15'), { until: '2027-06-15' }, 'a year ahead')
  t.ok(Object.isFrozen(read('2027-01-31')))
})

t.test('no day, a past one, one too far ahead, anything else → says what to write', async t => {
  for (const until of ['2027-02-30', '2027-13-01', '27-01-31', '2027-1-31', '2027-01-31T00:00:00Z', 'tomorrow', '', undefined, null, 20270131, new Date()]) {
    t.equal(read(until), "observe.until: write a day as '2027-01-31'.", String(until))
  }
  t.equal(read('2026-06-14'), 'observe.until: 2026-06-14 is past. Take observe out, so that everything is enforced, or write a later day.')
  t.equal(read('2027-06-17'), 'observe.until: 2027-06-17 is more than a year ahead. Write an earlier day.')
  for (const given of [undefined, null, true, '2027-01-31', {}, { from: '2027-01-31' }, { until: '2027-01-31', more: 1 }]) {
    t.match(readObservation(given, NOW), /^observe: write \{ until: '2027-01-31' \}/, String(given))
  }
})

t.test('isObserving → to the end, and not a moment longer; never without an observation', async t => {
  const now = Date.now
  t.teardown(() => { Date.now = now })
  const observation = { until: '2027-01-31', end: Date.parse('2027-02-01T00:00:00Z') }
  Date.now = () => observation.end - 1
  t.ok(isObserving(observation))
  t.notOk(isObserving(undefined))
  Date.now = () => observation.end
  t.notOk(isObserving(observation))
})
