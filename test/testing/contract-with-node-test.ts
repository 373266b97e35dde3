import { test } from 'node:test'
import { credentialProviderContract } from 'fastify-keyhole/testing'
import { tableSubject } from './table-provider.js'

/** A process of its own, in which node:test runs the contract. */
test('a provider', async t => {
  await credentialProviderContract(t, () => ({ ...tableSubject(), logged: { without: 'it logs nothing' } }))
})
