import { Type } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { fileURLToPath } from 'node:url'

/** Where to listen, where the data is, and how others reach the application. */
export interface Config {
  readonly host: string
  readonly port: number
  /** Folder of the databases; made when it is not there. */
  readonly dataDir: string
  /** A PostgreSQL database that holds everything instead. */
  readonly databaseUrl?: string
  /** The URL that clients reach the application by: issuer of its tokens. */
  readonly publicUrl: string
}

const ORIGIN = /^(?:https:\/\/[^/?#@]+|http:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?)$/

const EnvironmentSchema = Type.Object({
  HOST: Type.String({ minLength: 1, default: '127.0.0.1', cure: 'write the address to listen on, such as 127.0.0.1 or 0.0.0.0' }),
  PORT: Type.Integer({ minimum: 0, maximum: 65535, default: 3000, cure: 'write a whole number from 0 (any free port) to 65535' }),
  DATA_DIR: Type.String({ minLength: 1, default: fileURLToPath(new URL('data', import.meta.url)), cure: 'write the folder for the databases' }),
  DATABASE_URL: Type.Optional(Type.RegExp(/^postgres(?:ql)?:\/\//, { cure: 'write postgres://USER:PASSWORD@HOST:PORT/DATABASE, or leave it out for files in DATA_DIR' })),
  PUBLIC_URL: Type.Optional(Type.RegExp(ORIGIN, { cure: 'write scheme and host that clients use, such as https://api.example.com; http is for loopback hosts alone' }))
})

/**
 * Reads the configuration.
 * @throws {Error} naming every variable that is wrong, and what to write instead.
 */
export function readConfig (environment: NodeJS.ProcessEnv): Config {
  const { PORT = '' } = environment
  const given = Value.Default(EnvironmentSchema, { ...environment, ...(/^\d+$/.test(PORT) && { PORT: Number(PORT) }) })
  if (!Value.Check(EnvironmentSchema, given)) {
    const faults = [...Value.Errors(EnvironmentSchema, given)].map(({ path, schema }) => `${path.slice(1)}: ${schema['cure']}`)
    throw new Error([...new Set(faults)].join('\n'))
  }
  const { HOST, DATA_DIR, DATABASE_URL, PUBLIC_URL = `http://127.0.0.1:${given.PORT}` } = given
  return { host: HOST, port: given.PORT, dataDir: DATA_DIR, ...(DATABASE_URL !== undefined && { databaseUrl: DATABASE_URL }), publicUrl: PUBLIC_URL }
}
