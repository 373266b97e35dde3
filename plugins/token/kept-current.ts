import type { FastifyInstance } from 'fastify'
import { followRevocations, type FollowedRevocations } from '../../lib/access-token/follow-revocations.js'
import { openNonces } from '../../lib/dpop/options.js'
import type { Nonces } from '../../lib/dpop/nonces.js'
import { createForeignIssuers, type ForeignIssuers } from '../../lib/issuers/foreign-issuers.js'
import { keepReading } from '../../lib/keys/keep-reading.js'
import { openKeyRing, type KeyRing } from '../../lib/keys/key-ring.js'
import type { TokenEndpointSettings } from '../../lib/oauth/options.js'
import { logUnknownScopes, requireKnownScopes } from '../../lib/oauth/scope-options.js'
import { openPolicy } from '../../lib/policy/policy-option.js'
import type { Policy } from '../../lib/policy/policy.js'

/** What the endpoint knows of its store, and of other issuers, while the application runs. */
export interface KeptCurrent {
  readonly keyRing: KeyRing
  readonly nonces: Nonces | undefined
  /** Without them nothing is revoked. */
  readonly revocations: FollowedRevocations | undefined
  /** Without one nobody's JWTs are taken. */
  readonly trusted: ForeignIssuers | undefined
}

/** The policy, whose scopes the other options name; the application's log is told of those that a later one no longer has. */
export async function keepPolicy (fastify: FastifyInstance, settings: TokenEndpointSettings): Promise<Policy> {
  const { policy, close } = await openPolicy(settings.policy, fastify.log)
  fastify.addHook('onClose', async () => { close() })
  requireKnownScopes(settings, policy.current)
  const stopListening = policy.onReplace(snapshot => logUnknownScopes(fastify.log, settings, snapshot))
  fastify.addHook('onClose', async () => { stopListening() })
  return policy
}

/** Reads it all once; it is read again and again until the application closes. */
export async function keepCurrent (fastify: FastifyInstance, { store, keys, nonces: nonceSettings, trustedIssuers }: TokenEndpointSettings): Promise<KeptCurrent> {
  const { log } = fastify
  const trusted = trustedIssuers.length === 0 ? undefined : await createForeignIssuers({ issuers: trustedIssuers.map(({ scopes, audience, ...issuer }) => issuer), log })
  if (trusted !== undefined) fastify.addHook('onClose', async () => { trusted.close() })
  const keyRing = await openKeyRing(store.keys, keys)
  const stopReading = keepReading(keyRing.reread, 'signing keys', log, store.keys.onChange)
  fastify.addHook('onClose', async () => { stopReading() })
  const nonces = await openNonces(nonceSettings, store.nonceKeys)
  const revocations = store.revocations && await followRevocations(store.revocations, log)
  if (revocations !== undefined) fastify.addHook('onClose', async () => { revocations.close() })
  return { keyRing, nonces, revocations, trusted }
}
