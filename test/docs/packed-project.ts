import { execFile } from 'node:child_process'
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

const run = promisify(execFile)

/** For processes of tests whose coverage would be that of other files. */
export const ENVIRONMENT = { ...process.env, _TAPJS_PROCESSINFO_COVERAGE_: '0' }

/** Packs this package as it would be published; gives the path of the tarball. */
export async function pack (folder: string): Promise<string> {
  await mkdir(folder, { recursive: true })
  await run('npm', ['pack', '--pack-destination', folder], { cwd: ROOT, env: ENVIRONMENT })
  const [tarball] = await readdir(folder)
  return join(folder, tarball!)
}

/** Makes an empty project with the packed package and these packages, in the versions that this repository has. */
export async function makeProject (folder: string, tarball: string, packages: readonly string[]): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const pinned = await Promise.all(packages.map(async name => `${name}@${await installedVersion(name)}`))
  await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...pinned], { cwd: folder, env: ENVIRONMENT })
}

async function installedVersion (name: string): Promise<string> {
  return JSON.parse(await readFile(join(ROOT, 'node_modules', name, 'package.json'), 'utf8')).version
}
