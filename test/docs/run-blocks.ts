import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Test } from 'tap'
import { isModule, isServer, type Block } from './blocks.js'
import { ENVIRONMENT } from './packed-project.js'

const TSX = import.meta.resolve('tsx')

/** The address in documents; tests put a free port in its place. */
const ADDRESS = '127.0.0.1:3000'

/**
 * Runs a document's blocks in a project, in their order. A module runs to its end. A server runs while the `sh` blocks
 * after it that talk to it are run: lines `NAME=value` that it printed are what a reader would paste before them, and
 * what they print must be the `json` block that follows them, if one does.
 */
export async function runBlocks (t: Test, project: string, blocks: readonly Block[]): Promise<void> {
  const port = await freePort()
  const here = blocks.map(block => ({ ...block, text: block.text.replaceAll(ADDRESS, `127.0.0.1:${port}`).replaceAll('port: 3000', `port: ${port}`) }))
  for (const [index, block] of here.entries()) {
    if (!isModule(block)) continue
    await writeFile(join(project, block.file), block.text)
    await t.test(`${block.file}, line ${block.line} → runs`, async t => {
      if (!isServer(block)) {
        await promisify(execFile)(process.execPath, nodeArguments(block), { cwd: project, env: ENVIRONMENT })
        return
      }
      const server = await startServer(t, project, block, port)
      const end = here.findIndex((other, at) => at > index && isModule(other))
      await talkTo(t, project, server.printed(), here.slice(index + 1, end < 0 ? undefined : end))
      t.strictSame(await server.stop(), [null, 'SIGTERM'])
    })
  }
}

/** Runs all of them in one shell, as a reader would paste them. */
async function talkTo (t: Test, project: string, printed: string, blocks: readonly Block[]): Promise<void> {
  const pasted = printed.match(/^[A-Z_]+=\S+$/gm) ?? []
  const talking = blocks.filter(({ language, text }) => language === 'sh' && text.includes('http://127.0.0.1:'))
  const script = [...pasted, ...talking.map(({ text }) => `${text}\nprintf '\\0'`)].join('\n')
  const { stdout } = await promisify(execFile)('bash', ['--norc', '-euc', script], { cwd: project, env: ENVIRONMENT })
  const outputs = stdout.split('\0')
  for (const [index, block] of talking.entries()) {
    const next = blocks[blocks.indexOf(block) + 1]
    if (next?.language === 'json') t.strictSame(JSON.parse(outputs[index]!), JSON.parse(next.text), `line ${next.line} is what line ${block.line} prints`)
  }
}

function nodeArguments ({ file, language }: Block): string[] {
  return language === 'ts' ? ['--import', TSX, file] : [file]
}

async function startServer (t: Test, project: string, block: Block, port: number) {
  const child = spawn(process.execPath, nodeArguments(block), { cwd: project, env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(() => child.kill('SIGKILL'))
  const ended = once(child, 'exit')
  let printed = ''
  child.stdout.on('data', chunk => { printed += chunk })
  while (!await answers(port)) {
    if (child.exitCode !== null) throw new Error(`${block.file} ended with ${child.exitCode} and did not listen`)
  }
  return {
    printed: () => printed,
    stop: () => { child.kill('SIGTERM'); return ended }
  }
}

async function answers (port: number): Promise<boolean> {
  try {
    await fetch(`http://127.0.0.1:${port}`)
    return true
  } catch {
    await new Promise(resolve => setTimeout(resolve, 50))
    return false
  }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
