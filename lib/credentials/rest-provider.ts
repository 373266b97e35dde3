import type { TSchema } from '@sinclair/typebox'
import { createAnswerCache } from './answer-cache.js'
import { createBreaker } from './breaker.js'
import { createConnectionQueue } from './connection-queue.js'
import { noAnswer } from './no-answer.js'
import { createOriginClient, type OriginAnswer } from './origin-client.js'
import { arePresentable, credentialsOfNobody } from './presentable.js'
import { reported } from './provider-event.js'
import type { ClientCredentials, CredentialProvider } from './provider.js'
import { checkedRestOptions, type RestProviderOptions } from './rest-options.js'

/** What the external system said: no, or the body of its yes. */
type Said = { readonly refused: true } | { readonly refused: false, readonly body: unknown }

/**
 * Asks an external system over REST: the credentials are posted as JSON. 200 with a body that fits is a yes, 401 and
 * 403 are a no. Everything else is neither: another status (404 too, since a wrong path is an outage), a redirect, no
 * answer in time, a body that does not fit or is too large. What no system could know is not posted: it is asked about
 * nobody, and the answer is a no.
 * @throws {FST_KEYHOLE_OPTION_INVALID} naming the option and what to write.
 */
export function restCredentialProvider<Schema extends TSchema = TSchema> (options: RestProviderOptions<Schema>): CredentialProvider {
  const { name, headers, request, read, checksAssertions, client, breaker: breaking, cache: lifetimes } = checkedRestOptions(options)
  const post = createOriginClient(client)
  const whenFree = createConnectionQueue(client.connections, client.timeout)
  const breaker = breaking && createBreaker<Said>(breaking)
  const cache = createAnswerCache(lifetimes)
  const nobody = credentialsOfNobody()

  const ask = async (credentials: ClientCredentials, signal: AbortSignal): Promise<Said> => {
    const body = JSON.stringify(request(credentials))
    // Of a question that broke nobody can tell whether the assertion in it was used.
    const isSentOnce = credentials.clientAssertion !== undefined
    const send = async (signal?: AbortSignal) => said(await post({ body, headers, isSentOnce, ...(signal !== undefined && { signal }) }))
    return await whenFree(signal, async () => await (breaker === undefined ? send(signal) : breaker.ask(signal, send)))
  }

  return Object.freeze<CredentialProvider>({
    checksAssertions,

    async verify (credentials, context) {
      return await reported({ provider: name, context, breaker }, async () => {
        const known = cache.get(credentials)
        if (known !== undefined) return known
        const asked = arePresentable(credentials) ? credentials : nobody
        const answer = await ask(asked, context.signal)
        const found = answer.refused ? null : read(answer.body, asked)
        const principal = asked === nobody ? null : found
        cache.set(credentials, principal)
        return principal
      })
    }
  })
}

function said ({ status, text }: OriginAnswer): Said {
  if (status === 401 || status === 403) return { refused: true }
  if (text === undefined) throw noAnswer(status, `the status ${status} is neither yes nor no`)
  return { refused: false, body: parsed(text) }
}

function parsed (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Not as a cause: the message of a SyntaxError quotes what it could not read.
    throw new Error('the answer is no JSON')
  }
}
