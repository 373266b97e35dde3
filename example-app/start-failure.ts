import type { Config } from './config.js'

/**
 * What failed while the application started, said of the variable that is at fault, with its cure; the original is its
 * cause. Everything else is left as it is.
 */
export function startFailure (error: unknown, { host, port, dataDir, databaseUrl }: Config): unknown {
  const { code, syscall, message } = error as NodeJS.ErrnoException
  const said = (text: string) => new Error(text, { cause: error })
  if (code === 'EADDRINUSE') return said(`PORT: ${port} is in use; write another, or 0 for any free port`)
  if (code === 'EACCES' && syscall === 'listen') return said(`PORT: this user may not listen on ${port}; write 1024 or more`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') return said(`HOST: ${host} is no address of this machine; write one, such as 127.0.0.1 or 0.0.0.0`)
  if (code === 'FST_KEYHOLE_STORE_UNAVAILABLE' && databaseUrl !== undefined) {
    return said(`DATABASE_URL: the database cannot be used (${message}); start it, or write the URL of one that this user may write to`)
  }
  if (code === 'FST_KEYHOLE_STORE_UNAVAILABLE' || syscall === 'mkdir') {
    return said(`DATA_DIR: ${dataDir} cannot hold the databases (${message}); write a folder that this user may write to`)
  }
  return error
}
