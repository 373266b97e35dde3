import fastify, { type FastifyInstance, type FastifyPluginAsync, type FastifyServerOptions } from 'fastify'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inspect } from 'node:util'
import { factsOf, type GuardFacts } from '../report/facts.js'
import { CommandError } from './terminal.js'

type Options = FastifyServerOptions & Record<string, unknown>

/** What the module of an application may export, as fastify-cli takes it; or an instance that is put together already. */
interface AppModule {
  readonly default?: unknown
  readonly options?: Options
}

/**
 * Loads an application without listening, hands it over once it is ready, and closes it.
 *
 * @param file the module: its default export is a Fastify plugin or an instance; `options`, where it exports them, go to Fastify and to the plugin
 * @throws {CommandError} when there is no such module, or no application in it
 * @throws whatever keeps the application from getting ready
 */
export async function withApp<Result> (file: string, use: (app: FastifyInstance) => Result | Promise<Result>): Promise<Result> {
  return await withAssembled(file, async app => {
    await app.ready()
    return await use(app)
  })
}

/** The same before it is ready, for what looks at why it does not get there. */
export async function withAssembled<Result> (file: string, use: (app: FastifyInstance) => Promise<Result>): Promise<Result> {
  const app = await assemble(file)
  try {
    return await use(app)
  } finally {
    await app.close()
  }
}

/** What the guards of an application tell. @throws {CommandError} where there is none */
export function guardsIn (app: FastifyInstance, file: string): readonly GuardFacts[] {
  const guards = factsOf(app.server)
  if (guards.length === 0) {
    throw new CommandError(`${file}: no resource guard is registered in this application. ` +
      'Register resourceGuard, and run the keyhole that is installed beside the application: npx keyhole.')
  }
  return guards
}

async function assemble (file: string): Promise<FastifyInstance> {
  const { default: exported, options = {} } = await load(file)
  if (isInstance(exported)) return exported
  if (typeof exported !== 'function') {
    throw new CommandError(`${file}: its default export is no application. Export a Fastify plugin, async (app, options) => { … }, or an instance.`)
  }
  // What it logs would stand between what the command prints.
  const { logger, loggerInstance, ...serverOptions } = options
  const app = fastify(serverOptions)
  app.register(exported as FastifyPluginAsync<Options>, options)
  return app
}

async function load (file: string): Promise<AppModule> {
  const path = resolve(file)
  if (!existsSync(path)) throw new CommandError(`${file}: there is no such file.`)
  try {
    const module: AppModule = await import(pathToFileURL(path).href)
    const { default: inner } = module
    // What a transpiler wrote as CommonJS has its default export within that.
    return isTranspiled(inner) ? inner : module
  } catch (error) {
    throw new CommandError(`${file}: ${unloadable(error)}`, { cause: error })
  }
}

function isTranspiled (exported: unknown): exported is AppModule {
  return typeof exported === 'object' && exported !== null && '__esModule' in exported
}

function isInstance (exported: unknown): exported is FastifyInstance {
  return typeof exported === 'object' && exported !== null && 'server' in exported && 'ready' in exported
}

function unloadable (error: unknown): string {
  const text = inspect(error)
  return text.includes('ERR_UNKNOWN_FILE_EXTENSION')
    ? "Node.js does not load such a file by itself. For TypeScript run it with a loader: NODE_OPTIONS='--import tsx' npx keyhole …"
    : text
}
