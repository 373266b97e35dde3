import type { Principal } from '../credentials/provider.js'

/** What one address tries. */
export interface Attempts {
  /**
   * Has credentials looked at when it is their client's turn: no more of them at a time than may fail. An answer of
   * null is counted as a failure, and nothing else is.
   * @throws {OAuthError} slow_down when this client failed too often from this address, and nothing is looked at; or, in
   * place of null, when too much failed from this address, for whatever clients. What `look` throws goes through.
   */
  counting (clientId: string, look: () => Promise<Principal | null>): Promise<Principal | null>
}
