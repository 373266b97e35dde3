import { Type } from '@sinclair/typebox'
import t from 'tap'
import { claimSet } from '../../lib/release/annotation.js'
import { bearer, guardedApp, POLICY, tokenOf } from './resource-guard-app.js'

/** Tokens with scopes that no other has: `KEYHOLE_CASES` says how many. */

const TOKENS = Number(process.env['KEYHOLE_CASES'] ?? 2000)

/** Counts the serializers that are compiled: fast-json-stringify makes a function with these parameters of each. */
function countCompiled (t: { teardown (work: () => void): void }): () => number {
  const original = globalThis.Function
  let made = 0
  globalThis.Function = new Proxy(original, {
    construct (target, source) {
      if (source[0] === 'validator' && source[1] === 'serializer') made++
      return Reflect.construct(target, source)
    }
  })
  t.teardown(() => { globalThis.Function = original })
  return () => made
}

t.test(`E34 ${TOKENS} tokens, none with the scopes of another → a serializer is compiled once for each choice of the claim sets that a schema has`, async t => {
  const names = Array.from({ length: 20 }, (_, index) => `scope-${index}`)
  const reads = (index: number) => index < 3 ? [Object.keys(POLICY.claimSets)[index]!] : []
  const policy = { ...POLICY, scopes: Object.fromEntries(names.map((name, index) => [name, { reads: reads(index) }])) }
  const two = Type.Object({ name: claimSet('profile_claims', Type.String()), email: claimSet('contact_claims', Type.String()) })
  const three = Type.Object({ ...two.properties, city: claimSet('address_claims', Type.String()) })
  const value = { name: 'Jane', email: 'jane@example.com', city: 'Paris' }
  const compiled = countCompiled(t)
  const { app } = await guardedApp(t, api => {
    for (const [path, schema] of Object.entries({ two, three, 'three-again': three })) api.get(`/${path}`, { schema: { response: { 200: schema } } }, async () => value)
  }, { options: { policy }, server: { logger: false } })

  const views = new Set<string>()
  for (let number = 0; number < TOKENS; number++) {
    // Of each number another subset, in an order of its own.
    const held = names.filter((_, index) => number >> index & 1)
    const headers = bearer(tokenOf([...held, `unknown-${number}`].join(' ')))
    for (const path of ['two', 'three', 'three-again']) {
      const { statusCode, payload } = await app.inject({ url: `/${path}`, headers })
      if (statusCode !== 200) t.fail(`${path} → ${statusCode}`)
      views.add(`${path.slice(0, 5)} ${payload}`)
    }
  }
  t.equal(views.size, 4 + 8)
  t.equal(compiled(), views.size - 2, 'each once; what sees nothing of its schema needs none')
})
