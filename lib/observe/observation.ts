/** How long routes are only observed, as the option `observe` says it. */
export interface ObserveOptions {
  /** The last day, such as `2027-01-31`: at its end, midnight UTC, everything is enforced. At most a year ahead. */
  readonly until: string
}

/** A time of observing that was checked. */
export interface Observation extends ObserveOptions {
  /** When it ends, in milliseconds since the epoch. */
  readonly end: number
}

const DAY = 24 * 60 * 60 * 1000
const LONGEST = 366 * DAY
const DATE = /^\d{4}-\d{2}-\d{2}$/

/**
 * Reads the option `observe`; a string says what is wrong with it, and what to write.
 * @param now milliseconds since the epoch
 */
export function readObservation (given: unknown, now: number): Observation | string {
  if (typeof given !== 'object' || given === null || Object.keys(given).join() !== 'until') return "observe: write { until: '2027-01-31' }, with the last day of observing."
  const { until } = given as { readonly until: unknown }
  const begin = typeof until === 'string' && DATE.test(until) ? Date.parse(`${until}T00:00:00Z`) : NaN
  if (Number.isNaN(begin) || new Date(begin).toISOString().slice(0, 10) !== until) return "observe.until: write a day as '2027-01-31'."
  const end = begin + DAY
  if (end <= now) return `observe.until: ${until} is past. Take observe out, so that everything is enforced, or write a later day.`
  if (end > now + LONGEST) return `observe.until: ${until} is more than a year ahead. Write an earlier day.`
  return Object.freeze({ until, end })
}

/** Whether observing goes on; without an observation it never does. */
export function isObserving (observation: Observation | undefined): boolean {
  return observation !== undefined && Date.now() < observation.end
}
