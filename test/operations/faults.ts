import type { Answer } from './answers.js'

/** From when to when something was done, or away. */
export interface Span { readonly from: number, readonly to: number }

/** What was done to three processes on one store while they were asked. */
export interface Faults {
  readonly disabled: Span & { readonly client: string }
  readonly published: Span & { readonly before: Fields, readonly after: Fields }
  readonly killed: Span & { readonly process: number }
  readonly database: Span
  /** Milliseconds until every process knows of a change. */
  readonly spread: number
}

/** Names of the fields that a policy releases, as they stand in the answer. */
export type Fields = string

/** Rows of the table in docs/operations.md. */
export type Row = 'nothing' | 'a client is disabled' | 'a policy is published' | 'a process is killed' | 'the database is away'

/** By which row an answer is permitted, if by any. */
export function permittedBy (answer: Answer, faults: Faults): Row | undefined {
  switch (answer.status) {
    case undefined: return answer.process === faults.killed.process && overlaps(answer, faults.killed) ? 'a process is killed' : undefined
    case 200: return answer.client === faults.disabled.client ? ofDisabled(answer, faults) : ofOthers(answer, faults)
    // Who goes on with credentials that are refused is told to wait.
    case 401:
    case 429: return answer.client === faults.disabled.client && answer.received >= faults.disabled.from ? 'a client is disabled' : undefined
    case 503: return answer.what === 'token' && answer.retryAfter !== null && overlaps(answer, faults.database) ? 'the database is away' : undefined
    default: return undefined
  }
}

/** What a disabled client may still get: nothing at the token endpoint, and for a while what its tokens are worth. */
function ofDisabled (answer: Answer, faults: Faults): Row | undefined {
  const { disabled, spread } = faults
  const end = answer.what === 'token' ? disabled.to : disabled.to + spread
  if (answer.sent > end) return undefined
  return answer.received < disabled.from ? ofOthers(answer, faults) : ofOthers(answer, faults) && 'a client is disabled'
}

function ofOthers (answer: Answer, { published, spread, database, killed }: Faults): Row | undefined {
  const isSpreading = answer.what === 'customer' && answer.received >= published.from && answer.sent <= published.to + spread
  if (answer.what === 'customer') {
    const fields = Object.keys(answer.body).join(' ')
    const isBefore = fields === published.before && answer.sent <= published.to + spread
    const isAfter = fields === published.after && answer.received >= published.from
    if (!isBefore && !isAfter) return undefined
  }
  // The shorter it all takes, the longer a policy spreads while something else is broken.
  if (overlaps(answer, database)) return 'the database is away'
  if (overlaps(answer, killed)) return 'a process is killed'
  return isSpreading ? 'a policy is published' : 'nothing'
}

function overlaps ({ sent, received }: Answer, { from, to }: Span): boolean {
  return received >= from && sent <= to
}
