import { fork } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { keyhole, ORDERS } from './running.js'

const KEYHOLE = fileURLToPath(new URL('../../lib/cli/keyhole.ts', import.meta.url))

async function inProcess (...words: string[]) {
  const child = fork(KEYHOLE, words, { stdio: 'pipe' })
  const [out, err, [exit]] = await Promise.all([text(child.stdout!), text(child.stderr!), once(child, 'close')])
  return { exit, out, err }
}

t.test('as a process → the same output, and the exit code', async t => {
  const words = ['report', ORDERS, '--field', 'nothing']
  const { exit, out, err } = await keyhole(words)
  t.strictSame([exit, out], [2, ''])
  t.strictSame(await inProcess(...words), { exit, out, err })
})

t.test('--help → 0, and the commands; an unknown one, or none → 2', async t => {
  const { exit, out, err } = await keyhole(['--help'])
  t.strictSame([exit, err], [0, ''])
  t.match(out, /report .*\n[^]*policy /)
  t.match(await keyhole(['policy', 'check', '--help']), { exit: 0, out: /^Usage: keyhole policy check/ })
  t.match(await keyhole(['reprot']), { exit: 2, err: /unknown command 'reprot'/ })
  t.match(await keyhole([]), { exit: 2, err: /^Usage: keyhole/ })
})
