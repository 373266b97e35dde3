import type { TokenVerifier } from '../../access-token/verified-token.js'
import type { ForeignIssuers } from '../../issuers/foreign-issuers.js'
import { delegatedSubjects } from '../delegated-subject.js'
import type { TokenEndpointSettings } from '../options.js'
import { clientCredentials } from './client-credentials.js'
import { customGrants } from './custom-grant.js'
import type { Grant } from './grant.js'
import { jwtBearer } from './jwt-bearer.js'
import { tokenExchange } from './token-exchange.js'

/**
 * The grants that these options switch on, and the application's own.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the member of one of the application's and what to write.
 */
export function allGrants ({ issuer, store: { replays }, trustedIssuers, grants: own }: TokenEndpointSettings, verifier: TokenVerifier, trusted: ForeignIssuers | undefined): readonly Grant[] {
  const read = trusted && delegatedSubjects(trustedIssuers, trusted, issuer)
  const mayDelegate = trustedIssuers.some(({ scopes }) => scopes !== undefined)
  const builtIn = [
    clientCredentials,
    tokenExchange({ issuer, verifier, read }),
    ...(read !== undefined && replays !== undefined && mayDelegate ? [jwtBearer({ read, replays })] : [])
  ]
  return [...builtIn, ...customGrants(own, builtIn.map(({ type }) => type))]
}
