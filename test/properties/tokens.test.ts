import fc from 'fast-check'
import t from 'tap'
import { claims, forge, keyPair } from '../access-token/forge.js'
import { bearer, customerRoute, guardedApp, KEY, SECRET, tokenOf } from '../plugins/resource-guard-app.js'
import { HOSTILE, holdsFor, mutated, watchedLog } from './hostile.js'

const OTHER = keyPair(KEY.kid)
const token = tokenOf('profile')
const value = fc.oneof(HOSTILE, fc.jsonValue(), fc.double(), fc.constant(undefined))
const NOW = Math.floor(Date.now() / 1000)

/** Tokens of ours that were changed, tokens of ours that say something else, and tokens that somebody else signed. */
const tokens = fc.oneof(
  mutated(token),
  fc.dictionary(fc.constantFrom('iss', 'sub', 'aud', 'client_id', 'iat', 'exp', 'jti', 'nbf', 'scope', 'roles', 'cnf', 'act'), value, { minKeys: 1 })
    .map(changes => forge({ key: KEY, claims: claims({ iat: NOW, exp: NOW + 300, ...changes }) })),
  fc.dictionary(fc.constantFrom('alg', 'typ', 'kid', 'crit', 'jwk', 'jku', 'zip', 'b64'), value, { minKeys: 1 }).map(header => forge({ key: KEY, header })),
  fc.tuple(HOSTILE, HOSTILE).map(([rawHeader, rawClaims]) => forge({ key: KEY, rawHeader, rawClaims })),
  fc.string({ maxLength: 40 }).map(jti => forge({ key: OTHER, claims: claims({ iat: NOW, exp: NOW + 300, jti }) }))
)

t.test('E38 access tokens that were changed anywhere → never a 5xx, no field without a good token, nothing of a token in the log', async t => {
  const { logger, lines } = watchedLog(t, [token.split('.')[2]!, SECRET])
  const { get } = await guardedApp(t, customerRoute(), { server: { logger }, options: { audit: {} } })
  t.equal((await get('/customer', null, { headers: bearer(token) })).statusCode, 200)

  await holdsFor(t, tokens, async text => {
    const { statusCode, headers, body } = await get('/customer', null, { headers: bearer(text.replace(/[^\x21-\x7e]/g, '~')) })
    if (statusCode >= 500) throw new Error(`${statusCode}: ${body}`)
    if (statusCode >= 400 && (headers['www-authenticate'] === undefined || Object.keys(JSON.parse(body)).length !== 4)) throw new Error(body)
  })
  t.ok(lines() > 300, 'the log is there')
})
