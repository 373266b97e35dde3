import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Customer } from '../example-app/customers/schema.js'
import type { Size } from './app.js'
import type { Issued, RoleToken } from './issuer.js'
import type { Report } from './serve.js'
import type { Launch } from './server.js'
import { tokenQuestion, type Issuance, type TokenProgram } from './token-requests.js'
import { workload, type WorkloadName } from './workloads.js'

/** What others use in our place: peers/. */
export const PEERS = [
  '@fastify/jwt, whole', '@fastify/jwt, delete', '@fastify/jwt, casl', '@fastify/jwt, json-mask', 'fastify-jwt-jwks, whole', 'Express, whole', 'fast-jwt alone'
] as const

export type Program = 'bare' | 'ours' | typeof PEERS[number]

/** Which tokens the requests carry: none, always the same one, a hundred of all roles, or each one new. */
export type TokenKind = 'none' | 'salesperson' | 'admin' | 'mixed' | 'new'

interface Runner {
  readonly name: string
  /** Those that run side by side, and are measured by the one among them that is the base. */
  readonly group: string
  readonly isBase: boolean
  /** Folder with the compiled bench. */
  readonly build: string
}

/** One way to answer one workload. */
export interface RouteContestant extends Runner {
  readonly kind: 'route'
  readonly workload: WorkloadName
  readonly program: Program
  readonly tokens: TokenKind
  readonly size: Size
}

/** One way to issue a token. */
export interface TokenContestant extends Runner {
  readonly kind: 'token'
  readonly program: TokenProgram
}

export type Contestant = RouteContestant | TokenContestant

/** What every contestant of a run has in common. */
export interface Setting {
  readonly customers: readonly Customer[]
  readonly issued: Issued
  readonly issuance: Issuance
}

/** Requests and what must come. */
export interface Question {
  readonly contestant: Contestant
  readonly url: string
  /** In turn; one without a token where nobody sends one. */
  readonly requests: readonly Asked[]
  /** What must not be answered with 200. */
  readonly refused: readonly Asked[]
  readonly isList: boolean
  /** @throws {Error} for an answer 200 that is not the one that must come */
  check (response: Response, asked: Asked): Promise<void>
}

export interface Asked {
  readonly headers: Readonly<Record<string, string>>
  /** Posted; without it the request is a GET. */
  readonly body?: string
  /** What must come: the whole body, or the scope of a token. */
  readonly expected: string
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
function isFiltering ({ program }: RouteContestant): boolean {
  return program === 'ours' || /delete|casl|json-mask/.test(program)
}

/** @param origin where the contestant listens */
export function questionTo (contestant: Contestant, origin: string, setting: Setting): Question {
  return contestant.kind === 'token' ? tokenQuestion(contestant, origin, setting.issuance) : routeQuestion(contestant, origin, setting)
}

function routeQuestion (contestant: RouteContestant, origin: string, { customers, issued }: Setting): Question {
  const { path, isList, expected } = workload(contestant.workload, customers)
  const requests = tokensOf(contestant.tokens, issued).map(({ token, role }) => ({
    headers: { authorization: `Bearer ${token}` },
    expected: expected(isFiltering(contestant) ? role : 'admin')
  }))
  return {
    contestant,
    url: origin + path,
    requests: contestant.tokens === 'none' ? [{ headers: {}, expected: expected('admin') }] : requests,
    refused: [],
    isList,
    async check (response, { expected }) {
      const body = await response.text()
      const type = response.headers.get('content-type')
      if (type !== 'application/json; charset=utf-8' || body !== expected) {
        throw new Error(`${type}, ${body.length} characters instead of ${expected.length}: ${body.slice(0, 200)}`)
      }
    }
  }
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

/** @throws {Error} when an answer is not the expected one */
export async function checkAnswers ({ contestant: { group, name }, url, requests, refused, check }: Question): Promise<void> {
  const ask = async ({ headers, body }: Asked) => await fetch(url, body === undefined ? { headers } : { method: 'POST', headers, body })
  for (const asked of requests.slice(-CHECKED)) {
    const response = await ask(asked)
    const { status } = response
    const fault = status === 200 ? await check(response, asked).catch((error: Error) => error.message) : await response.text()
    if (fault !== undefined) throw new Error(`${group}, ${name}: wrong answer, status ${status}, ${fault}`)
  }
  for (const asked of refused) {
    const { status } = await ask(asked)
    if (status < 400 || status > 499) throw new Error(`${group}, ${name}: wrong answer, status ${status} to what has to be refused`)
  }
}

export async function launch (contestant: Contestant, setting: Setting): Promise<Running> {
  const child = isPeer(contestant) ? fork(PEER_SERVER, { ...STDIO, execArgv: ['--conditions=keyhole-source', '--import', 'tsx'] }) : fork(join(contestant.build, `server${extname(import.meta.filename)}`), STDIO)
  const { url, boot } = await ask(child, launchOf(contestant, setting)) as { url: string, boot: number }
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

function launchOf (contestant: Contestant, { customers, issued, issuance }: Setting): Launch {
  if (contestant.kind === 'token') return { kind: 'token', program: contestant.program, issuance }
  const { workload, program, size } = contestant
  return { kind: 'route', workload, program, size, customers, jwks: issued.jwks }
}

const STDIO = { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] as ('ignore' | 'inherit' | 'ipc')[] }

/** The bench may be compiled; peers are not, since their packages are found from where they stand. */
export const PEERS_FOLDER = fileURLToPath(new URL(extname(import.meta.filename) === '.ts' ? 'peers/' : '../../bench/peers/', import.meta.url))
const PEER_SERVER = join(PEERS_FOLDER, 'server.ts')

export function isPeer ({ program }: Contestant): boolean {
  return program !== 'bare' && !program.startsWith('ours')
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
