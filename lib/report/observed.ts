/** What one client would have lost on one route, had the guard enforced. */
export interface ObservedLoss {
  readonly route: string
  readonly clientId: string
  /** A field that would be withheld from its answers, or something in its requests that would be refused or dropped. */
  readonly kind: 'withheld' | 'refused'
  /** Such as `banking.iban`; of a request such as `query.iban` or `body.*`. */
  readonly field: string
  /** In how many requests. */
  readonly times: number
}

/** Sums up the lines of a log in which a guard says what it would have withheld or refused. */
export class ObservedLosses {
  private readonly counts = new Map<string, number>()

  /** Lines that were no JSON. */
  skipped = 0

  /** @param line of the log; one that is about something else changes nothing */
  add (line: string): void {
    if (line.trim() === '') return
    let entry: unknown
    try {
      entry = JSON.parse(line)
    } catch {
      this.skipped++
      return
    }
    if (!isObserved(entry)) return
    const { route, clientId, times = 1 } = entry
    for (const kind of KINDS) {
      for (const field of entry[kind] ?? []) {
        const key = JSON.stringify([route, clientId, kind, field])
        this.counts.set(key, (this.counts.get(key) ?? 0) + times)
      }
    }
  }

  /** By route, client, kind and field. */
  list (): ObservedLoss[] {
    return [...this.counts].sort(([one], [other]) => one < other ? -1 : 1).map(([key, times]) => {
      const [route, clientId, kind, field] = JSON.parse(key) as [string, string, ObservedLoss['kind'], string]
      return { route, clientId, kind, field, times }
    })
  }
}

const KINDS = ['withheld', 'refused'] as const

type Observed = { readonly route: string, readonly clientId: string, readonly times?: number } &
  { readonly [kind in ObservedLoss['kind']]?: readonly string[] }

function isObserved (entry: unknown): entry is Observed {
  if (typeof entry !== 'object' || entry === null) return false
  const { keyhole, route, clientId, times, withheld, refused } = entry as Record<string, unknown>
  return keyhole === 'observe' && typeof route === 'string' && typeof clientId === 'string' &&
    (times === undefined || typeof times === 'number') && [withheld, refused].every(names => names === undefined || isListOfNames(names))
}

function isListOfNames (names: unknown): boolean {
  return Array.isArray(names) && names.every(name => typeof name === 'string')
}
