import t, { type Test } from 'tap'
import { createApp } from '../../bench/app.js'
import { bootRound, compareBoots } from '../../bench/boot.js'
import { chartOf } from '../../bench/chart.js'
import { compare } from '../../bench/comparison.js'
import { checkAnswers, isPeer, launch, questionTo, type Contestant, type RouteContestant } from '../../bench/contestants.js'
import { issue } from '../../bench/issuer.js'
import { SUITES, type SuiteName } from '../../bench/suites.js'
import { createTokenApp } from '../../bench/token-app.js'
import { prepareIssuance } from '../../bench/token-requests.js'
import { workload } from '../../bench/workloads.js'
import { generateCustomers } from '../../example-app/customers/generate.js'

/** Peers are installed by the bench alone: it checks their answers itself before it times them. */

const setting = { customers: await generateCustomers(20), issued: await issue(20), issuance: await prepareIssuance() }
const suite = (name: SuiteName): readonly Contestant[] => SUITES[name]('bench')
const [http, guard, scale, boot] = [SUITES.http('bench'), SUITES.guard('bench'), SUITES.scale('bench'), SUITES.boot('bench')]

/** A thousand routes take their time to boot. */
const isLarge = (contestant: Contestant) => contestant.kind === 'route' && (contestant.size.routes ?? 0) > 100

async function questionToOwn (t: Test, contestant: Contestant) {
  const app = contestant.kind === 'token'
    ? await createTokenApp(contestant.program, setting.issuance)
    : await createApp(workload(contestant.workload, setting.customers), contestant.program === 'ours', setting.issued.jwks, contestant.size)
  t.teardown(async () => await app.close())
  return questionTo(contestant, await app.listen({ host: '127.0.0.1', port: 0 }), setting)
}

for (const name of Object.keys(SUITES) as SuiteName[]) {
  t.test(`bench, ${name}: every group → one base, and the same requests for all of it`, t => {
    const contestants = suite(name)
    const groups = new Set(contestants.map(({ group }) => group))
    for (const group of groups) {
      const members = contestants.filter(each => each.group === group)
      t.equal(members.filter(({ isBase }) => isBase).length, 1, group)
      if (name !== 'http') t.equal(new Set(members.map(each => each.kind === 'route' ? `${each.workload} ${each.tokens}` : each.kind)).size, 1, group)
    }
    t.end()
  })

  for (const contestant of suite(name).filter(each => !isPeer(each) && !isLarge(each))) {
    t.test(`bench, ${name}: ${contestant.group}, ${contestant.name} → the expected answers`, async t => {
      const question = await questionToOwn(t, contestant)
      await checkAnswers(question)
      if (contestant.kind === 'route') {
        const isPart = contestant.program === 'ours' && contestant.tokens !== 'admin'
        t.equal(question.requests.every(({ expected }) => expected.includes('"banking"') && expected.includes('"age"')), !isPart)
      }
    })
  }
}

t.test('bench: a wrong answer → not measured', async t => {
  const question = await questionToOwn(t, http.find(({ name }) => name === 'salesperson')!)
  const [request] = question.requests
  await t.rejects(checkAnswers({ ...question, requests: [{ ...request!, expected: `${request!.expected} ` }] }), /wrong answer/)
  await t.rejects(checkAnswers({ ...question, requests: [{ ...request!, headers: {} }] }), /wrong answer, status 401/)
})

t.test('bench: a token that is not the one asked for, or for whom it is not → not measured', async t => {
  const ours = SUITES.token('bench').find(({ program }) => program === 'ours, memory')!
  const question = await questionToOwn(t, ours)
  const [first, second] = question.requests
  const asked = (request: object) => checkAnswers({ ...question, requests: [{ ...first!, ...request }] })
  await t.rejects(asked({ expected: 'profile banking' }), /wrong answer, status 200, scope: "profile"/)
  await t.rejects(asked({ body: `${first!.body}&client_id=client-1` }), /wrong answer, status 400/)
  await t.rejects(checkAnswers({ ...question, refused: [second!] }), /status 200 to what has to be refused/)

  const other = questionTo(ours, new URL(question.url).origin, { ...setting, issuance: { ...await prepareIssuance(), clients: setting.issuance.clients } })
  await t.rejects(checkAnswers(other), /wrong answer, status 200, signature verification failed/)
})

t.test('bench: a contestant in a process of its own → answers, counts its processor time, ends', async t => {
  const running = await launch({ ...guard.find(({ program, tokens }) => program === 'ours' && tokens === 'new')!, build: `${import.meta.dirname}/../../bench` }, setting)
  await checkAnswers(running.question)
  t.ok(await running.processorTime() > 0)
  t.ok(running.boot > 0)
  await running.stop()
  await t.rejects(checkAnswers(running.question))
})

t.test('bench: laps and boots → ratios to the base of the group', async t => {
  const [small, large] = scale as [RouteContestant, RouteContestant]
  const lap = { requestsPerSecond: 100, processorTime: 20, busy: 1, others: 0 }
  const results = compare([small, large], [new Map([[small, [lap]], [large, [{ ...lap, requestsPerSecond: 50, processorTime: 40 }]]])])
  t.match(results, [{ contestant: '10', ratio: { median: 1 } }, { contestant: '1000', ratio: { median: 0.5 }, processorRatio: { median: 0.5 } }])
  t.match(chartOf(results), /<svg[^]+1000[^]+<\/svg>/)
  const contestants = boot.map(each => ({ ...each, build: `${import.meta.dirname}/../../bench` }))
  t.match(compareBoots(contestants, [await bootRound(contestants, setting)]), [{ contestant: 'bare', ratio: { median: 1 } }, { contestant: 'ours', rounds: undefined }])
})
