import type { FastifyInstance } from 'fastify'
import fp from 'fastify-plugin'
import { createTokenIssuer } from '../lib/access-token/issue.js'
import { ANY_AUDIENCE } from '../lib/access-token/profile.js'
import { createTokenVerifier } from '../lib/access-token/verify.js'
import type { TokenEndpointEvent } from '../lib/audit/event.js'
import type { CredentialProvider } from '../lib/credentials/provider.js'
import { createProofVerifier } from '../lib/dpop/proof.js'
import { normalizedTarget } from '../lib/dpop/target.js'
import { OptionInvalidError } from '../lib/errors.js'
import { createClientAuthentication } from '../lib/oauth/client-authentication.js'
import { allGrants } from '../lib/oauth/grants/all-grants.js'
import { createIntrospection } from '../lib/oauth/introspection.js'
import { metadataPath } from '../lib/oauth/issuer.js'
import { keySetMaxAge } from '../lib/oauth/key-options.js'
import { metadata } from '../lib/oauth/metadata.js'
import { checkedOptions, checkProvider, type TokenEndpointOptions } from '../lib/oauth/options.js'
import { createRevocation } from '../lib/oauth/revocation.js'
import { createClaimRelease, noClaims } from '../lib/oauth/subject-claims.js'
import { createTokenEndpoint } from '../lib/oauth/token-endpoint.js'
import { TokenQuerySchema, type TokenQuery } from '../lib/oauth/token-query.js'
import { TokenRequestSchema, type TokenRequest } from '../lib/oauth/token-request.js'
import { createTokenReuse } from '../lib/oauth/token-reuse.js'
import { createReplaysInMemory } from '../lib/replay/replays-in-memory.js'
import type { JsonSchema } from '../lib/release/json-schema.js'
import { auditTokens, factsOf } from './token/audit-tokens.js'
import { countAttempts } from './token/failed-attempts.js'
import { keepCurrent, keepPolicy } from './token/kept-current.js'
import { servePost, speakOAuth } from './token/post-endpoint.js'
import { tellOfProviders } from './token/provider-events.js'
import { servePublic } from './token/public-documents.js'

export type { TokenEndpointOptions, TokenEndpointPaths } from '../lib/oauth/options.js'

declare module 'fastify' {
  interface FastifyInstance {
    /** Checks clients' credentials for the token endpoint. */
    credentialProvider: CredentialProvider
  }
}

/** For how long the metadata may be kept, in seconds. */
const METADATA_MAX_AGE = 300

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
  const settings = checkedOptions(options)
  const { issuer, audience, store, paths, subjectClaims, masks, audit } = settings
  if (fastify.prefix !== '') {
    throw new OptionInvalidError('tokenEndpoint: register it outside of any prefix, since the issuer decides where the metadata stands (RFC 8414 3.1); for other paths write the option paths.')
  }
  const policy = await keepPolicy(fastify, settings)
  const claimRelease = subjectClaims === undefined ? noClaims : createClaimRelease(subjectClaims, policy.current, { shared: fastify.getSchemas() as Record<string, JsonSchema>, masks })
  if (audit !== undefined) fastify.addHook('onClose', audit.finish)
  decorateProvider(fastify, settings.credentialProvider)
  const { keyRing, nonces, revocations, trusted } = await keepCurrent(fastify, settings)
  const authenticate = createClientAuthentication({ credentialProvider: fastify.credentialProvider, issuer, log: fastify.log, ...(trusted && { trustedIssuers: trusted }) })
  const verifier = createTokenVerifier({ issuer, audience: ANY_AUDIENCE, keys: keyRing, revocations })
  const about = { authenticate, verifier }
  const grants = allGrants(settings, verifier, trusted)
  const tokenIssuer = createTokenIssuer({ issuer, signingKey: () => keyRing.signingKey })
  const answer = createTokenEndpoint({
    policy,
    authenticate,
    audience,
    lifetimes: { longest: settings.tokenLifetime, ofScopes: settings.scopeLifetimes },
    grants,
    resourceScopes: settings.resourceScopes,
    claimRelease,
    tokenIssuer,
    reuse: settings.reuseTokens && createTokenReuse({ ...settings.reuseTokens, tokenIssuer, verifier, revocations }),
    proofCheck: {
      verifyProof: createProofVerifier({ nonces, replays: store.replays ?? createReplaysInMemory() }),
      url: normalizedTarget(new URL(paths.token, issuer).href)!
    }
  })
  const introspect = createIntrospection(about)
  const revoke = store.revocations && revocations && createRevocation({ ...about, storage: store.revocations, revocations })
  const attempts = await countAttempts(settings.limits)
  const report = tellOfProviders(settings.onProvider)
  const published = { issuer, paths, canRevoke: revoke !== undefined, grants, checksAssertions: fastify.credentialProvider.checksAssertions === true }

  await fastify.register(async inner => {
    speakOAuth(inner)
    const told = (type: TokenEndpointEvent['type']) => audit && auditTokens(audit, policy, type)
    servePost<TokenRequest>(inner, {
      url: paths.token,
      summary: 'Issues an access token',
      body: TokenRequestSchema,
      attempts,
      report,
      answer: (query, request) => answer({ ...query, proof: request.headers.dpop?.toString(), log: request.log, facts: factsOf(request) }),
      headers: nonces && (() => ({ 'dpop-nonce': nonces.current() })),
      onResponse: told('token request')
    })
    servePost<TokenQuery['parameters']>(inner, {
      url: paths.introspect,
      summary: 'Tells whether an access token holds',
      body: TokenQuerySchema,
      attempts,
      report,
      answer: (query, request) => introspect({ ...query, facts: factsOf(request) }),
      onResponse: told('token introspection')
    })
    if (revoke !== undefined) {
      servePost<TokenQuery['parameters']>(inner, {
        url: paths.revoke,
        summary: 'Revokes an access token',
        body: TokenQuerySchema,
        attempts,
        report,
        answer: async (query, request) => { await revoke({ ...query, facts: factsOf(request) }); return undefined },
        onResponse: told('token revocation')
      })
    }
    await servePublic(inner, [
      { url: paths.jwks, contentType: 'application/jwk-set+json', maxAge: keySetMaxAge(settings.keys), read: keyRing.jwks },
      { url: metadataPath(issuer), maxAge: METADATA_MAX_AGE, read: () => metadata(published, policy.current) }
    ])
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
