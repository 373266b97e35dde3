import type { Test } from 'tap'
import { openStore } from '../../../lib/store/open-store.js'
import type { TestDatabase } from '../databases.js'

const now = () => Math.floor(Date.now() / 1000)

/** Tokens that are no longer good. */
export function revocationsSuite (t: Test, database: TestDatabase): void {
  t.test('what was added → each once, in its order, from a position on', async t => {
    const { revocations, close } = await openStore(await database.url(t))
    t.teardown(close)
    t.strictSame(await revocations.since(0), { revocations: [], position: 0 })
    const first = { kind: 'token', tokenId: 'a', expiresAt: now() + 300 } as const
    const second = { kind: 'client', clientId: 'crm', issuedBefore: 5, expiresAt: now() + 300 } as const
    for (const revocation of [first, first, second, second]) await revocations.add(revocation)
    const { revocations: all, position } = await revocations.since(0)
    t.strictSame(all, [first, second])
    t.strictSame((await revocations.since(1)).revocations, [second])
    t.strictSame(await revocations.since(position), { revocations: [], position })
  })

  t.test('what has expired some minutes ago → dropped when another comes; positions go on', async t => {
    const url = await database.url(t)
    const { revocations, close } = await openStore(url)
    t.teardown(close)
    const sql = await database.sql(t, url)
    await revocations.add({ kind: 'token', tokenId: 'old', expiresAt: now() - 600 })
    const { position } = await revocations.since(0)
    await revocations.add({ kind: 'token', tokenId: 'new', expiresAt: now() + 300 })
    t.match(await sql.rows('select name from revocations'), [{ name: 'new' }])
    t.match(await revocations.since(position), { revocations: [{ tokenId: 'new' }] })
  })

  t.test('a client that is disabled or deleted, or whose tokens are revoked → a revocation of what it was issued so far', async t => {
    const { clients, revocations, close } = await openStore(await database.url(t))
    t.teardown(close)
    for (const id of ['a', 'b', 'c', 'd']) await clients.create({ id, roles: ['viewer'] })
    const before = now()
    await clients.disable('a')
    await clients.delete('b')
    await clients.revokeTokens('c')
    await clients.revokeTokens('d', 1000)
    const { revocations: all } = await revocations.since(0)
    t.match(all, [{ kind: 'client', clientId: 'a' }, { clientId: 'b' }, { clientId: 'c' }, { clientId: 'd', issuedBefore: 1000, expiresAt: 87_400 }])
    const times = all.map(revocation => revocation.kind === 'client' ? revocation.issuedBefore - before : NaN)
    for (const time of times.slice(0, 2)) t.ok(time >= 10 && time < 20, 'by a clock that is ahead, too')
    t.ok(times[2]! >= 1 && times[2]! < 10)
  })

  t.test('tokens of nobody, or before no time → an error that says so, and nothing is revoked', async t => {
    const { clients, revocations, close } = await openStore(await database.url(t))
    t.teardown(close)
    await t.rejects(clients.revokeTokens('nobody'), { code: 'FST_KEYHOLE_CLIENT_UNKNOWN' })
    await clients.create({ id: 'crm', roles: ['viewer'] })
    for (const before of [-1, 1.5, NaN, '5' as never, Date.now()]) await t.rejects(clients.revokeTokens('crm', before), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /before: write a time/ })
    t.strictSame((await revocations.since(0)).revocations, [])
  })

  t.test('audiences of a client → kept, shown, and checked', async t => {
    const { clients, credentials, close } = await openStore(await database.url(t))
    t.teardown(close)
    await clients.create({ id: 'api', roles: ['viewer'], audiences: ['https://api.example.com'] })
    await clients.create({ id: 'crm', roles: ['viewer'] })
    t.strictSame((await clients.get('api'))!.audiences, ['https://api.example.com'])
    t.strictSame((await credentials.find('crm'))!.audiences, [])
    await t.rejects(clients.create({ id: 'x', roles: ['viewer'], audiences: [''] }), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /audiences/ })
  })
}
