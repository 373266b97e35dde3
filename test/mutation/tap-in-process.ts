import { basename, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Script } from 'node:vm'
import type { InstrumenterContext, MutantCoverage } from '@stryker-mutator/api/core'
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin'
import {
  determineHitLimitReached, toMutantRunResult, TestStatus, DryRunStatus,
  type DryRunOptions, type DryRunResult, type MutantRunOptions, type MutantRunResult, type TestResult, type TestRunner
} from '@stryker-mutator/api/test-runner'
import { build, type Plugin } from 'esbuild'
import type * as Tap from 'tap'

/*
 * Runs test files of tap within one process, over and over: a process for each mutant and file would take ten times as
 * long. Each file is bundled with our own code, so that each run begins with fresh modules, also those constants that
 * are made when a module is loaded; packages are loaded once. What Stryker calls a test is an outermost test of a file.
 */

type Module = (packages: ReadonlyMap<string, Record<string, unknown>>, url: string) => void

/** A failure that belongs to no test: thrown by what a test had started, after its end. */
let stray: Error | undefined
for (const event of ['uncaughtException', 'unhandledRejection'] as const) process.on(event, (error: Error) => { stray ??= error })

class TapInProcess implements TestRunner {
  private readonly modules = new Map<string, Module>()
  private readonly context: InstrumenterContext = {}
  private tap!: typeof Tap

  capabilities () {
    return { reloadEnvironment: true }
  }

  async init () {
    Object.assign(globalThis, { __stryker__: this.context })
    // Here, since whoever loads tap has a test that has to end in time.
    this.tap = await import('tap')
    this.tap.t.setTimeout(0)
  }

  async dryRun ({ testFiles = [] }: DryRunOptions): Promise<DryRunResult> {
    const perTest: MutantCoverage['perTest'] = {}
    const runs: { readonly time: number, readonly tests: TestResult[] }[] = []
    for (const file of testFiles) {
      const began = performance.now()
      const covered: MutantCoverage = this.context.mutantCoverage = { static: {}, perTest: {} }
      const tests = await this.runFile(relative(process.cwd(), file))
      runs.push({ time: performance.now() - began, tests })
      // What a file does while it is loaded belongs to each of its tests, since it is loaded again for each mutant.
      for (const { id } of tests) perTest[id] = sumOf(covered.static, covered.perTest[id] ?? {})
    }
    // Mutants meet tests in this order: the quick files first.
    const tests = runs.sort((some, other) => some.time - other.time).flatMap(({ tests }) => tests)
    return { status: DryRunStatus.Complete, tests, mutantCoverage: { static: {}, perTest: Object.fromEntries(tests.map(({ id }) => [id, perTest[id]!])) } }
  }

  async mutantRun ({ activeMutant, hitLimit, testFilter = [] }: MutantRunOptions): Promise<MutantRunResult> {
    Object.assign(this.context, { activeMutant: activeMutant.id, hitCount: 0, hitLimit, mutantCoverage: { static: {}, perTest: {} } })
    const own = `${basename(activeMutant.fileName, '.ts')}.test.ts`
    const files = [...new Set(testFilter.map(fileOf))].sort((some, other) => Number(basename(other) === own) - Number(basename(some) === own))
    const tests: TestResult[] = []
    for (const file of files) {
      tests.push(...await this.runFile(file, new Set(testFilter)))
      const limit = determineHitLimitReached(this.context.hitCount, hitLimit)
      if (limit !== undefined) return toMutantRunResult(limit)
      if (tests.some(({ status }) => status === TestStatus.Failed)) break
    }
    return toMutantRunResult({ status: DryRunStatus.Complete, tests })
  }

  /** Loads a file anew and runs its tests, or those of a filter; none after one that failed. */
  private async runFile (file: string, filter?: ReadonlySet<string>): Promise<TestResult[]> {
    const root = new this.tap.Test({ name: file }) as Tap.Test
    root.resume()
    const results: TestResult[] = []
    let count = 0
    const test = (name: string, run: (t: Tap.Test) => unknown) => {
      const id = idOf(file, count++, name)
      if (filter?.has(id) === false) return
      let began = 0
      const finished = root.test(name, t => {
        began = performance.now()
        this.context.currentTestId = id
        return results.some(({ status }) => status === TestStatus.Failed) ? Promise.resolve() : run(t)
      })
      finished.then(outcome => {
        delete this.context.currentTestId
        const result = { id, name, fileName: file, timeSpentMs: performance.now() - began }
        results.push(outcome?.ok === true ? { ...result, status: TestStatus.Success } : { ...result, status: TestStatus.Failed, failureMessage: name })
      })
    }
    const given = new Proxy(root, {
      get (target, name) {
        const member: unknown = name === 'test' ? test : Reflect.get(target, name, target)
        return typeof member === 'function' ? member.bind(target) : member
      }
    })
    stray = undefined
    const completed = new Promise<{ readonly ok: boolean }>(resolve => root.on('complete', resolve))
    try {
      await this.load(file, given)
    } catch (error) {
      return [failed(file, error)]
    }
    root.end()
    const { ok } = await completed
    const isTold = ok || results.some(({ status }) => status === TestStatus.Failed)
    return stray === undefined && isTold ? results : [...results, failed(file, stray ?? 'a test failed')]
  }

  private async load (file: string, root: Tap.Test): Promise<void> {
    const module = this.modules.get(file) ?? await bundled(file)
    this.modules.set(file, module)
    module(new Map([...packages, ['tap', { ...this.tap, default: root, t: root }]]), pathToFileURL(file).href)
  }
}

/** Bundles a test file with our own code; what packages export is handed to it by name. */
async function bundled (file: string): Promise<Module> {
  const { outputFiles: [output] } = await build({
    absWorkingDir: process.cwd(),
    entryPoints: [file],
    bundle: true,
    write: false,
    keepNames: true,
    format: 'iife',
    platform: 'node',
    target: 'node20',
    conditions: ['keyhole-source'],
    plugins: [installed],
    define: { 'import.meta.url': 'MODULE_URL' }
  })
  return new Script(`((PACKAGES, MODULE_URL) => {${output!.text}\n})`, { filename: file }).runInThisContext() as Module
}

const packages = new Map<string, Record<string, unknown>>()

const installed: Plugin = {
  name: 'installed',
  setup ({ onResolve, onLoad }) {
    onResolve({ filter: /^[^.]/ }, ({ path, kind }) => kind === 'entry-point' || path.startsWith('fastify-keyhole') ? undefined : { path, namespace: 'installed' })
    onLoad({ filter: /./, namespace: 'installed' }, async ({ path }) => {
      const exported = await import(path) as Record<string, unknown>
      packages.set(path, exported)
      const names = Object.keys(exported).map((name, index) => ({ name: JSON.stringify(name), local: `x${index}` }))
      return {
        contents: `const p = PACKAGES.get(${JSON.stringify(path)});` + names.map(({ name, local }) => `const ${local} = p[${name}];`).join('') +
          `export {${names.map(({ name, local }) => `${local} as ${name}`).join()}}`
      }
    })
  }
}

function idOf (file: string, index: number, name: string): string {
  return `${file}#${index} ${name}`
}

function fileOf (id: string): string {
  return id.slice(0, id.indexOf('#'))
}

function failed (file: string, error: unknown): TestResult {
  return { id: file, name: file, fileName: file, timeSpentMs: 0, status: TestStatus.Failed, failureMessage: String(error) }
}

function sumOf (some: Record<string, number>, other: Record<string, number>): Record<string, number> {
  const sum = { ...some }
  for (const [id, hits] of Object.entries(other)) sum[id] = (sum[id] ?? 0) + hits
  return sum
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'tap-in-process', TapInProcess)]
