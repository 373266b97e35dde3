import t from 'tap'
import { base64url, claims, forge, keyPair, keysOf, refused, verifierOf } from './forge.js'

const key = keyPair('k1')
const { verify } = verifierOf(keysOf(key))
const good = forge({ key })
const [header, payload, signature] = good.split('.') as [string, string, string]

t.test('A31 a JWE of five segments, also one that would decompress to much → refused before anything is read', async t => {
  const jwe = (members: object) => [base64url(JSON.stringify(members)), 'AAAA', 'AAAAAAAAAAAAAAAA', 'AAAA', 'AAAAAAAAAAAAAAAAAAAAAA'].join('.')
  const parses = t.capture(JSON, 'parse', JSON.parse)
  const tokens = [jwe({ alg: 'dir', enc: 'A256GCM', typ: 'at+jwt', kid: 'k1' }), jwe({ alg: 'dir', enc: 'A256GCM', zip: 'DEF', typ: 'at+jwt' })]
  for (const token of tokens) await refused(t, verify, token, 'malformed')
  t.equal(parses().length, 0)
})

t.test('A32 other than three segments, or an empty one → refused', async t => {
  const tokens = ['', '.', '..', '...', 'a', 'a.b', 'a.b.', '.b.c', 'a..c', header, `${header}.${payload}`, `${good}.`, `.${good}`, `${good}.${signature}`, `${good}.a.b`,
    `${header}..${signature}`, `.${payload}.${signature}`, `${header}.${payload}.`]
  for (const token of tokens) await refused(t, verify, token, 'malformed', JSON.stringify(token.slice(0, 20)))
})

t.test('A33 a character outside base64url in any segment → refused', async t => {
  for (const character of ['=', '==', '+', '/', ' ', '\n', '\r\n', '\t', '\0', '"', '%', 'é', '\u2028', '😀', '\uD800']) {
    for (const at of [0, 10, header.length, header.length + 1, header.length + payload.length + 1, header.length + payload.length + 2, good.length]) {
      await refused(t, verify, good.slice(0, at) + character + good.slice(at), 'malformed', `U+${character.codePointAt(0)?.toString(16)} at ${at}`)
    }
  }
})

t.test('a signature with one character too many to be base64url → refused', async t => {
  await refused(t, verify, `${header}.${payload}.${signature.slice(0, -1)}`, 'malformed')
})

t.test('A36 the JSON serializations of a JWS → refused', async t => {
  const flattened = { protected: header, payload, signature }
  for (const token of [JSON.stringify(flattened), JSON.stringify({ payload, signatures: [flattened] })]) await refused(t, verify, token, 'malformed')
})

t.test('A40 header that is no object, or without alg → refused', async t => {
  for (const rawHeader of ['null', '[]', '"ES256"', '1', 'true', '', 'x', '{"alg":"ES256"', '[{"alg":"ES256","typ":"at+jwt"}]']) {
    await refused(t, verify, forge({ key, rawHeader }), 'malformed', rawHeader)
  }
  await refused(t, verify, forge({ key, rawHeader: '{}' }), 'type')
  await refused(t, verify, forge({ key, rawHeader: '{"typ":"at+jwt","kid":"k1"}' }), 'algorithm')
})

t.test('A41 payload that is no object → refused', async t => {
  await verify(good)
  for (const rawClaims of ['null', '[]', '"x"', '1', 'true', `[${JSON.stringify(claims())}]`, 'x']) {
    await refused(t, verify, forge({ key, rawClaims }), 'signature', rawClaims)
  }
})

t.test('A42 a header member that stands twice → the last one counts for everyone', async t => {
  const twice = (first: string, last: string) => forge({ key, rawHeader: `{"alg":"${first}","typ":"at+jwt","kid":"k1","alg":"${last}"}` })
  t.match(await verify(twice('none', 'ES256')), { claims: claims() })
  await refused(t, verify, twice('ES256', 'none'), 'algorithm')
  await refused(t, verify, forge({ key, rawHeader: '{"alg":"ES256","typ":"at+jwt","kid":"k1","kid":"other"}' }), 'key')
})

t.test('A43 a claim that stands twice → the last one counts for everyone', async t => {
  const twice = (member: string) => JSON.stringify(claims()).slice(0, -1) + `,${member}}`
  await refused(t, verify, forge({ key, rawClaims: twice('"aud":"https://other"') }), 'audience')
  const { claims: verified, scopes } = await verify(forge({ key, rawClaims: twice('"scope":"contact"') }))
  t.equal(verified.scope, 'contact')
  t.strictSame(scopes, ['contact'])
})

t.test('A44 bytes that are no UTF-8 in header or payload → refused', async t => {
  for (const bytes of [[0xFF, 0xFE], [0xC3], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80]]) {
    const within = (json: string) => Buffer.concat([Buffer.from(json.slice(0, -1) + ',"x":"'), Buffer.from(bytes), Buffer.from('"}')])
    await refused(t, verify, forge({ key, rawClaims: within(JSON.stringify(claims())) }), 'malformed', 'payload')
    await refused(t, verify, forge({ key, rawHeader: within('{"alg":"ES256","typ":"at+jwt","kid":"k1"}') }), 'malformed', 'header')
  }
})

t.test('A45 a byte order mark before header or payload → refused', async t => {
  await refused(t, verify, forge({ key, rawClaims: '\uFEFF' + JSON.stringify(claims()) }), 'signature')
  await refused(t, verify, forge({ key, rawHeader: '\uFEFF{"alg":"ES256","typ":"at+jwt","kid":"k1"}' }), 'malformed')
})

t.test('text beyond ASCII, correctly encoded → as it was', async t => {
  const verified = await verify(forge({ key, claims: claims({ sub: 'Zoë 😀 \u2028', name: '"\\' }) }))
  t.equal(verified.claims.sub, 'Zoë 😀 \u2028')
})

t.test('A47 claims named like members of every object → no crash, no effect', async t => {
  const names = ['constructor', 'hasOwnProperty', 'toString', 'valueOf', 'toJSON', 'isPrototypeOf']
  const hostile = Object.fromEntries(names.map(name => [name, { scope: 'banking' }]))
  const { claims: verified, scopes } = await verify(forge({ key, claims: claims(hostile) }))
  t.strictSame(scopes, ['profile'])
  t.strictSame(verified.constructor, { scope: 'banking' }, 'a claim like any other')
})

t.test('A47 __proto__ in header or claims → no prototype, not of a copy either', async t => {
  const json = JSON.stringify(claims({ scope: undefined, nested: 0 })).replace('"nested":0', '"__proto__":{"scope":"banking","admin":true},"nested":{"\\u005f_proto__":{"admin":true}}')
  const { claims: verified, scopes } = await verify(forge({ key, rawClaims: json }))
  t.strictSame(scopes, [])
  const copy = Object.assign({}, verified, verified.nested) as Record<string, unknown>
  t.equal(copy.admin, undefined)
  t.equal(copy.scope, undefined)
  t.equal(Object.getPrototypeOf(copy), Object.prototype)

  const rawHeader = '{"__proto__":{"alg":"ES256","typ":"at+jwt","kid":"k1"},"kid":"k1"}'
  await refused(t, verify, forge({ key, rawHeader }), 'type')
  await refused(t, verify, forge({ key, rawClaims: `{"__proto__":${JSON.stringify(claims())}}` }), 'claims')
})

t.test('A47 members that only a polluted prototype has → as if missing', async t => {
  const polluted = Object.prototype as Record<string, unknown>
  const hide = (members: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(members)) Object.defineProperty(polluted, name, { value, configurable: true })
    return () => { for (const name of Object.keys(members)) delete polluted[name] }
  }
  const { jti, ...rest } = claims()
  const token = forge({ key, claims: rest })
  const untyped = forge({ key, header: { typ: undefined } })
  const restore = hide({ jti, typ: 'at+jwt' })
  t.teardown(restore)
  await refused(t, verify, token, 'claims')
  await refused(t, verify, untyped, 'type')
})

t.test('A48 a token of 1 MB, really signed; a payload nested 10,000 deep → refused before anything is read', async t => {
  const large = forge({ key, claims: claims({ padding: 'x'.repeat(1_000_000) }) })
  const deep = forge({ key, rawClaims: JSON.stringify(claims({ deep: 0 })).replace('"deep":0', `"deep":${'['.repeat(10_000)}${']'.repeat(10_000)}`) })
  const parses = t.capture(JSON, 'parse', JSON.parse)
  await refused(t, verify, large, 'size')
  await refused(t, verify, deep, 'size')
  t.equal(parses().length, 0, 'nothing was parsed')
})

t.test('A48, A76 a payload nested as deep as fits, an act chain → read, or refused as malformed', async t => {
  const nested = (depth: number) => forge({ key, rawClaims: JSON.stringify(claims({ deep: 0 })).replace('"deep":0', `"deep":${'['.repeat(depth)}${']'.repeat(depth)}`) })
  t.equal((await verify(nested(500))).claims.jti, 'b6f1a3')
  try {
    t.equal((await verify(nested(2_800))).claims.jti, 'b6f1a3')
  } catch (error) {
    t.match(error, { name: 'InvalidTokenError', reason: 'malformed' })
  }
  const acting = (first: string) => forge({ key, rawClaims: JSON.stringify(claims({ act: 0 })).replace('"act":0', `"act":${'{"sub":"a","act":'.repeat(300)}${first}${'}'.repeat(300)}`) })
  t.strictSame((await verify(acting('{"sub":"b"}'))).scopes, ['profile'])
  await refused(t, verify, acting('{}'), 'claims')
})

t.test('a token of exactly 8192 characters → read, one more → refused', async t => {
  const sized = (length: number) => {
    for (const more of ['', 'x', 'xx', 'xxx']) {
      for (let fill = 5800; fill < 6100; fill++) {
        const token = forge({ key, header: { more }, claims: claims({ fill: 'x'.repeat(fill) }) })
        if (token.length === length) return token
      }
    }
    throw new Error('no such length')
  }
  t.equal((await verify(sized(8192))).claims.jti, 'b6f1a3')
  await refused(t, verify, sized(8193), 'size')
})

t.test('A49 characters after the JSON object in a segment → refused', async t => {
  for (const more of ['x', '}', '{}', ',', '\0', ' //']) {
    await refused(t, verify, forge({ key, rawHeader: '{"alg":"ES256","typ":"at+jwt","kid":"k1"}' + more }), 'malformed', more)
    await refused(t, verify, forge({ key, rawClaims: JSON.stringify(claims()) + more }), 'signature', more)
  }
})
