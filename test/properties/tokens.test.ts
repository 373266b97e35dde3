import fc from 'fast-check'
import t from 'tap'
import { claims, forge, keyPair } from '../access-token/forge.js'
import { ath, prover } from '../dpop/client.js'
import { AUDIENCE, bearer, customerRoute, guardedApp, KEY, SECRET, tokenOf } from '../plugins/resource-guard-app.js'
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

t.test('E38 access tokens and proofs that were changed anywhere → never a 5xx, no field without a good token, nothing of a token in the log', async t => {
  const ada = await prover()
  const bound = tokenOf('profile', { cnf: { jkt: ada.thumbprint } })
  const proof = await ada.proof({ htm: 'GET', htu: `${AUDIENCE}/customer`, ath: ath(bound) })
  // What JWTs begin with: no part of one is in the log, whoever signed it.
  const { logger, lines } = watchedLog(t, ['eyJ', ...[token, bound, proof].map(jwt => jwt.split('.')[2]!), SECRET])
  const { get } = await guardedApp(t, customerRoute(), { server: { logger }, options: { audit: {} } })
  t.equal((await get('/customer', null, { headers: bearer(token) })).statusCode, 200)
  const sent = fc.oneof(
    tokens.map(text => ({ authorization: `Bearer ${printable(text)}` })),
    fc.tuple(mutated(bound), mutated(proof)).map(([text, dpop]) => ({ authorization: `DPoP ${printable(text)}`, dpop: printable(dpop) })),
    mutated(proof).map(dpop => ({ authorization: `DPoP ${bound}`, dpop: printable(dpop) }))
  )

  await holdsFor(t, sent, async headers => {
    const { statusCode, headers: { 'www-authenticate': challenge }, body } = await get('/customer', null, { headers })
    if (statusCode >= 500) throw new Error(`${statusCode}: ${body}`)
    if (statusCode >= 400 && (challenge === undefined || Object.keys(JSON.parse(body)).length !== 4)) throw new Error(body)
  })
  t.ok(lines() > 300, 'the log is there')
})

/** What can be the value of a header. */
function printable (text: string): string {
  return text.replace(/[^\x21-\x7e]/g, '~')
}
