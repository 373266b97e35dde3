import t from 'tap'
import { sqlite } from './databases.js'
import { storeSuites } from './suites/all.js'

storeSuites(t, sqlite)
