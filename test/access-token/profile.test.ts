import t from 'tap'
import { AUDIENCE, claims, forge, ISSUER, keyPair, keysOf, NOW, refused, verifierOf } from './forge.js'
import type { InvalidTokenReason } from '../../lib/access-token/errors.js'

const key = keyPair('k1')
const keys = keysOf(key)
const { verify } = verifierOf(keys)
const strict = verifierOf(keys, { clockTolerance: 0 }).verify
const withClaims = (changes: Record<string, unknown>) => forge({ key, claims: claims(changes) })
/** A token whose claim stands there in these characters of JSON. */
const withJson = (name: string, json: string) => forge({ key, rawClaims: JSON.stringify(claims({ [name]: '@' })).replace('"@"', json) })

const THUMBPRINT = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

t.test('A38 crit, whatever it holds → refused', async t => {
  for (const crit of [[], ['alg'], ['x', 'x'], ['x'], ['exp'], [1], 'x', {}, null, false, ['b64']]) {
    await refused(t, verify, forge({ key, header: { crit, x: 1, exp: NOW + 300, b64: true } }), 'critical', JSON.stringify(crit))
  }
})

for (const [number, name] of [['A50', 'aud'], ['A51', 'iss'], ['A52', 'exp'], ['A53', 'sub'], ['A53', 'client_id'], ['A53', 'iat'], ['A53', 'jti']] as const) {
  t.test(`${number} token without ${name} → refused`, async t => {
    await refused(t, verify, withClaims({ [name]: undefined }), 'claims')
  })
}

t.test('A53 sub, client_id, jti, iss empty or no string → refused', async t => {
  for (const name of ['sub', 'client_id', 'jti', 'iss']) {
    for (const value of ['', null, 1, true, ['crm'], {}]) await refused(t, verify, withClaims({ [name]: value }), 'claims', `${name} ${JSON.stringify(value)}`)
  }
})

t.test('A54 iss as array that holds the right one → refused', async t => {
  await refused(t, verify, withClaims({ iss: [ISSUER] }), 'claims')
  await refused(t, verify, withClaims({ iss: [ISSUER, 'https://evil.example'] }), 'claims')
})

t.test('A54 iss that is not the issuer code point by code point → refused', async t => {
  for (const iss of [ISSUER + '/', ISSUER.toUpperCase(), ISSUER.slice(0, -1), ISSUER + '.evil', ' ' + ISSUER, 'https://auth.ex\u0430mple.com']) {
    await refused(t, verify, withClaims({ iss }), 'issuer', iss)
  }
})

t.test('A55 aud that is not the audience code point by code point → refused', async t => {
  for (const aud of [AUDIENCE + '.evil', AUDIENCE.toUpperCase(), AUDIENCE + '/', AUDIENCE + '/v1', AUDIENCE.slice(0, -1), AUDIENCE + ':443', 'https://', '*', AUDIENCE + '\0', `${AUDIENCE} x`]) {
    await refused(t, verify, withClaims({ aud }), 'audience', JSON.stringify(aud))
    await refused(t, verify, withClaims({ aud: [aud] }), 'audience', JSON.stringify([aud]))
  }
})

t.test('A56 aud empty, nested, mixed, of another type → refused', async t => {
  for (const aud of [[], [[AUDIENCE]], [AUDIENCE, 1], [AUDIENCE, null], [AUDIENCE, ''], {}, { 0: AUDIENCE, length: 1 }, '', null, 1, true]) {
    await refused(t, verify, withClaims({ aud }), 'claims', JSON.stringify(aud))
  }
})

t.test('A57 aud with others beside ours → accepted', async t => {
  const { claims: verified } = await verify(withClaims({ aud: ['https://other.example', AUDIENCE] }))
  t.strictSame(verified.aud, ['https://other.example', AUDIENCE])
})

t.test('A59 exp in the current second → refused, one second later → accepted', async t => {
  await refused(t, strict, withClaims({ exp: NOW }), 'expired')
  await refused(t, verifierOf(keys, { clockTolerance: 0, now: () => NOW + 0.9 }).verify, withClaims({ exp: NOW }), 'expired', 'later in that second')
  t.match(await strict(withClaims({ exp: NOW + 1 })), { claims: { exp: NOW + 1 } })
})

t.test('A60 exp infinite, huge, in milliseconds → refused', async t => {
  await refused(t, verify, withJson('exp', '1e400'), 'claims', '1e400')
  await refused(t, verify, withJson('exp', '-1e400'), 'claims', '-1e400')
  await refused(t, verify, withJson('iat', '-1e400'), 'claims', 'iat -1e400')
  for (const json of ['1e20', '1e308', '9007199254740993', String(NOW * 1000)]) await refused(t, verify, withJson('exp', json), 'lifetime', json)
  await refused(t, verify, withClaims({ iat: (NOW - 10) * 1000, exp: (NOW + 300) * 1000 }), 'lifetime', 'both in milliseconds')
  await refused(t, verify, withClaims({ iat: NOW * 1000, exp: NOW * 1000 + 60_000 }), 'early', 'both in milliseconds, for a minute')
})

t.test('A60 a lifetime of more than a day → refused, of a day → accepted', async t => {
  await refused(t, verify, withClaims({ exp: NOW + 86_401 }), 'lifetime')
  await refused(t, verify, withClaims({ iat: 0 }), 'lifetime')
  await refused(t, verify, withClaims({ iat: NOW - 86_000, exp: NOW + 500 }), 'lifetime')
  await t.resolves(async () => verify(withClaims({ exp: NOW + 86_400 })))
})

t.test('A62 exp that is no number → refused', async t => {
  for (const exp of [String(NOW + 300), [NOW + 300], {}, true, null]) await refused(t, verify, withClaims({ exp }), 'claims', JSON.stringify(exp))
})

t.test('A63 exp with a fraction → accepted, and counted', async t => {
  await t.resolves(async () => strict(withClaims({ exp: NOW + 0.5 })))
  await refused(t, strict, withClaims({ exp: NOW - 0.5 }), 'expired')
})

t.test('A64 nbf in the future → refused, without the time', async t => {
  await refused(t, strict, withClaims({ nbf: NOW + 1 }), 'early')
  await refused(t, verify, withClaims({ nbf: NOW + 5.5 }), 'early')
  for (const nbf of [NOW - 100, NOW, NOW + 5]) await t.resolves(async () => verify(withClaims({ nbf })))
  await t.rejects(async () => verify(withClaims({ nbf: NOW + 100 })), { description: /^[^0-9]+$/, message: /^[^0-9]+$/, cause: undefined })
})

t.test('A64 nbf that is no number → refused', async t => {
  for (const json of [`"${NOW}"`, 'null', '[]', 'true', '1e400']) await refused(t, verify, withJson('nbf', json), 'claims', json)
})

t.test('A65 iat in the future beyond the tolerance, or a string → refused', async t => {
  await refused(t, verify, withClaims({ iat: NOW + 6 }), 'early')
  await refused(t, verify, withClaims({ iat: NOW + 6, nbf: NOW - 100 }), 'early', 'also with a past nbf')
  await t.resolves(async () => verify(withClaims({ iat: NOW + 5 })))
  for (const iat of [String(NOW), null, [NOW], true]) await refused(t, verify, withClaims({ iat }), 'claims', JSON.stringify(iat))
})

t.test('A66 tolerance of 5 s: exp 4 s ago → accepted, 5 and 6 s ago → refused', async t => {
  t.match(await verify(withClaims({ iat: NOW - 300, exp: NOW - 4 })), { claims: { exp: NOW - 4 } })
  await refused(t, verify, withClaims({ iat: NOW - 300, exp: NOW - 5 }), 'expired')
  await refused(t, verify, withClaims({ iat: NOW - 300, exp: NOW - 6 }), 'expired')
})

t.test('A67 typ of something else → refused', async t => {
  for (const typ of ['JWT', undefined, null, '', ['at+jwt'], 'dpop+jwt', 'id_token', 'at+jwt; x', 'application/application/at+jwt', ' at+jwt', 'at+jwt\n', 'at jwt', 'xat+jwt', 'text/at+jwt', 1, {}]) {
    await refused(t, verify, forge({ key, header: { typ } }), 'type', JSON.stringify(typ))
  }
})

t.test('A68 typ in any case, with or without application/ → accepted', async t => {
  for (const typ of ['at+jwt', 'AT+JWT', 'application/at+jwt', 'APPLICATION/AT+JWT', 'Application/At+Jwt']) {
    t.match(await verify(forge({ key, header: { typ } })), { claims: claims() }, typ)
  }
})

t.test('A75 cnf that is malformed, unknown, or asks for more than can be checked → refused, never taken for a bearer token', async t => {
  for (const cnf of [{}, [], { jkt: 1 }, { jkt: 'x' }, { unknown: 'x' }, { 'x5t#S256': 'x' }, { jkt: THUMBPRINT, 'x5t#S256': 'x' }, { jkt: [THUMBPRINT] }, { jkt: `${THUMBPRINT}=` }, [['jkt', THUMBPRINT]], null, false, 'x']) {
    await refused(t, verify, withClaims({ cnf }), 'confirmation', JSON.stringify(cnf))
  }
})

t.test('cnf with the thumbprint of a key → bound to it; without cnf → to none', async t => {
  t.match(await verify(withClaims({ cnf: { jkt: THUMBPRINT } })), { boundTo: THUMBPRINT })
  t.equal((await verify(withClaims({}))).boundTo, undefined)
})

t.test('roles that are no strings → refused', async t => {
  for (const roles of ['admin', [1], [''], {}, null]) await refused(t, verify, withClaims({ roles }), 'claims', JSON.stringify(roles))
  t.match(await verify(withClaims({ roles: [] })), { claims: { roles: [] } })
})

t.test('several faults → refused for one of them, by signature first', async t => {
  const reasons: Array<[string, InvalidTokenReason]> = [
    [forge({ key: keyPair('k1'), claims: {} }), 'signature'],
    [forge({ key, claims: {} }), 'claims'],
    [withClaims({ iss: 'x', aud: 'x', exp: 0 }), 'issuer']
  ]
  for (const [token, reason] of reasons) await refused(t, verify, token, reason)
})
