import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { errors, resourceGuard, tokenEndpoint } from 'fastify-keyhole'
import Fastify, { type FastifyPluginAsync } from 'fastify'
import { runApp } from '../example-app/running-app.js'
import { blocksOf, documents } from './blocks.js'
import { ROOT } from './packed-project.js'

const readme = await readFile(join(ROOT, 'README.md'), 'utf8')

t.test('the two bodies side by side → what the example application answers, member by member in this order', async t => {
  const { token, raw } = await runApp(t)
  const shown = (await blocksOf('README.md')).filter(({ language }) => language === 'json').slice(0, 2)
  for (const [index, role] of ['salesperson', 'admin'].entries()) {
    const { body } = await raw({ path: '/customers/c-0001', token: await token(role) })
    t.equal(shown[index]?.text, JSON.stringify(body, null, 2) + '\n', role)
  }
})

t.test('the tables of options → every option that the plugins take', async t => {
  const tables = new Map([...readme.matchAll(/^### `(\w+)`\n([^]*?)(?=^##)/gm)].map(([, plugin, text]) => [plugin, text!]))
  for (const [name, plugin] of Object.entries({ tokenEndpoint, resourceGuard })) {
    const app = Fastify()
    app.register(plugin as FastifyPluginAsync<never>, { unheard: 1 } as never)
    const message = await app.ready().then(() => '', (error: Error) => error.message)
    const options = message.match(/it has (.+)\./)![1]!.split(', ')
    const rows = [...tables.get(name)!.matchAll(/^\| `(\w+)` \|/gm)].map(([, option]) => option)
    t.strictSame(rows.sort(), options.sort(), name)
  }
})

t.test('the tables of error codes → in docs/errors.md every code, in README.md some, with their status', async t => {
  const known = Object.values(errors).map(error => new (error as new () => Error & { code: string, statusCode: number })())
    .map(({ code, statusCode }) => `${code} ${statusCode}`)
  const documented = [...(await readFile(join(ROOT, 'docs/errors.md'), 'utf8')).matchAll(/^\| `(FST_\w+)` \| (\d{3}) \|/gm)].map(([, code, status]) => `${code} ${status}`)
  t.strictSame(documented.sort(), known.sort())
  const some = [...readme.matchAll(/^\| (\d{3}) \| `(FST_\w+)` \|/gm)].map(([, status, code]) => `${code} ${status}`)
  t.ok(some.length > 0)
  t.strictSame(some.filter(entry => !known.includes(entry)), [])
})

for (const document of await documents()) {
  t.test(`${document}: links to files here → these are there`, async t => {
    const text = await readFile(join(ROOT, document), 'utf8')
    for (const [, target] of text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)) {
      t.ok(existsSync(join(ROOT, dirname(document), target!)), target!)
    }
  })
}
