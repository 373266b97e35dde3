import t from 'tap'
import { postgres } from './databases.js'
import { storeSuites } from './suites/all.js'
import { onPostgresSuite } from './suites/on-postgres.js'

const database = await postgres(t)
storeSuites(t, database)
onPostgresSuite(t, database)
