import t from 'tap'
import { describeFaults, type Fault } from '../../lib/release/fault.js'

const KNOWN = ['contact_claims', 'profile_claims', 'address_claims', 'banking_claims']
const WHERE = 'GET /customers/:id, response 200'

const lines = (...faults: Fault[]) => describeFaults(WHERE, faults, KNOWN)

t.test('fields that nothing governs → one line with each of them once, and the cure', async t => {
  t.strictSame(lines(
    { kind: 'ungoverned', pointer: '/nickname' }, { kind: 'ungoverned', pointer: '/address/zip' }, { kind: 'ungoverned', pointer: '/nickname' }
  ), [
    'GET /customers/:id, response 200: no claim set on /nickname, /address/zip. ' +
    'Wrap them in claimSet(...) with contact_claims, profile_claims, address_claims, banking_claims or ANY_TOKEN, or annotate their parent.'
  ])
})

t.test('the whole value → named so', async t => {
  t.strictSame(lines(
    { kind: 'ungoverned', pointer: '' }, { kind: 'unknown claim set', pointer: '', name: 'x' }, { kind: 'other', pointer: '', message: 'no.' }
  ), [
    `${WHERE}: no claim set on (the whole value). Wrap them in claimSet(...) with contact_claims, profile_claims, address_claims, banking_claims or ANY_TOKEN, or annotate their parent.`,
    `${WHERE}: unknown claim set 'x' on (the whole value). The policy has contact_claims, profile_claims, address_claims, banking_claims.`,
    `${WHERE}: (the whole value): no.`
  ])
})

t.test('other faults → a line each, those of one text once', async t => {
  t.strictSame(lines(
    { kind: 'other', pointer: '/a', message: 'first.' },
    { kind: 'unknown claim set', pointer: '/b', name: 'bankng_claims' },
    { kind: 'other', pointer: '/a', message: 'first.' },
    { kind: 'other', pointer: '/b', message: 'first.' }
  ), [
    `${WHERE}: /a: first.`,
    `${WHERE}: unknown claim set 'bankng_claims' on /b. The policy has contact_claims, profile_claims, address_claims, banking_claims.`,
    `${WHERE}: /b: first.`
  ])
})

t.test('none → no line', async t => { t.strictSame(lines(), []) })
