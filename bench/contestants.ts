import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { extname, join } from 'node:path'
import type { Customer } from '../example-app/customers/schema.js'
import type { Issued } from './issuer.js'
import type { Launch, Report } from './server.js'
import { workload, WORKLOADS, type Role, type WorkloadName } from './workloads.js'

/** One way to answer one workload. */
export interface Contestant {
  /** `bare`, or the role that the guard serves. */
  readonly name: string
  readonly workload: WorkloadName
  readonly guarded: boolean
  /** Whose token the request carries; none without. */
  readonly token: Role | undefined
  /** Folder with the compiled bench. */
  readonly build: string
}

/** What every contestant of a run has in common. */
export interface Setting {
  readonly customers: readonly Customer[]
  readonly issued: Issued
}

/** A request and what must come. */
export interface Question {
  readonly contestant: Contestant
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly isList: boolean
  readonly expected: string
}

/** A contestant that answers, in a process of its own. */
export interface Running {
  readonly question: Question
  /** What the process has used so far, in microseconds. */
  processorTime (): Promise<number>
  stop (): Promise<void>
}

/**
 * The bare route is asked as somebody asks it who has no token, and with a token that nobody reads: what its bytes
 * alone cost.
 */
export function contestants (build = import.meta.dirname): Contestant[] {
  return WORKLOADS.flatMap(workload => [
    { name: 'bare', workload, guarded: false, token: undefined, build },
    { name: 'bare, token ignored', workload, guarded: false, token: 'admin' as const, build },
    { name: 'salesperson', workload, guarded: true, token: 'salesperson' as const, build },
    { name: 'admin', workload, guarded: true, token: 'admin' as const, build }
  ])
}

/** @param origin where the contestant listens */
export function questionTo (contestant: Contestant, origin: string, { customers, issued }: Setting): Question {
  const { token, guarded } = contestant
  const { path, isList, expected } = workload(contestant.workload, customers)
  return {
    contestant,
    url: origin + path,
    headers: token === undefined ? {} : { authorization: `Bearer ${issued.tokens[token]}` },
    isList,
    expected: expected[guarded && token === 'salesperson' ? 'salesperson' : 'admin']
  }
}

/** @throws {Error} when the answer is not the expected one, byte for byte */
export async function checkAnswer ({ contestant: { name, workload }, url, headers, expected }: Question): Promise<void> {
  const response = await fetch(url, { headers })
  const body = await response.text()
  const type = response.headers.get('content-type')
  if (response.status !== 200 || type !== 'application/json; charset=utf-8' || body !== expected) {
    throw new Error(`${workload}, ${name}: wrong answer, status ${response.status}, ${type}, ${body.length} characters instead of ${expected.length}: ${body.slice(0, 200)}`)
  }
}

export async function launch (contestant: Contestant, setting: Setting): Promise<Running> {
  const { workload, guarded, build } = contestant
  const child = fork(join(build, `server${extname(import.meta.filename)}`), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  const message: Launch = { workload, customers: setting.customers, guarded, jwks: setting.issued.jwks }
  const { url } = await ask(child, message) as { url: string }
  return {
    question: questionTo(contestant, url, setting),
    processorTime: async () => (await ask(child, 'processor time') as { processorTime: number }).processorTime,
    async stop () {
      const stopped = once(child, 'exit')
      child.disconnect()
      await stopped
    }
  }
}

async function ask (child: ChildProcess, message: Launch | string): Promise<Report> {
  const settled = new AbortController()
  const { signal } = settled
  const ended = once(child, 'exit', { signal }).then(([code]) => { throw new Error(`a contestant's process ended early (${code})`) })
  child.send(message)
  try {
    const [report] = await Promise.race([once(child, 'message', { signal }), ended])
    return report as Report
  } finally {
    settled.abort()
  }
}
