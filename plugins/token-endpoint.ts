import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { TSchema } from '@sinclair/typebox'
import type { FastifyInstance, FastifyReply, FastifyRequest, FastifySchema, FastifySchemaCompiler, onResponseHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { createTokenIssuer } from '../lib/access-token/issue.js'
import type { CredentialProvider } from '../lib/credentials/provider.js'
import { OptionInvalidError } from '../lib/errors.js'
import { openKeyRing } from '../lib/keys/key-ring.js'
import { asOAuthError, OAuthError } from '../lib/oauth/errors.js'
import { clientCredentials } from '../lib/oauth/grants/client-credentials.js'
import { metadataPath } from '../lib/oauth/issuer.js'
import { metadata } from '../lib/oauth/metadata.js'
import { checkedOptions, checkProvider, type TokenEndpointOptions } from '../lib/oauth/options.js'
import { readForm, readJson } from '../lib/oauth/parameters.js'
import { createClaimRelease, noClaims } from '../lib/oauth/subject-claims.js'
import { createTokenEndpoint, type TokenEndpoint } from '../lib/oauth/token-endpoint.js'
import { requestFault, TokenRequestSchema, type TokenRequest } from '../lib/oauth/token-request.js'
import { openPolicy } from '../lib/policy/policy-option.js'
import type { JsonSchema } from '../lib/release/json-schema.js'
import { auditTokens, factsOf } from './token/audit-tokens.js'

export type { TokenEndpointOptions, TokenEndpointPaths } from '../lib/oauth/options.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Checks clients' credentials for the token endpoint. */
    credentialProvider: CredentialProvider
  }
}

/** Bytes of a request body, at most. */
const BODY_LIMIT = 16 * 1024

const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' }

/** For what everybody may know: keys and metadata. */
const PUBLIC = { 'cache-control': 'public, max-age=300' }

const JWKS_HEADERS = { ...PUBLIC, 'content-type': 'application/jwk-set+json' }

/** For every route: the resource guard leaves it open, also when it stands above, and the log gets no query. */
const ROUTE = { config: { keyhole: { public: true } }, logSerializers: { req: requestWithoutQuery } }

const TOKEN_SCHEMA = {
  summary: 'Issues an access token',
  consumes: ['application/x-www-form-urlencoded', 'application/json'],
  body: TokenRequestSchema
}

const HIDDEN = { hide: true } as FastifySchema

const GRANTS = Object.freeze([clientCredentials])

/**
 * Serves the token endpoint with its key set and metadata, and decorates `fastify.credentialProvider`.
 * Its routes live in a context of their own: the application's parsers, compilers and error handler stay as they are.
 * @throws {FST_KEYHOLE_OPTION_INVALID} at registration, naming the option and what to write.
 * @throws {FST_KEYHOLE_POLICY_INVALID} at registration, for a policy document with faults.
 * @throws {FST_KEYHOLE_KEY_REFUSED} at registration, for a signing key in the store that cannot be used; what the
 *   store throws when it cannot be read goes through.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4 RFC 6749, 4.4} and
 *   {@link https://www.rfc-editor.org/rfc/rfc9068 RFC 9068}
 */
export default fp(tokenEndpoint, { name: 'fastify-keyhole-token-endpoint', fastify: '5.x' })

async function tokenEndpoint (fastify: FastifyInstance, options: TokenEndpointOptions): Promise<void> {
  const { policy: given, issuer, audience, store, credentialProvider, subjectClaims, masks, paths, tokenLifetime, audit } = checkedOptions(options)
  if (fastify.prefix !== '') {
    throw new OptionInvalidError('tokenEndpoint: register it outside of any prefix, since the issuer decides where the metadata stands (RFC 8414 3.1); for other paths write the option paths.')
  }
  const { policy, close } = await openPolicy(given, fastify.log)
  fastify.addHook('onClose', async () => { close() })
  const claimRelease = subjectClaims === undefined ? noClaims : createClaimRelease(subjectClaims, policy.current, { shared: fastify.getSchemas() as Record<string, JsonSchema>, masks })
  decorateProvider(fastify, credentialProvider)
  const keyRing = await openKeyRing(store.keys)
  const answer = createTokenEndpoint({
    policy,
    credentialProvider: fastify.credentialProvider,
    audience,
    tokenLifetime,
    grants: GRANTS,
    claimRelease,
    tokenIssuer: createTokenIssuer({ issuer, signingKey: () => keyRing.signingKey })
  })
  const published = { issuer, tokenPath: paths.token, jwksPath: paths.jwks, grants: GRANTS }

  await fastify.register(async inner => {
    inner.setErrorHandler(refuse)
    inner.setValidatorCompiler(compileStrictly)
    serveToken(inner, paths.token, answer, audit && auditTokens(audit, policy))
    inner.get(paths.jwks, ROUTE, (_request, reply) => send(reply, 200, keyRing.jwks(), JWKS_HEADERS))
    inner.get(metadataPath(issuer), ROUTE, (_request, reply) => send(reply, 200, metadata(published, policy.current), PUBLIC))
  })
}

function decorateProvider (fastify: FastifyInstance, given: CredentialProvider | undefined): void {
  if (!fastify.hasDecorator('credentialProvider')) {
    checkProvider(given)
    fastify.decorate('credentialProvider', given)
  } else if (given !== undefined) {
    throw new OptionInvalidError('credentialProvider: fastify.credentialProvider is decorated already; leave out the option, or the plugin that decorates it.')
  }
  checkProvider(fastify.credentialProvider)
}

function serveToken (inner: FastifyInstance, url: string, answer: TokenEndpoint, onResponse: onResponseHookHandler | undefined): void {
  inner.removeAllContentTypeParsers()
  inner.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => readForm(body))
  inner.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => readJson(body))

  inner.post<{ Body: TokenRequest }>(url, {
    ...ROUTE,
    bodyLimit: BODY_LIMIT,
    schema: TOKEN_SCHEMA,
    onRequest: withoutShortcuts,
    onSend: withoutEntityTag,
    ...(onResponse !== undefined && { onResponse })
  }, async (request, reply) => {
    const { authorization, 'x-api-key': apiKey } = request.headers
    const headers = { authorization, apiKey: apiKey?.toString() }
    const token = await answer({ parameters: request.body, headers, signal: whileConnected(reply), log: request.log, facts: factsOf(request) })
    return send(reply, 200, token, NO_STORE)
  })

  inner.route({
    method: inner.supportedMethods.filter(method => method !== 'POST'),
    url,
    ...ROUTE,
    schema: HIDDEN,
    onRequest: methodNotAllowed,
    ...(onResponse !== undefined && { onResponse }),
    handler: methodNotAllowed
  })
}

function send (reply: FastifyReply, status: number, body: object, headers: Readonly<Record<string, string>>): FastifyReply {
  // A string, so that no serializer or preSerialization hook of the application gets at it.
  return reply.code(status).headers({ 'content-type': 'application/json; charset=utf-8', ...headers }).send(JSON.stringify(body))
}

function refuse (thrown: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = asOAuthError(thrown)
  const { code, message, statusCode, cause, headers } = error
  factsOf(request).error = code
  const level = statusCode < 500 ? 'info' : 'error'
  request.log[level]({ oauthError: code, cause }, `token request refused: ${message}`)
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

/** A token is neither revalidated nor compressed (BREACH), whatever the application does with other answers. */
async function withoutShortcuts ({ raw }: FastifyRequest): Promise<void> {
  delete raw.headers['if-none-match']
  delete raw.headers['accept-encoding']
}

async function withoutEntityTag (_request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.removeHeader('etag')
}

/** `request.signal` will not do: it aborts as soon as the body was read. */
function whileConnected ({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController()
  raw.once('close', () => { if (!raw.writableFinished) controller.abort() })
  return controller.signal
}

/** The request in the log, with the route's path instead of the URL: credentials that strayed into the query stay out. */
function requestWithoutQuery (request: FastifyRequest): object {
  const { method, routeOptions, host, ip, socket } = request
  return { method, url: routeOptions.url, host, remoteAddress: ip, remotePort: socket.remotePort }
}
