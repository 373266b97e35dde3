/** What one address tried: a request is let through by it, and tells it when its credentials were wrong. */
export interface Attempts {
  /**
   * Before credentials are looked at.
   * @throws {OAuthError} slow_down when this client failed too often from this address.
   */
  admit (clientId: string): Promise<void>
  /**
   * When they were wrong: only that is counted.
   * @throws {OAuthError} slow_down when too much failed from this address, for whatever clients.
   */
  failed (): Promise<void>
}
