import { ok, warning, wrong, type Finding } from './finding.js'

/** Seconds that guards forgive by default (`clockTolerance`), and those that they can be told to. */
const FORGIVEN = 5
const FORGIVABLE = 60

const CURE = 'Keep both clocks with NTP: tokens are refused before their time, or after it.'

/**
 * How far the clock of a server is from this one, by the `Date` of its answer (RFC 9110 6.6.1), which has whole seconds.
 * @param asked when the request left and its answer came, in milliseconds since the epoch
 */
export function examineClock (headers: Headers, asked: { readonly from: number, readonly to: number }): Finding {
  const age = Number(headers.get('age') ?? 0) * 1000
  const date = Date.parse(headers.get('date') ?? '') + age
  if (Number.isNaN(date)) return warning('clock', 'its answers have no Date', 'Let the server, or what stands before it, send Date: without it the clock cannot be compared.')
  const ahead = Math.max(0, date - asked.to) - Math.max(0, asked.from - 1000 - date)
  const seconds = Math.round(Math.abs(ahead) / 1000)
  if (seconds <= FORGIVEN) return ok('clock', `agrees with this machine's within ${FORGIVEN} seconds`)
  const message = `is ${seconds} seconds ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`
  return seconds > FORGIVABLE ? wrong('clock', message, CURE) : warning('clock', message, CURE)
}
