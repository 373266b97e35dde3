import { workDuring } from '../credentials/count-work.js'
import t, { type Test } from 'tap'
import type { LightMyRequestResponse } from 'fastify'
import { assertionOf, clientKey } from '../credentials/asserting.js'
import { EXCHANGE, exchangeApp, LOGIN } from '../plugins/exchanging.js'
import { basic, FORM, form, tokenApp, without, type Parameters } from '../plugins/token-endpoint-app.js'

/** Whether answers, or the work for them, tell which clients there are and what of their credentials is right. */

const ENDPOINTS = ['/oauth2/token', '/oauth2/introspect', '/oauth2/revoke']

/** Asserts that all these requests come to the same status, headers and bytes, by the same hashes and signatures. */
async function allAlike (t: Test, requests: Readonly<Record<string, () => Promise<LightMyRequestResponse>>>, what: string): Promise<string> {
  const seen = new Map<string, string[]>()
  for (const [name, send] of Object.entries(requests)) {
    let answer = ''
    const work = await workDuring(async () => {
      const { statusCode, headers: { date, ...headers }, body } = await send()
      answer = JSON.stringify({ statusCode, headers, body })
    })
    const key = `${work.join(', ')} → ${answer}`
    seen.set(key, [...seen.get(key) ?? [], name])
  }
  t.strictSame([...seen.values()], [Object.keys(requests)], what)
  if (seen.size > 1) t.comment(JSON.stringify([...seen], null, 2))
  return [...seen.keys()][0]!
}

t.test('B41, B45, B50 whatever is wrong about a secret or an API key → the same status, headers, bytes, and the same hashes, at each endpoint', async t => {
  const { app, store, manager, editor, request, post } = await tokenApp(t, { options: { limits: false } })
  const disabled = await store.clients.create({ id: 'old', roles: ['manager'] })
  await store.clients.disable('old')
  const deleted = await store.clients.create({ id: 'gone', roles: ['manager'] })
  await store.clients.delete('gone')
  const key = await clientKey()
  await store.clients.create({ id: 'job', roles: ['manager'], authMethod: 'private_key_jwt', jwks: { keys: [key.publicJwk] } })
  await store.clients.create({ id: 'pod', roles: ['manager'], authMethod: 'federated', federated: { issuer: LOGIN, subject: 'ada' } })
  await store.clients.create({ id: 'short', roles: ['manager'], requireApiKey: false })
  const { access_token: token } = (await post(request(manager))).json()
  const good = request(manager, { token })
  const wrong: Record<string, Parameters> = {
    'unknown client': { ...good, client_id: 'nobody' },
    'deleted client': request(deleted, { token }),
    'disabled client': request(disabled, { token }),
    'wrong secret': { ...good, client_secret: manager.clientSecret.slice(0, -1) + (manager.clientSecret.endsWith('A') ? 'B' : 'A') },
    'secret of another format': { ...good, client_secret: 'hunter2' },
    'long secret': { ...good, client_secret: 'x'.repeat(10_000) },
    'secret of another client': { ...good, client_secret: editor.clientSecret },
    'no secret': without(good, 'client_secret'),
    'wrong API key': { ...good, api_key: 'wrong' },
    'API key of another client': { ...good, api_key: editor.apiKey },
    'no API key': without(good, 'api_key'),
    'nothing but the id': { ...without(good, 'client_secret', 'api_key') },
    'all wrong': { ...good, client_id: 'nobody', client_secret: 'x', api_key: 'y' },
    'B40 a client that has a key': { ...good, client_id: 'job' },
    'B40 a client whose platform vouches for it': { ...good, client_id: 'pod' },
    'a client that needs no API key': { ...good, client_id: 'short' }
  }

  for (const url of ENDPOINTS) {
    const send = (payload: string, headers: Record<string, string>) => app.inject({ method: 'POST', url, headers, payload })
    for (const [method, ask] of Object.entries({
      body: (parameters: Parameters) => send(form(parameters), { 'content-type': FORM }),
      JSON: (parameters: Parameters) => send(JSON.stringify(parameters), { 'content-type': 'application/json' }),
      Basic: ({ client_id: id = '', client_secret: secret = 'x', ...rest }: Parameters) => send(form(rest), { 'content-type': FORM, authorization: basic(id, secret) })
    })) {
      const alike = await allAlike(t, Object.fromEntries(Object.entries(wrong).map(([name, parameters]) => [name, () => ask(parameters)])), `${url}, ${method}`)
      t.match(alike, /^sha256 of 52 bytes, sha256 of 52 bytes → \{"statusCode":401,/)
    }
  }
  t.equal((await post(good)).statusCode, 200)
})

t.test('B41 an assertion that does not hold, in the name of whichever client → the same status, headers, bytes, hashes and signatures, at each endpoint', async t => {
  const { app, store, login, person, manager, ownToken } = await exchangeApp(t, { limits: false })
  const algorithms = ['ES256', 'EdDSA', 'RS256', 'PS256']
  const strangers = await Promise.all(algorithms.map(alg => clientKey(alg)))
  // All of one length, so that there is as much to hash.
  const ids = ['es256', 'eddsa', 'rs256', 'ps256', 'local', 'cloud', 'webby', 'older', 'gone!', 'nobdy']
  for (const [index, key] of (await Promise.all(algorithms.map(alg => clientKey(alg)))).entries()) {
    await store.clients.create({ id: ids[index]!, roles: ['manager'], authMethod: 'private_key_jwt', jwks: { keys: [key.publicJwk] } })
  }
  await store.clients.create({ id: 'local', roles: ['manager'], authMethod: 'federated', federated: { issuer: LOGIN, subject: 'ada' } })
  await store.clients.create({ id: 'cloud', roles: ['manager'], authMethod: 'federated', federated: { issuer: 'https://cloud.example.com', subject: 'ada', audience: 'cloud' } })
  for (const id of ['webby', 'older', 'gone!']) await store.clients.create({ id, roles: ['manager'], grants: ['client_credentials', EXCHANGE] })
  await store.clients.disable('older')
  await store.clients.delete('gone!')
  const token = await ownToken(manager)
  await app.inject({ method: 'POST', url: '/oauth2/token', payload: { client_id: 'nobdy' } })

  const assertions: Record<string, (id: string) => Promise<string>> = {
    ...Object.fromEntries(strangers.flatMap(key => [
      [`${key.alg}, without kid`, (id: string) => assertionOf(id, key, { header: { kid: undefined } })],
      [`${key.alg}, with the kid that a client has`, (id: string) => assertionOf(id, key)],
      [`${key.alg}, of another issuer`, (id: string) => assertionOf(id, key, { claims: { iss: 'https://evil.example.com' } })]
    ])),
    'a trusted issuer, about somebody else': () => person({ sub: 'eve' }),
    'a trusted issuer, for somebody else': () => person({ aud: 'https://other.example.com' }),
    'a trusted issuer, an access token': () => person({}, { typ: 'at+jwt' }),
    'a trusted issuer, signed by somebody else': () => person({}, { kid: login.kid }, strangers[2]),
    'a trusted issuer, by a key of nobody': () => person({}, { kid: 'nobody' }),
    'no JWT': async () => 'x',
    unsigned: async id => `${Buffer.from('{"alg":"none"}').toString('base64url')}.${Buffer.from(`{"sub":"${id}"}`).toString('base64url')}.AA`
  }
  const ask = async (url: string, id: string, assertion: string) => await app.inject({
    method: 'POST',
    url,
    payload: { grant_type: 'client_credentials', token, client_id: id, client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion }
  })
  // A key is prepared when it is used for the first time.
  await ask('/oauth2/token', 'local', await person({ sub: 'eve' }))

  for (const url of ENDPOINTS) {
    for (const [what, assert] of Object.entries(assertions)) {
      const made = await Promise.all(ids.map(async id => [id, await assert(id)] as const))
      const alike = await allAlike(t, Object.fromEntries(made.map(([id, assertion]) => [id, () => ask(url, id, assertion)])), `${url}, ${what}`)
      t.match(alike, /^sha256 of 52 bytes, sha256 of 52 bytes(, a public key)?(, signature by [^→]+)? → \{"statusCode":401,/, what)
      if (algorithms.some(alg => what.startsWith(alg))) t.match(alike, /, a public key, signature by /, `${what}: one key is read, one signature checked`)
    }
  }
  t.equal((await ask('/oauth2/token', 'local', await person())).statusCode, 200)
})
