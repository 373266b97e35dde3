import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { ATTEMPTS } from '../attacks/guard-bypass-attempts.js'
import { liveMembers, tables } from './no-way-around.js'
import { ROOT } from './packed-project.js'

/** Members that a supported Node has, but not each of them. */
const OF_SOME_NODES = ['_headerNames', '_headers', '_isLenientHeaderValidation', 'writableNeedDrain', 'writableObjectMode', 'writeInformation']

const { reply, raw, others } = await tables()
const live = await liveMembers()
const namedIn = (rows: typeof reply) => rows.flatMap(({ members }) => members)

t.test('each member of a reply and of its response → in one row', async t => {
  for (const [what, rows, members] of [['a reply', reply, live.reply], ['HTTP/1.1', raw, live.http1], ['HTTP/2', raw, live.http2]] as const) {
    const named = namedIn(rows)
    t.strictSame([...members].filter(name => !named.includes(name)), [], `${what}: without a row`)
    t.strictSame(named.filter((name, index) => named.indexOf(name) !== index), [], `${what}: in several rows`)
  }
})

t.test('each member in a row → one that there is', async t => {
  t.strictSame(namedIn(reply).filter(name => !live.reply.has(name)), [])
  t.strictSame(namedIn(raw).filter(name => !live.http1.has(name) && !live.http2.has(name) && !OF_SOME_NODES.includes(name)), [])
})

t.test('each outcome → one of those that the text explains', async t => {
  for (const { members, outcome } of [...reply, ...raw, ...others]) t.match(outcome, /\b(?:released|blocked|closed|refused at boot|no bytes|not closable: \w)/, members.join())
})

t.test('each test in a row → one that there is', async t => {
  const sources = new Map<string, string>()
  for (const { file, title } of [...reply, ...raw, ...others].flatMap(({ tests }) => tests)) {
    if (file === 'attacks/guard-bypass') {
      t.ok(Object.hasOwn(ATTEMPTS, title), title)
      continue
    }
    if (!sources.has(file)) sources.set(file, (await readFile(join(ROOT, 'test', `${file}.test.ts`), 'utf8')).replaceAll("\\'", "'"))
    t.ok(title !== '' && sources.get(file)!.includes(`t.test('${title}'`), `${file}: ${title}`)
  }
})

t.test('what is not closable → shown by attempts that are open, and each of these stands in a row', async t => {
  const isOpen = (title: string) => [ATTEMPTS[title]!.outcome, ATTEMPTS[title]!.http2].includes('open')
  const named = [...reply, ...raw, ...others].flatMap(({ outcome, tests }) => tests.filter(({ file }) => file === 'attacks/guard-bypass').map(({ title }) => ({ outcome, title })))
  for (const { outcome, title } of named) t.equal(isOpen(title), outcome.startsWith('not closable'), title)
  t.strictSame(Object.keys(ATTEMPTS).filter(title => isOpen(title) && !named.some(row => row.title === title)), [])
})
