import { pbkdf2Sync } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { postAs } from '../../lib/credentials/oauth-server/client-request.js'
import { accessTokenOf } from '../../lib/credentials/oauth-server/token-request.js'
import { readHash } from '../../lib/credentials/password-hash/read-hash.js'
import { clientOf } from '../../lib/credentials/sql-table/client-row.js'
import { parseBasic } from '../../lib/oauth/basic.js'

const presentable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map(code => String.fromCharCode(code)), minLength: 1, maxLength: 60 })
const { signal } = new AbortController()

/** Stands in all that must not be told. */
const MARK = 'this is secret'

t.test('any id and secret → arrive as they are, in the header and in the body', async () => {
  await fc.assert(fc.asyncProperty(presentable, presentable, async (clientId, clientSecret) => {
    const sent: { headers: Readonly<Record<string, string>>, body: string }[] = []
    const post = async (request: typeof sent[0]) => { sent.push(request); return { status: 401, text: undefined } }
    await postAs({ clientId, clientSecret }, 'client_secret_basic', post, { grant_type: 'client_credentials' }, signal)
    await postAs({ clientId, clientSecret }, 'client_secret_post', post, { grant_type: 'client_credentials' }, undefined)
    const [header, body] = sent as [typeof sent[0], typeof sent[0]]
    const basic = parseBasic(header.headers['authorization']!)
    const form = Object.fromEntries(new URLSearchParams(body.body))
    return basic?.clientId === clientId && basic.clientSecret === clientSecret && header.body === 'grant_type=client_credentials' &&
      form['client_id'] === clientId && form['client_secret'] === clientSecret && body.headers['authorization'] === undefined
  }))
})

t.test('any answer of a token endpoint → a token, a refusal, or an error that quotes nothing of it', async () => {
  const marked = fc.string().map(text => MARK + text)
  const body = fc.record({ error: fc.oneof(marked, fc.constantFrom('invalid_client', 'invalid_scope')), access_token: marked, token_type: fc.oneof(marked, fc.constantFrom('Bearer', 'bearer', 'mac', 'DPoP')) }, { requiredKeys: [] })
  const answer = fc.oneof(body.map(body => JSON.stringify(body)), fc.json(), marked, fc.constant(undefined))
  fc.assert(fc.property(fc.integer({ min: 100, max: 599 }), answer, (status, text) => {
    let token: string | null
    try {
      token = accessTokenOf({ status, text }, ['access_denied'])
    } catch (error) {
      return error instanceof Error && !error.message.includes(MARK)
    }
    return token === null ? [400, 401, 403].includes(status) : status === 200 && JSON.parse(text!).access_token === token
  }))
})

t.test('any text in the place of a hash → a hash, or an error that quotes nothing of it', async () => {
  const begins = fc.constantFrom('', '$scrypt$', '$argon2id$v=19$', '$2b$', '$pbkdf2-sha256$', 'pbkdf2_sha256$')
  fc.assert(fc.property(begins, fc.string({ minLength: 20 }), (begin, rest) => {
    try {
      return readHash(begin + rest).text === begin + rest
    } catch (error) {
      return error instanceof Error && !error.message.includes(rest)
    }
  }))
})

t.test('any two secrets → the hash of one holds for it, and for the other only if they are the same', async () => {
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '')
  await fc.assert(fc.asyncProperty(presentable, presentable, fc.uint8Array({ minLength: 8, maxLength: 32 }), async (secret, other, salt) => {
    const hash = readHash(`$pbkdf2-sha256$i=1$${base64(Buffer.from(salt))}$${base64(pbkdf2Sync(secret, salt, 1, 32, 'sha256'))}`)
    return await hash.verify(secret) && await hash.verify(other) === (secret === other)
  }))
})

t.test('any rows → no client, one of exactly this id with no more than two hashes of a kind, or a TypeError', async () => {
  const text = fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('crm', 'CRM', null, undefined))
  const row = fc.record({ id: fc.constantFrom('crm', 'CRM', 'crm ', 'other'), secretHash: fc.oneof(text, fc.array(text)), apiKeyHash: text, roles: fc.oneof(text, fc.array(fc.string())), disabled: fc.anything(), expiresAt: fc.oneof(fc.integer(), fc.date(), fc.constant(null)) }, { requiredKeys: ['id'] })
  fc.assert(fc.property(fc.oneof(fc.array(row), fc.anything()), rows => {
    try {
      const client = clientOf('crm', rows, 1000)
      return client === null || ((rows as { id: string }[]).some(({ id }) => id === 'crm') && client.secretHashes.length <= 2 && client.apiKeyHashes.length <= 2)
    } catch (error) {
      return error instanceof TypeError
    }
  }))
})
