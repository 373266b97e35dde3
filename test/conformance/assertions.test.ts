import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { calculateJwkThumbprint, createRemoteJWKSet, exportPKCS8, jwtVerify, type JWTPayload } from 'jose'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import t from 'tap'
import { assertionOf } from '../credentials/asserting.js'
import { prover } from '../dpop/client.js'
import { EXCHANGE, JWT_BEARER, LOGIN, TYPE } from '../plugins/exchanging.js'
import { conformanceServer, PROFILE } from './server.js'

/** Clients that others wrote, over TCP, without a secret: they prove themselves by a key, and exchange tokens. */

const { origin, key, person } = await conformanceServer(t)
const keys = createRemoteJWKSet(new URL('/oauth2/jwks', origin))
const { privateKey, kid } = key

/** What a token of the server says, once jose has verified it. */
async function claimsOf (token: string): Promise<JWTPayload> {
  return (await jwtVerify(token, keys, { issuer: origin, audience: origin, typ: 'at+jwt' })).payload
}

t.test('oauth4webapi: private_key_jwt at each endpoint, token exchange and JWT bearer, both with DPoP', async t => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const issuer = new URL(origin)
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }))
  const us = { client_id: 'job' }
  const auth = oauth.PrivateKeyJwt({ key: privateKey, kid })
  const own = await oauth.processClientCredentialsResponse(server, us, await oauth.clientCredentialsGrantRequest(server, us, auth, { scope: 'profile address' }, insecure))
  t.match(await claimsOf(own.access_token), { sub: 'job', client_id: 'job', scope: 'profile address' })

  const DPoP = oauth.DPoP({}, await oauth.generateKeyPair('EdDSA'))
  const thumbprint = await DPoP.calculateThumbprint()
  const ask = async (grant: string, parameters: Record<string, string>) => {
    const once = async () => await oauth.processGenericTokenEndpointResponse(server, us, await oauth.genericTokenEndpointRequest(server, us, auth, grant, parameters, { DPoP, ...insecure }))
    return await once().catch(async error => oauth.isDPoPNonceError(error) ? await once() : await Promise.reject(error))
  }
  const exchanged = await ask(EXCHANGE, { subject_token: own.access_token, subject_token_type: `${TYPE}access_token`, scope: 'profile' })
  t.match(exchanged, { token_type: 'dpop', issued_token_type: `${TYPE}access_token`, scope: 'profile' })
  t.match(await claimsOf(exchanged.access_token), { sub: 'job', scope: 'profile', cnf: { jkt: thumbprint } })
  const delegated = await ask(EXCHANGE, { subject_token: await person(), subject_token_type: `${TYPE}jwt`, actor_token: own.access_token, actor_token_type: `${TYPE}access_token` })
  t.match(await claimsOf(delegated.access_token), { sub: `${LOGIN}|ada`, client_id: 'job', act: { sub: 'job' }, scope: 'profile' })
  const carried = await ask(JWT_BEARER, { assertion: await person() })
  t.match(await claimsOf(carried.access_token), { sub: `${LOGIN}|ada`, client_id: 'job', scope: 'profile', cnf: { jkt: thumbprint } })

  const read = async () => await oauth.protectedResourceRequest(delegated.access_token, 'GET', new URL('/customer', origin), undefined, null, { DPoP, ...insecure })
  const answer = await read().catch(async error => oauth.isDPoPNonceError(error) ? await read() : await Promise.reject(error))
  t.strictSame(await answer.json(), PROFILE)
  const told = async () => await oauth.processIntrospectionResponse(server, us, await oauth.introspectionRequest(server, us, auth, delegated.access_token, insecure))
  t.match(await told(), { active: true, sub: `${LOGIN}|ada`, act: { sub: 'job' }, cnf: { jkt: thumbprint } })
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, us, auth, delegated.access_token, insecure))
  t.strictSame(await told(), { active: false })
  const refusal = await ask(EXCHANGE, { subject_token: delegated.access_token, subject_token_type: `${TYPE}access_token` }).catch(error => error)
  t.match(refusal, { error: 'invalid_request' }, 'what was revoked is exchanged for nothing')
})

t.test('openid-client 6: private_key_jwt at each endpoint, token exchange with and without DPoP', async t => {
  const config = await client.discovery(new URL(origin), 'job', undefined, client.PrivateKeyJwt({ key: privateKey, kid }), { algorithm: 'oauth2', execute: [client.allowInsecureRequests] })
  t.ok(config.serverMetadata().grant_types_supported?.includes(EXCHANGE))
  const { access_token: own } = await client.clientCredentialsGrant(config, { scope: 'profile' })
  t.match(await claimsOf(own), { sub: 'job', client_id: 'job' })
  const subject = async () => ({ subject_token: await person(), subject_token_type: `${TYPE}jwt` })
  const bearer = await client.genericGrantRequest(config, EXCHANGE, await subject())
  t.match(bearer, { token_type: 'bearer', issued_token_type: `${TYPE}access_token`, scope: 'profile' })
  t.match(await claimsOf(bearer.access_token), { sub: `${LOGIN}|ada`, client_id: 'job' })
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
  const bound = await client.genericGrantRequest(config, EXCHANGE, await subject(), { DPoP })
  t.equal(bound.token_type, 'dpop')
  const answer = await client.fetchProtectedResource(config, bound.access_token, new URL('/customer', origin), 'GET', undefined, undefined, { DPoP })
  t.strictSame(await answer.json(), PROFILE)
  t.match(await client.tokenIntrospection(config, bearer.access_token), { active: true, sub: `${LOGIN}|ada` })
  await client.tokenRevocation(config, bearer.access_token)
  t.strictSame(await client.tokenIntrospection(config, bearer.access_token), { active: false })
  const refusal = await client.genericGrantRequest(config, EXCHANGE, { ...await subject(), scope: 'address' }).catch(error => error)
  t.match(refusal, { error: 'invalid_scope' }, 'the login server may not delegate that')
})

t.test('jose: an assertion, a proof and an exchange by hand, each good once', async t => {
  const post = async (parameters: Record<string, string>, headers: Record<string, string> = {}) => {
    const response = await fetch(`${origin}/oauth2/token`, { method: 'POST', headers, body: new URLSearchParams(parameters) })
    return { status: response.status, nonce: response.headers.get('dpop-nonce')!, body: await response.json() as Record<string, string> }
  }
  const asserted = async () => ({
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: await assertionOf('job', key, { claims: { aud: origin }, header: { typ: 'client-authentication+jwt' } })
  })
  const exchange = async () => ({ grant_type: EXCHANGE, subject_token: await person(), subject_token_type: `${TYPE}id_token` })
  const parameters = { ...await exchange(), ...await asserted() }
  t.equal((await post(parameters)).status, 200)
  t.match(await post(parameters), { status: 401, body: { error: 'invalid_client' } }, 'C39')

  for (const alg of ['ES256', 'EdDSA', 'Ed25519']) {
    const ada = await prover(alg)
    const { status, body: { error }, nonce } = await post({ ...await exchange(), ...await asserted() }, { dpop: await ada.proof({ htm: 'POST', htu: `${origin}/oauth2/token` }) })
    t.strictSame([status, error], [400, 'use_dpop_nonce'], alg)
    const proof = { dpop: await ada.proof({ htm: 'POST', htu: `${origin}/oauth2/token`, nonce }) }
    const { body: { access_token: token } } = await post({ ...await exchange(), ...await asserted() }, proof)
    t.match(await claimsOf(token!), { sub: `${LOGIN}|ada`, cnf: { jkt: await calculateJwkThumbprint(ada.jwk) } }, alg)
    t.match(await post({ ...await exchange(), ...await asserted() }, proof), { status: 400, body: { error: 'invalid_dpop_proof' } }, 'C64')
  }
})

t.test("Authlib: private_key_jwt at each endpoint, token exchange (needs Debian's python3-authlib and python3-requests)", async t => {
  const script = fileURLToPath(new URL('authlib_assertions.py', import.meta.url))
  const { stdout } = await promisify(execFile)('/usr/bin/python3', [script], { env: { ORIGIN: origin, CLIENT_ID: 'job', PRIVATE_KEY: await exportPKCS8(privateKey), SUBJECT_TOKEN: await person() } })
  const { own, exchanged, ...told } = JSON.parse(stdout) as Record<string, string>
  t.match(await claimsOf(own!), { sub: 'job', scope: 'profile' })
  t.match(await claimsOf(exchanged!), { sub: `${LOGIN}|ada`, client_id: 'job', scope: 'profile' })
  t.strictSame(told, { issued_token_type: `${TYPE}access_token`, customer: PROFILE, active: true, after: { active: false } })
})
