import { readFile } from 'node:fs/promises'
import t from 'tap'
import * as errors from '../lib/errors.js'
import { OAuthError, type OAuthErrorCode } from '../lib/oauth/errors.js'

const text = await readFile(new URL('../docs/errors.md', import.meta.url), 'utf8')

/** The rows `| code | status | cause | cure |` of every table. */
const rows = new Map([...text.matchAll(/^\| `(\w+)` \| (\d{3}) \| (.+?) \| (.+) \|$/gm)].map(([, code = '', status, cause = '', cure = '']) => [code, { status: Number(status), cause, cure }]))

const OAUTH: Record<OAuthErrorCode, true> = {
  invalid_request: true,
  invalid_client: true,
  unauthorized_client: true,
  unsupported_grant_type: true,
  invalid_scope: true,
  invalid_grant: true,
  invalid_target: true,
  invalid_dpop_proof: true,
  use_dpop_nonce: true,
  slow_down: true,
  server_error: true,
  temporarily_unavailable: true
}

const exported = new Map(Object.values(errors).map(Exported => {
  const { code, statusCode } = new (Exported as unknown as new (...args: unknown[]) => { code: string, statusCode: number })('a', 'b')
  return [code, statusCode] as const
}))
const answered = new Map(Object.keys(OAUTH).map(code => [code, new OAuthError(code as OAuthErrorCode, 'x').statusCode] as const))

t.test('each exported error → in docs/errors.md, with its status, its cause and its cure', async t => {
  for (const [code, status] of [...exported, ...answered]) {
    const row = rows.get(code)
    t.equal(row?.status, status, code)
    t.ok(row !== undefined && row.cause.length > 5 && row.cure.length > 5, code)
  }
})

t.test('each code in docs/errors.md → one that there is', async t => {
  t.strictSame([...rows.keys()].filter(code => !exported.has(code) && !answered.has(code)), [])
  t.equal(rows.size, exported.size + answered.size)
})
