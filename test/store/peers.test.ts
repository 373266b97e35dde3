import { register } from 'node:module'
import t from 'tap'

// Lets Node look for these packages where there are none: what it says then is what a user without them gets.
const hooks = `
  export async function resolve (specifier, context, next) {
    const missing = ['libsql', 'kysely', 'pg'].includes(specifier)
    return await next(specifier, missing ? { ...context, parentURL: 'file:///nowhere/module.js' } : context)
  }`

t.test('kysely, libsql and pg not installed → the module loads, openStore says what to install', async t => {
  register(`data:text/javascript,${encodeURIComponent(hooks)}`)
  const { openStore } = await import('../../lib/store/index.js')
  await t.rejects(openStore('sqlite::memory:'), {
    code: 'FST_KEYHOLE_PEER_MISSING',
    message: 'openStore needs a package that is not installed. Run: npm install kysely libsql',
    cause: { message: /^Cannot find package '(kysely|libsql)'/ }
  })
  await t.rejects(openStore('postgres://localhost/keyhole'), {
    code: 'FST_KEYHOLE_PEER_MISSING',
    message: 'openStore needs a package that is not installed. Run: npm install kysely pg',
    cause: { message: /^Cannot find package '(kysely|pg)'/ }
  })
})
