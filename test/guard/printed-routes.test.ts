import Fastify from 'fastify'
import t from 'tap'
import { GUARD_HOOK, INPUT_HOOK, PRINTED, printedFaults } from '../../plugins/guard/printed-routes.js'

const handler = async () => ''

/** A hook under a name. */
function named (name: string) {
  return Object.defineProperty((_request: unknown, _reply: unknown, done: () => void) => done(), 'name', { value: name })
}

const guard = named(GUARD_HOOK)
const input = named(INPUT_HOOK)

async function faultsOf (routes: (app: ReturnType<typeof Fastify>) => unknown): Promise<string[]> {
  const app = Fastify({ exposeHeadRoutes: false })
  await routes(app)
  await app.ready()
  const faults = printedFaults(app.printRoutes(PRINTED))
  await app.close()
  return faults.map(fault => fault.replace(/: it was declared before the guard\..*/, '').replace(/: several guards stand.*/, ' twice'))
}

t.test('no routes, or none behind a guard → no faults', async t => {
  t.strictSame(await faultsOf(() => {}), [])
  t.strictSame(await faultsOf(app => { app.get('/a', { preValidation: input }, handler) }), [])
  t.strictSame(printedFaults(''), [])
})

t.test('behind a guard and entered → no fault; not entered → by its full name', async t => {
  t.strictSame(await faultsOf(app => {
    const seen = { onRequest: [named('other'), guard], preValidation: [input, named('other')] }
    const unseen = { onRequest: guard, preValidation: named('other') }
    app.get('/seen', seen, handler)
    app.get('/a', unseen, handler)
    app.get('/ab', unseen, handler)
    app.get('/abc/:id', unseen, handler)
    app.get('/abc/:id/x', seen, handler)
    app.get('/abc/:id/y', unseen, handler)
    app.get('/abc/:id(^[A-Z ]+$)', unseen, handler)
    app.get('/abc/:from-:to', unseen, handler)
    app.post('/abc/:id', unseen, handler)
    app.put('/abc/:id', seen, handler)
    app.get('/version', { ...unseen, constraints: { version: '1.0.0' } }, handler)
    app.get('/version', { ...seen, constraints: { version: '2.0.0' } }, handler)
    app.get('/version', { ...unseen, constraints: { host: /a (GET)/ as unknown as string } }, handler)
    app.get('/files/*', unseen, handler)
  }).then(faults => faults.sort()), [
    'GET /a', 'GET /ab', 'GET /abc/:from-:to', 'GET /abc/:id(^[A-Z ]+$)', 'GET /abc/:id/y', 'GET /files/*', 'GET /version {"host":"/a (GET)/"}', 'GET /version {"version":"1.0.0"}', 'GET, POST /abc/:id'
  ])
})

t.test('a route for everything → named', async t => {
  t.strictSame(await faultsOf(app => { app.get('*', { onRequest: guard }, handler) }), ['GET *'])
})

t.test('two guards → named', async t => {
  t.strictSame(await faultsOf(app => { app.get('/a', { onRequest: [guard, guard], preValidation: input }, handler) }), ['GET /a twice'])
})
