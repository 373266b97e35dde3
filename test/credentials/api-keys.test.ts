import { workDuring } from './count-work.js'
import t from 'tap'
import { apiKeyCheck, type ApiKeyOptions } from '../../lib/credentials/api-keys.js'
import { generateSecret } from '../../lib/credentials/secret.js'
import { openStore } from '../../lib/store/open-store.js'

const context = { issuer: 'https://auth.example.com', signal: new AbortController().signal }

t.test('neither apiKeys nor requireApiKey: false, or both → refused, with the cure', async t => {
  for (const options of [{}, { requireApiKey: true }, { apiKeys: {} }, { apiKeys: 'query' }, { apiKeys: null }]) {
    t.throws(() => apiKeyCheck('provider', options as ApiKeyOptions), { code: 'FST_KEYHOLE_OPTION_INVALID', message: /^provider: write apiKeys, the store or a function .* or requireApiKey: false/ })
  }
  t.throws(() => apiKeyCheck('provider', { apiKeys: () => true, requireApiKey: false }), { message: /not both/ })
  t.throws(() => apiKeyCheck('provider', { requireApiKey: 'no' as never }), { message: /requireApiKey: write false/ })
})

t.test('requireApiKey: false → whatever was presented will do', async t => {
  t.ok(await apiKeyCheck('provider', { requireApiKey: false })('crm', undefined, context))
})

t.test('B41 B50 B54 the store → the API key of this client alone, after the same hashing work', async t => {
  const store = await openStore('sqlite::memory:')
  t.teardown(() => store.close())
  const { apiKey } = await store.clients.create({ id: 'crm', roles: ['manager'] })
  const other = await store.clients.create({ id: 'cms', roles: ['manager'] })
  const off = await store.clients.create({ id: 'off', roles: ['manager'] })
  await store.clients.disable('off')
  const holds = apiKeyCheck('provider', { apiKeys: store })
  const work = await workDuring(async () => { t.ok(await holds('crm', apiKey, context)) })
  t.equal(work.length, 1)
  for (const [id, key] of [['crm', other.apiKey], ['crm', undefined], ['crm', ''], ['crm', `${apiKey} `], ['crm', apiKey!.toUpperCase()], ['nobody', apiKey], ['off', off.apiKey], ['crm', generateSecret('api_key')]] as const) {
    t.strictSame(await workDuring(async () => { t.notOk(await holds(id, key, context)) }), work)
  }
  await store.clients.rotateApiKey('crm')
  t.ok(await holds('crm', apiKey, context), 'the one before holds while it is rotated')
})

t.test('a function → its answer; without an API key it is not asked; what is no boolean is refused', async t => {
  const asked: unknown[][] = []
  const holds = apiKeyCheck('provider', { apiKeys: async (...args) => { asked.push(args); return args[1] === 'right' } })
  t.ok(await holds('crm', 'right', context))
  t.notOk(await holds('crm', 'wrong', context))
  t.notOk(await holds('crm', undefined, context))
  t.strictSame(asked.map(([id, key]) => [id, key]), [['crm', 'right'], ['crm', 'wrong']])
  await t.rejects(apiKeyCheck('provider', { apiKeys: () => 'yes' as never })('crm', 'x', context), TypeError)
})
