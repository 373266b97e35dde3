import { pathToFileURL } from 'node:url'
import t from 'tap'
import { checkedPolicy, openPolicy, type PolicyOption } from '../../lib/policy/policy-option.js'
import { createPolicy } from '../../lib/policy/policy.js'
import { KeptLog } from './log.js'
import { policyDocument } from './policy-document.js'

const store = { policies: { latest: async () => policyDocument() } }
const opened = async (given: PolicyOption | undefined, own?: unknown) => await openPolicy(checkedPolicy(given, own), new KeptLog())

t.test('a policy → itself; a document → one of it; neither follows anything', async t => {
  const policy = createPolicy(policyDocument())
  t.equal((await opened(policy, store)).policy, policy)
  const { policy: made, close } = await opened(policyDocument())
  t.equal(made.current.version, policy.current.version)
  close()
})

t.test('a file, a store, no policy beside a store → read from there', async t => {
  const file = `${t.testdir({ 'policy.json': JSON.stringify(policyDocument()) })}/policy.json`
  for (const [given, own] of [[{ file }], [{ file: pathToFileURL(file) }], [{ store }], [undefined, store]] as const) {
    const { policy, close } = await opened(given, own)
    close()
    t.strictSame(policy.current.document, policyDocument())
  }
})

t.test('anything else → refused, with what to write', async t => {
  const wrong: [unknown, RegExp, unknown?][] = [
    [undefined, /^policy: pass a policy, the document to make one of, \{ file: 'policy\.json' \}, or \{ store \}\.$/],
    [undefined, /^policy: pass a policy/, { keys: {} }],
    [null, /^policy: pass a policy/],
    ['policy.json', /^policy: pass a policy/],
    [{ file: '' }, /^policy\.file: write the path/],
    [{ file: 1 }, /^policy\.file: write the path/],
    [{ file: new URL('https://example.com/policy.json') }, /^policy\.file: write the path/],
    [{ store: {} }, /^policy\.store: pass the store/],
    [{ store: null }, /^policy\.store: pass the store/]
  ]
  for (const [given, message, own] of wrong) {
    t.throws(() => checkedPolicy(given as PolicyOption, own), { code: 'FST_KEYHOLE_OPTION_INVALID', message }, JSON.stringify(given))
  }
  for (const given of [{}, { file: 'policy.json', every: 1 }, { store, file: 'policy.json' }]) {
    t.throws(() => checkedPolicy(given as never, undefined), { code: 'FST_KEYHOLE_POLICY_INVALID' }, JSON.stringify(Object.keys(given)))
  }
})
