import type { FastifyRequest } from 'fastify'
import type { ProviderEvent } from '../../lib/credentials/provider-event.js'
import { loggable } from '../../lib/oauth/loggable.js'

/** Tells of each question to a provider: in the request's log, as a warning where it could not tell, and to a function of the application's. */
export function tellOfProviders (hook: ((event: ProviderEvent) => unknown) | undefined): (request: FastifyRequest) => (event: ProviderEvent) => void {
  return ({ log }) => event => {
    Object.freeze(event)
    log[event.outcome === 'unavailable' ? 'warn' : 'debug']({ credentialProvider: event }, `credential provider ${event.provider}: ${event.outcome}`)
    if (hook !== undefined) call(hook, event, log)
  }
}

async function call (hook: (event: ProviderEvent) => unknown, event: ProviderEvent, log: FastifyRequest['log']): Promise<void> {
  try {
    await hook(event)
  } catch (error) {
    log.error({ cause: loggable(error) }, 'onProvider failed')
  }
}
