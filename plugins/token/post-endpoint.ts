import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema, FastifySchemaCompiler, onResponseHookHandler } from 'fastify'
import type { ProviderEvent } from '../../lib/credentials/provider-event.js'
import type { CredentialHeaders } from '../../lib/oauth/client-authentication.js'
import type { Attempts } from '../../lib/oauth/attempts.js'
import { asOAuthError, OAuthError } from '../../lib/oauth/errors.js'
import { readForm, readJson } from '../../lib/oauth/parameters.js'
import { requestFault } from '../../lib/oauth/token-request.js'
import { factsOf } from './audit-tokens.js'

/** Bytes of a request body, at most. */
const BODY_LIMIT = 16 * 1024

const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' }

/** For every route of the authorization server: the resource guard leaves it open, also when it stands above, and the log gets no query. */
export const ROUTE = { config: { keyhole: { public: true } }, logSerializers: { req: requestWithoutQuery } }

const HIDDEN = { hide: true } as FastifySchema

/** An endpoint to which a client posts a form or JSON, together with its credentials. */
export interface PostEndpoint<Parameters> {
  readonly url: string
  readonly summary: string
  /** Of the parameters; nothing is coerced. */
  readonly body: TSchema
  /** What failed from the address of a request. */
  readonly attempts: (request: FastifyRequest) => Attempts
  /** Who is told what a provider did for a request. */
  readonly report: (request: FastifyRequest) => (event: ProviderEvent) => void
  /** @returns what the answer 200 says; nothing for an empty one */
  readonly answer: (query: PostQuery<Parameters>, request: FastifyRequest) => Promise<object | undefined>
  /** What each answer carries, of whatever status. */
  readonly headers?: (() => Readonly<Record<string, string>>) | undefined
  readonly onResponse?: onResponseHookHandler | undefined
}

export interface PostQuery<Parameters> {
  readonly parameters: Parameters
  readonly headers: CredentialHeaders
  /** Aborts when the client has gone away. */
  readonly abort: AbortController
  /** What failed from its address. */
  readonly attempts: Attempts
  readonly report: (event: ProviderEvent) => void
}

/** Has a context read and refuse as RFC 6749 says; it must be one of the endpoints' own. */
export function speakOAuth (inner: FastifyInstance): void {
  inner.setErrorHandler(refuse)
  inner.setValidatorCompiler(compileStrictly)
  inner.removeAllContentTypeParsers()
  inner.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => readForm(body))
  inner.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => readJson(body))
}

/** Serves an endpoint; any method but POST is 405. */
export function servePost<Parameters> (inner: FastifyInstance, { url, summary, body, attempts, report, answer, headers, onResponse }: PostEndpoint<Parameters>): void {
  const hooks = onResponse === undefined ? {} : { onResponse }
  const withHeaders = headers === undefined ? [] : [async (_request: FastifyRequest, reply: FastifyReply) => { reply.headers(headers()) }]
  inner.post(url, {
    ...ROUTE,
    bodyLimit: BODY_LIMIT,
    schema: { summary, consumes: ['application/x-www-form-urlencoded', 'application/json'], body },
    onRequest: [withoutShortcuts, ...withHeaders],
    onSend: withoutEntityTag,
    ...hooks
  }, async (request, reply) => {
    const { authorization, 'x-api-key': apiKey } = request.headers
    const headers = { authorization, apiKey: apiKey?.toString() }
    const answered = await answer({ parameters: request.body as Parameters, headers, abort: connectionOf(reply), attempts: attempts(request), report: report(request) }, request)
    return answered === undefined ? reply.code(200).headers(NO_STORE).send() : send(reply, 200, answered, NO_STORE)
  })

  inner.route({
    method: inner.supportedMethods.filter(method => method !== 'POST'),
    url,
    ...ROUTE,
    schema: HIDDEN,
    onRequest: methodNotAllowed,
    ...hooks,
    handler: methodNotAllowed
  })
}

/** Sends JSON as a string, so that no serializer or preSerialization hook of the application gets at it. */
export function send (reply: FastifyReply, status: number, body: object, headers: Readonly<Record<string, string>>): FastifyReply {
  return reply.code(status).headers({ 'content-type': 'application/json; charset=utf-8', ...headers }).send(JSON.stringify(body))
}

function refuse (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = asOAuthError(thrown)
  const { code, message, statusCode, cause, headers } = error
  factsOf(request).error = code
  const level = statusCode < 500 ? 'info' : 'error'
  request.log[level]({ oauthError: code, cause }, `${request.method} ${request.routeOptions.url} refused: ${message}`)
  return send(reply, statusCode, error.body, { ...NO_STORE, ...headers })
}

async function methodNotAllowed (): Promise<never> {
  throw new OAuthError('invalid_request', 'use POST', { status: 405, headers: { allow: 'POST' } })
}

/** Coerces nothing, unlike Fastify's own compiler. */
const compileStrictly: FastifySchemaCompiler<TSchema> = ({ schema }) => {
  const check = TypeCompiler.Compile(schema)
  return value => check.Check(value) ? { value } : { error: requestFault(check.Errors(value).First()!.path) }
}

/** An answer is neither revalidated nor compressed (BREACH), whatever the application does with others. */
async function withoutShortcuts ({ raw }: FastifyRequest): Promise<void> {
  delete raw.headers['if-none-match']
  delete raw.headers['accept-encoding']
}

async function withoutEntityTag (_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.removeHeader('etag')
}

/** `request.signal` will not do: it aborts as soon as the body was read. */
function connectionOf ({ raw }: FastifyReply): AbortController {
  const controller = new AbortController()
  raw.once('close', () => { if (!raw.writableFinished) controller.abort() })
  return controller
}

/** The request in the log, with the route's path instead of the URL: credentials that strayed into the query stay out. */
function requestWithoutQuery (request: FastifyRequest): object {
  const { method, routeOptions, host, ip, socket } = request
  return { method, url: routeOptions.url, host, remoteAddress: ip, remotePort: socket.remotePort }
}
