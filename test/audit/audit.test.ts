import t from 'tap'
import { createAudit, type AuditOptions } from '../../lib/audit/audit.js'
import { errorCode } from '../../lib/audit/error-code.js'
import type { TokenRequestEvent } from '../../lib/audit/event.js'

const EVENT: TokenRequestEvent = {
  type: 'token request', time: 1, requestId: 'r1', policy: 'sha256-x', status: 200, outcome: 'issued', released: [], masked: [], withheld: []
}

function recording () {
  const lines: unknown[][] = []
  return { lines, log: { info: (...line: unknown[]) => { lines.push(['info', ...line]) }, error: (...line: unknown[]) => { lines.push(['error', ...line]) } } }
}

t.test('nobody asked → nothing', async t => {
  t.equal(createAudit(undefined), undefined)
})

t.test('an event → frozen, to the log unless that is off, and to the hook', async t => {
  const { lines, log } = recording()
  const events: unknown[] = []
  createAudit({})!.tell({ ...EVENT }, log)
  t.strictSame(lines, [['info', { audit: EVENT }, 'token request']])
  createAudit({ log: false, hook: event => { events.push(event) } })!.tell({ ...EVENT }, log)
  t.equal(lines.length, 1)
  t.strictSame(events, [EVENT])
  t.ok(Object.isFrozen(events[0]))
})

t.test('a hook that throws or rejects → logged, and nothing else', async t => {
  const { lines, log } = recording()
  createAudit({ log: false, hook: () => { throw new Error('full') } })!.tell({ ...EVENT }, log)
  createAudit({ log: false, hook: async () => { throw new Error('gone') } })!.tell({ ...EVENT }, log)
  await new Promise(resolve => setImmediate(resolve))
  t.match(lines, [['error', { err: { message: 'full' } }], ['error', { err: { message: 'gone' } }]])
})

t.test('a hook that is not done with some events → whoever finishes waits for these', async t => {
  const { log } = recording()
  const ends: (() => void)[] = []
  const audit = createAudit({ log: false, hook: async () => { await new Promise<void>(resolve => { ends.push(resolve) }) } })!
  await audit.finish()
  for (let event = 0; event < 3; event++) audit.tell({ ...EVENT }, log)
  ends[0]!()
  let isFinished = false
  const finishing = audit.finish().then(() => { isFinished = true })
  ends[1]!()
  await new Promise(resolve => setImmediate(resolve))
  t.notOk(isFinished)
  ends[2]!()
  await finishing
})

t.test('options that say nothing sensible → an error that names the member', async t => {
  const wrong: Record<string, unknown> = {
    'audit: write': null,
    'audit: write {': 'log',
    'audit.to: there is no such member': { to: 'log' },
    'audit.log: write true or false': { log: 'yes' },
    'audit.hook: write a function': { hook: 'log' },
    'audit: log is false and there is no hook': { log: false }
  }
  for (const [message, options] of Object.entries(wrong)) {
    t.throws(() => createAudit(options as AuditOptions), { code: 'FST_KEYHOLE_OPTION_INVALID', message: new RegExp(message.replace(/[{.]/g, '\\$&')) })
  }
})

t.test('a code → that of what Fastify, its plugins or Node have thrown; whatever else stands there may be a value', async t => {
  t.equal(errorCode(Object.assign(new Error('x'), { code: 'FST_ERR_VALIDATION' })), 'FST_ERR_VALIDATION')
  for (const thrown of [new Error('x'), { code: 'DE89 3704' }, { code: 42 }, { code: 'iban' }, { code: 'FST_' + 'A'.repeat(61) }, null, 'FST_X', undefined]) t.equal(errorCode(thrown), undefined)
})
