import { OptionInvalidError } from '../errors.js'
import { createAnswerCache } from './answer-cache.js'
import { apiKeyCheck } from './api-keys.js'
import { createBreaker } from './breaker.js'
import { createConnectionQueue } from './connection-queue.js'
import { postAs, type IdAndSecret } from './oauth-server/client-request.js'
import { CONNECTIONS, endpointsOf } from './oauth-server/endpoints.js'
import { oauthSettings, type OAuthProviderOptions } from './oauth-server/options.js'
import { introspectingReader, jwtReader } from './oauth-server/read-token.js'
import { rolesOf } from './oauth-server/roles.js'
import { accessTokenOf } from './oauth-server/token-request.js'
import { credentialsOfNobody, isPresentable } from './presentable.js'
import { reported } from './provider-event.js'
import type { CredentialProvider } from './provider.js'

/** An issuer is left alone for ten seconds when more than half of five requests and more have failed within ten. */
const BREAKER = { requests: 5, wait: 10 }

/** A provider that asks another authorization server. */
export interface OAuthCredentialProvider extends CredentialProvider {
  /** The issuer's keys are read no more. */
  close (): void
}

/**
 * Checks clients' secrets at another authorization server: they are forwarded to its token endpoint as that client's own
 * request (RFC 6749 4.4), and the access token that comes of it says the client's roles. It is verified first: signature
 * (or introspection), issuer, audience, and whose it is. It is neither kept nor handed on, and not even looked at without
 * the right API key.
 *
 * A refusal of the client is null, and everything else that is no such token "cannot tell".
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the option, also when the issuer's metadata shows that it is wrong. An issuer
 *   that is out of reach does not stop the boot.
 * @throws {FST_KEYHOLE_KEY_REFUSED} for a key of `jwks`.
 */
export async function oauthCredentialProvider (options: OAuthProviderOptions): Promise<OAuthCredentialProvider> {
  const settings = oauthSettings(options)
  const { preset, parameters, clientAuthentication, introspection, roles, timeout, cache: lifetimes, log } = settings
  const apiKeyHolds = apiKeyCheck('oauthCredentialProvider', options)
  const endpoints = endpointsOf(settings)
  await endpoints().catch(error => {
    if (error instanceof OptionInvalidError) throw error
    log.error({ issuer: options.issuer, reason: error.message }, "the metadata of an issuer cannot be read; until it can, clients' secrets cannot be checked")
  })
  const reader = introspection === undefined ? await jwtReader(settings) : introspectingReader(settings, introspection)
  const nobody: IdAndSecret = credentialsOfNobody()
  const form = { grant_type: 'client_credentials', ...parameters }
  const whenFree = createConnectionQueue(CONNECTIONS, timeout)
  const breaker = createBreaker<string | null>(BREAKER)
  const cache = createAnswerCache(lifetimes)

  const tokenOf = async (client: IdAndSecret, signal: AbortSignal): Promise<string | null> => {
    const { token } = await endpoints()
    return await whenFree(signal, async () => await breaker.ask(signal, async signal =>
      accessTokenOf(await postAs(client, clientAuthentication, token, form, signal), preset.refusals)))
  }

  return Object.freeze<OAuthCredentialProvider>({
    async verify (credentials, context) {
      return await reported({ provider: 'oauth', context, breaker }, async () => {
        const known = cache.get(credentials)
        if (known !== undefined) return known
        const { clientId, clientSecret, apiKey } = credentials
        const client = isPresentable(clientId) && isPresentable(clientSecret) ? { clientId, clientSecret } : nobody
        const [token, hasApiKey] = await Promise.all([tokenOf(client, context.signal), apiKeyHolds(clientId, apiKey, context)])
        // Reading a token takes time, or another request: without its API key a right secret is not told from a wrong one.
        const isRead = token !== null && hasApiKey && client !== nobody
        const claims = isRead ? await reader.read(token, client, await endpoints(), context.signal) : null
        if (isRead && claims === null) context.log?.warn({ clientId }, 'the issuer spells the id of this client in another way; ids are compared character by character')
        const principal = claims && { clientId, roles: rolesOf(claims, roles, preset.roles) }
        cache.set(credentials, principal)
        return principal
      })
    },
    close: reader.close
  })
}
