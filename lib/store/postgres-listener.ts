import { Socket } from 'node:net'
import type Pg from 'pg'
import type { Followed } from './database.js'

/** What is told is named by this. Whoever else uses the database may tell, too: the worst that comes of it is a look. */
export const CHANNEL = 'fastify_keyhole'

/** Milliseconds from one attempt to connect to the next. */
const PAUSE = 1000

const FOLLOWED: readonly Followed[] = ['policies', 'revocations', 'signing_keys']

/** The one connection of a store that hears what other processes tell. */
export interface PostgresListener {
  /** Listens until it is closed. What was told while there was no connection counts as told when there is one again. */
  listen (onWritten: (table: Followed) => void): void
  close (): Promise<void>
}

/** @param createClient of a socket, which keeps no process alive */
export function postgresListener (createClient: (stream: () => Socket) => Pg.Client): PostgresListener {
  let client: Pg.Client | undefined
  let timer: NodeJS.Timeout | undefined
  let isClosed = false

  async function connect (onWritten: (table: Followed) => void): Promise<void> {
    const again = () => { if (!isClosed) timer = setTimeout(connect, PAUSE, onWritten).unref() }
    let connecting: Pg.Client
    try {
      connecting = createClient(() => new Socket().unref())
    } catch {
      // A certificate that the URL names cannot be read now.
      return again()
    }
    client = connecting
    connecting.on('notification', ({ payload }) => { FOLLOWED.filter(table => table === payload).forEach(onWritten) })
    // What breaks the connection ends it, and that is waited for below.
    connecting.on('error', () => {})
    connecting.once('end', again)
    try {
      await connecting.connect()
      await connecting.query(`listen ${CHANNEL}`)
      FOLLOWED.forEach(onWritten)
    } catch {
      await connecting.end()
    }
  }

  return {
    listen: onWritten => { connect(onWritten) },
    async close () {
      isClosed = true
      clearTimeout(timer)
      await client?.end()
    }
  }
}
