import type { SqliteDatabase, SqliteStatement } from 'kysely'
import type Libsql from 'libsql'

/** Statements that are kept at most; the store has fewer, unless lists of every length are asked for. */
const KEPT = 100

/**
 * A database that prepares what reads once, since preparing takes three times as long as asking. What writes is
 * prepared each time: a write that failed with SQLITE_BUSY stays in progress in libsql 0.5 until it is collected.
 */
export function keepingStatements (database: Libsql.Database): SqliteDatabase {
  const kept = new Map<string, SqliteStatement>()

  /** All rows are read at once, and the store streams nothing: no statement is in progress when it is asked again, and none holds back a checkpoint. */
  function keep (sql: string): SqliteStatement {
    const statement = database.prepare(sql)
    const reading: SqliteStatement = {
      reader: true,
      all (parameters) {
        try {
          return statement.all(parameters)
        } catch (error) {
          kept.delete(sql)
          throw error
        }
      },
      run: statement.run.bind(statement),
      iterate: statement.iterate.bind(statement)
    }
    if (kept.size < KEPT) kept.set(sql, reading)
    return reading
  }

  return {
    prepare: sql => sql.startsWith('select ') ? kept.get(sql) ?? keep(sql) : database.prepare(sql),
    close: () => { database.close() }
  }
}
