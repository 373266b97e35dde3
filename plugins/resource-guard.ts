import type { FastifyInstance, onRequestHookHandler, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { followRevocations } from '../lib/access-token/follow-revocations.js'
import { OptionInvalidError, RouteInvalidError, RouteUnseenError } from '../lib/errors.js'
import { openPolicy } from '../lib/policy/policy-option.js'
import type { JsonSchema } from '../lib/release/json-schema.js'
import { openNonces } from '../lib/dpop/options.js'
import { PROOF_ALGORITHMS } from '../lib/dpop/proof.js'
import { factsOf, rememberFacts } from '../lib/report/facts.js'
import { rememberGuard } from '../lib/testing/guards.js'
import { createReplaysInMemory } from '../lib/replay/replays-in-memory.js'
import { auditRequests } from './guard/audit-requests.js'
import { authenticate, type Authentication } from './guard/authenticate.js'
import { Challenges } from './guard/challenges.js'
import { GuardedRequest } from './guard/guarded-request.js'
import { logLostNames } from './guard/lost-names.js'
import { checkedOptions, type ResourceGuardOptions, type ResourceGuardSettings } from './guard/options.js'
import { Observer } from './guard/observer.js'
import { createPossession, type Possession } from './guard/possession.js'
import { GUARD_HOOK, PRINTED } from './guard/printed-routes.js'
import { serveResourceMetadata } from './guard/resource-metadata.js'
import { RouteBook, WEBSOCKETS } from './guard/route-book.js'
import { openVerifier } from './guard/verifier.js'

export type { ResourceGuardOptions } from './guard/options.js'
export type { Keyhole } from './guard/guarded-request.js'
export type { RecordStream } from './guard/record-stream.js'
export type { KeyholeRouteConfig } from './guard/guarded-route.js'

/**
 * Guards every route that is declared after it in its context and below: verifies the access token, and releases
 * only the response fields that the token's scopes allow. Register it, awaited, inside a context of its own.
 * @throws {FST_KEYHOLE_OPTION_INVALID} at registration, naming the option and what to write.
 * @throws {FST_KEYHOLE_POLICY_INVALID} at registration, for a policy document with faults.
 * @throws {FST_KEYHOLE_KEY_REFUSED} at registration, for a key that is not safe to verify with; what the store throws
 *   when it cannot be read goes through.
 * @throws {FST_KEYHOLE_ROUTE_INVALID} when the application gets ready, listing every fault of its routes.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6750 RFC 6750} and
 *   {@link https://www.rfc-editor.org/rfc/rfc9068#section-4 RFC 9068, 4}
 */
export default fp(resourceGuard, { name: 'fastify-keyhole-resource-guard', fastify: '5.x' })

async function resourceGuard (fastify: FastifyInstance, options: ResourceGuardOptions): Promise<void> {
  const settings = checkedOptions(options)
  if (fastify.hasRequestDecorator('keyhole')) {
    throw new OptionInvalidError('resourceGuard: this context is guarded already. Register the guard once, in the outermost context that it shall guard.')
  }
  const { own, issuers, audience, audit, observation, onObserved } = settings
  const { issuer } = own ?? issuers[0]!
  const { policy, close } = await openPolicy(settings.policy, fastify.log)
  const revocations = settings.revocations && await followRevocations(settings.revocations, fastify.log)
  const { verifier, close: closeKeys } = await openVerifier(settings, revocations, fastify.log)
  const possession = await possessionOf(settings)
  const observer = new Observer(fastify.log, onObserved)
  const book = new RouteBook(policy, settings.masks, {
    knowsWebsockets: fastify.hasDecorator(WEBSOCKETS), ownCompiler: fastify.serializerCompiler, observer, defaults: { observation, mustBeBound: settings.dpop.required, canProve: possession !== undefined }
  })
  const examined = () => book.finish(fastify.printRoutes(PRINTED))
  rememberGuard(fastify.server, { issuer, audience, keys: own !== undefined && 'store' in own.keys ? own.keys.store : undefined, possession })
  rememberFacts(fastify.server, { policy, routes: () => book.facts(), faults: () => examined().faults, shortcomings: () => examined().shortcomings })

  fastify.decorateRequest('keyhole', null as never)
  fastify.setSchemaController(book.schemaController)
  if (fastify.serializerCompiler !== undefined) {
    fastify.setSerializerCompiler(compilation => book.compiler(fastify.getSchemas() as Record<string, JsonSchema>)(compilation))
  }
  fastify.addHook('onRoute', function (this: FastifyInstance, route: RouteOptions) { book.enter(this, route) })
  const proofAlgorithms = possession === undefined ? [] : PROOF_ALGORITHMS
  const metadataUrl = settings.metadataPath === undefined
    ? undefined
    : serveResourceMetadata(fastify, settings.metadataPath, { resource: audience, issuers: [issuer, ...issuers.map(other => other.issuer)], scopes: () => Object.keys(policy.current.document.scopes), proofAlgorithms, mustBeBound: settings.dpop.required })
  fastify.addHook('onRequest', guardRequest({ verifier, possession, challenges: new Challenges(proofAlgorithms, metadataUrl), policy }, book))
  if (audit !== undefined) auditRequests(fastify, audit)
  const stop = policy.onReplace(snapshot => logLostNames(fastify.log, snapshot, book.lostNames(snapshot)))
  fastify.addHook('onClose', async () => {
    stop()
    close()
    closeKeys()
    revocations?.close()
    observer.end()
  })
  fastify.addHook('onReady', async () => {
    for (const warning of examined().warnings) fastify.log.warn({ keyhole: 'observe' }, warning)
    // The first guard speaks for all of them: nobody mends one list of faults to find the next.
    const faults = [...new Set(factsOf(fastify.server).flatMap(guard => guard.faults()))]
    if (faults.length > 0) throw Object.assign(new RouteInvalidError(faults.map(fault => `  ${fault}`).join('\n')), { faults })
  })
}

function guardRequest (authentication: Authentication, book: RouteBook): onRequestHookHandler {
  const hook: onRequestHookHandler = (request, reply, done) => {
    const route = book.find(request)
    if (route.public) return done()
    const guarded = new GuardedRequest(route, authentication, request, reply)
    request.keyhole = guarded
    guarded.guard()
    if (route.declared) authenticate(guarded, request, reply, done)
    else done(request.is404 ? undefined : new RouteUnseenError(request.routeOptions.url!))
  }
  return Object.defineProperty(hook, 'name', { value: GUARD_HOOK })
}

async function possessionOf ({ dpop: { baseUrl, nonces, nonceKeys, replays = createReplaysInMemory() } }: ResourceGuardSettings): Promise<Possession | undefined> {
  return baseUrl === undefined ? undefined : createPossession({ baseUrl, replays, nonces: await openNonces(nonces, nonceKeys) })
}
