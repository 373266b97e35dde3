import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { JWKSet } from 'fastify-keyhole'
import type { Program } from '../contestants.js'
import { serve } from '../serve.js'
import type { Launch } from '../server.js'
import type { Issuance, OtherTokenProgram } from '../token-requests.js'
import { workload, type Workload } from '../workloads.js'
import { expressApp } from './express.js'
import { fastJwtApp, fastifyJwtApp, fastifyJwtJwksApp } from './fastify.js'
import { byCasl, byDelete, byMask, whole } from './filters.js'

/** What a peer answers with, and whose tokens it takes. */
export interface Peer {
  readonly asked: Workload
  readonly jwks: JWKSet
}

/** Gives the address at which it listens. */
type Start = (peer: Peer) => Promise<string>

const STARTS: Readonly<Record<Exclude<Program, 'bare' | 'ours'>, Start>> = {
  '@fastify/jwt, whole': peer => fastifyJwtApp(peer, whole),
  '@fastify/jwt, delete': peer => fastifyJwtApp(peer, byDelete),
  '@fastify/jwt, casl': peer => fastifyJwtApp(peer, byCasl),
  '@fastify/jwt, json-mask': peer => fastifyJwtApp(peer, byMask),
  'fast-jwt alone': fastJwtApp,
  'fastify-jwt-jwks, whole': async peer => await fastifyJwtJwksApp(peer, await publish(peer.jwks)),
  'Express, whole': async peer => await expressApp(peer, await publish(peer.jwks))
}

/** Each loads its own packages and no other's. */
const TOKEN_STARTS: Readonly<Record<OtherTokenProgram, (issuance: Issuance) => Promise<string>>> = {
  'hand-written': async issuance => await (await import('./hand-written.js')).handWrittenApp(issuance),
  'signature alone': async issuance => await (await import('./hand-written.js')).signatureAloneApp(issuance),
  'oidc-provider': async issuance => await (await import('./oidc-provider.js')).oidcProviderApp(issuance),
  '@jmondi/oauth2-server': async issuance => await (await import('./jmondi.js')).jmondiApp(issuance),
  '@node-oauth/oauth2-server': async issuance => await (await import('./node-oauth.js')).nodeOAuthApp(issuance)
}

serve(async (launch: Launch) => {
  if (launch.kind === 'token') return await TOKEN_STARTS[launch.program as OtherTokenProgram](launch.issuance)
  const { program, workload: name, customers, jwks } = launch
  return await STARTS[program as keyof typeof STARTS]({ asked: workload(name, customers), jwks })
})

/** The key set at an address of its own, for those that read it from one. */
async function publish (jwks: JWKSet): Promise<string> {
  const server = createServer((_request, response) => { response.setHeader('content-type', 'application/json').end(JSON.stringify(jwks)) })
  await new Promise<void>(resolve => { server.listen(0, '127.0.0.1', resolve) })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`
}
