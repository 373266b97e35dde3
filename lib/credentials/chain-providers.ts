import { decodeJwt } from 'jose'
import { checkedMembers, type ChainMember } from './chain-members.js'
import { told, type ProviderEvent } from './provider-event.js'
import type { ClientCredentials, CredentialProvider, Principal, RequestContext } from './provider.js'

/**
 * Several providers as one. A question goes to the first member that it is for, by the client's id or by the issuer of
 * its assertion, and to no other: not after a no, unless the member says by `ifRefused` which other one then gets the
 * same credentials, and not where it cannot tell, unless it says so by `ifUnavailable`. The first yes holds.
 * Where no member is meant the answer is null.
 * @throws {FST_KEYHOLE_OPTION_INVALID} for members that overlap or are never asked, saying what to write.
 */
export function chainCredentialProviders (members: readonly ChainMember[]): CredentialProvider {
  const checked = checkedMembers(members)
  const named = new Map(checked.map(member => [member.name, member]))

  const ask = async (member: ChainMember | undefined, credentials: ClientCredentials, context: RequestContext): Promise<Principal | null> => {
    // An assertion goes to nobody who would not look at it.
    if (member === undefined || (credentials.clientAssertion !== undefined && member.provider.checksAssertions !== true)) return null
    const { name, provider, ifRefused, ifUnavailable } = member
    const { report } = context
    const asMember = { ...context, ...(report !== undefined && { report: (event: ProviderEvent) => report({ ...event, provider: name }) }) }
    let principal: Principal | null
    try {
      principal = await told(name, asMember, async asked => await provider.verify(credentials, asked))
    } catch (error) {
      if (ifUnavailable === undefined || context.signal.aborted) throw error
      principal = await ask(named.get(ifUnavailable), credentials, context)
      // Another one's no says nothing of clients that this one may know.
      if (principal === null) throw error
      return principal
    }
    return principal === null && ifRefused !== undefined ? await ask(named.get(ifRefused), credentials, context) : principal
  }

  return Object.freeze<CredentialProvider>({
    checksAssertions: checked.some(({ provider }) => provider.checksAssertions === true),

    async verify (credentials, context) {
      const issuer = issuerOf(credentials)
      const isMeant = ({ clientIdPrefix, issuer: its }: ChainMember) => its === undefined
        ? credentials.clientId.startsWith(clientIdPrefix ?? '')
        : its === issuer
      return await ask(checked.find(isMeant), credentials, context)
    }
  })
}

/** Who is said to have made the assertion; whoever verifies it finds out. */
function issuerOf ({ clientAssertion }: ClientCredentials): string | undefined {
  if (clientAssertion === undefined) return undefined
  try {
    const { iss } = decodeJwt(clientAssertion)
    return typeof iss === 'string' ? iss : undefined
  } catch {
    return undefined
  }
}
