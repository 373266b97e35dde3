import { checkAnswer, launch, type Contestant, type Running, type Setting } from './contestants.js'
import { lap, warm, type Lap } from './load.js'
import { shuffled } from './statistics.js'

/** The laps of each contestant; those with the same number were run one right after the other. */
export type Round = Map<Contestant, readonly Lap[]>

const LAPS = 5

/** Starts the contestants of one workload anew, checks their answers, and lets them run lap by lap, each lap in an order of chance. */
export async function runRound (contestants: readonly Contestant[], setting: Setting): Promise<Round> {
  const running: Running[] = []
  try {
    for (const contestant of shuffled(contestants)) running.push(await launch(contestant, setting))
    for (const { question } of running) await checkAnswer(question)
    for (const { question } of running) await warm(question)
    const round = new Map(contestants.map(contestant => [contestant, [] as Lap[]]))
    for (let number = 0; number < LAPS; number++) {
      for (const each of shuffled(running)) round.get(each.question.contestant)!.push(await lap(each))
    }
    return round
  } finally {
    await Promise.all(running.map(async each => await each.stop()))
  }
}
