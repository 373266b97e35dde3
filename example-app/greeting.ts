import type { DemoClient } from './demo-clients.js'

/** The customer in the lines to paste. */
const CUSTOMER = 'c-0001'

/** What a developer reads at start: where the application is, and lines to paste into a shell. */
export function greeting (url: string, demoClients: readonly DemoClient[]): string {
  return [
    `The customer API listens on ${url}, its description is ${url}/docs`,
    ...['salesperson', 'admin']
      .flatMap(role => demoClients.filter(client => client.role === role))
      .map(client => linesFor(url, client)),
    ...(demoClients.length > 0 ? [HOW_TO_MAKE_REAL_CLIENTS] : [])
  ].join('\n\n') + '\n'
}

function linesFor (url: string, { role, client_id: id, client_secret: secret, api_key: apiKey }: DemoClient): string {
  return `# One customer, as ${role} sees it:
TOKEN=$(curl -s ${url}/oauth2/token -u '${id}:${secret}' \\
  -H 'X-API-Key: ${apiKey}' \\
  -d grant_type=client_credentials | sed 's/.*"access_token":"\\([^"]*\\)".*/\\1/')
curl -s ${url}/customers/${CUSTOMER} -H "Authorization: Bearer $TOKEN"; echo`
}

const HOW_TO_MAKE_REAL_CLIENTS = `These demo clients' secrets are public, so the application listens on 127.0.0.1 alone.
For clients of your own, and any HOST:  npm run clients -- create crm salesperson
                                        npm run clients -- delete-demo`
