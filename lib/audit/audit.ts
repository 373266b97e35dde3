import { OptionInvalidError } from '../errors.js'
import type { AuditEvent } from './event.js'

/** Where audit events go. */
export interface AuditOptions<Event extends AuditEvent = AuditEvent> {
  /** Whether each event is written to the request's log, at level info, as its member `audit`. Default: true. */
  readonly log?: boolean
  /** Gets each event once the answer is through. What it throws or rejects with is logged, and changes nothing else. Closing the application waits for it. */
  readonly hook?: (event: Event) => unknown
}

/** The part of a logger that an event needs. */
export interface AuditLog {
  info (details: object, message: string): void
  error (details: object, message: string): void
}

/** Where the events of one plugin go. */
export interface Audit<Event extends AuditEvent> {
  /** Hands one event on, and waits for nobody. */
  tell (event: Event, log: AuditLog): void
  /** Waits until the hook has done with every event that it got. */
  finish (): Promise<void>
}

/**
 * Prepares what the option `audit` of a plugin asks for.
 * @returns undefined where nobody asked
 * @throws {FST_KEYHOLE_OPTION_INVALID}
 */
export function createAudit<Event extends AuditEvent> (options: AuditOptions<Event> | undefined): Audit<Event> | undefined {
  if (options === undefined) return undefined
  if (typeof options !== 'object' || options === null) throw invalid('audit: write { log: true }, { hook: event => … } or both.')
  const { log: isLogged = true, hook, ...others } = options
  if (Object.keys(others).length > 0) throw invalid(`audit.${Object.keys(others)[0]}: there is no such member; there are log and hook.`)
  if (typeof isLogged !== 'boolean') throw invalid('audit.log: write true or false.')
  if (hook !== undefined && typeof hook !== 'function') throw invalid('audit.hook: write a function that takes an event.')
  if (!isLogged && hook === undefined) throw invalid('audit: log is false and there is no hook, so no event would go anywhere. Leave audit out.')

  const underWay = new Set<Promise<void>>()
  return {
    tell (event, log) {
      Object.freeze(event)
      if (isLogged) log.info({ audit: event }, event.type)
      if (hook === undefined) return
      const call = called(hook, event, log).finally(() => { underWay.delete(call) })
      underWay.add(call)
    },
    async finish () { await Promise.all(underWay) }
  }
}

async function called<Event> (hook: (event: Event) => unknown, event: Event, log: AuditLog): Promise<void> {
  try {
    await hook(event)
  } catch (err) {
    log.error({ err }, 'the audit hook failed; its event stands in the log only where audit.log is on')
  }
}

function invalid (message: string): Error {
  return new OptionInvalidError(message)
}
