import { createKeySets } from '../issuers/key-sets.js'
import type { Algorithm, VerificationKey } from '../keys/key-source.js'
import { algorithmOf, verificationKey } from '../keys/verification-key.js'
import type { ReplayStorage } from '../replay/replay-storage.js'
import { isVouchedFor } from './federated.js'
import { isSignedByClient } from './private-key-jwt.js'
import type { RequestContext } from './provider.js'
import type { ClientRegistration } from './registration.js'

/** A client whose assertion is looked at. */
interface AssertingClient extends ClientRegistration {
  readonly id: string
}

/** Whether a client, known or not, proves itself with this JWT. */
export type VerifyAssertion = (assertion: string, client: AssertingClient | null, context: RequestContext) => Promise<boolean>

/**
 * What verifies assertions of all clients. An assertion that names a trusted issuer is one of federation, any other one
 * of `private_key_jwt`, whoever the client is: the work tells nobody which clients there are, nor how they prove themselves.
 */
export function createAssertionVerifier (replays: ReplayStorage): VerifyAssertion {
  const keySets = createKeySets()
  return async (assertion, client, { issuer, trustedIssuers, log }) => {
    const isVouched = trustedIssuers && await isVouchedFor(assertion, client?.federated, issuer, trustedIssuers)
    const url = client?.jwksUrl
    return isVouched ?? await isSignedByClient(assertion, {
      clientId: client?.id ?? '',
      issuer,
      findKey: async header => url === undefined ? findKey(client, header) : await keySets.find(url, header, log),
      replays
    })
  }
}

/** The keys were checked when the client got them. One of another algorithm is not loaded: then it would be two. */
function findKey (client: AssertingClient | null, { kid, alg }: { readonly kid: string | undefined, readonly alg: Algorithm }): VerificationKey | undefined {
  const keys = client?.jwks?.keys ?? []
  const jwk = kid === undefined && keys.length === 1 ? keys[0] : keys.find(key => key.kid === kid)
  return jwk !== undefined && algorithmOf(jwk) === alg ? verificationKey(jwk) : undefined
}
