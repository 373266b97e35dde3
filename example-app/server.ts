import closeWithGrace from 'close-with-grace'
import Fastify from 'fastify'
import customerApp from './app.js'
import { readConfig, type Config } from './config.js'
import { greeting } from './greeting.js'
import { LOGGER } from './logger.js'

/** Milliseconds that requests under way have to finish when the process is told to stop. */
const CLOSE_DELAY = 10_000

const LOOPBACK = '127.0.0.1'

await serve(configOrExit())

async function serve ({ host, port, ...options }: Config): Promise<void> {
  const app = Fastify({ logger: LOGGER })
  closeWithGrace({ delay: CLOSE_DELAY, logger: app.log }, async ({ err, signal }) => {
    if (err !== undefined) app.log.fatal(err)
    else app.log.info({ signal }, 'closing')
    await app.close()
  })

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
