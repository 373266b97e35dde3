import type { ObservedEvent } from './observed-event.js'

/** How long after something was told it is not told again, in milliseconds. */
const PAUSE = 60_000

/** How many things are counted at once; of more than that the oldest is told early. */
const COUNTED = 10_000

type Observed = Omit<ObservedEvent, 'times'>

interface Counted {
  readonly observed: Observed
  readonly told: number
  times: number
}

/** Counts what is observed alike, and tells of it at once and then once a minute at most. */
export class RateLimit {
  private readonly counted = new Map<string, Counted>()

  constructor (private readonly tell: (event: ObservedEvent) => void) {}

  add (observed: Observed): void {
    const { route, clientId, withheld, refused } = observed
    const key = JSON.stringify([route, clientId, withheld, refused])
    const known = this.counted.get(key)
    const now = Date.now()
    if (known !== undefined && now - known.told < PAUSE) {
      known.times++
      return
    }
    const [oldest] = this.counted
    if (known === undefined && this.counted.size >= COUNTED) this.end(...oldest!)
    this.tell({ ...observed, times: (known?.times ?? 0) + 1 })
    this.counted.delete(key)
    this.counted.set(key, { observed, told: now, times: 0 })
  }

  /** Tells what was counted and not told. */
  flush (): void {
    for (const entry of this.counted) this.end(...entry)
  }

  private end (key: string, { observed, times }: Counted): void {
    this.counted.delete(key)
    if (times > 0) this.tell({ ...observed, times })
  }
}
