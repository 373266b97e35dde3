import t from 'tap'
import { postgres, sqlite } from './databases.js'
import { killedSuite } from './suites/killed.js'

for (const database of [sqlite, await postgres(t)]) t.test(database.kind, async t => killedSuite(t, database))
