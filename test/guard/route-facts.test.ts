import t from 'tap'
import { readRoute } from '../../plugins/guard/guarded-route.js'
import { routeFacts } from '../../plugins/guard/route-facts.js'

const route = (method: string) => {
  const read = readRoute({ method, url: '/', handler: () => {} }, { observation: undefined, mustBeBound: false, canProve: false })
  read.responses.add('200', undefined, { type: 'string' })
  return read
}

t.test('a route that Fastify has not compiled → reported as one that gives away all of its answer', t => {
  t.match(routeFacts([route('GET')]), [{ name: 'GET /', parts: [{ kind: 'response', status: '200', mediaType: '', fields: [{ name: '', claimSets: ['*'] }] }] }])
  t.end()
})

t.test('a HEAD twin → left out; a HEAD route of its own stays', t => {
  t.strictSame(routeFacts([route('GET'), route('HEAD')]).map(({ name }) => name), ['GET /'])
  t.strictSame(routeFacts([route('HEAD')]).map(({ name }) => name), ['HEAD /'])
  t.end()
})
