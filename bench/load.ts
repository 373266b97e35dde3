import { cpus } from 'node:os'
import autocannon, { type Request } from 'autocannon'
import type { Question, Running } from './contestants.js'

export interface Lap {
  readonly requestsPerSecond: number
  /** Microseconds of processor time that the contestant's process used for a request, all its threads and the kernel's part included. */
  readonly processorTime: number
  /** Processors that the contestant's process kept busy. Well below 1 it waited, and `requestsPerSecond` says little of it. */
  readonly busy: number
  /** Processors that somebody else on this machine kept busy meanwhile. */
  readonly others: number
}

/** Connections, and requests of one lap: some tenths of a second. */
const ONE = { connections: 50, amount: 4000 }
const LIST = { connections: 10, amount: 20 }

/** Lets the contestant's code be compiled by the engine. */
export async function warm (question: Question, laps: number): Promise<void> {
  await ask(question, laps)
}

/** Asks a contestant as fast as it answers. */
export async function lap ({ question, processorTime }: Running): Promise<Lap> {
  const before = { all: processorTimeOfAll(), own: process.cpuUsage(), contestant: await processorTime() }
  const { requests, start, finish } = await ask(question, 1)
  const contestant = await processorTime() - before.contestant
  const { user, system } = process.cpuUsage(before.own)
  const all = processorTimeOfAll() - before.all
  const elapsed = 1000 * (finish.getTime() - start.getTime())
  return {
    requestsPerSecond: 1e6 * requests.total / elapsed,
    processorTime: contestant / requests.total,
    busy: contestant / elapsed,
    others: Math.max(0, all - contestant - user - system) / elapsed
  }
}

/** Requests that are made beforehand, as long as all of them fit into memory for each connection. */
const PREPARED = 100

/** How far a contestant has come with tokens that are each used once. */
const used = new WeakMap<Question, number>()

function requestsOf (question: Question): readonly Request[] {
  const { requests } = question
  if (requests.length <= PREPARED) return requests.map(({ headers, body }) => body === undefined ? { headers } : { method: 'POST', headers, body })
  return [{
    setupRequest (request) {
      const number = used.get(question) ?? 0
      used.set(question, number + 1)
      return { ...request, headers: requests[number % requests.length]!.headers }
    }
  }]
}

/** What all processors of this machine have worked, in microseconds. */
function processorTimeOfAll (): number {
  return cpus().reduce((sum, { times: { user, nice, sys, irq } }) => sum + 1000 * (user + nice + sys + irq), 0)
}

/** @throws {Error} when any answer had another status than 200, or none came within ten seconds */
async function ask (question: Question, laps: number): ReturnType<typeof autocannon> {
  const { url, isList } = question
  const { connections, amount: each } = isList ? LIST : ONE
  const amount = laps * each
  const result = await autocannon({ url, requests: requestsOf(question), connections, amount, sampleInt: 5, timeout: 10 })
  const { requests, non2xx, errors, timeouts } = result
  if (requests.total !== amount || non2xx > 0 || errors > 0 || timeouts > 0) {
    throw new Error(`${url}: ${requests.total} answers to ${amount} requests, ${non2xx} of them failures; ${errors} errors, ${timeouts} timeouts`)
  }
  return result
}
