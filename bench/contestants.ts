import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Customer } from '../example-app/customers/schema.js'
import type { Size } from './app.js'
import type { Issued, RoleToken } from './issuer.js'
import type { Report } from './serve.js'
import type { Launch } from './server.js'
import { workload, type WorkloadName } from './workloads.js'

/** What others use in our place: peers/. */
export const PEERS = [
  '@fastify/jwt, whole', '@fastify/jwt, delete', '@fastify/jwt, casl', '@fastify/jwt, json-mask', 'fastify-jwt-jwks, whole', 'Express, whole', 'fast-jwt alone'
] as const

export type Program = 'bare' | 'ours' | typeof PEERS[number]

/** Which tokens the requests carry: none, always the same one, a hundred of all roles, or each one new. */
export type TokenKind = 'none' | 'salesperson' | 'admin' | 'mixed' | 'new'

/** One way to answer one workload. */
export interface Contestant {
  readonly name: string
  /** Those that run side by side, and are measured by the one among them that is the base. */
  readonly group: string
  readonly isBase: boolean
  readonly workload: WorkloadName
  readonly program: Program
  readonly tokens: TokenKind
  readonly size: Size
  /** Folder with the compiled bench. */
  readonly build: string
}

/** What every contestant of a run has in common. */
export interface Setting {
  readonly customers: readonly Customer[]
  readonly issued: Issued
}

/** Requests and what must come. */
export interface Question {
  readonly contestant: Contestant
  readonly url: string
  /** In turn; one without a token where nobody sends one. */
  readonly requests: readonly { readonly headers: Readonly<Record<string, string>>, readonly expected: string }[]
  readonly isList: boolean
}

/** A contestant that answers, in a process of its own. */
export interface Running {
  readonly question: Question
  /** Milliseconds from its first word to the first that it can answer. */
  readonly boot: number
  /** What the process has used so far, in microseconds. */
  processorTime (): Promise<number>
  stop (): Promise<void>
}

/** Whether it gives to each token what its role sees, and not the whole. */
function isFiltering ({ program }: Contestant): boolean {
  return program === 'ours' || /delete|casl|json-mask/.test(program)
}

/** @param origin where the contestant listens */
export function questionTo (contestant: Contestant, origin: string, { customers, issued }: Setting): Question {
  const { path, isList, expected } = workload(contestant.workload, customers)
  const requests = tokensOf(contestant.tokens, issued).map(({ token, role }) => ({
    headers: { authorization: `Bearer ${token}` },
    expected: expected(isFiltering(contestant) ? role : 'admin')
  }))
  return { contestant, url: origin + path, requests: contestant.tokens === 'none' ? [{ headers: {}, expected: expected('admin') }] : requests, isList }
}

function tokensOf (kind: TokenKind, { tokens, mixed, fresh }: Issued): readonly RoleToken[] {
  switch (kind) {
    case 'none': return []
    case 'mixed': return mixed
    case 'new': return fresh
    default: return [{ token: tokens[kind], role: kind }]
  }
}

/** Answers that are looked at before any is timed: some of each role. */
const CHECKED = 10

/** @throws {Error} when an answer is not the expected one, byte for byte */
export async function checkAnswers ({ contestant: { group, name }, url, requests }: Question): Promise<void> {
  for (const { headers, expected } of requests.slice(-CHECKED)) {
    const response = await fetch(url, { headers })
    const body = await response.text()
    const type = response.headers.get('content-type')
    if (response.status !== 200 || type !== 'application/json; charset=utf-8' || body !== expected) {
      throw new Error(`${group}, ${name}: wrong answer, status ${response.status}, ${type}, ${body.length} characters instead of ${expected.length}: ${body.slice(0, 200)}`)
    }
  }
}

export async function launch (contestant: Contestant, setting: Setting): Promise<Running> {
  const child = isPeer(contestant) ? fork(PEER_SERVER, { ...STDIO, execArgv: ['--conditions=keyhole-source', '--import', 'tsx'] }) : fork(join(contestant.build, `server${extname(import.meta.filename)}`), STDIO)
  const { workload, program, size } = contestant
  const message: Launch = { workload, program, size, customers: setting.customers, jwks: setting.issued.jwks }
  const { url, boot } = await ask(child, message) as { url: string, boot: number }
  return {
    question: questionTo(contestant, url, setting),
    boot,
    processorTime: async () => (await ask(child, 'processor time') as { processorTime: number }).processorTime,
    async stop () {
      const stopped = once(child, 'exit')
      child.disconnect()
      await stopped
    }
  }
}

const STDIO = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] as ('ignore' | 'inherit' | 'ipc')[] }

/** The bench may be compiled; peers are not, since their packages are found from where they stand. */
export const PEERS_FOLDER = fileURLToPath(new URL(extname(import.meta.filename) === '.ts' ? 'peers/' : '../../bench/peers/', import.meta.url))
const PEER_SERVER = join(PEERS_FOLDER, 'server.ts')

export function isPeer ({ program }: Contestant): boolean {
  return program !== 'bare' && program !== 'ours'
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
