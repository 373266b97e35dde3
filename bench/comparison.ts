import type { Contestant } from './contestants.js'
import type { Lap } from './load.js'
import type { Round } from './round.js'
import { spread, type Spread } from './statistics.js'

/** How a contestant stands against the base of its group: medians over the rounds of the medians over a round's laps. */
export interface Comparison {
  readonly group: string
  readonly contestant: string
  /** How many rounds had laps that count. */
  readonly rounds: number
  /** Its requests a second in parts of the base's. */
  readonly ratio: Spread
  /** The base's processor time for a request in parts of its own: the ratio where nothing but the server is in the way. */
  readonly processorRatio: Spread
  readonly requestsPerSecond: Spread
  /** Microseconds for a request. */
  readonly processorTime: Spread
  readonly busy: Spread
  readonly others: Spread
}

/** Of the contestants that have laps. */
export function compare (contestants: readonly Contestant[], rounds: readonly Round[]): Comparison[] {
  return contestants.flatMap(contestant => {
    const base = contestants.find(({ group, isBase }) => isBase && group === contestant.group)!
    const counting = rounds.filter(round => (round.get(contestant) ?? []).length > 0)
    if (counting.length === 0) return []
    const over = (value: (lap: Lap, base: Lap) => number): Spread => spread(counting.map(round => {
      const bases = round.get(base)!
      return spread(round.get(contestant)!.map((lap, number) => value(lap, bases[number]!))).median
    }))
    return [{
      group: contestant.group,
      contestant: contestant.name,
      rounds: counting.length,
      ratio: over((lap, base) => lap.requestsPerSecond / base.requestsPerSecond),
      processorRatio: over((lap, base) => base.processorTime / lap.processorTime),
      requestsPerSecond: over(lap => lap.requestsPerSecond),
      processorTime: over(lap => lap.processorTime),
      busy: over(lap => lap.busy),
      others: over(lap => lap.others)
    }]
  })
}

const HEAD = `| | | requests/s, ratio | processor time, ratio | requests/s | µs a request | busy | others |
| --- | --- | --- | --- | --- | --- | --- | --- |`

/** As Markdown: medians with the quartiles around them. */
export function table (comparisons: readonly Comparison[]): string {
  return [HEAD, ...comparisons.map(({ group, contestant, ratio, processorRatio, requestsPerSecond, processorTime, busy, others }) => [
    '', group, contestant, withQuartiles(ratio), withQuartiles(processorRatio), requestsPerSecond.median.toFixed(0),
    processorTime.median.toFixed(1), busy.median.toFixed(2), others.median.toFixed(2), ''
  ].join(' | ').trim())].join('\n')
}

export function withQuartiles ({ median, lower, upper }: Spread): string {
  return `${median.toFixed(2)} (${lower.toFixed(2)}–${upper.toFixed(2)})`
}

/** For JSON.stringify: three digits are all that was measured. */
export function shortened (_name: string, value: unknown): unknown {
  return typeof value === 'number' ? Number(value.toPrecision(3)) : value
}
