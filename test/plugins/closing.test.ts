import { once } from 'node:events'
import { connect, type AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { AuditEvent } from '../../lib/audit/event.js'
import { storeCredentialProvider } from '../../lib/credentials/store-provider.js'
import { openStore } from '../../lib/store/open-store.js'
import { until } from '../policy/log.js'
import { answersIn, requestBytes } from './raw-request.js'
import { bearer, customerRoute, guardedApp, JANE, tokenOf } from './resource-guard-app.js'
import { form, FORM, tokenApp } from './token-endpoint-app.js'

/** An application that is closed while requests are under way. */

/** What is waited for, and who lets it go on. */
function gate () {
  let open = () => {}
  let arrived = () => {}
  const isOpen = new Promise<void>(resolve => { open = resolve })
  const isWaiting = new Promise<void>(resolve => { arrived = resolve })
  return {
    isWaiting,
    open: () => open(),
    async pass () {
      arrived()
      await isOpen
    }
  }
}

/** A connection, and all that comes back on it. */
function connection (app: FastifyInstance) {
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  const closed = once(socket, 'close')
  let text = ''
  socket.setEncoding('latin1').on('data', chunk => { text += chunk })
  return { socket, answers: async () => { await closed; return answersIn(text) } }
}

/** A hook of audit that has written an event only some turns of the event loop after it got it. */
function slowAudit () {
  const written: AuditEvent[] = []
  const hook = async (event: AuditEvent) => {
    for (let turn = 0; turn < 200; turn++) await new Promise(resolve => setImmediate(resolve))
    written.push(event)
  }
  return { written, audit: { log: false, hook } }
}

t.test('E35 closed while a token is asked for → that is issued and its event written; who asks from then on gets 503 or no connection', async t => {
  const { written, audit } = slowAudit()
  const { pass, isWaiting, open } = gate()
  const store = await openStore('sqlite::memory:')
  const provider = storeCredentialProvider(store)
  const { app, request } = await tokenApp(t, {
    options: { store, audit, credentialProvider: { ...provider, verify: async (...asked) => { await pass(); return await provider.verify(...asked) } } },
    before: app => app.addHook('onClose', async () => await store.close())
  })
  const body = form(request(await store.clients.create({ id: 'pos', roles: ['manager'] })))
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  let seen = 0
  app.server.on('request', () => { seen++ })
  const { socket, answers } = connection(app)
  socket.write(requestBytes('POST /oauth2/token', { 'content-type': FORM, connection: 'keep-alive' }, body))
  await isWaiting

  const closed = app.close()
  await until(() => !app.server.listening)
  socket.write(requestBytes('POST /oauth2/token', { 'content-type': FORM }, body))
  const [error] = await once(connect(port, '127.0.0.1'), 'error')
  t.equal(error.code, 'ECONNREFUSED')
  await until(() => seen === 2)
  t.strictSame(written, [])

  open()
  const [issued, refused] = await answers()
  t.strictSame([issued!.status, refused!.status], [200, 503])
  t.match(JSON.parse(issued!.body), { access_token: String, scope: 'profile address' })
  await closed
  t.match(written, [{ type: 'token request', outcome: 'issued', clientId: 'pos' }])
})

t.test('E35 closed while a guarded route is asked → that is answered and its event written', async t => {
  const { written, audit } = slowAudit()
  const { pass, isWaiting, open } = gate()
  const { app } = await guardedApp(t, customerRoute(async () => { await pass(); return JANE }), { options: { audit } })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { socket, answers } = connection(app)
  socket.write(requestBytes('GET /customer', bearer(tokenOf('address'))))
  await isWaiting
  const closed = app.close()
  open()
  const [answer] = await answers()
  t.strictSame(JSON.parse(answer!.body), { id: JANE.id, address: JANE.address })
  await closed
  t.match(written, [{ type: 'guarded request', outcome: 'released', released: ['id', 'address.street', 'address.city'] }])
})

t.test('E36 a hook of audit that never ends → no answer waits for it', async t => {
  const { pass, open } = gate()
  let told = 0
  const { get } = await guardedApp(t, customerRoute(), { options: { audit: { log: false, hook: async () => { told++; await pass() } } } })
  for (let request = 1; request <= 10; request++) {
    t.equal((await get('/customer', 'profile')).statusCode, 200)
    t.equal(told, request)
  }
  open()
})
