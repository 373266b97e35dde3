import { createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto'
import { jwtVerify } from 'jose'
import { generateSecret } from '../lib/credentials/secret.js'
import type { Asked, Question, TokenContestant } from './contestants.js'
import { AUDIENCE, ISSUER } from './issuer.js'
import { ROLES, type Role } from './workloads.js'

/** Who issues tokens: the first one is what the others are measured by. */
export const TOKEN_PROGRAMS = ['hand-written', 'signature alone', 'ours, memory', 'ours, file', 'ours, reused', 'oidc-provider', '@jmondi/oauth2-server', '@node-oauth/oauth2-server'] as const

export type TokenProgram = typeof TOKEN_PROGRAMS[number]

/** What stands in peers/. */
export type OtherTokenProgram = Exclude<TokenProgram, `ours${string}`>

/** What every contestant issues tokens with, and to whom. */
export interface Issuance {
  /** Of ES256: all of them sign with the same key. */
  readonly privateJwk: JsonWebKey
  readonly clients: readonly TokenClient[]
}

export interface TokenClient {
  readonly id: string
  readonly secret: string
  /** Only ours looks at it. */
  readonly apiKey: string
  readonly role: Role
  /** Those of the role, all of which it asks for. */
  readonly scopes: readonly string[]
}

/** Who asks in turn: the requests fit into memory for each connection, and no answer serves for the next client. */
const CLIENTS = 100

/** Seconds. */
export const TOKEN_LIFETIME = 300

export const TOKEN_PATH = '/oauth2/token'

export async function prepareIssuance (): Promise<Issuance> {
  const roles = Object.keys(ROLES) as Role[]
  return {
    privateJwk: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }),
    clients: Array.from({ length: CLIENTS }, (_, number) => {
      const role = roles[number % roles.length]!
      return { id: `client-${number}`, secret: generateSecret('client_secret'), apiKey: generateSecret('api_key'), role, scopes: ROLES[role] }
    })
  }
}

/** The same requests to every contestant, by form with the secret in the body (`client_secret_post`). */
export function tokenQuestion (contestant: TokenContestant, origin: string, { privateJwk, clients }: Issuance): Question {
  const publicKey = createPublicKey({ key: privateJwk, format: 'jwk' })
  const [client, other] = clients as [TokenClient, TokenClient, ...TokenClient[]]
  const seen = new Set<unknown>()
  return {
    contestant,
    url: origin + TOKEN_PATH,
    requests: clients.map(asking),
    refused: contestant.program === 'signature alone' ? [] : [{ ...client, secret: other.secret }, { ...client, id: 'nobody' }, { ...client, scopes: ROLES.admin }].map(asking),
    isList: false,
    async check (response, { expected, body }) {
      const answer = await response.json() as Record<string, unknown>
      const { payload } = await jwtVerify(String(answer.access_token), publicKey, { algorithms: ['ES256'], typ: 'at+jwt', issuer: ISSUER, audience: AUDIENCE, requiredClaims: ['iat', 'exp', 'jti'] })
      requireEqual('token_type', answer.token_type, 'Bearer')
      requireLifetime('expires_in', Number(answer.expires_in))
      requireEqual('scope', answer.scope, expected)
      requireEqual('scope of the token', payload.scope, expected)
      requireEqual('client_id', payload.client_id, new URLSearchParams(body).get('client_id'))
      requireLifetime('exp', payload.exp! - payload.iat!)
      requireEqual('jti that was there before', seen.has(payload.jti) && contestant.program !== 'ours, reused', false)
      seen.add(payload.jti)
    }
  }
}

/** One request of this client. */
export function asking ({ id, secret, apiKey, scopes }: TokenClient): Asked & { readonly body: string } {
  const scope = scopes.join(' ')
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'x-api-key': apiKey },
    body: new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret, scope, resource: AUDIENCE }).toString(),
    expected: scope
  }
}

/** Who counts in milliseconds is a second off at times. */
function requireLifetime (what: string, seconds: number): void {
  if (!(Math.abs(seconds - TOKEN_LIFETIME) <= 1)) throw new Error(`${what}: ${seconds} seconds instead of ${TOKEN_LIFETIME}`)
}

function requireEqual (what: string, value: unknown, expected: unknown): void {
  if (value !== expected) throw new Error(`${what}: ${JSON.stringify(value)} instead of ${JSON.stringify(expected)}`)
}
