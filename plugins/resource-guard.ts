import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { createTokenVerifier } from '../lib/access-token/verify.js'
import { OptionInvalidError, RouteInvalidError } from '../lib/errors.js'
import { readKeyRing } from '../lib/keys/key-ring.js'
import { keySet } from '../lib/keys/key-set.js'
import { rememberGuard } from '../lib/testing/guards.js'
import { checkedOptions, type ResourceGuardOptions, type ResourceGuardSettings } from './guard/options.js'
import { authenticate } from './guard/authenticate.js'
import { checkInput } from './guard/check-input.js'
import { GuardedRequest } from './guard/guarded-request.js'
import { notFoundRoute, RouteBook } from './guard/route-book.js'

export type { ResourceGuardOptions } from './guard/options.js'
export type { Keyhole } from './guard/guarded-request.js'
export type { KeyholeRouteConfig } from './guard/guarded-route.js'

/**
 * Guards every route that is declared after it in its context and below: verifies the access token, and releases
 * only the response fields that the token's scopes allow. Register it, awaited, inside a context of its own.
 */
export default fp(resourceGuard, { name: 'fastify-keyhole-resource-guard', fastify: '5.x' })

async function resourceGuard (fastify: FastifyInstance, options: ResourceGuardOptions): Promise<void> {
  const settings = checkedOptions(options)
  if (fastify.hasRequestDecorator('keyhole')) {
    throw new OptionInvalidError('resourceGuard: this context is guarded already. Register the guard once, in the outermost context that it shall guard.')
  }
  const { issuer, audience, policy, clockTolerance } = settings
  const verifier = createTokenVerifier({ issuer, audience, clockTolerance, keys: await keySourceOf(settings) })
  const book = new RouteBook(policy)
  rememberGuard(fastify.server, { issuer, audience, keys: 'store' in settings.keys ? settings.keys.store : undefined })

  fastify.decorateRequest('keyhole', null as never)
  fastify.setSchemaController(book.schemaController)
  if (fastify.serializerCompiler !== undefined) fastify.setSerializerCompiler(book.compiler())
  fastify.addHook('onRoute', function (this: FastifyInstance, route: RouteOptions) {
    const guarded = book.enter(this, route)
    if (!guarded.public) route.preValidation = [...[route.preValidation ?? []].flat(), checkInput]
  })
  fastify.addHook('onRequest', (request: FastifyRequest, reply: FastifyReply, done) => {
    const route = request.is404 ? notFoundRoute : book.find(request)
    if (route.public) {
      done()
      return
    }
    const guarded = new GuardedRequest(route, request, policy.current)
    request.keyhole = guarded
    if (!route.raw) guarded.guard(reply)
    if (route === notFoundRoute) done()
    else authenticate(verifier, guarded, request, reply, done)
  })
  fastify.addHook('onReady', async () => {
    const faults = book.faults()
    if (faults.length > 0) throw new RouteInvalidError(faults.map(fault => `  ${fault}`).join('\n'))
  })
}

async function keySourceOf ({ keys }: ResourceGuardSettings): Promise<ReturnType<typeof keySet>> {
  return 'jwks' in keys ? keySet(keys.jwks) : await readKeyRing(keys.store)
}
