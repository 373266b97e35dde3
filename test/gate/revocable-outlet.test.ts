import { mock } from 'node:test'
import t from 'tap'
import type { Outlet } from '../../lib/gate/record-pump.js'
import { RevocableOutlet } from '../../lib/gate/revocable-outlet.js'

t.beforeEach(() => { mock.timers.enable({ apis: ['setInterval'] }) })
t.afterEach(() => { mock.timers.reset() })

/** Keeps what is done to it. */
class Kept implements Outlet {
  closed = false
  hasRoom = true
  readonly calls: string[] = []

  write (text: string): void { this.calls.push(`write ${text}`) }
  end (text: string): void { this.calls.push(`end ${text}`) }
  fail (text: string): void { this.calls.push(`fail ${text}`) }
  cut (): void { this.calls.push('cut') }
  async room (): Promise<void> { this.calls.push('room') }
}

function revocable () {
  const kept = new Kept()
  const state = { revoked: false }
  return { kept, state, outlet: new RevocableOutlet(kept, () => state.revoked, () => { kept.calls.push('revoked') }) }
}

t.test('not revoked → everything is handed on', async t => {
  const { kept, outlet } = revocable()
  outlet.write('a')
  await outlet.room()
  outlet.end('b')
  outlet.fail('c')
  outlet.cut()
  t.strictSame(kept.calls, ['write a', 'room', 'end b', 'fail c', 'cut'])
  kept.hasRoom = false
  kept.closed = true
  t.equal(outlet.hasRoom, false)
  t.equal(outlet.closed, true)
})

for (const what of ['write', 'end', 'fail', 'cut'] as const) {
  t.test(`revoked, then ${what} → it is cut once, without the text, and takes nothing more`, async t => {
    const { kept, state, outlet } = revocable()
    outlet.write('a')
    state.revoked = true
    t.equal(outlet.closed, false)
    outlet[what]('b')
    t.equal(outlet.closed, true)
    outlet.write('c')
    outlet.end('d')
    outlet.fail('e')
    outlet.cut()
    t.strictSame(kept.calls, ['write a', 'revoked', 'cut'])
  })
}

t.test('revoked while nothing is written → it is cut within a second, once; not once it was stopped', async t => {
  const { kept, state, outlet } = revocable()
  mock.timers.tick(5000)
  t.equal(outlet.closed, false)
  state.revoked = true
  mock.timers.tick(1000)
  t.equal(outlet.closed, true)
  mock.timers.tick(5000)
  t.strictSame(kept.calls, ['revoked', 'cut'])
  const stopped = revocable()
  stopped.outlet.stop()
  stopped.state.revoked = true
  mock.timers.tick(5000)
  t.strictSame(stopped.kept.calls, [])
})

t.test('revoked once nobody takes anything any more → nobody is told', async t => {
  const { kept, state, outlet } = revocable()
  kept.closed = true
  state.revoked = true
  outlet.write('a')
  t.strictSame(kept.calls, [])
})
