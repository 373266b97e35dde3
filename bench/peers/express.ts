import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { auth } from 'express-oauth2-jwt-bearer'
import { AUDIENCE, ISSUER } from '../issuer.js'
import type { Peer } from './server.js'

export async function expressApp ({ asked }: Peer, jwksUri: string): Promise<string> {
  const app = express()
  app.disable('x-powered-by')
  // Nobody else makes tags.
  app.disable('etag')
  app.use(auth({ issuer: ISSUER, audience: AUDIENCE, jwksUri, tokenSigningAlg: 'ES256' }))
  app.get(asked.route, (request, response) => { response.json(asked.answer(request.params.id as string | undefined)) })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
