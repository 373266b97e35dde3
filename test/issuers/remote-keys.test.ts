import t from 'tap'
import { OptionInvalidError } from '../../lib/errors.js'
import { openRemoteKeys } from '../../lib/issuers/remote-keys.js'
import { keyPair, type KeyPair } from '../access-token/forge.js'
import { jwksOf, logOf } from './issuer-server.js'

const ISSUER = 'https://login.example.com'
const SECOND = 1000
const HOUR = 3600 * SECOND

const a = keyPair('a')
const b = keyPair('b')

/** An issuer whose answers, and the time, are the test's to say. */
function issuerOf (...pairs: KeyPair[]) {
  const { log, said } = logOf()
  let time = 0
  let timers: { at: number, work: () => void }[] = []
  const state = {
    said,
    answer: async (): Promise<{ value: unknown, maxAge: number | undefined }> => ({ value: jwksOf(...pairs), maxAge: undefined }),
    readings: 0,
    /** When it will look again by itself. */
    get due () { return timers.map(({ at }) => at - time) },
    /** Lets time go by, and whatever is due come to its end. */
    async pass (milliseconds: number) {
      time += milliseconds
      const due = timers.filter(({ at }) => at <= time)
      timers = timers.filter(({ at }) => at > time)
      for (const { work } of due) work()
      await new Promise(resolve => setImmediate(resolve))
    },
    open: () => openRemoteKeys({
      issuer: ISSUER,
      log,
      read: async () => {
        state.readings++
        return await state.answer()
      },
      clock: () => time,
      after (milliseconds, work) {
        const timer = { at: time + milliseconds, work }
        timers.push(timer)
        return { stop () { timers = timers.filter(other => other !== timer) } }
      }
    })
  }
  return state
}

const failing = async () => { throw new Error('down') }

t.test('keys are read once, and found from then on', async t => {
  const issuer = issuerOf(a, b)
  const keys = await issuer.open()
  t.equal(keys.find('a')?.kid, 'a')
  t.equal(keys.find('b'), keys.find('b', 'ES256'))
  t.equal(keys.find('c'), undefined)
  t.equal(issuer.readings, 1)
  t.strictSame(issuer.said, [])
})

t.test('E4 E6 an unknown kid, a thousand at once → one reading, and the key is there', async t => {
  const issuer = issuerOf(a)
  const keys = await issuer.open()
  await issuer.pass(10 * SECOND)
  issuer.answer = async () => ({ value: jwksOf(a, b), maxAge: undefined })
  const known = keys.find('a')
  await Promise.all(Array.from({ length: 1000 }, () => keys.refresh()))
  t.equal(issuer.readings, 2)
  t.ok(keys.find('b'))
  t.equal(keys.find('a'), known)
})

t.test('C45 unknown kids without end → a reading each ten seconds', async t => {
  const issuer = issuerOf(a)
  const keys = await issuer.open()
  for (let second = 0; second < 100; second++) {
    await keys.refresh()
    await issuer.pass(SECOND)
  }
  t.equal(issuer.readings, 10)
})

t.test('keys are read again as the issuer says, between a minute and an hour; else after five minutes', async t => {
  for (const [maxAge, seconds] of [[undefined, 300], [0, 60], [90, 90], [999_999, 3600]] as const) {
    const issuer = issuerOf(a)
    issuer.answer = async () => ({ value: jwksOf(a), maxAge })
    await issuer.open()
    t.strictSame(issuer.due, [seconds * SECOND])
  }
})

t.test('E8 a key that is gone → not found after the next reading', async t => {
  const issuer = issuerOf(a, b)
  const keys = await issuer.open()
  issuer.answer = async () => ({ value: jwksOf(b), maxAge: undefined })
  await issuer.pass(300 * SECOND)
  t.equal(keys.find('a'), undefined)
  t.ok(keys.find('b'))
  t.equal(issuer.readings, 2)
})

t.test('E7 the issuer is down, or answers with nothing of use → known keys hold for a day, and are read again each minute', async t => {
  for (const answer of [failing, async () => ({ value: { keys: [] }, maxAge: 1 }), async () => ({ value: '<html>', maxAge: undefined })]) {
    const issuer = issuerOf(a)
    const keys = await issuer.open()
    issuer.answer = answer
    await issuer.pass(300 * SECOND)
    t.strictSame(issuer.due, [60 * SECOND])
    t.match(issuer.said, [{ level: 'error', details: { issuer: ISSUER }, message: /those that are known stay in force$/ }])
    await issuer.pass(23 * HOUR)
    t.ok(keys.find('a'))
    await t.rejects(keys.refresh(), 'whether there is another key cannot be told')
    await issuer.pass(HOUR)
    t.equal(keys.find('a'), undefined)
    t.match(issuer.said.at(-1), { message: /and there are none$/ })
    issuer.answer = async () => ({ value: jwksOf(a), maxAge: undefined })
    await issuer.pass(60 * SECOND)
    t.ok(keys.find('a'))
    await t.resolves(keys.refresh())
  }
})

t.test('the issuer is down at first → no keys, an error for who asks, and keys as soon as it is up', async t => {
  const issuer = issuerOf(a)
  const { answer } = issuer
  issuer.answer = failing
  const keys = await issuer.open()
  t.equal(keys.find('a'), undefined)
  await t.rejects(keys.refresh(), { message: 'down' })
  t.equal(issuer.readings, 1)
  issuer.answer = answer
  await issuer.pass(10 * SECOND)
  await keys.refresh()
  t.ok(keys.find('a'))
})

t.test('C105 metadata of another issuer → refused at first; later the known keys hold', async t => {
  const mistaken = async () => { throw new OptionInvalidError('issuer: no') }
  const issuer = issuerOf(a)
  const { answer } = issuer
  issuer.answer = mistaken
  await t.rejects(issuer.open(), { code: 'FST_KEYHOLE_OPTION_INVALID' })
  t.strictSame(issuer.due, [])
  issuer.answer = answer
  await issuer.pass(HOUR)
  const keys = await issuer.open()
  issuer.answer = mistaken
  await issuer.pass(HOUR)
  t.ok(keys.find('a'))
  t.match(issuer.said.at(-1), { level: 'error', details: { reason: 'issuer: no' } })
})

t.test('A23 keys that cannot be used → told once, and again when they change', async t => {
  const issuer = issuerOf(a)
  const withBad = (bad: object) => async () => ({ value: { keys: [...jwksOf(a).keys, bad] }, maxAge: undefined })
  issuer.answer = withBad({ kty: 'oct', kid: 'x', k: 'c2VjcmV0' })
  await issuer.open()
  await issuer.pass(HOUR)
  t.match(issuer.said, [{ level: 'warn', details: { issuer: ISSUER, refused: [/"x" is refused/] } }])
  t.notMatch(JSON.stringify(issuer.said), /c2VjcmV0/)
  issuer.answer = withBad({ kty: 'oct', kid: 'y' })
  await issuer.pass(HOUR)
  t.equal(issuer.said.length, 2)
})

t.test('closed → read no more, also where a reading was under way', async t => {
  const issuer = issuerOf(a)
  const keys = await issuer.open()
  await issuer.pass(10 * SECOND)
  const reading = keys.refresh()
  keys.close()
  await reading
  t.strictSame(issuer.due, [])
})

t.test('no clock given → that of this machine, and no process is kept alive', async t => {
  const { log } = logOf()
  const keys = await openRemoteKeys({ issuer: ISSUER, log, read: async () => ({ value: jwksOf(a), maxAge: undefined }) })
  await keys.refresh()
  t.ok(keys.find('a'))
  keys.close()
})
