import fc from 'fast-check'
import t, { type Test } from 'tap'
import { OAuthError } from '../../lib/oauth/errors.js'
import { readForm, readJson } from '../../lib/oauth/parameters.js'

const form = (text: string) => readForm(Buffer.from(text))
const json = (text: string) => readJson(Buffer.from(text))

const refused = (t: Test, read: () => unknown, name: string) =>
  t.throws(read, { name: 'OAuthError', code: 'invalid_request', statusCode: 400 }, name)

t.test('form', async t => {
  t.test('names and values are decoded, empty ones left out', async t => {
    t.same({ ...form('grant%5Ftype=client_credentials&client_secret=a%2Bb+c%20d&scope=&api_key&&x=%C3%A9') },
      { grant_type: 'client_credentials', client_secret: 'a+b c d', x: 'é' })
    t.same({ ...form('') }, {})
  })

  t.test('= after the first belongs to the value', async t => t.equal(form('client_secret=a=b==').client_secret, 'a=b=='))

  t.test('; does not separate', async t => t.same({ ...form('grant_type=a;client_id=x') }, { grant_type: 'a;client_id=x' }))

  t.test('a single parameter twice → invalid_request, whatever its values or spelling', async t => {
    for (const text of ['scope=a&scope=b', 'scope=a&scope=a', 'scope=&scope=a', 'scope&scope', 'grant_type=a&grant%5ftype=a', 'subject_token=a&subject_token=b']) {
      refused(t, () => form(text), text)
    }
  })

  t.test('an unknown parameter twice → ignored', async t => t.equal(form('foo=1&foo=2&scope=a').scope, 'a'))

  t.test('broken encoding → invalid_request', async t => {
    for (const text of ['scope=%', 'scope=%4', 'scope=%zz', 'scope=%ff', 'scope=%C3', 'scope=%ED%A0%80', '%=a', 'foo=%c0%af', 'scope%']) refused(t, () => form(text), text)
    refused(t, () => readForm(Buffer.from([0x61, 0x3d, 0xff])), 'bytes that are not UTF-8')
  })

  t.test('C12 resource and audience → lists, in their order, empty ones included', async t => {
    t.same({ ...form('resource=a&audience=x&resource=&resource=a&audience') }, { resource: ['a', '', 'a'], audience: ['x', ''] })
  })

  t.test('names of Object members are just names', async t => {
    const parameters = form('__proto__=x&constructor=y&hasOwnProperty=z')
    t.equal(Object.getPrototypeOf(parameters), null)
    t.equal(({} as Record<string, unknown>).x, undefined)
  })

  t.test('100 parameters are read, 101 refused', async t => {
    t.equal(form('scope=a' + '&f=1'.repeat(99)).scope, 'a')
    refused(t, () => form('scope=a' + '&f=1'.repeat(100)), '101')
  })

  t.test('property: what URLSearchParams writes is read back', async () => {
    fc.assert(fc.property(fc.dictionary(fc.string({ unit: 'binary', minLength: 1 }), fc.string({ unit: 'binary', minLength: 1 }), { maxKeys: 20 }), dictionary => {
      const read = form(new URLSearchParams(dictionary).toString())
      return Object.keys(read).length === Object.keys(dictionary).length &&
        Object.entries(dictionary).every(([name, value]) => read[name] === value)
    }))
  })

  t.test('property: any bytes are read or refused as invalid_request', async () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), bytes => settled(() => readForm(bytes))))
  })
})

t.test('JSON', async t => {
  t.test('members as they are, empty ones left out', async t => {
    t.same({ ...json('{"grant_type":"client_credentials","scope":"","client_secret":"a\\"b\\\\"}') }, { grant_type: 'client_credentials', client_secret: 'a"b\\' })
    t.same({ ...json('{}') }, {})
  })

  t.test('a member twice → invalid_request, whatever its values or spelling', async t => {
    for (const text of ['{"a":"1","a":"2"}', '{"a":"1","\\u0061":"1"}', '{"a":1,"a":"2"}', '{"a":{"b":"c"},"a":"2"}', '{"a":[],"a":"x","b":"y"}']) refused(t, () => json(text), text)
  })

  t.test('C12 resource and audience → one text, or a list of them', async t => {
    t.same({ ...json('{"resource":"a","audience":["x","","x"]}') }, { resource: ['a'], audience: ['x', '', 'x'] })
    t.same({ ...json('{"resource":"","audience":[]}') }, { resource: [''], audience: [] })
    for (const text of [
      '{"resource":["a"],"resource":["b"]}', '{"resource":[],"resource":["b"]}', '{"resource":["a"],"resource":"b"}', '{"resource":["a","b"],"scope":"c","scope":"d"}', '{"resource":["a"],"\\u0072esource":["b"]}',
      '{"resource":[1]}', '{"resource":[null]}', '{"resource":null}', '{"resource":1}', '{"resource":true}', '{"resource":{"0":"a"}}', '{"resource":[["a"]]}', '{"resource":[{"a":"b"}]}', '{"resource":["a",2]}', '{"scope":["a"]}', '{"client_id":["a"]}'
    ]) refused(t, () => json(text), text)
  })

  t.test('no object, or no JSON → invalid_request', async t => {
    for (const text of ['', '[]', '"a"', 'null', '1', 'true', '{', '{"a":"b"', '{"a":NaN}', "{'a':'b'}", '{"a":"b",}', '\uFEFF{"a":"b"}', '{"a":"b"}x']) refused(t, () => json(text), JSON.stringify(text))
    refused(t, () => readJson(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x22, 0x22, 0x7d])), 'bytes that are not UTF-8')
  })

  t.test('__proto__ → invalid_request, nothing polluted', async t => {
    refused(t, () => json('{"__proto__":"x"}'), 'plain')
    refused(t, () => json('{"\\u005f_proto__":"x"}'), 'escaped')
    refused(t, () => json('{"__proto__":{"polluted":"x"}}'), 'object')
    t.equal(({} as Record<string, unknown>).polluted, undefined)
  })

  t.test('100 members are read, 101 refused', async t => {
    const members = (count: number) => JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, 'x'])))
    t.equal(Object.keys(json(members(100))).length, 100)
    refused(t, () => json(members(101)), '101')
    const resources = (count: number) => JSON.stringify({ resource: Array(count).fill('a'), scope: 'x' })
    t.equal(Object.keys(json(resources(99))).length, 2)
    refused(t, () => json(resources(100)), 'values of lists count')
    refused(t, () => json(JSON.stringify({ ...Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`m${i}`, 'x'])), resource: [] })), 'so do members without values')
  })

  t.test('property: any flat object of strings is read back', async () => {
    fc.assert(fc.property(fc.dictionary(fc.string({ unit: 'binary' }).filter(name => name !== '__proto__'), fc.string({ unit: 'binary', minLength: 1 }), { maxKeys: 20 }), dictionary => {
      const read = json(JSON.stringify(dictionary))
      return Object.keys(read).length === Object.keys(dictionary).length && Object.entries(dictionary).every(([name, value]) => read[name] === value)
    }))
  })

  t.test('property: a flat object with one member repeated is refused', async () => {
    const entry = fc.tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))
    fc.assert(fc.property(fc.array(entry, { minLength: 1, maxLength: 10 }), fc.json(), fc.nat(), (entries, value, at) => {
      const [name] = entries[at % entries.length]!
      const text = '{' + [`${JSON.stringify(name)}:${value}`, ...entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`)].join() + '}'
      try {
        json(text)
        return false
      } catch (error) {
        return error instanceof OAuthError
      }
    }))
  })

  t.test('property: any text is read or refused as invalid_request', async () => {
    fc.assert(fc.property(fc.oneof(fc.json(), fc.string()), text => settled(() => json(text))))
  })
})

function settled (read: () => unknown): boolean {
  try {
    read()
    return true
  } catch (error) {
    return error instanceof OAuthError && error.code === 'invalid_request'
  }
}
