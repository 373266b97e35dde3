import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from './config.js'

/** Where the clients are, and where the customers: in one PostgreSQL database, or in a file each, whose folder is made. */
export async function databaseUrls ({ databaseUrl, dataDir }: Pick<Config, 'databaseUrl' | 'dataDir'>): Promise<{ readonly store: string, readonly customers: string }> {
  if (databaseUrl !== undefined) return { store: databaseUrl, customers: databaseUrl }
  await mkdir(dataDir, { recursive: true })
  return { store: `sqlite:${join(dataDir, 'keyhole.db')}`, customers: `sqlite:${join(dataDir, 'customers.db')}` }
}
