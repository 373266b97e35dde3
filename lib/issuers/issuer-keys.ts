import { keySet } from '../keys/key-set.js'
import { discoverJwksUri } from './discovery.js'
import { fetchJson, TIME_LIMIT } from './fetch-json.js'
import type { IssuerOption } from './issuer-option.js'
import { openRemoteKeys, type IssuerLog, type RemoteKeys } from './remote-keys.js'

/**
 * Opens the keys of each of these issuers, all at once.
 * @returns them by issuer
 * @throws {FST_KEYHOLE_OPTION_INVALID} when an issuer's metadata shows that its option is wrong; {FST_KEYHOLE_KEY_REFUSED}
 *   for a key of a configured set. An issuer that is out of reach is logged.
 */
export async function openIssuerKeys (issuers: readonly IssuerOption[], log: IssuerLog): Promise<ReadonlyMap<string, RemoteKeys>> {
  const opened = await Promise.allSettled(issuers.map(async issuer => [issuer.issuer, await open(issuer, log)] as const))
  const failed = opened.find(outcome => outcome.status === 'rejected')
  const keys = new Map(opened.flatMap(outcome => outcome.status === 'fulfilled' ? [outcome.value] : []))
  if (failed === undefined) return keys
  for (const source of keys.values()) source.close()
  throw failed.reason
}

async function open (option: IssuerOption, log: IssuerLog): Promise<RemoteKeys> {
  const { issuer, jwks } = option
  if (typeof jwks === 'object') return Object.freeze({ ...keySet(jwks), close () {} })
  return await openRemoteKeys({ issuer, log, read: () => readKeySet(option, AbortSignal.timeout(TIME_LIMIT)) })
}

/** The key set from where the option, or else the issuer's metadata says. */
export async function readKeySet ({ jwks, ...issuer }: IssuerOption, signal: AbortSignal): ReturnType<typeof fetchJson> {
  const url = typeof jwks === 'string' ? jwks : await discoverJwksUri(issuer, url => fetchJson(url, signal))
  return await fetchJson(url, signal)
}
