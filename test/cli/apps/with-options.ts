import type { FastifyInstance } from 'fastify'
import orders from './orders.js'

const lines: string[] = []

/** For Fastify, and for the plugin: its routes stand under the prefix. */
export const options = { prefix: '/v2', caseSensitive: false, logger: { level: 'trace', stream: { write: (line: string) => { lines.push(line) } } } }

/** What was logged while it was loaded. */
export const logged = lines

export default async function app (app: FastifyInstance): Promise<void> {
  app.log.info('loading')
  await app.register(orders)
}
