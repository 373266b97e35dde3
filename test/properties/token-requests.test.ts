import fc from 'fast-check'
import t from 'tap'
import { assertionOf, clientKey } from '../credentials/asserting.js'
import { prover } from '../dpop/client.js'
import { EXCHANGE, TYPE } from '../plugins/exchanging.js'
import { basic, form, FORM, ISSUER, tokenApp, type Parameters } from '../plugins/token-endpoint-app.js'
import { HOSTILE, holdsFor, mutated, watchedLog } from './hostile.js'

const TYPES = [FORM, 'application/json', `${FORM}; charset=utf-8`, 'text/plain', 'multipart/form-data', '']

t.test('E38 token requests that were changed anywhere → never a 5xx, JSON with error and no-store, nothing secret in the log', async t => {
  const secrets: string[] = []
  const { logger, lines } = watchedLog(t, secrets)
  const { app, store, manager, request, post } = await tokenApp(t, { server: { logger }, options: { audit: {} } })
  const good = request(manager)
  const { access_token: token } = (await post(good)).json()
  const key = await clientKey()
  await store.clients.create({ id: 'job', roles: ['manager'], authMethod: 'private_key_jwt', jwks: { keys: [key.publicJwk] } })
  const asserted = { grant_type: 'client_credentials', client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: await assertionOf('job', key) }
  const exchange = { ...good, grant_type: EXCHANGE, subject_token: token, subject_token_type: `${TYPE}access_token` }
  const proof = await (await prover()).proof({ htm: 'POST', htu: `${ISSUER}/oauth2/token` })
  // What JWTs and their headers begin with: no part of one is in the log, whoever signed it.
  secrets.push(manager.clientSecret, manager.apiKey, basic(manager.id, manager.clientSecret).slice(6), 'eyJ', ...[token, asserted.client_assertion, proof].map(jwt => jwt.split('.')[2]))

  const parameters = fc.dictionary(fc.oneof(fc.constantFrom(...Object.keys(good), 'scope', 'client_assertion', 'token', 'resource'), HOSTILE), HOSTILE, { maxKeys: 4 })
  const members = fc.tuple(parameters, fc.subarray(Object.keys(good))).map(([more, kept]) => ({ ...Object.fromEntries(kept.map(name => [name, good[name]])), ...more }) as Parameters)
  const requests = fc.record({
    method: fc.constantFrom('POST', 'POST', 'POST', 'POST', 'GET', 'PUT'),
    url: fc.constantFrom('/oauth2/token', '/oauth2/token', '/oauth2/introspect', '/oauth2/revoke'),
    type: fc.constantFrom(...TYPES),
    payload: fc.oneof(
      mutated(form(good)), mutated(form({ ...good, token })), mutated(JSON.stringify(good)), mutated(form(asserted)), mutated(form(exchange)),
      members.map(form), members.map(members => JSON.stringify(members)), fc.json().map(String), HOSTILE
    ),
    authorization: fc.option(fc.oneof(mutated(basic(manager.id, manager.clientSecret)), mutated(`Bearer ${token}`)).map(printable), { nil: undefined }),
    apiKey: fc.option(mutated(manager.apiKey).map(printable), { nil: undefined }),
    dpop: fc.option(mutated(proof).map(printable), { nil: undefined }),
    remoteAddress: fc.oneof(fc.ipV4(), fc.ipV6(), fc.constant('192.0.2.1'))
  })

  await holdsFor(t, requests, async ({ method, url, type, payload, authorization, apiKey, dpop, remoteAddress }) => {
    const { statusCode, headers, body } = await app.inject({
      method: method as 'POST',
      url,
      payload,
      remoteAddress,
      headers: { 'content-type': type, ...(authorization !== undefined && { authorization }), ...(apiKey !== undefined && { 'x-api-key': apiKey }), ...(dpop !== undefined && { dpop }) }
    })
    if (statusCode >= 500) throw new Error(`${statusCode}: ${body}`)
    if (headers['cache-control'] !== 'no-store') throw new Error('it may be kept')
    if (statusCode >= 400 && (typeof JSON.parse(body).error !== 'string' || Object.keys(JSON.parse(body)).length !== 2)) throw new Error(body)
  })
  t.ok(lines() > 300, 'the log is there')
})

/** What can be the value of a header. */
function printable (text: string): string {
  return text.replace(/[^\x20-\x7e\xa0-\xff]/g, '~').trim()
}
