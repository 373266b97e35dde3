import { decodeJwt } from 'jose'
import type { ClientCredentials, CredentialProvider, Principal, RequestContext } from '../credentials/provider.js'
import { told, type ProviderEvent } from '../credentials/provider-event.js'
import { unlessAborted } from '../credentials/unless-aborted.js'
import type { Attempts } from './attempts.js'
import { parseBasic } from './basic.js'
import type { CredentialParameters } from './credential-parameters.js'
import { OAuthError } from './errors.js'
import { loggable } from './loggable.js'
import { checkedPrincipal } from '../credentials/checked-principal.js'

/** RFC 7523 2.2. */
const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** How long a request waits for its turn and for the provider's answer, in milliseconds: nobody waits for ever, and no connection is held by it. */
const PATIENCE = 10_000

/** The headers that may carry credentials. */
export interface CredentialHeaders {
  readonly authorization: string | undefined
  readonly apiKey: string | undefined
}

/** What a client presented, and the challenge that a refusal has to carry. */
interface Presented {
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
  const { client_id: bodyId, client_secret: bodySecret, client_assertion: clientAssertion, client_assertion_type: assertionType } = parameters
  const byHeader = headers.authorization !== undefined

  if (assertionType !== (clientAssertion && JWT_BEARER)) {
    throw new OAuthError('invalid_request', `client_assertion goes with client_assertion_type ${JWT_BEARER}`)
  }
  if ([byHeader, bodySecret !== undefined, clientAssertion !== undefined].filter(Boolean).length > 1) {
    throw new OAuthError('invalid_request', 'use one method of client authentication')
  }
  const apiKey = onlyOne(parameters.api_key, headers.apiKey || undefined)

  if (clientAssertion !== undefined) {
    const clientId = bodyId ?? subjectOf(clientAssertion)
    if (clientId === undefined) throw invalidClient(byHeader)
    return { credentials: { clientId, clientSecret: undefined, apiKey, clientAssertion }, byHeader }
  }
  if (headers.authorization === undefined) {
    if (bodyId === undefined) throw invalidClient(byHeader)
    return { credentials: { clientId: bodyId, clientSecret: bodySecret, apiKey }, byHeader }
  }
  const basic = parseBasic(headers.authorization)
  if (basic === undefined) throw invalidClient(byHeader)
  if (bodyId !== undefined && bodyId !== basic.clientId) {
    throw new OAuthError('invalid_request', 'client_id differs from that of the Authorization header')
  }
  return { credentials: { ...basic, apiKey }, byHeader }
}

/** A request that carries credentials: its parameters, its headers, what ends the work for it, what failed from its address, and who is told what a provider did. */
export interface AuthenticatedRequest {
  readonly parameters: CredentialParameters
  readonly headers: CredentialHeaders
  /** Aborts when the client has gone away, and is told to when it is not waited for any longer. */
  readonly abort: AbortController
  readonly attempts: Attempts
  readonly report: (event: ProviderEvent) => void
}

/**
 * Finds out which client makes a request.
 * @throws {OAuthError} slow_down when too much failed before; invalid_client when its credentials are wrong, in the same bytes whatever is wrong;
 * temporarily_unavailable when the provider cannot tell, when turn and answer take longer than 10 seconds, or when it answers with what is no
 * principal of this client; what `presentedCredentials` throws.
 */
export type AuthenticateClient = (request: AuthenticatedRequest) => Promise<Principal>

interface ClientAuthenticationDeps extends Omit<RequestContext, 'signal' | 'report'> {
  readonly credentialProvider: CredentialProvider
}

/** The authentication of clients by a credential provider, the same at every endpoint. */
export function createClientAuthentication ({ credentialProvider, ...context }: ClientAuthenticationDeps): AuthenticateClient {
  return async ({ parameters, headers, abort, attempts, report }) => {
    const { credentials, byHeader } = presentedCredentials(parameters, headers)
    if (credentials.clientAssertion !== undefined && credentialProvider.checksAssertions !== true) throw invalidClient(byHeader)
    const look = async () => {
      // Who went away while it waited has been answered, and nobody is asked about it.
      abort.signal.throwIfAborted()
      return await ask(credentialProvider, credentials, { ...context, signal: abort.signal, report })
    }
    const principal = await patiently(abort, () => attempts.counting(credentials.clientId, look))
    if (principal === null) throw invalidClient(byHeader)
    return principal
  }
}

/** Waits for the turn of a request and for the answer to it, and neither when the client has gone away. */
async function patiently<T> (abort: AbortController, work: () => Promise<T>): Promise<T> {
  const timer = setTimeout(() => abort.abort(new Error(`no answer within ${PATIENCE / 1000} seconds`)), PATIENCE)
  return await unlessAborted(abort.signal, work)
    .catch(error => { throw error instanceof OAuthError ? error : unavailable(loggable(error)) })
    .finally(() => clearTimeout(timer))
}

async function ask (provider: CredentialProvider, credentials: ClientCredentials, context: RequestContext): Promise<Principal | null> {
  try {
    return await told('credentialProvider', context, async asked => {
      const answer = await unlessAborted(context.signal, async () => await provider.verify(credentials, asked))
      return checkedPrincipal(answer, credentials.clientId)
    })
  } catch (error) {
    const secrets = [credentials.clientSecret, credentials.apiKey, credentials.clientAssertion].filter(secret => secret !== undefined)
    throw unavailable(loggable(error, secrets))
  }
}

function unavailable (cause: object): OAuthError {
  return new OAuthError('temporarily_unavailable', 'client authentication is not available', { cause })
}

/** Whom an assertion is about, before anything of it is verified (RFC 7521 4.2). */
function subjectOf (assertion: string): string | undefined {
  try {
    const { sub }: { sub?: unknown } = decodeJwt(assertion)
    return typeof sub === 'string' && sub !== '' ? sub : undefined
  } catch {
    return undefined
  }
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
