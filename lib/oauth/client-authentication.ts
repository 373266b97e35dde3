import type { ClientCredentials, CredentialProvider, Principal } from '../credentials/provider.js'
import { unlessAborted } from '../credentials/unless-aborted.js'
import { parseBasic } from './basic.js'
import type { CredentialParameters } from './credential-parameters.js'
import { OAuthError } from './errors.js'
import { loggable } from './loggable.js'
import { checkedPrincipal } from './principal.js'

/** The authentication methods as RFC 8414 names them. */
export const AUTHENTICATION_METHODS = Object.freeze(['client_secret_basic', 'client_secret_post'])

/** How long a provider may take, in milliseconds: nobody waits for ever, and no connection is held by it. */
const PATIENCE = 10_000

/** The headers that may carry credentials. */
export interface CredentialHeaders {
  readonly authorization: string | undefined
  readonly apiKey: string | undefined
}

/** What a client presented, and the challenge that a refusal has to carry. */
export interface Presented {
  readonly credentials: ClientCredentials
  /** Whether the Authorization header was used: then a refusal names the scheme (RFC 6749 5.2). */
  readonly byHeader: boolean
}

/**
 * Takes the credentials out of a request: exactly one method, one API key.
 * @throws {OAuthError} invalid_request for two methods or API keys, or two different clients;
 * invalid_client when nothing usable was presented.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-2.3 RFC 6749, 2.3}
 */
export function presentedCredentials (parameters: CredentialParameters, headers: CredentialHeaders): Presented {
  const { client_id: bodyId, client_secret: bodySecret, client_assertion: assertion } = parameters
  const byHeader = headers.authorization !== undefined

  if ([byHeader, bodySecret !== undefined, assertion !== undefined].filter(Boolean).length > 1) {
    throw new OAuthError('invalid_request', 'use one method of client authentication')
  }
  const apiKey = onlyOne(parameters.api_key, headers.apiKey || undefined)

  if (headers.authorization === undefined) {
    if (bodyId === undefined || assertion !== undefined) throw invalidClient(byHeader)
    return { credentials: { clientId: bodyId, clientSecret: bodySecret, apiKey }, byHeader }
  }
  const basic = parseBasic(headers.authorization)
  if (basic === undefined) throw invalidClient(byHeader)
  if (bodyId !== undefined && bodyId !== basic.clientId) {
    throw new OAuthError('invalid_request', 'client_id differs from that of the Authorization header')
  }
  return { credentials: { ...basic, apiKey }, byHeader }
}

/**
 * Asks the provider whose credentials these are.
 * @throws {OAuthError} invalid_client when they are wrong, in the same bytes whatever is wrong;
 * temporarily_unavailable when the provider cannot tell, takes longer than 10 seconds, or answers with what is no
 * principal of this client.
 */
export async function authenticateClient (
  provider: CredentialProvider, { credentials, byHeader }: Presented, signal: AbortSignal
): Promise<Principal> {
  const principal = await ask(provider, credentials, signal)
  if (principal === null) throw invalidClient(byHeader)
  return principal
}

async function ask (provider: CredentialProvider, credentials: ClientCredentials, signal: AbortSignal): Promise<Principal | null> {
  const patience = new AbortController()
  const timer = setTimeout(() => patience.abort(new Error(`no answer within ${PATIENCE / 1000} seconds`)), PATIENCE)
  const either = AbortSignal.any([signal, patience.signal])
  let principal: Principal | null
  try {
    const answer = await unlessAborted(either, Promise.resolve(provider.verify(credentials, { signal: either })))
    principal = checkedPrincipal(answer, credentials.clientId)
  } catch (error) {
    const secrets = [credentials.clientSecret, credentials.apiKey].filter(secret => secret !== undefined)
    throw new OAuthError('temporarily_unavailable', 'client authentication is not available', { cause: loggable(error, secrets) })
  } finally {
    clearTimeout(timer)
  }
  return principal
}

function onlyOne (inBody: string | undefined, inHeader: string | undefined): string | undefined {
  if (inBody !== undefined && inHeader !== undefined) {
    throw new OAuthError('invalid_request', 'send the API key once')
  }
  return inBody ?? inHeader
}

function invalidClient (byHeader: boolean): OAuthError {
  return new OAuthError('invalid_client', 'client authentication failed', {
    headers: byHeader ? { 'www-authenticate': 'Basic realm="token endpoint", charset="UTF-8"' } : {}
  })
}
