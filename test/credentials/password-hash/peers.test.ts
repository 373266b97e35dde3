import { register } from 'node:module'
import t from 'tap'

// Lets Node look for these packages where there are none: what it says then is what a user without them gets.
const hooks = `
  export async function resolve (specifier, context, next) {
    const missing = specifier.startsWith('@node-rs/')
    return await next(specifier, missing ? { ...context, parentURL: 'file:///nowhere/module.js' } : context)
  }`

t.test('@node-rs/argon2 and @node-rs/bcrypt not installed → the module loads, a hash of theirs says what to install', async t => {
  register(`data:text/javascript,${encodeURIComponent(hooks)}`)
  const { readHash } = await import('../../../lib/credentials/password-hash/read-hash.js')
  const hashes = {
    '@node-rs/argon2': '$argon2id$v=19$m=64,t=1,p=1$MDEyMzQ1Njc4OWFiY2RlZg$g5SYSEJiVeM1NrG+3lo5hJF358C1G+xhhfqVxmfJREI',
    '@node-rs/bcrypt': '$2b$04$abcdefghijklmnopqrstuuFmEfrkTQnczNzw475xE2VhDrK1uwJiC'
  }
  for (const [name, hash] of Object.entries(hashes)) {
    await t.rejects(readHash(hash).verify('right'), { code: 'FST_KEYHOLE_PEER_MISSING', message: new RegExp(`needs a package that is not installed\\. Run: npm install ${name}$`) })
  }
  t.ok(await readHash('$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$yO5+EniegYJB3JzJstoZPhw0HZud1JKXXUafF2aXWtI').verify('right'), 'others need none')
})
