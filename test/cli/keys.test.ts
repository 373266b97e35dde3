import { generateKeyPairSync, randomBytes } from 'node:crypto'
import t from 'tap'
import { generateSigningKey } from '../../lib/keys/generate.js'
import { openStore } from '../../lib/store/open-store.js'
import { environment, keyhole, storeIn } from './running.js'

const RSA = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'pem', type: 'pkcs8' }) as string

t.test('list, rotate, import, retire → what they did, as a table and as data', async t => {
  const url = await storeIn(t)
  const keys = async (...words: string[]) => JSON.parse((await keyhole(['keys', ...words, '--store', url, '--json'])).out)
  t.strictSame(await keyhole(['keys', 'list', '--store', url]), { exit: 0, out: 'There is no key yet. The first start of the token endpoint makes one.\n', err: '' })
  const [first] = await keys('rotate')
  t.match(first, { state: 'active', alg: 'ES256' })
  const [next] = await keys('rotate', '--algorithm', 'EdDSA', '--announce', '30')
  t.match(next, { state: 'next', alg: 'EdDSA', signsFrom: next.createdAt + 30 })
  t.strictSame(await keys('list'), [next, first])
  t.match((await keyhole(['keys', 'list', '--store', url])).out, new RegExp(`^key +alg +state +signs from\n${next.kid} +EdDSA +next +\\d{4}-.*Z\n${first.kid} +ES256 +active `))
  t.match(await keyhole(['keys', 'retire', '--kid', '-x', '--store', url]), { exit: 2, err: /The key "-x" is refused: there is no such key/ })
  const [signs] = await keys('retire', '--kid', first.kid)
  t.match(signs, { kid: next.kid, state: 'active' })
  const imported = JSON.parse((await keyhole(['keys', 'import', '--algorithm', 'PS256', '--announce', '0', '--store', url, '--json'], [RSA.slice(0, 100), RSA.slice(100)])).out)
  t.match(imported, [{ state: 'active', alg: 'PS256' }])
  t.match((await keyhole(['keys', 'list', '--store', url])).out, /^key +alg +state +signs from +retired\n/)
})

t.test('import from a file → without a trace of it in the output', async t => {
  const url = await storeIn(t, {}, { 'key.pem': RSA })
  const { exit, out, err } = await keyhole(['keys', 'import', `${t.testdirName}/key.pem`, '--store', url])
  t.strictSame([exit, err], [0, ''])
  t.match(out, /RS256 +active/)
  t.notOk(out.includes(RSA.split('\n')[5]!))
})

t.test('the store and its key from the environment → taken; another key, or none → 2, and the option is named', async t => {
  const keyEncryption = randomBytes(32).toString('base64')
  const url = await storeIn(t, { keyEncryption })
  environment(t, 'KEYHOLE_STORE', url)
  environment(t, 'KEYHOLE_KEY_ENCRYPTION', keyEncryption)
  t.match(await keyhole(['keys', 'rotate']), { exit: 0, out: /active/ })
  const store = await openStore(url)
  const [{ kid } = { kid: '' }] = await store.keys.list()
  await t.rejects(store.keys.privateJwk(kid), { message: /is encrypted/ })
  await store.close()
  environment(t, 'KEYHOLE_KEY_ENCRYPTION', 'short')
  t.match(await keyhole(['keys', 'rotate']), { exit: 2, out: '', err: /^openStore: keyEncryption: write 32 random bytes/ })
})

t.test('encrypted keys, and a command that was not given the key → 2, nothing is done, and no private key is left open', async t => {
  const keyEncryption = randomBytes(32).toString('base64')
  const url = await storeIn(t, { keyEncryption }, { 'key.pem': RSA })
  const store = await openStore(url, { keyEncryption })
  t.teardown(store.close)
  environment(t, 'KEYHOLE_STORE', url)
  await store.keys.addActive(generateSigningKey('ES256'), 1000)
  const before = await store.keys.list()
  const [{ kid } = { kid: '' }] = before
  for (const words of [['rotate'], ['rotate', '--announce', '0'], ['import', `${t.testdirName}/key.pem`], ['retire', '--kid', kid]]) {
    t.match(await keyhole(['keys', ...words]), { exit: 2, out: '', err: `openStore: keyEncryption: the key "${kid}" is encrypted, and a new one would not be. Pass ` }, words.join(' '))
    t.strictSame(await store.keys.list(), before)
  }
  await store.keys.addNext(generateSigningKey('ES256'), 1000, 2000)
  t.match(await keyhole(['keys', 'retire', '--kid', kid]), { exit: 0, out: /active/ }, 'what leaked goes: the next one takes its place')
  const [{ kid: last } = { kid: '' }] = await store.keys.list()
  environment(t, 'KEYHOLE_KEY_ENCRYPTION', randomBytes(32).toString('base64'))
  t.match(await keyhole(['keys', 'retire', '--kid', last]), { exit: 0, out: /active/ }, 'the key was lost')
  t.match(await store.keys.list(), [{ state: 'active', sealing: 'jwe' }])
})

t.test('--encryption → the functions of a module wrap; a module without, or none → 2', async t => {
  const url = await storeIn(t, {}, { 'wrap.mjs': "export default { wrap: text => 'wrapped ' + text, unwrap: text => text.slice(8) }", 'none.mjs': 'export const a = 1' })
  const folder = t.testdirName
  t.match(await keyhole(['keys', 'rotate', '--store', url, '--encryption', `${folder}/wrap.mjs`]), { exit: 0 })
  const store = await openStore(url)
  const [{ kid } = { kid: '' }] = await store.keys.list()
  await t.rejects(store.keys.privateJwk(kid), { message: /is wrapped/ })
  await store.close()
  t.match(await keyhole(['keys', 'rotate', '--store', url, '--encryption', `${folder}/none.mjs`]), { exit: 2, err: /keyEncryption/ })
  t.match(await keyhole(['keys', 'rotate', '--store', url, '--encryption', `${folder}/nowhere.mjs`]), { exit: 2, err: /nowhere\.mjs: / })
})

t.test('used wrongly → 2, and what to do', async t => {
  const url = await storeIn(t)
  for (const [words, message] of [
    [['list'], /^Which store\?/],
    [['list', '--store', `${url}.other`], /keyhole\.db\.other: there is no such file\. Write the path of the one that is there; keyhole migrate, or /],
    [['list', '--store', 'mysql://x'], /^--store: write 'sqlite:FILE'/],
    [['rotate', '--store', url, '--announce', 'soon'], /Write a whole number of seconds/],
    [['rotate', '--store', url, '--algorithm', 'HS256'], /Allowed choices are ES256, EdDSA, RS256, PS256/],
    [['import', '/nowhere/key.pem', '--store', url], /^\/nowhere\/key\.pem: ENOENT/],
    [['import', '--store', url], /neither a JWK nor PEM/],
    [['retire', '--kid', 'x', '--store', url], /there is no such key\. There are none/],
    [['list', '--store', 'sqlite::memory:', 'more'], /too many arguments/]
  ] as const) t.match(await keyhole(['keys', ...words], ['no key']), { exit: 2, out: '', err: message }, words.join(' '))
  t.match(await keyhole(['keys', 'list', '--store', 'sqlite::memory:']), { exit: 0 })
})
