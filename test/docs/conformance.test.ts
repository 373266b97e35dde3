import { access, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { ROOT } from './packed-project.js'

/** The table of what is supported of which specification. */

const RFCS = ['6749', '6750', '7009', '7521', '7523', '7591', '7662', '8414', '8693', '8707', '8725', '9068', '9449', '9728']

const text = await readFile(join(ROOT, 'docs/conformance.md'), 'utf8')
const [bySection = '', decided = ''] = text.split('\n## ').slice(1)
const rows = [...bySection.matchAll(/^\| (RFC .+?) \| (.+?) \| (.*?) ?\|$/gm)].map(([, section = '', supported = '', tests = '']) =>
  ({ section, supported, tests: [...tests.matchAll(/`([^`]+)`/g)].map(([, path]) => path!) }))

t.test('each row → says whether it is supported, and names tests that are there', async t => {
  t.ok(rows.length > 40)
  for (const { section, supported, tests } of rows) {
    t.match(supported, /^(?:yes|no)\b|^access tokens/, section)
    t.ok(tests.length > 0, section)
    for (const path of tests) {
      t.match(path, /^test\/.+\.test\.ts$/, section)
      await t.resolves(access(join(ROOT, path)), `${section}: ${path}`)
    }
  }
})

t.test('each specification → has its rows', t => {
  for (const rfc of RFCS) t.ok(rows.some(({ section }) => new RegExp(`\\b${rfc}\\b`).test(section)), rfc)
  t.end()
})

t.test('each case that is decided against → has what is done instead', t => {
  const cases = [...decided.matchAll(/^\| ([A-E]\d+.*?) \| (.+) \|$/gm)]
  t.ok(cases.length >= 9)
  for (const [, name = '', instead = ''] of cases) t.ok(instead.length > 20, name)
  t.end()
})
