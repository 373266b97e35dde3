import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import t from 'tap'
import { headerOf, headFault, keptHead, removeHeader, type Head } from '../../lib/gate/answer-head.js'

function response (headers: Record<string, string> = {}): ServerResponse {
  const response = new ServerResponse(new IncomingMessage(new Socket()))
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  return response
}

t.test('headerOf → the head that is held back, before what the response has', async t => {
  const given = response({ etag: 'one' })
  t.equal(headerOf(given, undefined, 'etag'), 'one')
  t.equal(headerOf(given, [200], 'etag'), 'one')
  t.equal(headerOf(given, [200, 'OK', { etag: 'two' }], 'etag'), 'two')
  t.equal(headerOf(given, [200, { vary: 'x' }], 'etag'), 'one')
  t.equal(headerOf(given, [200, null], 'etag'), 'one')
  t.equal(headerOf(given, [200, ['etag', 'two']], 'etag'), 'one')
})

t.test('keptHead → the arguments as Node reads them, names in lower case', async t => {
  const headers = { 'cache-control': 'private' }
  for (const [args, head] of [
    [[200], [200]],
    [[200, 'OK'], [200, 'OK']],
    [[200, headers], [200, headers]],
    [[200, 'OK', headers], [200, 'OK', headers]],
    [[200, headers, undefined], [200, headers]],
    [[200, undefined, headers], [200, headers]],
    [[200, null, null], [200]],
    [[200, ['a', 'b']], [200, ['a', 'b']]],
    [[200, 'OK', headers, { 'cache-control': 'no-store' }], [200, 'OK', headers]],
    [[200, { 'Cache-Control': 'public', 'cONTENT-lENGTH': 5, etag: 'x' }], [200, { 'cache-control': 'public', 'content-length': 5, etag: 'x' }]]
  ] as const) t.strictSame(keptHead(args), head, JSON.stringify(args))
  t.equal(keptHead([200, headers])[1], headers, 'Fastify\'s are taken as they are')
})

t.test('removeHeader → gone from the response and from the head, whose headers stay as they were given', async t => {
  const given = response({ etag: 'one', vary: 'x' })
  const headers = { etag: 'two', age: '5' }
  t.strictSame(removeHeader(given, [200, 'OK', headers], 'etag'), [200, 'OK', { age: '5' }])
  t.strictSame(headers, { etag: 'two', age: '5' })
  t.strictSame({ ...given.getHeaders() }, { vary: 'x' })
  for (const head of [undefined, [200], [200, ['etag', 'two']], [200, 'OK', { age: '5' }]] as const) t.strictSame(removeHeader(given, head, 'etag'), head)
})

t.test('headFault', t => {
  t.test('headers as a list, which only somebody around Fastify writes → head', async t => {
    t.equal(headFault(response(), [200, ['a', 'b']]), 'head')
  })

  t.test('a trailer, on the response or in the head → trailer', async t => {
    t.equal(headFault(response({ trailer: 'x' }), undefined), 'trailer')
    t.equal(headFault(response(), [200, { trailer: 'x' }]), 'trailer')
  })

  t.test('D62 a header that opens a shared cache, on the response or in the head → shared cache', async t => {
    t.equal(headFault(response({ 'CDN-Cache-Control': 'max-age=5' }), undefined), 'shared cache')
    t.equal(headFault(response(), [200, { 'surrogate-control': 'max-age=5' }]), 'shared cache')
    t.equal(headFault(response({ 'cache-control': 'public' }), undefined), 'shared cache')
    t.equal(headFault(response({ 'cache-control': 'no-store' }), [200, { 'cache-control': 's-maxage=5' }]), 'shared cache')
  })

  t.test('D62 nobody said who may keep it → nobody', async t => {
    const given = response()
    t.equal(headFault(given, undefined), undefined)
    t.equal(given.getHeader('cache-control'), 'no-store')

    const other = response()
    const head: Head = [200, { etag: 'x' }]
    t.equal(headFault(other, head), undefined)
    t.strictSame(head, [200, { etag: 'x', 'cache-control': 'no-store' }])
    t.equal(other.getHeader('cache-control'), undefined)

    const bare = response()
    t.equal(headFault(bare, [200]), undefined)
    t.equal(bare.getHeader('cache-control'), 'no-store')
  })

  t.test('D62 no-store → as it is, without Vary', async t => {
    const given = response({ 'cache-control': 'no-store' })
    t.equal(headFault(given, undefined), undefined)
    t.strictSame({ ...given.getHeaders() }, { 'cache-control': 'no-store' })
    const longer = response({ 'cache-control': 'no-store, max-age=0' })
    t.equal(headFault(longer, undefined), undefined)
    t.strictSame({ ...longer.getHeaders() }, { 'cache-control': 'no-store, max-age=0' })
  })

  t.test('D62 private → Vary names what tells tokens apart, where the headers are', async t => {
    const given = response({ 'cache-control': 'private, max-age=5', vary: 'Accept' })
    t.equal(headFault(given, undefined), undefined)
    t.equal(given.getHeader('vary'), 'Accept, Authorization')

    const other = response({ vary: 'Accept' })
    const head: Head = [200, 'OK', { 'cache-control': 'private' }]
    t.equal(headFault(other, head), undefined)
    t.strictSame(head, [200, 'OK', { 'cache-control': 'private', vary: 'Accept, Authorization' }])

    const none = response({ 'cache-control': 'max-age=5' })
    t.equal(headFault(none, undefined), undefined)
    t.equal(none.getHeader('vary'), 'Authorization')
  })
  t.end()
})
