import t from 'tap'
import { createTokenCache } from '../../lib/access-token/cache.js'
import { accessTokenRules } from '../../lib/access-token/issuer-rules.js'
import { AUDIENCE, claims, forge, ISSUER, keyPair, keysOf, NOW, refused, signature, verifierOf } from './forge.js'

const key = keyPair('k1')
const keys = keysOf(key)
const tokenWith = (changes: Record<string, unknown> = {}) => forge({ key, claims: claims(changes) })

t.test('the same token again → the same object, with what was derived from it', async t => {
  const { verify } = verifierOf(keys)
  const token = tokenWith()
  const verified = await verify(token)
  t.equal(verified.derived, undefined)
  verified.derived = 'a view'
  const again = await verify(Buffer.from(token).toString())
  t.equal(again, verified)
  t.equal(again.derived, 'a view')
})

t.test('A100 a handler that writes into the claims → throws, and the next request sees nothing of it', async t => {
  const { verify } = verifierOf(keys)
  const token = tokenWith({ roles: ['viewer'], act: { sub: 'a', act: { sub: 'b' } } })
  const { claims: given, ...verified } = await verify(token)
  const hostile = given as unknown as { scope: string, roles: string[], act: { act: { sub: string } }, more: string }
  t.throws(() => { hostile.scope = 'admin' }, TypeError)
  t.throws(() => { hostile.more = 'admin' }, TypeError)
  t.throws(() => { hostile.roles.push('admin') }, TypeError)
  t.throws(() => { hostile.act.act.sub = 'admin' }, TypeError)
  t.throws(() => { (verified.scopes as string[]).push('admin') }, TypeError)
  const again = await verify(token)
  t.throws(() => { (again as unknown as { scopes: string[] }).scopes = ['admin'] }, TypeError)
  t.throws(() => { (again as unknown as { claims: object }).claims = {} }, TypeError)
  t.strictSame(again.claims, claims({ roles: ['viewer'], act: { sub: 'a', act: { sub: 'b' } } }))
  t.strictSame(again.scopes, ['profile'])
})

t.test('A101, A106 a remembered token expires → refused from that second on, without iat never remembered', async t => {
  let now = NOW
  const { verify } = verifierOf(keys, { now: () => now })
  const token = tokenWith({ exp: NOW + 10 })
  const verified = await verify(token)
  now = NOW + 14.9
  t.equal(await verify(token), verified)
  now = NOW + 15
  await refused(t, verify, token, 'expired')
  now = NOW
  const without = tokenWith({ iat: undefined, exp: NOW + 10 })
  await refused(t, verify, without, 'claims')
  await refused(t, verify, without, 'claims', 'again')
})

t.test('a clock that steps back before iat or nbf → a remembered token is refused too', async t => {
  let now = NOW
  const { verify } = verifierOf(keys, { now: () => now })
  const [issued, usable] = [tokenWith(), tokenWith({ iat: NOW - 100, nbf: NOW })]
  await verify(issued)
  await verify(usable)
  now = NOW - 5
  await t.resolves(async () => verify(issued))
  now = NOW - 6
  await refused(t, verify, issued, 'early')
  await refused(t, verify, usable, 'early')
})

t.test('A105 very many invalid tokens → none is remembered, no valid one is pushed out', async t => {
  const { verify } = verifierOf(keys, { cacheSize: 2 })
  const tokens = [tokenWith({ jti: '1' }), tokenWith({ jti: '2' })]
  const verified = await Promise.all(tokens.map(token => verify(token)))
  const count = (token: (index: number) => string, times: number) => {
    let refusals = 0
    for (let index = 0; index < times; index++) {
      try {
        verify(token(index))
      } catch {
        refusals++
      }
    }
    return refusals
  }
  const [header, payload, signed] = tokens[0]?.split('.') as [string, string, string]
  t.equal(count(index => `${header}.${payload}.${index}`, 100_000), 100_000, 'malformed or too short')
  t.equal(count(index => `${header}.${payload}.${String(index).padStart(20, '0')}${signed.slice(20)}`, 500), 500, 'same ending, other signature')
  t.equal(count(index => tokenWith({ exp: NOW - 10 - index, iat: NOW - 2000 }), 500), 500, 'signed, expired')
  t.strictSame(await Promise.all(tokens.map(token => verify(token))), verified)
  for (const [index, token] of tokens.entries()) t.equal(await verify(token), verified[index])
})

t.test('more valid tokens than it holds → the oldest are verified anew', async t => {
  const { verify } = verifierOf(keys, { cacheSize: 2 })
  const [first, second, third] = [tokenWith({ jti: '1' }), tokenWith({ jti: '2' }), tokenWith({ jti: '3' })]
  const [one, two] = [await verify(first), await verify(second)]
  const three = await verify(third)
  t.equal(await verify(second), two)
  t.equal(await verify(third), three)
  const anew = await verify(first)
  t.not(anew, one)
  t.strictSame(anew.claims, one.claims)
  t.equal(await verify(third), three)
  t.not(await verify(second), two, 'pushed out in its turn')
})

t.test('A107 one token in two spellings → each verified, each with its own entry', async t => {
  const { verify } = verifierOf(keys)
  const token = tokenWith()
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const spelt = token.slice(0, -1) + alphabet[alphabet.indexOf(token.at(-1) as string) ^ 1]
  const [first, second] = [await verify(token), await verify(spelt)]
  t.not(second, first)
  t.strictSame(second.claims, first.claims)
  t.equal(await verify(token), first)
  t.equal(await verify(spelt), second)
})

t.test('A107 a token that ends like a remembered one → not taken for it', async t => {
  const { verify } = verifierOf(keys)
  const token = tokenWith()
  await verify(token)
  const [header, , signed] = token.split('.')
  const forged = `${header}.${Buffer.from(JSON.stringify(claims({ scope: 'banking' }))).toString('base64url')}.${signed}`
  t.equal(forged.slice(-64), token.slice(-64))
  await refused(t, verify, forged, 'signature')
  t.strictSame((await verify(token)).scopes, ['profile'])
})

t.test('two tokens with one ending → the newer takes the place, and nothing else has to go', async t => {
  const cache = createTokenCache(2)
  const rules = accessTokenRules({ issuer: ISSUER, audience: AUDIENCE, clockTolerance: 5 }, keys, undefined)
  const entry = (token: string) => ({ token, key, rules, verified: { claims: claims() as never, scopes: [], boundTo: undefined, derived: undefined, text: token, isRevoked: () => false } })
  const ending = signature('ES256', key.privateKey, 'x').toString('base64url').slice(-32)
  const [other, older, newer] = [entry('other'), entry('older' + ending), entry('newer' + ending)]
  for (const each of [other, older, newer]) cache.add(each)
  t.equal(cache.get(newer.token), newer)
  t.equal(cache.get(older.token), undefined)
  t.equal(cache.get('other'), other)
})
