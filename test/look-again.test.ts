import t from 'tap'
import { lookAgain } from '../lib/look-again.js'

/** Looks that are counted, and go on until they are let go. */
function setUp () {
  let looks = 0
  let letGo = () => {}
  let tell = () => {}
  const stop = lookAgain(async () => {
    looks++
    await new Promise<void>(resolve => { letGo = resolve })
  }, listener => {
    tell = listener
    return () => { tell = () => {} }
  })
  return { stop, tell: () => tell(), looks: () => looks, letGo: () => letGo() }
}

const turn = async () => await new Promise(resolve => setImmediate(resolve))

t.test('told of a change → looks at once; told several times while it looks → looks once more, after that', async t => {
  const { stop, tell, looks, letGo } = setUp()
  t.teardown(stop)
  t.equal(looks(), 0)
  tell()
  t.equal(looks(), 1)
  tell()
  tell()
  await turn()
  t.equal(looks(), 1, 'one look at a time')
  letGo()
  await turn()
  t.equal(looks(), 2)
  letGo()
  await turn()
  t.equal(looks(), 2)
})

t.test('stopped while it looks → no other look, though it was told, and nobody tells it any more', async t => {
  const { stop, tell, looks, letGo } = setUp()
  tell()
  tell()
  stop()
  letGo()
  await turn()
  tell()
  t.equal(looks(), 1)
})
