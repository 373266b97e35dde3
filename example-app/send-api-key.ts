/** The pages under /docs, in the browser; not there yet while they load the description. */
declare const ui: { authSelectors: { authorized (): { getIn (path: string[]): string | undefined } } }

/**
 * Runs in the browser, so it is written to stand alone. The form for OAuth 2 asks for id and secret only; the API key
 * comes from its own form.
 */
export function sendApiKeyToTokenEndpoint (request: Record<string, any>): Record<string, any> {
  if (request['url'].endsWith('/oauth2/token')) {
    const apiKey = ui.authSelectors.authorized().getIn(['apiKey', 'value'])
    if (apiKey !== undefined) request['headers']['X-API-Key'] = apiKey
  }
  return request
}
