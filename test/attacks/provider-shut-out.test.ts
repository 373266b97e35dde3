import type { ServerResponse } from 'node:http'
import { mock } from 'node:test'
import t, { type Test } from 'tap'
import { oauthCredentialProvider } from '../../lib/credentials/oauth-provider.js'
import type { ProviderEvent } from '../../lib/credentials/provider-event.js'
import type { ClientCredentials } from '../../lib/credentials/provider.js'
import { restCredentialProvider } from '../../lib/credentials/rest-provider.js'
import type { RestProviderOptions } from '../../lib/credentials/rest-options.js'
import { AUDIENCE, CLIENTS, serveAuthorizationServer } from '../credentials/authorization-server.js'
import { decide, servePipeline } from '../credentials/pipeline.js'

/** Whether a stranger can have a system be taken for one that is down, so that it is asked about nobody any more. */

const CRM: ClientCredentials = { clientId: 'crm', clientSecret: 'secret', apiKey: 'key' }

/** A system that knows `crm`, and a provider that leaves it alone as soon as one question failed. */
async function restSetUp (t: Test, options: Partial<RestProviderOptions> = {}) {
  const pipeline = await servePipeline(t)
  pipeline.secrets['crm'] = ['secret key']
  const provider = restCredentialProvider({ url: pipeline.url, breaker: { requests: 1 }, ...options })
  const events: ProviderEvent[] = []
  const verify = async (changed: Partial<ClientCredentials> = {}) =>
    await provider.verify({ ...CRM, ...changed }, { issuer: 'https://auth.example.com', signal: new AbortController().signal, report: event => { events.push(event) } })
  return { pipeline, verify, events }
}

/** What a stranger may present, one thing in it such that no system knows it. */
const NOBODYS: Readonly<Record<string, Partial<ClientCredentials>>> = {
  'an id with a NUL': { clientId: 'crm\0' },
  'an id with a lone surrogate': { clientId: 'crm\ud800' },
  'an id that is too long': { clientId: 'x'.repeat(513) },
  'a secret with a NUL': { clientSecret: 'secret\0' },
  'a secret that is empty': { clientSecret: '' },
  'an API key with a line break': { apiKey: 'key\n' },
  'an API key that is too long': { apiKey: 'x'.repeat(10_000) },
  'an assertion that is no JWT': { clientSecret: undefined, clientAssertion: 'a.b.\0' },
  'an assertion that is too long': { clientSecret: undefined, clientAssertion: 'x'.repeat(8193) }
}

t.test('B55 what no system could know → a system that fails at it never gets it; it is asked about nobody, and the answer is a no', async t => {
  const { pipeline, verify, events } = await restSetUp(t, { checksAssertions: true })
  const failing = Object.values(NOBODYS).map(changed => JSON.stringify({ ...CRM, ...changed }))
  pipeline.answer = (response, asked) => {
    if (failing.includes(JSON.stringify(asked.body))) response.writeHead(500).end()
    else decide(response, asked, pipeline.secrets)
  }
  for (const [what, changed] of Object.entries(NOBODYS)) t.equal(await verify(changed), null, what)
  const ids = pipeline.asked.map(({ body: { clientId } }) => clientId)
  t.equal(ids.length, Object.keys(NOBODYS).length, 'each took a question, as a wrong secret does')
  t.ok(ids.every(id => /^nobody-/.test(id)), 'no client has failed by it')
  t.ok(await verify())
  t.ok(events.every(({ breaker }) => breaker === 'closed'))
})

t.test('B55 a system that says yes to everybody → a no to what it could not know; one that is down → unavailable', async t => {
  const { pipeline, verify } = await restSetUp(t, { checksAssertions: true, breaker: false })
  pipeline.answer = (response, { body: { clientId } }) => { response.end(JSON.stringify({ clientId, roles: ['manager'] })) }
  for (const [what, changed] of Object.entries(NOBODYS)) t.equal(await verify(changed), null, what)
  pipeline.answer = response => { response.writeHead(500).end() }
  for (const [what, changed] of Object.entries(NOBODYS)) await t.rejects(verify(changed), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE' }, what)
})

t.test('ids and secrets of any script, no API key, no secret, and JWTs → as they are', async t => {
  const { pipeline, verify } = await restSetUp(t, { checksAssertions: true })
  const presented: Partial<ClientCredentials>[] = [{ clientId: 'müller@example.com', clientSecret: 'пароль 🗝️' }, { apiKey: undefined }, { clientSecret: undefined }, { clientAssertion: 'e30.e30.A-_' }]
  for (const changed of presented) await verify(changed)
  t.strictSame(pipeline.asked.map(({ body }) => body), presented.map(changed => JSON.parse(JSON.stringify({ ...CRM, ...changed }))))
})

t.test('B55 a system that limits who guesses → unavailable for those alone', async t => {
  const { pipeline, verify, events } = await restSetUp(t)
  pipeline.answer = (response, asked) => {
    if (asked.body.clientId === 'crm') decide(response, asked, pipeline.secrets)
    else response.writeHead(429, { 'retry-after': '60' }).end()
  }
  for (let guess = 0; guess < 10; guess++) await t.rejects(verify({ clientId: `guess-${guess}` }), { code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', cause: { message: 'the status 429 is neither yes nor no' } })
  t.ok(await verify())
  t.ok(events.every(({ breaker }) => breaker === 'closed'))
})

/** Waits for what happens on sockets, whatever a clock says. */
async function until (holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise(resolve => setImmediate(resolve))
}

/**
 * That guesses which fill up all connections to a system that answers, though not fast enough for all of them, are
 * unavailable, and that it is not taken for one that is down.
 */
async function guessesWait (t: Test, { connections, guess, isAsked, answerAll }: {
  readonly connections: number
  readonly guess: (number: number) => Promise<unknown>
  /** How many of its questions the system has not answered yet. */
  readonly isAsked: () => number
  readonly answerAll: () => void
}): Promise<void> {
  mock.timers.enable({ apis: ['setTimeout'] })
  t.teardown(() => mock.timers.reset())
  const guesses = Array.from({ length: 3 * connections }, async (_, number) => await guess(number).catch(error => error))
  await until(() => isAsked() === connections)
  mock.timers.tick(3000)
  answerAll()
  await until(() => isAsked() === connections)
  // The time of those that still wait is over; that of those that were asked just now is not.
  mock.timers.tick(2000)
  const late = await Promise.all(guesses.slice(2 * connections))
  t.match(late, late.map(() => ({ code: 'FST_KEYHOLE_PROVIDER_UNAVAILABLE', cause: { message: 'no connection was free within 5 seconds' } })))
  answerAll()
  t.strictSame(await Promise.all(guesses.slice(0, 2 * connections)), Array.from({ length: 2 * connections }, () => null))
}

t.test('B55 more guesses than a system behind REST can answer → those that waited too long are unavailable, and nobody else is', async t => {
  const { pipeline, verify, events } = await restSetUp(t, { connections: 2 })
  const asked: (() => void)[] = []
  pipeline.answer = (response, question) => { asked.push(() => decide(response, question, pipeline.secrets)) }
  await guessesWait(t, {
    connections: 2,
    guess: number => verify({ clientId: `guess-${number}` }),
    isAsked: () => asked.length,
    answerAll () {
      for (const answer of asked.splice(0)) answer()
    }
  })
  pipeline.answer = undefined
  t.ok(await verify())
  t.ok(events.every(({ breaker }) => breaker === 'closed'))
})

t.test('B55 more guesses than an authorization server can answer → those that waited too long are unavailable, and nobody else is', async t => {
  const server = await serveAuthorizationServer({ after: work => t.teardown(work) })
  const provider = await oauthCredentialProvider({ issuer: server.issuer, audience: AUDIENCE, requireApiKey: false })
  t.teardown(() => provider.close())
  const events: ProviderEvent[] = []
  const verify = async (clientId: string) =>
    await provider.verify({ clientId, clientSecret: CLIENTS.crm.secret, apiKey: undefined }, { issuer: 'https://auth.example.com', signal: new AbortController().signal, report: event => { events.push(event) } })
  const asked: ServerResponse[] = []
  server.answer = (request, response) => { request.resume().once('end', () => asked.push(response)) }
  await guessesWait(t, {
    connections: 16,
    guess: number => verify(`guess-${number}`),
    isAsked: () => asked.length,
    answerAll () {
      for (const response of asked.splice(0)) response.writeHead(401).end()
    }
  })
  server.answer = undefined
  t.ok(await verify('crm'))
  t.ok(events.every(({ breaker }) => breaker === 'closed'))
})
