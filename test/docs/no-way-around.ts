import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect } from 'node:http2'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import { ROOT } from './packed-project.js'

/** A row of a table of "No way around" in docs/release.md. */
export interface Row {
  /** Members by name; empty where the row is about something else. */
  readonly members: readonly string[]
  readonly outcome: string
  readonly tests: readonly { readonly file: string, readonly title: string }[]
}

const TABLES = { reply: '### Members of a reply', raw: '### Members of `reply.raw`', others: '### Everything else that answers' }

export async function tables (): Promise<Record<keyof typeof TABLES, Row[]>> {
  const text = await readFile(join(ROOT, 'docs/release.md'), 'utf8')
  const read = (heading: string) => {
    const [, part = ''] = text.split(`${heading}\n`)
    return [...part.split(/\n###? /)[0]!.matchAll(/^\| (?!member |way |---)(.+?) \| (.+?) \| (.+) \|$/gm)].map(([, what = '', outcome = '', shown = '']): Row => ({
      members: [...what.matchAll(/`([^`]+)`/g)].map(([, name]) => name!), outcome, tests: testsIn(shown)
    }))
  }
  return { reply: read(TABLES.reply), raw: read(TABLES.raw), others: read(TABLES.others) }
}

/** Tests that a text names, such as "`guard/gate`: its title; `guard/gate`: another". */
function testsIn (text: string): { file: string, title: string }[] {
  return text.split(/; (?=`[\w-]+\/[\w-]+`: )/).map(part => {
    const [, file = part, title = ''] = /^`([\w-]+\/[\w-]+)`: (.+)$/.exec(part) ?? []
    return { file, title }
  })
}

/** The members of the rows whose outcome is "no bytes". */
export function withoutBytes (rows: readonly Row[]): string[] {
  return rows.filter(({ outcome }) => outcome.startsWith('no bytes')).flatMap(({ members }) => members)
}

export interface Live { readonly reply: ReadonlySet<string>, readonly http1: ReadonlySet<string>, readonly http2: ReadonlySet<string> }

/** The members of a reply and of its response in a real request, all but those that every object has. */
export async function liveMembers (): Promise<Live> {
  const members: Partial<Record<keyof Live, Set<string>>> = {}
  const listening = async (options: object, name: 'http1' | 'http2') => {
    const app = Fastify(options) as unknown as FastifyInstance
    app.get('/', (_request, reply) => {
      members.reply = membersOf(reply)
      members[name] = membersOf(reply.raw)
      reply.send()
    })
    await app.listen({ port: 0, host: '127.0.0.1' })
    return { app, url: `http://127.0.0.1:${(app.server.address() as { port: number }).port}` }
  }
  const one = await listening({}, 'http1')
  await (await fetch(one.url)).text()
  await one.app.close()
  const two = await listening({ http2: true }, 'http2')
  const session = connect(two.url)
  await once(session.request({ ':path': '/' }).resume(), 'close')
  session.close()
  await two.app.close()
  return members as Live
}

function membersOf (object: object): Set<string> {
  const names: string[] = []
  for (let at = object; at !== Object.prototype; at = Object.getPrototypeOf(at) as object) names.push(...Object.getOwnPropertyNames(at))
  return new Set(names)
}
