import { withQuartiles } from './comparison.js'
import { launch, type Contestant, type Setting } from './contestants.js'
import { shuffled, spread, type Spread } from './statistics.js'

/** Milliseconds that each contestant took to boot. */
export type BootRound = ReadonlyMap<Contestant, number>

export interface BootComparison {
  readonly group: string
  readonly contestant: string
  /** Its time in parts of the base's. */
  readonly ratio: Spread
  readonly milliseconds: Spread
}

/** Starts each contestant in a process of its own, one after the other. */
export async function bootRound (contestants: readonly Contestant[], setting: Setting): Promise<BootRound> {
  const boots = new Map<Contestant, number>()
  for (const contestant of shuffled(contestants)) {
    const { boot, stop } = await launch(contestant, setting)
    boots.set(contestant, boot)
    await stop()
  }
  return boots
}

export function compareBoots (contestants: readonly Contestant[], rounds: readonly BootRound[]): BootComparison[] {
  return contestants.map(contestant => {
    const base = contestants.find(({ group, isBase }) => isBase && group === contestant.group)!
    return {
      group: contestant.group,
      contestant: contestant.name,
      ratio: spread(rounds.map(round => round.get(contestant)! / round.get(base)!)),
      milliseconds: spread(rounds.map(round => round.get(contestant)!))
    }
  })
}

export function bootTable (comparisons: readonly BootComparison[]): string {
  return ['| | | time, ratio | ms |\n| --- | --- | --- | --- |', ...comparisons.map(({ group, contestant, ratio, milliseconds }) =>
    `| ${group} | ${contestant} | ${withQuartiles(ratio)} | ${milliseconds.median.toFixed(0)} |`)].join('\n')
}
