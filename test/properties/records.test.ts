import fc from 'fast-check'
import t from 'tap'
import { createRelease } from '../../lib/release/release.js'
import { someView } from './properties.js'
import { generated } from './schemas.js'
import { Subject } from './subject.js'
import { Dice } from './values.js'

const RUNS = 300

t.test('records: one by one → the bytes of the list, for any schema, values and view', t => {
  let lists = 0
  fc.assert(fc.property(fc.record({ generated, seed: fc.integer() }), ({ generated: { schema, shared }, seed }) => {
    const subject = Subject.of(schema, shared)
    const id = typeof schema.$id === 'string' ? schema.$id : 'record'
    const list = createRelease({ type: 'array', items: { $ref: `${id}#` } }, { shared: { ...shared, [id]: { ...schema, $id: id } } }, { ajv: { strictTypes: false, strictTuples: false, strictRequired: false, logger: false } })
    fc.pre(subject instanceof Subject && list.faults.length === 0)
    const dice = new Dice(seed)
    const view = new Set(someView(dice))
    const serialize = list.recordSerializerFor(view)
    const whole = list.serializerFor(view)
    t.ok(list.isList)
    const values = (subject as Subject).values(6, dice).filter(value => { try { whole([value]) } catch { return false } return true })
    const expected = serialize === undefined ? '[]' : `[${values.map(value => serialize(value)).join()}]`
    if (whole(values) !== expected) throw new Error(`${whole(values)}\n${expected}`)
    if (serialize !== undefined && values.length > 1) lists++
  }), { numRuns: RUNS, seed: 2026, maxSkipsPerRun: 3 })
  t.ok(lists > RUNS / 3, String(lists))
  t.end()
})
