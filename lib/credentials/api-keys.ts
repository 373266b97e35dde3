import { OptionInvalidError } from '../errors.js'
import type { RequestContext } from './provider.js'
import { matchingHash } from './secret.js'
import type { ClientCredentialStore } from './store-provider.js'

/**
 * Who knows the clients' API keys: the store, in which each client is registered under its id, or a function of the
 * application's. Whatever the function throws is "cannot tell".
 */
export type ApiKeys =
  | { readonly credentials: ClientCredentialStore }
  | ((clientId: string, apiKey: string, context: RequestContext) => boolean | Promise<boolean>)

/** The second factor where secrets are checked elsewhere; one of the two has to be written. */
export interface ApiKeyOptions {
  readonly apiKeys?: ApiKeys
  /** `false`: the secret alone is enough. */
  readonly requireApiKey?: boolean
}

/** Whether what a client presented as its API key will do. */
export type ApiKeyCheck = (clientId: string, apiKey: string | undefined, context: RequestContext) => Promise<boolean>

/**
 * The check that the options of a provider ask for.
 * @param provider its name
 * @throws {FST_KEYHOLE_OPTION_INVALID} unless the options say how, and only how.
 */
export function apiKeyCheck (provider: string, { apiKeys, requireApiKey }: ApiKeyOptions): ApiKeyCheck {
  if (requireApiKey !== undefined && typeof requireApiKey !== 'boolean') throw new OptionInvalidError(`${provider}: requireApiKey: write false, or leave it out.`)
  if (requireApiKey === false) {
    if (apiKeys !== undefined) throw new OptionInvalidError(`${provider}: write apiKeys or requireApiKey: false, not both.`)
    return async () => true
  }
  if (typeof apiKeys === 'function') {
    return async (clientId, apiKey, context) => {
      if (apiKey === undefined) return false
      const holds: unknown = await apiKeys(clientId, apiKey, context)
      if (typeof holds !== 'boolean') throw new TypeError('apiKeys answered with something else than true or false')
      return holds
    }
  }
  if (typeof apiKeys?.credentials?.find !== 'function') {
    throw new OptionInvalidError(`${provider}: write apiKeys, the store or a function (clientId, apiKey, context) => boolean, by which the client's API key is checked; or requireApiKey: false, if the secret alone is to be enough.`)
  }
  const { credentials } = apiKeys
  return async (clientId, apiKey) => {
    const client = await credentials.find(clientId)
    const hash = matchingHash('api_key', apiKey, client?.apiKeyHashes ?? [])
    if (hash === undefined || client === null || client.disabled) return false
    credentials.noteUse?.(clientId, [hash])
    return true
  }
}
