/** What one client would have lost on one route, had the guard enforced. */
export interface ObservedLoss {
  readonly route: string
  readonly clientId: string
  readonly field: string
  /** In how many answers. */
  readonly times: number
}

/** Sums up the lines of a log in which a guard says what it would have withheld. */
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
    const { route, clientId, withheld, times = 1 } = entry
    for (const field of withheld) {
      const key = JSON.stringify([route, clientId, field])
      this.counts.set(key, (this.counts.get(key) ?? 0) + times)
    }
  }

  /** By route, client and field. */
  list (): ObservedLoss[] {
    return [...this.counts].sort(([one], [other]) => one < other ? -1 : 1).map(([key, times]) => {
      const [route, clientId, field] = JSON.parse(key) as [string, string, string]
      return { route, clientId, field, times }
    })
  }
}

interface Observed { readonly route: string, readonly clientId: string, readonly withheld: readonly string[], readonly times?: number }

function isObserved (entry: unknown): entry is Observed {
  if (typeof entry !== 'object' || entry === null) return false
  const { keyhole, route, clientId, withheld, times } = entry as Record<string, unknown>
  return keyhole === 'observe' && typeof route === 'string' && typeof clientId === 'string' &&
    (times === undefined || typeof times === 'number') && Array.isArray(withheld) && withheld.every(name => typeof name === 'string')
}
