import autocannon from 'autocannon'
import type { Question, Running } from './contestants.js'

export interface Lap {
  readonly requestsPerSecond: number
  /** Microseconds of processor time that the contestant's process used for a request, all its threads and the kernel's part included. */
  readonly processorTime: number
  /** Of one processor, which part the contestant's process used. Well below 1 it waited, and `requestsPerSecond` says little of it. */
  readonly busy: number
}

const CONNECTIONS = 10

/** Requests of one lap: some tenths of a second. */
const LAP = { one: 4000, list: 20 }

/** Laps that are run before the first that counts. */
const WARM_LAPS = 4

/** Lets the contestant's code be compiled by the engine. */
export async function warm (question: Question): Promise<void> {
  await ask(question, WARM_LAPS)
}

/** Asks a contestant as fast as it answers. */
export async function lap ({ question, processorTime }: Running): Promise<Lap> {
  const before = await processorTime()
  const { requests, start, finish } = await ask(question, 1)
  const used = await processorTime() - before
  const elapsed = finish.getTime() - start.getTime()
  return { requestsPerSecond: 1000 * requests.total / elapsed, processorTime: used / requests.total, busy: used / elapsed / 1000 }
}

/** @throws {Error} when any answer had another status than 200, or none came within ten seconds */
async function ask ({ url, headers, isList }: Question, laps: number): ReturnType<typeof autocannon> {
  const amount = laps * (isList ? LAP.list : LAP.one)
  const result = await autocannon({ url, headers, amount, connections: CONNECTIONS, sampleInt: 5, timeout: 10 })
  const { requests, non2xx, errors, timeouts } = result
  if (requests.total !== amount || non2xx > 0 || errors > 0 || timeouts > 0) {
    throw new Error(`${url}: ${requests.total} answers to ${amount} requests, ${non2xx} of them failures; ${errors} errors, ${timeouts} timeouts`)
  }
  return result
}
