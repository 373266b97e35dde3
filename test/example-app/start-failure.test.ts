import { once } from 'node:events'
import { createServer } from 'node:net'
import { join } from 'node:path'
import Fastify from 'fastify'
import t, { type Test } from 'tap'
import customerApp from '../../example-app/app.js'
import { startFailure } from '../../example-app/start-failure.js'

const config = { host: '127.0.0.1', port: 3000, dataDir: '/srv/data', publicUrl: 'http://127.0.0.1:3000' }

async function thrownBy (work: () => Promise<unknown>): Promise<unknown> {
  return await work().then(() => undefined, error => error)
}

async function withData (t: Test, dataDir: string): Promise<unknown> {
  const app = Fastify()
  t.teardown(() => app.close())
  return await thrownBy(async () => { await app.register(customerApp, { dataDir, publicUrl: config.publicUrl }) })
}

t.test('a port that is taken, a host that is not here → the variable and its cure', async t => {
  const server = createServer().listen(0, '127.0.0.1')
  t.teardown(() => server.close())
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const listen = (options: { host: string, port: number }) => thrownBy(() => Fastify().listen(options))
  t.match(startFailure(await listen({ host: '127.0.0.1', port }), { ...config, port }), { message: `PORT: ${port} is in use; write another, or 0 for any free port`, cause: { code: 'EADDRINUSE' } })
  t.match(startFailure(await listen({ host: '192.0.2.1', port: 0 }), { ...config, host: '192.0.2.1' }), { message: /^HOST: 192\.0\.2\.1 is no address of this machine; write one/ })
  const denied = Object.assign(new Error('listen EACCES'), { code: 'EACCES', syscall: 'listen' })
  t.match(startFailure(denied, { ...config, port: 80 }), { message: 'PORT: this user may not listen on 80; write 1024 or more' })
})

t.test('a data folder that cannot be one → the variable, the reason and the cure', async t => {
  const dir = t.testdir({ file: '', broken: { 'keyhole.db': 'no database'.repeat(100) } })
  for (const dataDir of ['file', 'file/below', 'broken'].map(name => join(dir, name))) {
    t.match(startFailure(await withData(t, dataDir), { ...config, dataDir }), { message: /^DATA_DIR: .+ cannot hold the databases \(.+\); write a folder that this user may write to$/ }, dataDir)
  }
})

t.test('a PostgreSQL database that is not there → the variable, the reason and the cure, without the password', async t => {
  const databaseUrl = 'postgres://app:hunter2@127.0.0.1:1/app'
  const app = Fastify()
  t.teardown(() => app.close())
  const error = await thrownBy(async () => { await app.register(customerApp, { dataDir: t.testdir(), databaseUrl, publicUrl: config.publicUrl }) })
  const said = startFailure(error, { ...config, databaseUrl }) as Error
  t.match(said, { message: /^DATABASE_URL: the database cannot be used \(.*ECONNREFUSED.*\); start it, or write the URL/ })
  t.notMatch(said.message, /hunter2/)
})

t.test('everything else → as it is', async t => {
  for (const error of [new Error('x'), Object.assign(new Error('y'), { code: 'FST_KEYHOLE_ROUTE_INVALID' }), 'text']) t.equal(startFailure(error, config), error)
})
