import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { IssuerLog } from '../../lib/issuers/remote-keys.js'
import type { JWKSet } from '../../lib/keys/jwk.js'
import type { KeyPair } from '../access-token/forge.js'

/** What a path answers: JSON, or whatever the function does. */
export type Answer = object | ((request: IncomingMessage, response: ServerResponse) => void)

/** Somebody's issuer, on a socket. */
export interface IssuerServer {
  readonly url: string
  /** By path; what is not there is 404. May be changed at any time. */
  readonly answers: Record<string, Answer>
  /** The paths that were asked for, in order. */
  readonly asked: string[]
}

export async function serve (t: Pick<Test, 'teardown'>, answers: Record<string, Answer> = {}): Promise<IssuerServer> {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = request.url!
    asked.push(path)
    const answer = Object.hasOwn(answers, path) ? answers[path]! : notFound
    if (typeof answer === 'function') answer(request, response)
    else response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, answers, asked }
}

export const OIDC = '/.well-known/openid-configuration'
export const OAUTH = '/.well-known/oauth-authorization-server'

/** An issuer whose metadata and keys are where they usually are. */
export async function serveIssuer (t: Pick<Test, 'teardown'>, ...pairs: KeyPair[]): Promise<IssuerServer> {
  const server = await serve(t)
  server.answers[OIDC] = { issuer: server.url, jwks_uri: `${server.url}/jwks` }
  server.answers['/jwks'] = jwksOf(...pairs)
  return server
}

export function notFound (_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(404).end('no such thing')
}

export function jwksOf (...pairs: KeyPair[]): JWKSet {
  return { keys: pairs.map(({ kid, alg, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }) as { kty: string }, kid, alg, use: 'sig' })) }
}

/** A log that remembers what it was told. */
export function logOf (): { readonly log: IssuerLog, readonly said: { readonly level: string, readonly details: object, readonly message: string }[] } {
  const said: { level: string, details: object, message: string }[] = []
  const at = (level: string) => (details: object, message: string) => { said.push({ level, details, message }) }
  return { log: { info: at('info'), warn: at('warn'), error: at('error') }, said }
}
