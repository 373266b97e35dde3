import fc from 'fast-check'
import t from 'tap'
import type { Principal } from '../../lib/credentials/provider.js'
import { claimsOf, EXCHANGE, JWT_BEARER, LOGIN, TYPE } from '../plugins/exchanging.js'
import { AUDIENCE, tokenApp } from '../plugins/token-endpoint-app.js'
import { assertionOf, clientKey } from '../credentials/asserting.js'
import { CASES } from './hostile.js'

/** What is granted is what client, subject, resources and request all allow, and is refused only where they do not. */

const BILLING = 'https://billing.example.com'
const STOCK = 'https://stock.example.com'
const SCOPES = ['a', 'b', 'c', 'w', 'x']
const WRITING = 'w'
const ROLES: Readonly<Record<string, readonly string[]>> = { one: ['a', 'b'], two: ['b', 'c', 'w'], three: ['x'], none: [] }
const MEANINGS: Readonly<Record<string, readonly string[]>> = { [BILLING]: ['a', 'w', 'x'], [STOCK]: ['b', 'c', 'w'], [AUDIENCE]: SCOPES }
const DELEGATED = ['a', 'b', 'w']
const LIFETIMES: Readonly<Record<string, number>> = { b: 120, w: 60 }

const key = await clientKey()

/** An endpoint whose client is whoever the test says. */
async function endpoint (t: Parameters<typeof tokenApp>[0]) {
  const client: { is: Principal } = { is: { clientId: 'crm', roles: [] } }
  const { app } = await tokenApp(t, {
    options: {
      policy: { claimSets: { any_claims: {} }, scopes: Object.fromEntries(SCOPES.map(scope => [scope, scope === WRITING ? { writes: ['any_claims'] } : {}])), roles: Object.fromEntries(Object.entries(ROLES).map(([role, scopes]) => [role, [...scopes]])) },
      credentialProvider: { verify: async () => ({ ...client.is, grants: ['client_credentials', EXCHANGE, JWT_BEARER] }) },
      trustedIssuers: [{ issuer: LOGIN, jwks: { keys: [key.publicJwk] }, scopes: DELEGATED }],
      resourceScopes: { [BILLING]: MEANINGS[BILLING]!, [STOCK]: MEANINGS[STOCK]! },
      scopeLifetimes: LIFETIMES
    }
  })
  const ask = async (parameters: object) => await app.inject({ method: 'POST', url: '/oauth2/token', payload: { client_id: 'crm', client_secret: 'x', ...parameters } })
  return { client, ask }
}

interface Case {
  readonly roles: readonly string[]
  readonly resources: readonly string[]
  readonly asked: readonly string[] | undefined
  readonly targets: readonly string[]
}

const roles = fc.subarray(Object.keys(ROLES))
const CASE = fc.record({
  roles,
  resources: fc.subarray([BILLING, STOCK]),
  asked: fc.option(fc.subarray([...SCOPES, 'unknown'], { minLength: 1 }), { nil: undefined }),
  targets: fc.subarray([AUDIENCE, BILLING, STOCK, 'https://other.example.com'])
})

/** What must come of a request: the scopes, or the code of the refusal. */
function expected ({ roles, resources, asked, targets }: Case, ofSubject: readonly string[] = SCOPES): string[] | string {
  if (targets.some(target => target !== AUDIENCE && !resources.includes(target))) return 'invalid_target'
  const held = SCOPES.filter(scope => roles.some(role => ROLES[role]!.includes(scope)) && ofSubject.includes(scope))
  const meaningful = held.filter(scope => targets.every(target => MEANINGS[target]!.includes(scope)))
  if (held.length > 0 && meaningful.length === 0) return 'invalid_target'
  const granted = asked === undefined ? meaningful.filter(scope => scope !== WRITING) : SCOPES.filter(scope => asked.includes(scope))
  return granted.length > 0 && (asked ?? []).every(scope => meaningful.includes(scope)) ? granted : 'invalid_scope'
}

function parametersOf ({ asked, targets }: Case): object {
  return { ...(asked !== undefined && { scope: asked.join(' ') }), ...(targets.length > 0 && { resource: targets }) }
}

function check (given: Case, { statusCode, body }: { readonly statusCode: number, readonly body: string }, wanted: string[] | string): void {
  const answer = JSON.parse(body)
  if (typeof wanted === 'string') {
    if (statusCode !== 400 || answer.error !== wanted) throw new Error(`${wanted} was to be answered: ${statusCode} ${body}`)
    return
  }
  if (statusCode !== 200) throw new Error(`${wanted.join(' ')} was to be granted: ${body}`)
  const claims = claimsOf(answer.access_token)
  if (claims['scope'] !== wanted.join(' ') || answer.scope !== wanted.join(' ')) throw new Error(`${wanted.join(' ')} was to be granted, not ${answer.scope}`)
  if ([claims['aud']].flat().join() !== (given.targets.join() || AUDIENCE)) throw new Error(`for ${String(claims['aud'])}`)
  const lifetime = Number(claims['exp']) - Number(claims['iat'])
  if (wanted.some(scope => lifetime > (LIFETIMES[scope] ?? 300))) throw new Error(`it lives for ${lifetime} seconds`)
}

const runs = { numRuns: Math.min(CASES, 10_000) }

t.test('property: client_credentials → within client, resources and request', async t => {
  const { client, ask } = await endpoint(t)
  await fc.assert(fc.asyncProperty(CASE, async given => {
    client.is = { clientId: 'crm', roles: given.roles, resources: given.resources }
    check(given, await ask({ grant_type: 'client_credentials', ...parametersOf(given) }), expected(given))
  }), runs)
})

t.test('property: JWT bearer → within the issuer and what its JWT says, too', async t => {
  const { client, ask } = await endpoint(t)
  await fc.assert(fc.asyncProperty(CASE, fc.option(fc.subarray([...SCOPES, 'openid']), { nil: undefined }), async (given, said) => {
    client.is = { clientId: 'crm', roles: given.roles, resources: given.resources }
    const assertion = await assertionOf('ada', key, { claims: { iss: LOGIN, ...(said !== undefined && { scope: said.join(' ') }) } })
    const ofSubject = DELEGATED.filter(scope => said?.includes(scope) !== false)
    check(given, await ask({ grant_type: JWT_BEARER, assertion, ...parametersOf(given) }), expected(given, ofSubject))
  }), runs)
})

t.test('property: token exchange → within the JWT of a trusted issuer, or the token of ours, whatever the client held before', async t => {
  const { client, ask } = await endpoint(t)
  await fc.assert(fc.asyncProperty(CASE, fc.option(roles, { nil: undefined }), fc.subarray(SCOPES, { minLength: 1 }), async (given, before, said) => {
    const subject = await subjectToken(before, said)
    client.is = { clientId: 'crm', roles: given.roles, resources: given.resources }
    const { token, type, scopes } = subject
    check(given, await ask({ grant_type: EXCHANGE, subject_token: token, subject_token_type: `${TYPE}${type}`, ...parametersOf(given) }), expected(given, scopes))
  }), runs)

  /** A token of ours, of a client that had these roles; else, or where they hold nothing, the JWT of a trusted issuer. */
  async function subjectToken (before: readonly string[] | undefined, said: readonly string[]): Promise<{ token: string, type: string, scopes: readonly string[] }> {
    const held = said.filter(scope => before?.some(role => ROLES[role]!.includes(scope)))
    if (held.length > 0) {
      client.is = { clientId: 'crm', roles: before! }
      const { access_token: token } = (await ask({ grant_type: 'client_credentials', scope: held.join(' ') })).json()
      return { token, type: 'access_token', scopes: held }
    }
    return { token: await assertionOf('ada', key, { claims: { iss: LOGIN, scope: said.join(' ') } }), type: 'jwt', scopes: DELEGATED.filter(scope => said.includes(scope)) }
  }
})
