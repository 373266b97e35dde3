import closeWithGrace from 'close-with-grace'
import Fastify from 'fastify'
import customerApp from './app.js'
import { readConfig, type Config } from './config.js'
import { greeting } from './greeting.js'
import { LOGGER } from './logger.js'
import { startFailure } from './start-failure.js'

/** Milliseconds that requests under way have to finish when the process is told to stop. */
const CLOSE_DELAY = 10_000

/** How long a request may take to come in, in milliseconds: unless it is said, Fastify waits for a slow one for ever. */
const REQUEST_TIMEOUT = 60_000

const LOOPBACK = '127.0.0.1'

const config = configOrExit()
try {
  await serve(config)
} catch (error) {
  throw startFailure(error, config)
}

async function serve ({ host, port, ...options }: Config): Promise<void> {
  const app = Fastify({ logger: LOGGER, requestTimeout: REQUEST_TIMEOUT })
  closeWithGrace({ delay: CLOSE_DELAY, logger: app.log }, async ({ err, signal }) => {
    if (err !== undefined) app.log.fatal(err)
    else app.log.info({ signal }, 'closing')
    await app.close()
  })

  let closing = false
  app.addHook('preClose', async () => { closing = true })
  // A connection that is kept alive after its last answer would hold up the end.
  app.addHook('onSend', async (_request, reply) => { if (closing) reply.header('connection', 'close') })

  await app.register(customerApp, options)
  const url = await app.listen({ host: app.demoClients.length > 0 ? LOOPBACK : host, port })
  process.stdout.write(`\n${greeting(url, app.demoClients)}\n`)
}

function configOrExit (): Config {
  try {
    return readConfig(process.env)
  } catch (error) {
    console.error((error as Error).message)
    process.exit(1)
  }
}
