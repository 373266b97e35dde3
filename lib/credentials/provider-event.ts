import { ProviderUnavailableError } from '../errors.js'
import type { Principal, RequestContext } from './provider.js'
import { unlessAborted } from './unless-aborted.js'

/** What a provider did with one question, for metrics and the log. Nothing that was presented is in it. */
export interface ProviderEvent {
  /** Which one: `store`, `rest`, `oauth`, `sql` or the name that it was given. */
  readonly provider: string
  /** Yes, no, or that it could not tell. */
  readonly outcome: 'verified' | 'refused' | 'unavailable'
  /** From the question to the answer. */
  readonly milliseconds: number
  /** Of a provider that has a circuit breaker: its state after the answer. */
  readonly breaker?: BreakerState
}

/** Whether questions are passed on: `closed` all, `open` none, `half-open` one to try. */
export type BreakerState = 'closed' | 'open' | 'half-open'

/** A provider that tells what it did. */
interface Telling {
  readonly provider: string
  readonly context: RequestContext
  readonly breaker?: { readonly state: BreakerState } | undefined
}

/**
 * Has a provider answer, and tells what it answered. None is begun for a client that has gone away, and none is waited for.
 * @throws {FST_KEYHOLE_PROVIDER_UNAVAILABLE} for whatever `answer` throws.
 */
export async function reported ({ provider, context, breaker }: Telling, answer: () => Promise<Principal | null>): Promise<Principal | null> {
  const started = performance.now()
  return await telling(async () => {
    try {
      return await unlessAborted(context.signal, answer)
    } catch (cause) {
      throw new ProviderUnavailableError({ cause })
    }
  }, outcome => context.report?.({ provider, outcome, milliseconds: performance.now() - started, ...(breaker !== undefined && { breaker: breaker.state }) }))
}

/**
 * Has anybody's provider answer; what it did is told here where it does not tell itself.
 * @param provider its name, for that case
 */
export async function told (provider: string, context: RequestContext, ask: (context: RequestContext) => Promise<Principal | null>): Promise<Principal | null> {
  const started = performance.now()
  let hasTold = false
  const report = (event: ProviderEvent) => {
    hasTold = true
    context.report?.(event)
  }
  return await telling(() => ask({ ...context, report }), outcome => {
    if (!hasTold) context.report?.({ provider, outcome, milliseconds: performance.now() - started })
  })
}

async function telling (ask: () => Promise<Principal | null>, tell: (outcome: ProviderEvent['outcome']) => void): Promise<Principal | null> {
  let principal: Principal | null
  try {
    principal = await ask()
  } catch (error) {
    tell('unavailable')
    throw error
  }
  tell(principal === null ? 'refused' : 'verified')
  return principal
}
