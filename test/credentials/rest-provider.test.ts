import { once } from 'node:events'
import { Type } from '@sinclair/typebox'
import t, { type Test } from 'tap'
import type { ProviderEvent } from '../../lib/credentials/provider-event.js'
import type { ClientCredentials } from '../../lib/credentials/provider.js'
import { restCredentialProvider } from '../../lib/credentials/rest-provider.js'
import type { RestProviderOptions } from '../../lib/credentials/rest-options.js'
import { servePipeline, type Pipeline } from './pipeline.js'

const crm: ClientCredentials = { clientId: 'crm', clientSecret: 'secret', apiKey: 'key' }
const UNAVAILABLE = { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' }

async function setUp (t: Test, options: Partial<RestProviderOptions> = {}) {
  const pipeline = await servePipeline(t)
  pipeline.secrets['crm'] = ['secret key']
  const provider = restCredentialProvider({ url: pipeline.url, ...options })
  const events: ProviderEvent[] = []
  const verify = async (changed: Partial<ClientCredentials> = {}, signal = new AbortController().signal) =>
    await provider.verify({ ...crm, ...changed }, { issuer: 'https://auth.example.com', signal, report: event => { events.push(event) } })
  return { pipeline, provider, events, verify }
}

const answering = (pipeline: Pipeline, body: unknown, status = 200) => {
  pipeline.answer = response => { response.writeHead(status).end(JSON.stringify(body)) }
}

t.test('what is posted → the credentials as JSON, with the own headers', async t => {
  const { pipeline, verify } = await setUp(t, { headers: { Authorization: 'Bearer token', 'x-tenant': 'acme' } })
  t.match(await verify(), { clientId: 'crm', roles: ['crm-role'] })
  await verify({ apiKey: undefined })
  const [first, second] = pipeline.asked
  t.match(first, { method: 'POST', url: '/verify', headers: { authorization: 'Bearer token', 'x-tenant': 'acme', 'content-type': 'application/json', accept: 'application/json' } })
  t.strictSame(first!.body, { clientId: 'crm', clientSecret: 'secret', apiKey: 'key' })
  t.strictSame(second!.body, { clientId: 'crm', clientSecret: 'secret' })
  t.notOk(first!.headers['accept-encoding'], 'nothing encoded is asked for')
})

t.test('request → the body that it makes; checksAssertions → assertions too', async t => {
  const { pipeline, provider, verify } = await setUp(t, { checksAssertions: true, request: ({ clientId, clientAssertion }) => ({ clientId, jwt: clientAssertion }) })
  t.equal(provider.checksAssertions, true)
  await verify({ clientAssertion: 'a.b.c' })
  t.strictSame(pipeline.asked[0]!.body, { clientId: 'crm', jwt: 'a.b.c' })
  t.equal((await setUp(t)).provider.checksAssertions, false)
})

t.test('200 → yes; 401 and 403 → no, whatever the body; everything else → unavailable', async t => {
  const { pipeline, verify } = await setUp(t, { breaker: false })
  const right = { clientId: 'crm', roles: ['manager'] }
  answering(pipeline, right)
  t.strictSame(await verify(), right)
  for (const status of [401, 403]) {
    answering(pipeline, right, status)
    t.equal(await verify(), null, `${status}`)
    pipeline.answer = response => { response.writeHead(status, { 'content-length': '100' }).write('{', () => response.destroy()) }
    t.equal(await verify(), null, `${status} with half a body`)
  }
  for (const status of [201, 202, 204, 300, 301, 302, 303, 307, 308, 400, 402, 404, 405, 408, 409, 410, 422, 429, 500, 502, 503, 504]) {
    answering(pipeline, right, status)
    await t.rejects(verify(), { ...UNAVAILABLE, cause: { message: new RegExp(`^the status ${status} is neither yes nor no`) } }, `${status}`)
  }
  answering(pipeline, right, 206)
  await t.rejects(verify(), UNAVAILABLE, 'a part, which was not asked for')
})

t.test('principal as JSON pointers → from there; what is missing or null is left out', async t => {
  const { pipeline, verify } = await setUp(t, { principal: { clientId: '/client/id', roles: '/client/groups', tokenLifetime: '/ttl', claims: '/a~1b', grants: '/no/such' } })
  answering(pipeline, { client: { id: 'crm', groups: ['manager'] }, ttl: null, 'a/b': { name: 'CRM' } })
  t.strictSame(await verify(), { clientId: 'crm', roles: ['manager'], claims: { name: 'CRM' } })
  answering(pipeline, { client: { id: 'shop', groups: ['manager'] } })
  await t.rejects(verify(), { ...UNAVAILABLE, cause: { message: 'the credential provider answered with another client' } }, 'B56')
  for (const body of [{ client: null }, { client: { id: 'crm' } }, { client: { id: 'crm', groups: 'manager' } }, null, 7, 'x', []]) {
    answering(pipeline, body)
    await t.rejects(verify(), UNAVAILABLE, JSON.stringify(body))
  }
  const short = await setUp(t, { principal: { roles: '/groups' } })
  answering(short.pipeline, { groups: [] })
  t.strictSame(await short.verify(), { clientId: 'crm', roles: [] }, 'without a pointer to it the id is the one that was asked about')
})

t.test('principal as a function → with what fits the schema; null is a no, an error is neither', async t => {
  const pipeline = await servePipeline(t)
  const provider = restCredentialProvider({
    url: pipeline.url,
    answer: Type.Object({ active: Type.Boolean(), level: Type.Integer() }),
    principal: ({ active, level }, { clientId }) => {
      if (level > 9) throw new Error('no such level')
      return active ? { clientId, roles: [`level-${level}`] } : null
    }
  })
  const verify = async () => await provider.verify(crm, { issuer: 'https://auth.example.com', signal: new AbortController().signal })
  answering(pipeline, { active: true, level: 2 })
  t.strictSame(await verify(), { clientId: 'crm', roles: ['level-2'] })
  answering(pipeline, { active: false, level: 2 })
  t.equal(await verify(), null)
  answering(pipeline, { active: true, level: 10 })
  await t.rejects(verify(), { ...UNAVAILABLE, cause: { message: 'no such level' } })
  answering(pipeline, { active: 'secret', level: 1 })
  await t.rejects(verify(), { ...UNAVAILABLE, cause: { message: 'the answer does not fit the schema: /active: Expected boolean' } }, 'and nothing of the answer is quoted')
  answering(pipeline, 'secret')
  await t.rejects(verify(), { ...UNAVAILABLE, cause: { message: 'the answer does not fit the schema: /: Expected object' } })
})

t.test('an event for each question → the provider, what it said, the breaker', async t => {
  const { pipeline, events, verify } = await setUp(t, { name: 'crm pipeline', breaker: { requests: 1 } })
  await verify()
  await verify({ clientSecret: 'wrong' })
  answering(pipeline, {}, 500)
  for (let question = 0; question < 4; question++) await t.rejects(verify(), UNAVAILABLE)
  t.match(events, [
    { provider: 'crm pipeline', outcome: 'verified', breaker: 'closed' },
    { provider: 'crm pipeline', outcome: 'refused', breaker: 'closed' },
    { outcome: 'unavailable', breaker: 'closed' },
    { outcome: 'unavailable', breaker: 'closed' },
    { outcome: 'unavailable', breaker: 'open' },
    { outcome: 'unavailable', breaker: 'open' }
  ])
  t.ok(events.every(({ milliseconds }) => milliseconds >= 0))
  t.equal(pipeline.asked.length, 5, 'while it is open nobody is asked')
  const without = await setUp(t, { breaker: false })
  await without.verify()
  t.strictSame(Object.keys(without.events[0]!), ['provider', 'outcome', 'milliseconds'])
})

t.test('B55 what one caller brings about → does not open the breaker for others', async t => {
  const { pipeline, events, verify } = await setUp(t, { breaker: { requests: 1 } })
  answering(pipeline, {}, 400)
  for (let question = 0; question < 5; question++) await t.rejects(verify({ clientId: 'strange' }), UNAVAILABLE)
  pipeline.answer = () => {}
  for (let question = 0; question < 5; question++) {
    const controller = new AbortController()
    const answer = verify({}, controller.signal)
    while (pipeline.asked.length < 6 + question) await new Promise(resolve => setImmediate(resolve))
    controller.abort(new Error('gone'))
    await t.rejects(answer, { ...UNAVAILABLE, cause: { message: 'gone' } })
    const { hungUp } = pipeline.asked[5 + question]!
    if (!hungUp.aborted) await once(hungUp, 'abort')
    t.pass('the connection is closed')
  }
  pipeline.answer = undefined
  t.ok(await verify())
  t.ok(events.every(({ breaker }) => breaker === 'closed'))
})

t.test('B55 the caller of the one that tries goes away → the try goes on', async t => {
  const { pipeline, events, verify } = await setUp(t, { breaker: { requests: 1, wait: 0.05 } })
  answering(pipeline, {}, 500)
  await t.rejects(verify(), UNAVAILABLE)
  t.equal(events.at(-1)!.breaker, 'open')
  pipeline.answer = undefined
  let asked = new Promise<void>(() => {})
  const held: (() => void)[] = []
  asked = new Promise(resolve => {
    pipeline.answer = response => {
      held.push(() => response.end(JSON.stringify({ clientId: 'crm', roles: [] })))
      resolve()
    }
  })
  const controller = new AbortController()
  let trying: Promise<unknown> | undefined
  while (trying === undefined) {
    await new Promise(resolve => setTimeout(resolve, 10))
    const attempt = verify({}, controller.signal)
    const isOpen = await Promise.race([attempt.then(() => false, () => true), asked.then(() => false)])
    if (!isOpen) trying = attempt
  }
  controller.abort(new Error('gone'))
  await t.rejects(trying, { ...UNAVAILABLE, cause: { message: 'gone' } })
  pipeline.answer = undefined
  held[0]!()
  let principal
  while (principal === undefined) principal = await verify().catch(async () => { await new Promise(resolve => setTimeout(resolve, 10)) })
  t.match(principal, { clientId: 'crm' })
  t.equal(events.at(-1)!.breaker, 'closed')
})

t.test('cache → each answer is used again for as long as its kind is, by all of the credentials; what it cannot tell never', async t => {
  const { pipeline, events, verify } = await setUp(t, { cache: { yes: 60, no: 60 }, breaker: false })
  const times = () => pipeline.asked.length
  for (let question = 0; question < 3; question++) t.ok(await verify())
  t.equal(times(), 1)
  for (let question = 0; question < 3; question++) t.equal(await verify({ clientSecret: 'wrong' }), null)
  t.equal(times(), 2)
  for (const changed of [{ clientId: 'shop' }, { apiKey: undefined }, { apiKey: 'other' }, { clientSecret: 'secret key', apiKey: undefined }]) t.equal(await verify(changed), null)
  t.equal(times(), 6)
  t.equal(events.length, 10, 'it is told of each')
  answering(pipeline, {}, 500)
  t.ok(await verify(), 'also while the external system is down')
  for (let question = 0; question < 2; question++) await t.rejects(verify({ clientSecret: 'new' }), UNAVAILABLE)
  t.equal(times(), 8)
  const assertion = await setUp(t, { cache: { yes: 60, no: 60 }, checksAssertions: true })
  for (let question = 0; question < 2; question++) await assertion.verify({ clientAssertion: 'a.b.c' })
  t.equal(assertion.pipeline.asked.length, 2, 'an assertion may be good once')
})

t.test('cache of one kind, or of none → asked again', async t => {
  for (const [cache, expected] of [[{ yes: 60 }, 3], [{ no: 60 }, 3], [{ yes: 0 }, 4], [undefined, 4]] as const) {
    const { pipeline, verify } = await setUp(t, cache === undefined ? {} : { cache })
    for (let question = 0; question < 2; question++) {
      t.ok(await verify())
      t.equal(await verify({ clientSecret: 'wrong' }), null)
    }
    t.equal(pipeline.asked.length, expected, JSON.stringify(cache))
  }
})

t.test('wrong options → refused at once, by name and with what to write', async t => {
  const url = 'https://clients.example.com/verify'
  const wrong: [unknown, RegExp][] = [
    [undefined, /write an object/],
    [{}, /url: write the https URL/],
    [{ url: 'http://clients.example.com' }, /url: write the https URL/],
    [{ url: 'https://user:secret@clients.example.com' }, /url: write the https URL/],
    [{ url: 'https://clients.example.com/#x' }, /url: write the https URL/],
    [{ url: 7 }, /url: write the https URL/],
    [{ url, uri: url }, /uri: there is no such option; there are url, name,/],
    [{ url, name: '' }, /name: write a name/],
    [{ url, request: {} }, /request: write a function/],
    [{ url, answer: 7 }, /answer: write a TypeBox schema/],
    [{ url, principal: {} }, /principal: write a function, or JSON pointers/],
    [{ url, principal: null }, /principal: write a function, or JSON pointers/],
    [{ url, principal: { roles: 'groups' } }, /principal\.roles: write a JSON pointer such as '\/client\/roles'/],
    [{ url, principal: { roles: '/a~' } }, /principal\.roles: write a JSON pointer/],
    [{ url, principal: { roles: 7 } }, /principal\.roles: write a JSON pointer/],
    [{ url, principal: { roles: '/groups', sub: '/sub' } }, /principal\.sub: a principal has no such member; it has clientId,/],
    [{ url, checksAssertions: 'yes' }, /checksAssertions: write true or false/],
    ...[0, 10, '5', NaN].map((timeout): [unknown, RegExp] => [{ url, timeout }, /timeout: write seconds, more than 0 and 9 at most/]),
    [{ url, sizeLimit: 0 }, /sizeLimit: write a whole number from 1 to 16,777,216/],
    [{ url, connections: 0.5 }, /connections: write a whole number from 1 to 1,024/],
    [{ url, retries: 4 }, /retries: write a whole number from 0 to 3/],
    [{ url, headers: null }, /headers: write an object/],
    [{ url, headers: { authorization: undefined } }, /headers\['authorization'\]: there is no value. If it comes from the environment, set the variable/],
    [{ url, headers: { authorization: '' } }, /there is no value/],
    [{ url, headers: { 'x y': 'z' } }, /headers\['x y'\]: that is no name of a header/],
    [{ url, headers: { Host: 'evil.example' } }, /headers\['Host'\]: this header is not yours to set/],
    [{ url, headers: { x: 'secret\r\ny: z' } }, /headers\['x'\]: write printable ASCII in one line/],
    [{ url, headers: { x: 7 } }, /headers\['x'\]: write printable ASCII/],
    [{ url, breaker: true }, /breaker: write an object with requests, wait/],
    [{ url, breaker: { requests: 0 } }, /breaker\.requests: write a whole number from 1 to 1,000/],
    [{ url, breaker: { wait: 301 } }, /breaker\.wait: write seconds/],
    [{ url, breaker: { limit: 1 } }, /breaker\.limit: there is no such option; there are requests, wait/],
    [{ url, cache: null }, /cache: write an object with yes, no/],
    [{ url, cache: { yes: -1 } }, /cache\.yes: write seconds, from 0 to 300/],
    [{ url, cache: { no: 301 } }, /cache\.no: write seconds, from 0 to 300/],
    [{ url, tls: { rejectUnauthorized: false } }, /tls\.rejectUnauthorized: there is no such option/],
    [{ url, tls: { cert: 'x' } }, /tls: write cert together with key/],
    [{ url, tls: { cert: 'secret', key: 'secret' } }, /tls: write ca, cert and key as PEM, with the key of that certificate/]
  ]
  for (const [options, message] of wrong) {
    const error = t.throws(() => restCredentialProvider(options as RestProviderOptions), { code: 'FST_KEYHOLE_OPTION_INVALID', message }, JSON.stringify(options)) as Error
    t.match(error.message, /^restCredentialProvider: /)
    t.notMatch(error.message, 'secret')
  }
  t.ok(restCredentialProvider({ url: new URL(url) }))
  t.ok(restCredentialProvider({ url: 'http://127.0.0.1:1/?tenant=a' }))
})
