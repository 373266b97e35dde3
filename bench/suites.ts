import type { Contestant, Program, RouteContestant, TokenKind } from './contestants.js'
import type { Size } from './app.js'
import { TOKEN_PROGRAMS } from './token-requests.js'
import { STREAM, WORKLOADS, type WorkloadName } from './workloads.js'

/** Who runs against whom. */
export const SUITES = {
  /** Guarded routes against the same routes without any security. */
  http: build => WORKLOADS.flatMap(workload => [
    // Asked as somebody asks it who has no token, and with a token that nobody reads: what its bytes alone cost.
    contestant({ name: 'bare', group: workload, isBase: true, workload, program: 'bare', tokens: 'none', build }),
    contestant({ name: 'bare, token ignored', group: workload, workload, program: 'bare', tokens: 'admin', build }),
    ...(['salesperson', 'admin'] as const).map(tokens => contestant({ name: tokens, group: workload, workload, program: 'ours', tokens, build }))
  ]),
  /** One record, side by side with what others use. */
  guard: build => [
    ...sideBySide('one record', 'mixed', WHOLE_AND_FILTERED, build),
    ...sideBySide('one record', 'new', [...WHOLE_AND_FILTERED, 'fast-jwt alone'], build),
    ...sideBySide('one record', 'salesperson', ['@fastify/jwt, delete'], build),
    ...sideBySide('one record', 'admin', ['@fastify/jwt, delete'], build)
  ],
  /** A list of 1,000 records, likewise. */
  list: build => [
    ...sideBySide('1,000 records', 'mixed', WHOLE_AND_FILTERED, build),
    ...sideBySide('1,000 records', 'salesperson', ['@fastify/jwt, delete'], build),
    ...sideBySide('1,000 records', 'admin', ['@fastify/jwt, delete'], build)
  ],
  /** Records that leave one by one. */
  stream: build => (['mixed', 'salesperson', 'admin'] as const).flatMap(tokens => sideBySide(STREAM, tokens, ['@fastify/jwt, delete'], build)),
  /** A token of a client's own, side by side with other authorization servers. */
  token: build => TOKEN_PROGRAMS.map(program => ({ kind: 'token', name: program, group: 'a token', isBase: program === 'hand-written', program, build })),
  /** Much of what a guard has to know, against little. */
  scale: build => [
    ...sizes('claim sets, scopes and roles', number => ({ policy: number }), build),
    ...sizes('routes', number => ({ routes: number }), build),
    ...sizes('routes, without a guard', number => ({ routes: number }), build, 'bare')
  ],
  /** How long 100 routes take to boot: requests are not measured. */
  boot: build => (['bare', 'ours'] as const).map(program =>
    contestant({ name: program, group: '100 routes', isBase: program === 'bare', workload: 'one record', program, tokens: 'admin', size: { routes: 99 }, build }))
} satisfies Record<string, (build: string) => Contestant[]>

export type SuiteName = keyof typeof SUITES

const WHOLE_AND_FILTERED: readonly Program[] = [
  '@fastify/jwt, whole', '@fastify/jwt, delete', '@fastify/jwt, casl', '@fastify/jwt, json-mask', 'fastify-jwt-jwks, whole', 'Express, whole'
]

const TOKENS: Readonly<Record<TokenKind, string>> = {
  none: 'no token',
  mixed: 'roles mixed',
  new: 'each token new',
  salesperson: 'as salesperson',
  admin: 'everything granted'
}

/** Every contestant gets the same requests, with the same tokens. */
function sideBySide (workload: WorkloadName, tokens: TokenKind, peers: readonly Program[], build: string): RouteContestant[] {
  return (['bare', 'ours', ...peers] as const).map(program =>
    contestant({ name: program, group: `${workload}, ${TOKENS[tokens]}`, isBase: program === 'bare', workload, program, tokens, build }))
}

function sizes (what: string, sizeOf: (number: number) => Size, build: string, program: 'bare' | 'ours' = 'ours'): RouteContestant[] {
  return [10, 1000].map(number =>
    contestant({ name: String(number), group: what, isBase: number === 10, workload: 'one record', program, tokens: 'mixed', size: sizeOf(number), build }))
}

function contestant (given: Omit<RouteContestant, 'kind' | 'isBase' | 'size'> & Partial<RouteContestant>): RouteContestant {
  return { kind: 'route', isBase: false, size: {}, ...given }
}
