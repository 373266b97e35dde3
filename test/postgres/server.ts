import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import type { Test } from 'tap'
import { forkProgram } from '../fork-program.js'
import type { Certificate } from '../credentials/certificates.js'

/** A real PostgreSQL server, which ends with the test that started it. */
export interface PostgresServer {
  /** The URL of a new database. */
  database (): Promise<string>
  /** Ends it as an administrator does: connections are cut, nothing is lost. */
  stop (): Promise<void>
  /** Ends it as a crash does. */
  crash (): Promise<void>
  start (): Promise<void>
  /** Starts it again, with this certificate; who speaks no TLS is let in all the same. */
  secure (certificate: Certificate): Promise<void>
}

/** What its keeper is told. */
export type Told = 'stop' | 'crash' | 'start' | Certificate

const KEEPER = fileURLToPath(new URL('keeper.ts', import.meta.url))

export async function postgresServer (t: Test): Promise<PostgresServer> {
  // It prints what initdb says, which is no part of the test's output. What the loader of the tests counts is not wanted.
  const keeper = forkProgram(KEEPER, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exit = once(keeper, 'exit')
  const answer = async () => {
    const [what] = await Promise.race([once(keeper, 'message'), exit.then(([code]) => { throw new Error(`PostgreSQL did not start: its keeper ended with ${code}`) })])
    return what
  }
  t.teardown(async () => {
    if (keeper.connected) keeper.disconnect()
    await exit
  })
  const told = async (what: Told) => {
    keeper.send(what)
    await answer()
  }

  const server: string = await answer()
  let databases = 0
  return {
    async database () {
      const name = `test_${++databases}`
      const admin = new pg.Client(`${server}/postgres`)
      await admin.connect()
      try {
        await admin.query(`create database ${name}`)
      } finally {
        await admin.end()
      }
      return `${server}/${name}`
    },
    stop: () => told('stop'),
    crash: () => told('crash'),
    start: () => told('start'),
    secure: told
  }
}
