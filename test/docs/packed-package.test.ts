import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { blocksOf, documents, type Block } from './blocks.js'
import { ENVIRONMENT, makeProject, pack, ROOT } from './packed-project.js'
import { runBlocks } from './run-blocks.js'

/** What docs/getting-started.md installs, and what the blocks in TypeScript need beside it to be compiled. */
const INSTALLED = ['fastify', '@sinclair/typebox', 'kysely', 'libsql']
const FOR_TYPESCRIPT = ['@fastify/type-provider-typebox', '@types/node']
/** And what they stand beside. */
const BESIDE = ['@fastify/swagger']

// Packing and installing take their time, the more so where nothing was installed before.
t.setTimeout(900_000)

// Not below this repository, whose own packages would be found from there.
const folder = await mkdtemp(join(tmpdir(), 'keyhole-docs-'))
t.teardown(() => rm(folder, { recursive: true }))
const project = join(folder, 'project')
const tarball = await pack(join(folder, 'packed'))
await makeProject(project, tarball, [...INSTALLED, ...FOR_TYPESCRIPT, ...BESIDE])

t.test('what getting started installs → what is installed here', async t => {
  const [line] = (await blocksOf('docs/getting-started.md')).flatMap(({ text }) => text.match(/npm install .+/) ?? [])
  t.strictSame(line?.split(' ').slice(2).sort(), ['fastify-keyhole', ...INSTALLED].sort())
})

for (const document of await documents()) {
  t.test(`${document}, in an empty folder with the packed package`, async t => {
    const blocks = await blocksOf(document)
    const own = join(project, document.replace(/\W/g, '-'))
    await mkdir(own)
    await runBlocks(t, own, blocks)
  })
}

t.test('the blocks in TypeScript → compile in strict mode against the packed types', async t => {
  const together: string[] = []
  const alone: string[] = []
  for (const document of await documents()) {
    const blocks: Block[] = (await blocksOf(document)).filter(({ language }) => language === 'ts')
    // A policy is declared for all files that are compiled together.
    for (const { file, text } of blocks) (text.includes('interface DeclaredPolicy') ? alone : together).push(join(document.replace(/\W/g, '-'), file))
  }
  for (const files of [together, ...alone.map(file => [file])]) {
    await writeFile(join(project, 'tsconfig.json'), JSON.stringify({
      compilerOptions: { strict: true, module: 'nodenext', target: 'es2022', noEmit: true, types: ['node'], moduleDetection: 'force' }, files
    }))
    const tsc = promisify(execFile)(process.execPath, [join(ROOT, 'node_modules/typescript/bin/tsc')], { cwd: project, env: ENVIRONMENT })
    t.equal(await tsc.then(() => '', ({ stdout }) => stdout), '', files.join())
  }
})

t.test('installed for the guard alone → no database driver; openStore says what to install', async t => {
  const project = join(folder, 'guard-alone')
  await makeProject(project, tarball, ['fastify', '@sinclair/typebox'])
  const installed = await readdir(join(project, 'node_modules'))
  t.strictSame(installed.filter(name => ['kysely', 'libsql', 'better-sqlite3', 'pg'].includes(name)), [])
  await writeFile(join(project, 'guard.js'), `
import Fastify from 'fastify'
import resourceGuard from 'fastify-keyhole/resource-guard'
import { openStore } from 'fastify-keyhole/store'
import 'fastify-keyhole'
import 'fastify-keyhole/token-endpoint'
import 'fastify-keyhole/testing'

const app = Fastify()
await app.register(resourceGuard, {
  issuer: 'https://auth.example.com',
  audience: 'https://api.example.com',
  policy: { claimSets: { profile_claims: {} }, scopes: { profile: { reads: ['profile_claims'] } }, roles: {} },
  jwks: { keys: [{ kty: 'EC', crv: 'P-256', kid: '1', alg: 'ES256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' }] }
})
await app.ready()
console.log(await openStore('sqlite::memory:').catch(({ code, message }) => code + ': ' + message))
`)
  const { stdout } = await promisify(execFile)(process.execPath, ['guard.js'], { cwd: project, env: ENVIRONMENT })
  t.equal(stdout, 'FST_KEYHOLE_PEER_MISSING: openStore needs a package that is not installed. Run: npm install kysely libsql\n')
  const required = await promisify(execFile)(process.execPath, ['--eval', "console.log(typeof require('fastify-keyhole').claimSet)"], { cwd: project, env: ENVIRONMENT })
  t.equal(required.stdout, 'function\n', 'from CommonJS')
  const command = await promisify(execFile)(join(project, 'node_modules/.bin/keyhole'), ['--help'], { cwd: project, env: ENVIRONMENT })
  t.match(command.stdout, /^Usage: keyhole /)
})
