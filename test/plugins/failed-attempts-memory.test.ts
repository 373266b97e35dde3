import { createRequire } from 'node:module'
import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { countAttempts } from '../../plugins/token/failed-attempts.js'

// The very class that the limiter remembers with: it is watched, and works as always.
const require = createRequire(import.meta.url)
const { LruMap } = createRequire(require.resolve('@fastify/rate-limit'))('toad-cache')

/** How many each memory holds, and has held at most. */
const memories = new Map<{ readonly size: number }, number>()
const { set } = LruMap.prototype
LruMap.prototype.set = function (this: { readonly size: number }, ...entry: unknown[]) {
  set.apply(this, entry)
  memories.set(this, Math.max(memories.get(this) ?? 0, this.size))
}
t.teardown(() => { LruMap.prototype.set = set })

/** How many fail: some more than are remembered, or what KEYHOLE_CASES says, at most a million. */
const FAILURES = Math.max(45_000, Math.min(Number(process.env['KEYHOLE_CASES'] ?? 0), 1_000_000))

const addressOf = (number: number) => number % 2 === 0
  ? [10, number >> 16 & 255, number >> 8 & 255, number & 255].join('.')
  : `2001:db8:${(number >> 16).toString(16)}:${(number & 0xffff).toString(16)}::1`

/** Some of them so long that their hash is remembered. */
const clientOf = (number: number) => number % 3 === 0 ? `client-${number}` : `${'x'.repeat(300)}${number}`

/** What the limiter looks at: a million requests through a whole application would take an hour, and remember the same. */
const requestFrom = (number: number) => ({ ip: addressOf(number), routeOptions: {} }) as FastifyRequest

t.test('B48 failures from ever other addresses with ever other client ids → 20,000 of each are remembered, those that failed last', async t => {
  const attempts = await countAttempts({ max: 1, window: 86_400 })
  const isAdmitted = async (number: number) => await attempts(requestFrom(number)).counting(clientOf(number), async () => ({ clientId: clientOf(number), roles: [] })).then(() => true, () => false)

  for (let number = 0; number < FAILURES; number++) {
    await attempts(requestFrom(number)).counting(clientOf(number), async () => null)
    if (number === 0) t.notOk(await isAdmitted(0), 'it is remembered')
  }
  t.strictSame([...memories.values()], [20_000, 20_000], 'by client and address, and by address')
  t.ok(await isAdmitted(0), 'the first is forgotten')
  t.notOk(await isAdmitted(FAILURES - 1), 'the last is not')
})
