import t from 'tap'
import { environment, inProcess, keyhole, storeIn } from './running.js'

t.test('a password on the command line → refused and not repeated, whatever is in it', async t => {
  for (const url of ['postgres://keyhole:hunter2@db/keyhole', 'postgres://keyhole:hunter2#x@db/keyhole', 'postgres://db/keyhole?user=a&password=hunter2', 'postgresql://:hunter2@db/x']) {
    const { exit, out, err } = await keyhole(['clients', 'list', '--store', url])
    t.strictSame([exit, out], [2, ''])
    t.match(err, /^--store: it holds a password, which every user of this machine can read in the list of processes/)
    t.notMatch(err, 'hunter2')
  }
  t.match(await keyhole(['clients', 'list', '--store', 'postgres://db:/x/y']), { exit: 2, err: /^--store: / }, 'none in it')
})

t.test('what is no URL of a store → refused, by where it was written, and not repeated', async t => {
  const url = 'mysql://keyhole:hunter2@db/keyhole'
  const file = `${t.testdir({ url })}/url`
  for (const [words, name] of [[['--store', 'keyhole.db'], '--store'], [['--store-file', file], '--store-file'], [[], 'KEYHOLE_STORE']] as const) {
    environment(t, 'KEYHOLE_STORE', url)
    for (const command of [['clients', 'list'], ['migrate', '--check'], ['doctor', '--issuer', 'https://127.0.0.1:1']]) {
      const { exit, out, err } = await keyhole([...command, ...words])
      t.strictSame([exit, out], [2, ''])
      t.ok(err.startsWith(`${name}: write 'sqlite:FILE'`), err)
      t.notMatch(err, 'hunter2')
    }
  }
})

t.test('the URL in a file, piped in, or in the environment → that store, also with a password', async t => {
  const url = await storeIn(t, {}, { two: 'sqlite:a\nsqlite:b\n' })
  const empty = 'There is no client yet. keyhole clients add makes one.\n'
  environment(t, 'KEYHOLE_STORE', 'postgres://keyhole:hunter2@127.0.0.1:1/keyhole')
  t.strictSame(await keyhole(['clients', 'list', '--store-file', '-'], [`${url}\n`]), { exit: 0, out: empty, err: '' }, 'before that of the environment')
  t.strictSame(await keyhole(['clients', 'list', '--store', url]), { exit: 0, out: empty, err: '' })
  const { exit, err } = await keyhole(['clients', 'list'])
  t.equal(exit, 2)
  t.notMatch(err, 'holds a password')
  t.notMatch(err, 'hunter2')
  t.match(await keyhole(['clients', 'list', '--store-file', `${t.testdirName}/two`]), { exit: 2, err: /two: write one line, and nothing else/ })
  t.match(await keyhole(['clients', 'list', '--store-file', '-']), { exit: 2, err: /^-: write one line/ })
  t.match(await keyhole(['clients', 'list', '--store-file', '/nowhere/store']), { exit: 2, err: /^\/nowhere\/store: ENOENT/ })
  t.match(await keyhole(['clients', 'list', '--store-file', 'x', '--store', url]), { exit: 2, err: 'Write --store or --store-file, not both.\n' })
  t.strictSame(await inProcess(['clients', 'list'], { env: { KEYHOLE_STORE: url } }), { exit: 0, out: empty, err: '' })
})
