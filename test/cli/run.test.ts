import t from 'tap'
import { program } from '../../lib/cli/program.js'
import { everyCommand } from '../../lib/cli/run.js'
import { atTerminal, inProcess, keyhole, ORDERS, storeIn } from './running.js'

t.test('as a process → the same output, and the exit code', async t => {
  const words = ['report', ORDERS, '--field', 'nothing']
  const { exit, out, err } = await keyhole(words)
  t.strictSame([exit, out], [2, ''])
  t.strictSame(await inProcess(words, { isCounted: true }), { exit, out, err })
})

t.test('--help → 0, and the commands; an unknown one, or none → 2', async t => {
  const { exit, out, err } = await keyhole(['--help'])
  t.strictSame([exit, err], [0, ''])
  t.match(out, /report .*\n[^]*policy /)
  t.match(await keyhole(['policy', 'check', '--help']), { exit: 0, out: /^Usage: keyhole policy check/ })
  t.match(await keyhole(['reprot']), { exit: 2, err: /unknown command 'reprot'\n.*\nkeyhole --help has examples\.\n$/ })
  t.match(await keyhole([]), { exit: 2, err: /^Usage: keyhole/ })
})

t.test('--help of every command → examples that are commands with options that it has, and its exit codes', async t => {
  const nowhere = { write () {} }
  const commands = everyCommand(program(() => {}, { stdin: (async function * () {})(), stdout: nowhere, stderr: nowhere }))
  t.ok(commands.length > 25)
  for (const command of commands) {
    const path: string[] = []
    for (let at: typeof command | null = command; at !== null; at = at.parent) path.unshift(at.name())
    const { exit, out } = await keyhole([...path.slice(1), '--help'])
    t.equal(exit, 0)
    const [, examples = '', codes = ''] = out.match(/\n\nExamples:\n((?: {2}.+\n)+)\nExit codes:\n((?: {2}.+\n)+)$/) ?? []
    t.match(codes, /^ {2}0 .+\n(?: {2}1 .+\n)? {2}2 .+\n$/, path.join(' '))
    t.ok(examples.split('\n').length > 1, path.join(' '))
    for (const example of examples.trim().split('\n')) {
      t.ok(example.includes(`${path.join(' ')} `), example)
      if (command.commands.length > 0) continue
      const [words] = example.slice(example.indexOf('keyhole ')).split(' | ')
      for (const [option] of words!.matchAll(/ --[\w-]+/g)) t.ok(out.includes(`${option} `) || out.includes(`${option}\n`), `${example}: ${option}`)
    }
  }
})

t.test('what would steer the terminal, in what a command is given → shown as ?, in messages too', async t => {
  const url = await storeIn(t, {}, { 'clients.csv': 'id,roles,\u001b]0;owned\u0007\u009b2J\u202e\n', 'policy.json': '\u001b[2J{}' })
  const folder = t.testdirName
  for (const [words, message] of [
    [['clients', 'import', `${folder}/clients.csv`, '--store', url], /line 1: unknown: \?\]0;owned\?\?2J\?\. Write/],
    [['policy', 'check', `${folder}/policy.json`], /policy\.json: no JSON/],
    [['clients', 'show', '\u001b[2J', '--store', url], /'\?\[2J'/]
  ] as const) {
    const { exit, err } = await keyhole(words)
    t.equal(exit, 2)
    t.match(err, message)
    t.notMatch(err, /[^\n\P{C}]/u, words.join(' '))
  }
})

t.test('at a terminal → colours, unless NO_COLOR; in a pipe, none', async t => {
  const url = await storeIn(t)
  await keyhole(['keys', 'rotate', '--store', url])
  const words = ['keys', 'list', '--store', url]
  t.match((await atTerminal(words)).out, '\u001b[32mactive\u001b[39m')
  t.notMatch((await atTerminal(words, { env: { NO_COLOR: '1' } })).out, '\u001b[')
  t.notMatch((await inProcess(words)).out, '\u001b[')
  t.match((await keyhole(words, [], { hasColours: true })).out, '\u001b[32mactive\u001b[39m')
})
