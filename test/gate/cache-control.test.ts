import t from 'tap'
import { cacheVerdict, opensSharedCache, varyByAuthorization } from '../../lib/gate/cache-control.js'

for (const [value, verdict] of [
  ['no-store', 'kept nowhere'],
  ['No-Store, max-age=5', 'kept nowhere'],
  ['no-store, must-revalidate', 'kept nowhere'],
  ['private', 'kept by its client'],
  ['private="set-cookie", max-age=5', 'kept by its client'],
  ['private, must-revalidate', 'kept by its client'],
  ['no-cache', 'kept by its client'],
  ['no-cache, proxy-revalidate', 'kept by its client'],
  ['max-age=60', 'kept by its client'],
  ['', 'kept by its client'],
  ['public', 'shared'],
  ['PUBLIC , max-age=5', 'shared'],
  ['no-store, public', 'shared'],
  ['s-maxage=60', 'shared'],
  ['private, S-MaxAge=60', 'shared'],
  ['must-revalidate', 'shared'],
  ['max-age=5,proxy-revalidate', 'shared']
] as const) {
  t.test(`D62 Cache-Control: ${value || '(empty)'} → ${verdict}`, async t => { t.equal(cacheVerdict(value), verdict) })
}

for (const [name, value, opens] of [
  ['CDN-Cache-Control', 'max-age=60', true],
  ['cloudflare-cdn-cache-control', 'public', true],
  ['Surrogate-Control', 'max-age=60', true],
  ['surrogate-control', 'max-age=60, No-Store', false],
  ['CDN-Cache-Control', 'private', false],
  ['CDN-Cache-Control', 'privately', true],
  ['CDN-Cache-Control', undefined, true],
  ['Cache-Control', 'public', false],
  ['-cache-control', 'public', false],
  ['x-cache-controls', 'public', false],
  ['my-surrogate-control', 'public', false],
  ['surrogate-control-x', 'public', false],
  ['content-type', 'x', false]
] as const) {
  t.test(`D62 ${name}: ${value} → ${opens ? 'opens' : 'does not open'} a shared cache`, async t => { t.equal(opensSharedCache(name, value), opens) })
}

for (const [vary, expected] of [
  ['', 'Authorization'],
  ['Accept', 'Accept, Authorization'],
  [' Accept ,Origin, ', 'Accept, Origin, Authorization'],
  ['Accept, authorization', 'Accept, authorization'],
  ['AUTHORIZATION', 'AUTHORIZATION'],
  ['*', '*'],
  ['X-Authorization', 'X-Authorization, Authorization']
] as const) {
  t.test(`D62 Vary: ${vary || '(none)'} → ${expected}`, async t => { t.equal(varyByAuthorization(vary), expected) })
}
