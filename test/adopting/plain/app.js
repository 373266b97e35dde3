import fastifyJwt from '@fastify/jwt'
import swagger from '@fastify/swagger'
import Fastify from 'fastify'
import { customerRoutes } from './customers.js'

export async function build (options) {
  const app = Fastify(options)
  await app.register(swagger, { openapi: { info: { title: 'Customers', version: '1.0.0' } } })
  await app.register(fastifyJwt, { secret: 'of the sessions of our own user interface' })

  app.setErrorHandler((error, request, reply) => {
    request.log.info({ problem: error.message }, 'request failed')
    reply.code(error.statusCode ?? 500).send({ problem: error.message })
  })

  app.post('/login', async request => ({ session: app.jwt.sign({ user: request.body.user }) }))
  app.get('/me', { onRequest: async request => await request.jwtVerify() }, async request => ({ user: request.user.user }))

  await app.register(customerRoutes)
  return app
}
