import t from 'tap'
import { logged } from './apps/with-options.js'
import { appFile, keyhole, ORDERS } from './running.js'

t.test('a plugin, or an instance, as default export → loaded', async t => {
  const plugin = await keyhole(['report', ORDERS])
  t.equal(plugin.exit, 0, plugin.err)
  t.strictSame(await keyhole(['report', appFile('instance.ts')]), plugin)
})

t.test('exported options → go to Fastify and to the plugin, all but the log', async t => {
  const { exit, out } = await keyhole(['report', appFile('with-options.ts'), '--csv'])
  t.equal(exit, 0)
  t.match(out, '\nGET /v2/orders,200,')
  t.strictSame(logged, [])
})

t.test('no module, none that can be loaded, none of an application, none with a guard → 2, and what to do', async t => {
  for (const [name, said] of [
    ['missing.ts', /^\S+missing\.ts: there is no such file\.\n$/],
    ['throwing.ts', /^\S+throwing\.ts: Error: this module cannot be loaded\n +at /],
    ['unknown.app', /unknown\.app: Node\.js does not load such a file by itself\. For TypeScript run it with a loader: /],
    ['nothing.ts', /its default export is no application\. Export a Fastify plugin/],
    ['transpiled.cjs', /no resource guard is registered in this application\. Register resourceGuard/]
  ] as const) {
    const { exit, out, err } = await keyhole(['report', appFile(name)])
    t.strictSame([exit, out], [2, ''], name)
    t.match(err, said)
  }
})

t.test('an application that does not boot → 2, with its faults as they are', async t => {
  const { exit, err } = await keyhole(['report', appFile('unannotated.ts')])
  t.equal(exit, 2)
  t.match(err, /^These routes cannot be guarded as they stand:\n {2}GET \/customers\/:id, response 200: no claim set on \/id, \/tags/)
  t.match(await keyhole(['report', appFile('failing.ts')]), { exit: 2, out: '', err: /^Error: the database is not there\n +at / })
})
