import type { Test } from 'tap'
import type { TestDatabase } from '../databases.js'
import { clientChangesSuite } from './client-changes.js'
import { clientsSuite } from './clients.js'
import { createAllSuite } from './create-all.js'
import { migrationsSuite } from './migrations.js'
import { nonceKeysSuite } from './nonce-keys.js'
import { policiesSuite } from './policies.js'
import { processesSuite } from './processes.js'
import { replaysSuite } from './replays.js'
import { revocationsSuite } from './revocations.js'
import { secretsSuite } from './secrets.js'
import { signingKeysSuite } from './signing-keys.js'

/** What a store does, whatever its database. */
export function storeSuites (t: Test, database: TestDatabase): void {
  clientsSuite(t, database)
  clientChangesSuite(t, database)
  createAllSuite(t, database)
  migrationsSuite(t, database)
  nonceKeysSuite(t, database)
  policiesSuite(t, database)
  processesSuite(t, database)
  replaysSuite(t, database)
  revocationsSuite(t, database)
  secretsSuite(t, database)
  signingKeysSuite(t, database)
}
