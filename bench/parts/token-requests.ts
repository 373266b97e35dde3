import { createPrivateKey, createPublicKey, randomUUID } from 'node:crypto'
import Fastify, { type FastifyInstance } from 'fastify'
import { createTokenIssuer } from '../../lib/access-token/issue.js'
import { signerOf } from '../../lib/access-token/jwt.js'
import { matchingHash } from '../../lib/credentials/secret.js'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { readForm } from '../../lib/oauth/parameters.js'
import { AUDIENCE, ISSUER } from '../issuer.js'
import { createTokenApp, openTokenStore } from '../token-app.js'
import { asking as askingFor, TOKEN_LIFETIME, TOKEN_PATH, type Issuance } from '../token-requests.js'
import { asking } from './request.js'

const STORES = ['ours, memory', 'ours, file'] as const
const OURS = [...STORES, 'ours, reused'] as const

/** Whole token requests, without a socket; the bare route reads the form and signs. */
export async function tokenRequestParts (issuance: Issuance): Promise<Record<string, () => unknown>> {
  const requests = issuance.clients.map(askingFor)
  const parts: Record<string, () => unknown> = {}
  const part = async (name: string, app: FastifyInstance) => {
    parts[`request: ${name}`] = await asking(app, TOKEN_PATH, requests, body => String(body).startsWith('{"access_token":'))
  }
  await part('token, bare', await bareApp(issuance))
  for (const program of OURS) await part(`token, ${program}`, await createTokenApp(program, issuance))
  return parts
}

/** What a token request is made of. */
export async function tokenEndpointParts (issuance: Issuance): Promise<Record<string, () => unknown>> {
  const { clients: [client] } = issuance
  const { id, secret, apiKey, scopes } = client!
  const form = Buffer.from(askingFor(client!).body)
  const request = { subject: id, clientId: id, audience: AUDIENCE, scopes, lifetime: TOKEN_LIFETIME }
  const key = signingKey(issuance)
  const { issue } = createTokenIssuer({ issuer: ISSUER, signingKey: () => key })
  const { claims } = await issue(request)
  const sign = await signerOf(key)
  const credentials = { clientId: id, clientSecret: secret, apiKey }
  const parts: Record<string, () => unknown> = {
    'token: form read': () => readForm(form),
    'token: signed': () => sign(claims),
    'token: issued': async () => await issue(request),
    'token: secret compared': () => matchingHash('client_secret', secret, [])
  }
  for (const program of STORES) {
    const store = await openTokenStore(program, issuance)
    const provider = storeCredentialProvider(store)
    const context = { issuer: ISSUER, signal: new AbortController().signal }
    parts[`token: client looked up, ${program}`] = async () => await store.credentials.find(id)
    parts[`token: client authenticated, ${program}`] = async () => await provider.verify(credentials, context)
  }
  return parts
}

async function bareApp (issuance: Issuance): Promise<FastifyInstance> {
  const sign = await signerOf(signingKey(issuance))
  const app = Fastify()
  await app.register(async api => {
    api.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, async (_request: unknown, body: Buffer) => readForm(body))
    api.post<{ Body: Record<string, string> }>(TOKEN_PATH, async ({ body: { client_id: id, scope } }) => {
      const iat = Math.floor(Date.now() / 1000)
      return { access_token: sign({ iss: ISSUER, sub: id, aud: AUDIENCE, client_id: id, iat, exp: iat + TOKEN_LIFETIME, jti: randomUUID(), scope }), token_type: 'Bearer', expires_in: TOKEN_LIFETIME, scope }
    })
  })
  return app
}

function signingKey ({ privateJwk }: Issuance) {
  const privateKey = createPrivateKey({ key: privateJwk, format: 'jwk' })
  return { kid: 'bench', alg: 'ES256', privateKey, publicKey: createPublicKey(privateKey) } as const
}
