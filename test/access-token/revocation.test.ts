import t from 'tap'
import { followRevocations } from '../../lib/access-token/follow-revocations.js'
import { readRevocations, type Revocation, type RevocationStorage } from '../../lib/access-token/revocation.js'
import type { AccessTokenClaims } from '../../lib/access-token/claims.js'
import { claims, forge, keyPair, keysOf, NOW, refused, verifierOf } from './forge.js'

/** Keeps everything, and can be out of reach. */
function storage (kept: Revocation[] = []) {
  const state = { isDown: false, reads: [] as number[] }
  return Object.assign(state, {
    async add (revocation: Revocation) { kept.push(revocation) },
    async since (position: number) {
      state.reads.push(position)
      if (state.isDown) throw new Error('out of reach')
      return { revocations: kept.slice(position), position: kept.length }
    }
  } satisfies RevocationStorage)
}

const token = (changes: Record<string, unknown> = {}) => claims(changes) as AccessTokenClaims

t.test('a token, or all of a client before a time → revoked; others are not', async t => {
  const revocations = await readRevocations(storage([
    { kind: 'token', tokenId: 'b6f1a3', expiresAt: NOW + 300 },
    { kind: 'client', clientId: 'cms', issuedBefore: NOW, expiresAt: NOW + 86_400 },
    { kind: 'client', clientId: 'cms', issuedBefore: NOW - 10, expiresAt: NOW + 86_390 }
  ]), () => NOW)
  t.ok(revocations.isRevoked(token()))
  t.notOk(revocations.isRevoked(token({ jti: 'another' })))
  t.ok(revocations.isRevoked(token({ jti: 'another', client_id: 'cms', iat: NOW - 1 })), 'the later time counts')
  t.notOk(revocations.isRevoked(token({ jti: 'another', client_id: 'cms', iat: NOW })))
})

t.test('a refresh → reads what was added since; when it fails, what is known stays', async t => {
  const kept = storage([{ kind: 'token', tokenId: 'first', expiresAt: NOW + 300 }])
  const revocations = await readRevocations(kept, () => NOW)
  await kept.add({ kind: 'token', tokenId: 'second', expiresAt: NOW + 300 })
  t.notOk(revocations.isRevoked(token({ jti: 'second' })))
  await revocations.refresh()
  t.ok(revocations.isRevoked(token({ jti: 'second' })))
  t.strictSame(kept.reads, [0, 1])
  kept.isDown = true
  await t.rejects(revocations.refresh(), { message: 'out of reach' })
  t.ok(revocations.isRevoked(token({ jti: 'first' })) && revocations.isRevoked(token({ jti: 'second' })))
})

t.test('E22 a million revocations → each found by one look, dropped a while after they have expired', async t => {
  let now = NOW
  const many = Array.from({ length: 1_000_000 }, (_, index): Revocation => ({ kind: 'token', tokenId: `t${index}`, expiresAt: NOW + index % 2 * 1000 }))
  many.push({ kind: 'client', clientId: 'cms', issuedBefore: NOW, expiresAt: NOW })
  const kept = storage(many)
  const revocations = await readRevocations(kept, () => now)
  t.ok(revocations.isRevoked(token({ jti: 't999999' })) && revocations.isRevoked(token({ jti: 't0' })))
  now += 61
  await revocations.refresh()
  t.notOk(revocations.isRevoked(token({ jti: 't0' })))
  t.ok(revocations.isRevoked(token({ jti: 't999999' })))
  t.notOk(revocations.isRevoked(token({ client_id: 'cms', iat: NOW - 1 })))
  now += 2000
  await revocations.refresh()
  t.notOk(revocations.isRevoked(token({ jti: 't999999' })))
})

t.test('a verifier → refuses what is revoked, also where it remembers the token', async t => {
  const key = keyPair('k1')
  const kept = storage()
  const revocations = await readRevocations(kept, () => NOW)
  const verifier = verifierOf(keysOf(key), { revocations })
  const good = forge({ key })
  await verifier.verify(good)
  t.ok(verifier.recall(good))
  await kept.add({ kind: 'token', tokenId: 'b6f1a3', expiresAt: NOW + 300 })
  await revocations.refresh()
  t.equal(verifier.recall(good), undefined)
  await refused(t, verifier.verify, good, 'revoked')
  await refused(t, verifierOf(keysOf(key), { revocations }).verify, good, 'revoked')
})

t.test('E21 followed → read each second; out of reach and back are logged once each; closed, nothing more is read', async t => {
  const kept = storage()
  const lines: string[] = []
  const followed = await followRevocations(kept, { info: message => { lines.push(message) }, error: (_details, message) => { lines.push(message) } })
  const readTimes = async (count: number) => { while (kept.reads.length < count) await new Promise(resolve => setTimeout(resolve, 20)) }
  kept.isDown = true
  await readTimes(3)
  kept.isDown = false
  await kept.add({ kind: 'token', tokenId: 'b6f1a3', expiresAt: NOW + 300 })
  await readTimes(5)
  t.ok(followed.isRevoked(token()))
  t.strictSame(lines, ['revocations cannot be read; those that are known stay in force', 'revocations can be read again'])
  followed.close()
  const { length } = kept.reads
  await new Promise(resolve => setTimeout(resolve, 1200))
  t.equal(kept.reads.length, length)
  await t.rejects(followRevocations(Object.assign(storage(), { isDown: true }), { info () {}, error () {} }), { message: 'out of reach' })
})
