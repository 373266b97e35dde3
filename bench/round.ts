import { checkAnswers, launch, type Contestant, type Running, type Setting } from './contestants.js'
import { lap, warm, type Lap } from './load.js'
import { shuffled } from './statistics.js'

/** The laps of each contestant; those with the same number were run one right after the other. */
export type Round = ReadonlyMap<Contestant, readonly Lap[]>

/** How often it tries for a quiet lap, for each lap. */
const PATIENCE = 10

/** What somebody else may use of a processor in a quiet lap. */
const QUIET = 0.2

/**
 * Starts the contestants of one group anew, checks their answers, and lets them run lap by lap, each lap in an
 * order of chance.
 * @param laps how many laps of each count; twice as many are run before
 * @param quiet whether laps in which somebody else keeps the machine busy are run again; a round may then have fewer laps, or none
 */
export async function runRound (contestants: readonly Contestant[], setting: Setting, laps: number, quiet: boolean): Promise<Round> {
  const running: Running[] = []
  try {
    for (const contestant of shuffled(contestants)) running.push(await launch(contestant, setting))
    for (const { question } of running) await checkAnswers(question)
    for (const { question } of running) await warm(question, 2 * laps)
    const run: ReadonlyMap<Contestant, Lap>[] = []
    for (let tried = 0; run.length < laps && tried < laps * PATIENCE; tried++) {
      const together = await runTogether(running)
      if (!quiet || [...together.values()].every(({ others }) => others < QUIET)) run.push(together)
    }
    return new Map(contestants.map(contestant => [contestant, run.map(together => together.get(contestant)!)]))
  } finally {
    await Promise.all(running.map(async each => await each.stop()))
  }
}

async function runTogether (running: readonly Running[]): Promise<Map<Contestant, Lap>> {
  const laps = new Map<Contestant, Lap>()
  for (const each of shuffled(running)) laps.set(each.question.contestant, await lap(each))
  return laps
}
