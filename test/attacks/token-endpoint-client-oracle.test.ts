import crypto from 'node:crypto'
import { syncBuiltinESMExports } from 'node:module'
import t from 'tap'
import { basic, form, tokenApp, without, type Parameters } from '../plugins/token-endpoint-app.js'

/** Counts the hashes made while `work` runs. */
async function hashes (work: () => Promise<unknown>): Promise<number> {
  let count = 0
  const original = crypto.createHash
  crypto.createHash = ((...args: [string]) => {
    count++
    return original(...args)
  }) as typeof original
  syncBuiltinESMExports()
  try {
    await work()
  } finally {
    crypto.createHash = original
    syncBuiltinESMExports()
  }
  return count
}

t.test('B41, B45, B50 whatever is wrong about the client → the same status, headers, bytes, and as many hashes', async t => {
  const { store, manager, editor, request, post } = await tokenApp(t, { options: { limits: false } })
  const disabled = await store.clients.create({ id: 'old', roles: ['manager'] })
  await store.clients.disable('old')
  const deleted = await store.clients.create({ id: 'gone', roles: ['manager'] })
  await store.clients.delete('gone')
  const good = request(manager)
  const wrong: Record<string, Parameters> = {
    'unknown client': { ...good, client_id: 'nobody' },
    'deleted client': request(deleted),
    'disabled client': request(disabled),
    'wrong secret': { ...good, client_secret: manager.clientSecret.slice(0, -1) + (manager.clientSecret.endsWith('A') ? 'B' : 'A') },
    'secret of another format': { ...good, client_secret: 'hunter2' },
    'long secret': { ...good, client_secret: 'x'.repeat(10_000) },
    'secret of another client': { ...good, client_secret: editor.clientSecret },
    'no secret': without(good, 'client_secret'),
    'wrong API key': { ...good, api_key: 'wrong' },
    'API key of another client': { ...good, api_key: editor.apiKey },
    'no API key': without(good, 'api_key'),
    'nothing but the id': { grant_type: 'client_credentials', client_id: manager.id },
    'all wrong': { grant_type: 'client_credentials', client_id: 'nobody', client_secret: 'x', api_key: 'y' }
  }

  for (const [method, send] of Object.entries({
    body: post,
    JSON: (parameters: Parameters) => post(JSON.stringify(parameters), { 'content-type': 'application/json' }),
    Basic: ({ client_id: id = '', client_secret: secret = 'x', ...rest }: Parameters) => post(rest, { authorization: basic(id, secret) })
  })) {
    const seen = new Map<string, string[]>()
    for (const [name, parameters] of Object.entries(wrong)) {
      let answer = ''
      const count = await hashes(async () => {
        const { statusCode, headers: { date, ...headers }, body } = await send(parameters)
        answer = JSON.stringify({ statusCode, headers, body })
      })
      const key = `${count} hashes: ${answer}`
      seen.set(key, [...seen.get(key) ?? [], name])
    }
    t.equal(seen.size, 1, `${method}: ${JSON.stringify([...seen], null, 2)}`)
    t.match([...seen.keys()][0], /^2 hashes: \{"statusCode":401,/)
  }
  t.equal((await post(form(good))).statusCode, 200)
})
