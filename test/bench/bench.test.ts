import t, { type Test } from 'tap'
import { createApp } from '../../bench/app.js'
import { checkAnswer, contestants, launch, questionTo, type Contestant } from '../../bench/contestants.js'
import { issue } from '../../bench/issuer.js'
import { workload } from '../../bench/workloads.js'
import { generateCustomers } from '../../example-app/customers/generate.js'

const setting = { customers: await generateCustomers(20), issued: await issue() }

async function questionToOwn (t: Test, contestant: Contestant) {
  const app = await createApp(workload(contestant.workload, setting.customers), contestant.guarded, setting.issued.jwks)
  t.teardown(async () => await app.close())
  return questionTo(contestant, await app.listen({ host: '127.0.0.1', port: 0 }), setting)
}

for (const contestant of contestants()) {
  const { name } = contestant
  t.test(`bench: ${contestant.workload}, ${name} → the expected answer`, async t => {
    const question = await questionToOwn(t, contestant)
    await checkAnswer(question)
    t.match(question.expected, /"email"/)
    t.equal(/"(banking|address)"/.test(question.expected), name !== 'salesperson')
  })
}

t.test('bench: a wrong answer → not measured', async t => {
  const question = await questionToOwn(t, contestants().find(({ name }) => name === 'salesperson')!)
  await t.rejects(checkAnswer({ ...question, expected: `${question.expected} ` }), /wrong answer/)
  await t.rejects(checkAnswer({ ...question, headers: {} }), /wrong answer, status 401/)
})

t.test('bench: a contestant in a process of its own → answers, counts its processor time, ends', async t => {
  const running = await launch(contestants().find(({ name }) => name === 'admin')!, setting)
  await checkAnswer(running.question)
  t.ok(await running.processorTime() > 0)
  await running.stop()
  await t.rejects(checkAnswer(running.question))
})
