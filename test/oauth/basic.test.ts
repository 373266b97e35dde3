import fc from 'fast-check'
import t from 'tap'
import { parseBasic } from '../../lib/oauth/basic.js'

const basic = (text: string | Buffer) => parseBasic('Basic ' + Buffer.from(text).toString('base64'))
const formEncode = (text: string) => new URLSearchParams({ x: text }).toString().slice(2)

t.test('B32 id and secret, each form-encoded first → both decoded', async t => {
  t.same(basic('crm:s3cret'), { clientId: 'crm', clientSecret: 's3cret' })
  for (const text of ['a:b', 'a%b', 'a+b', 'a b', 'a&b', 'é', ' %&+:é€']) {
    t.same(basic(`${formEncode(text)}:${formEncode(text)}`), { clientId: text, clientSecret: text }, text)
  }
  t.same(basic('a%20b:c%2Bd+e'), { clientId: 'a b', clientSecret: 'c+d e' })
})

t.test('B32 property: any id and secret arrive', async () => {
  const some = fc.string({ unit: 'binary', minLength: 1 })
  fc.assert(fc.property(some, some, (clientId, clientSecret) => {
    const read = basic(`${formEncode(clientId)}:${formEncode(clientSecret)}`)
    return read?.clientId === clientId && read.clientSecret === clientSecret
  }))
})

t.test('B34 malformed → nothing', async t => {
  const encoded = Buffer.from('crm:?>s').toString('base64')
  for (const header of [
    '', 'Basic', 'Basic ', 'Basic  ', 'Basic !', `Basic ${encoded}!`, `Basic ${encoded} x`, `Basic\t${encoded}`, `Basic ${encoded.slice(0, -1)}`,
    `Basic ${Buffer.from('crm:?>s').toString('base64url')}`, 'Basic Y3JtOnN=', 'Basic Y3JtOno9=', encoded, `Bearer ${encoded}`, `Basic,${encoded}`
  ]) t.equal(parseBasic(header), undefined, header)
  for (const text of ['crm', ':secret', 'crm:', ':', '%:secret', 'crm:%zz', 'crm:%ff']) t.equal(basic(text), undefined, text)
})

t.test('the scheme in any case, several spaces → read', async t => {
  t.same(parseBasic('bAsIc   Y3JtOnM='), { clientId: 'crm', clientSecret: 's' })
})

t.test('B35 further colons → part of the secret', async t => t.same(basic('crm:a:b:c'), { clientId: 'crm', clientSecret: 'a:b:c' }))

t.test('B36 bytes that are not UTF-8 → nothing', async t => {
  t.equal(basic(Buffer.from('crm:\xe9', 'latin1')), undefined)
  t.same(basic('crm:é'), { clientId: 'crm', clientSecret: 'é' })
})
