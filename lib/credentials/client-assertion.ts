import type { VerificationKey } from '../keys/key-source.js'
import { verificationKey } from '../keys/verification-key.js'
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

/** What verifies assertions of all clients, each in the way that it was registered for. */
export function createAssertionVerifier (replays: ReplayStorage): VerifyAssertion {
  return async (assertion, client, { issuer, trustedIssuers }) => {
    if (client?.federated !== undefined) {
      return trustedIssuers !== undefined && await isVouchedFor(assertion, { audience: issuer, ...client.federated }, trustedIssuers)
    }
    return await isSignedByClient(assertion, { clientId: client?.id ?? '', issuer, findKey: async kid => findKey(client, kid), replays })
  }
}

/** The keys were checked when the client was created. */
function findKey (client: AssertingClient | null, kid: string | undefined): VerificationKey | undefined {
  const keys = client?.jwks?.keys ?? []
  const jwk = kid === undefined && keys.length === 1 ? keys[0] : keys.find(key => key.kid === kid)
  return jwk && verificationKey(jwk)
}
