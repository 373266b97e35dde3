import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as oauth from 'oauth4webapi'
import * as client from 'openid-client'
import { ClientCredentials } from 'simple-oauth2'
import t from 'tap'
import { conformanceServer, PROFILE } from './server.js'

/** Clients that others wrote, over TCP. */

const run = promisify(execFile)
const { origin, crm } = await conformanceServer(t)
const { id, clientSecret, apiKey } = crm

t.test('oauth4webapi: metadata of the resource and of the server, token, DPoP with nonces, introspection, revocation', async t => {
  const insecure = { [oauth.allowInsecureRequests]: true }
  const api = new URL(origin)
  const resource = await oauth.processResourceDiscoveryResponse(api, await oauth.resourceDiscoveryRequest(api, insecure))
  t.strictSame(resource.authorization_servers, [origin])
  const issuer = new URL(resource.authorization_servers![0]!)
  const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...insecure }))
  const us = { client_id: id }
  const secret = oauth.ClientSecretBasic(clientSecret)
  const options = { headers: { 'x-api-key': apiKey }, ...insecure }

  const bearer = await oauth.processClientCredentialsResponse(server, us, await oauth.clientCredentialsGrantRequest(server, us, secret, { scope: 'profile' }, options))
  t.equal(bearer.token_type, 'bearer')

  const DPoP = oauth.DPoP({}, await oauth.generateKeyPair('ES256'))
  const ask = async () => await oauth.processClientCredentialsResponse(server, us, await oauth.clientCredentialsGrantRequest(server, us, secret, { scope: 'profile' }, { DPoP, ...options }))
  const bound = await ask().catch(async error => oauth.isDPoPNonceError(error) ? await ask() : await Promise.reject(error))
  t.equal(bound.token_type, 'dpop')
  const read = async () => await oauth.protectedResourceRequest(bound.access_token, 'GET', new URL('/customer?a=b', origin), undefined, null, { DPoP, ...insecure })
  const answer = await read().catch(async error => oauth.isDPoPNonceError(error) ? await read() : await Promise.reject(error))
  t.strictSame(await answer.json(), PROFILE)
  t.strictSame(await (await read()).json(), PROFILE, 'again, with a new proof')
  await t.rejects(oauth.protectedResourceRequest(bound.access_token, 'GET', new URL('/customer', origin), undefined, null, insecure), { name: 'WWWAuthenticateChallengeError' }, 'C62 without proof')

  const told = async () => await oauth.processIntrospectionResponse(server, us, await oauth.introspectionRequest(server, us, secret, bound.access_token, options))
  t.match(await told(), { active: true, token_type: 'DPoP', cnf: { jkt: String } })
  await oauth.processRevocationResponse(await oauth.revocationRequest(server, us, secret, bound.access_token, options))
  t.strictSame(await told(), { active: false })
})

t.test('openid-client 6: discovery, token, DPoP with nonces, introspection, revocation', async t => {
  const config = await client.discovery(new URL(origin), id, undefined, client.ClientSecretPost(clientSecret), { algorithm: 'oauth2', execute: [client.allowInsecureRequests] })
  const key = { api_key: apiKey }
  t.equal((await client.clientCredentialsGrant(config, { scope: 'profile', ...key })).token_type, 'bearer')
  const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair())
  const { access_token: token, token_type: type } = await client.clientCredentialsGrant(config, { scope: 'profile', ...key }, { DPoP })
  t.equal(type, 'dpop')
  const answer = await client.fetchProtectedResource(config, token, new URL('/customer', origin), 'GET', undefined, undefined, { DPoP })
  t.strictSame(await answer.json(), PROFILE)
  t.match(await client.tokenIntrospection(config, token, key), { active: true, client_id: id })
  await client.tokenRevocation(config, token, key)
  t.strictSame(await client.tokenIntrospection(config, token, key), { active: false })
})

t.test('simple-oauth2: token, and the API with it', async t => {
  const machine = new ClientCredentials({ client: { id, secret: clientSecret }, auth: { tokenHost: origin, tokenPath: '/oauth2/token' } })
  const { token, expired } = await machine.getToken({ scope: 'profile', api_key: apiKey } as never)
  t.equal(token['token_type'], 'Bearer')
  t.equal(typeof expired, 'function')
  const answer = await fetch(`${origin}/customer`, { headers: { authorization: `Bearer ${String(token['access_token'])}` } })
  t.strictSame(await answer.json(), PROFILE)
})

t.test('curl: token, and the API with it', async t => {
  const { stdout } = await run('curl', ['-sS', `${origin}/oauth2/token`, '-u', `${id}:${clientSecret}`, '-H', `X-API-Key: ${apiKey}`, '-d', 'grant_type=client_credentials', '-d', 'scope=profile'])
  const { access_token: token } = JSON.parse(stdout) as { access_token: string }
  const { stdout: customer } = await run('curl', ['-sS', `${origin}/customer`, '-H', `Authorization: Bearer ${token}`])
  t.strictSame(JSON.parse(customer), PROFILE)
})

t.test('jose: the token, by the published keys', async t => {
  const answer = await fetch(`${origin}/oauth2/token`, { method: 'POST', body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: clientSecret, api_key: apiKey }) })
  const { access_token: token } = await answer.json() as { access_token: string }
  const { payload } = await jwtVerify(token, createRemoteJWKSet(new URL('/oauth2/jwks', origin)), { issuer: origin, audience: origin, typ: 'at+jwt', algorithms: ['ES256'] })
  t.match(payload, { sub: id, client_id: id, scope: 'profile address' })
})

t.test("Authlib: token, the API with it, its signature, introspection, revocation (needs Debian's python3-authlib and python3-requests)", async t => {
  const script = fileURLToPath(new URL('authlib_client.py', import.meta.url))
  const { stdout } = await run('/usr/bin/python3', [script], { env: { ORIGIN: origin, CLIENT_ID: id, CLIENT_SECRET: clientSecret, API_KEY: apiKey } })
  const { customer, ...told } = JSON.parse(stdout) as Record<string, unknown>
  t.strictSame(customer, PROFILE)
  t.strictSame(told, { token_type: 'Bearer', sub: id, active: true, after: { active: false } })
})
