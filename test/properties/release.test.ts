import fastJsonStringify from 'fast-json-stringify'
import fc from 'fast-check'
import t from 'tap'
import { createRelease } from '../../lib/release/release.js'
import { withoutAnnotations } from '../../lib/release/annotation.js'
import { CLAIM_SETS, generated } from './generator.js'
import { releaseByWalking } from './oracle.js'

const numRuns = Number(process.env.KEYHOLE_RUNS ?? 1000)
const seed = Number(process.env.KEYHOLE_SEED ?? 42)
const view = fc.subarray(CLAIM_SETS)
const sample = generated.chain(({ schema, value }) => fc.record({ schema: fc.constant(schema), value, readable: view }))

t.test('oracle: what is written is what walking schema and value releases', async t => {
  let refused = 0
  let released = 0
  fc.assert(fc.property(sample, ({ schema, value, readable }) => {
    const release = createRelease(schema)
    if (release.faults.length > 0) {
      refused++
      return
    }
    if (!fits(schema, value)) return
    released++
    const sees = (sets: readonly string[]) => sets.includes('*') || sets.some(name => readable.includes(name))
    const expected = releaseByWalking(schema, {}, value, sees)
    const got = release.serializerFor(new Set(readable))(value)
    if (got !== expected) throw new Error(`${got}\nexpected ${expected}`)
  }), { numRuns, seed })
  t.comment(`${released} released, ${refused} refused at boot`)
  t.ok(released > refused / 4)
})

t.test('identity: everything granted → the bytes of the serializer without the guard', async t => {
  fc.assert(fc.property(sample, ({ schema, value }) => {
    const release = createRelease(schema)
    if (release.faults.length > 0 || !fits(schema, value)) return
    const plain = fastJsonStringify(withoutAnnotations(schema) as object)
    if (release.serializerFor(new Set(CLAIM_SETS))(value) !== plain(value)) throw new Error('differs')
  }), { numRuns, seed })
  t.pass()
})

/** Whether the serializer without the guard writes this value: a generated one may not fit a schema that the serializer reads in its own way. */
function fits (schema: Record<string, unknown>, value: unknown): boolean {
  try {
    fastJsonStringify(withoutAnnotations(schema) as object)(value)
    return true
  } catch {
    return false
  }
}
