import t from 'tap'
import { LONGEST_REMEMBERED, sealForAny, textSealedForAny, wasSealedForAny } from '../../lib/gate/sealed-error.js'

t.test('a sealed text → known by its bytes, whatever is written to them, and by itself', async t => {
  const sealed = sealForAny('{"a":1}')
  t.strictSame(sealed, Buffer.from('{"a":1}'))
  sealed.fill(0)
  t.equal(textSealedForAny(sealed), '{"a":1}')
  t.equal(wasSealedForAny('{"a":1}'), true)
})

t.test('anything else → not known', async t => {
  sealForAny('{"a":1}')
  for (const chunk of [Buffer.from('{"a":1}'), '{"a":1}', undefined, null, 1]) t.equal(textSealedForAny(chunk), undefined)
  for (const text of ['{"a":2}', '', '{"a":1} ']) t.equal(wasSealedForAny(text), false)
})

t.test('a long text → known by its bytes alone; its length is that in bytes', async t => {
  const longest = 'x'.repeat(LONGEST_REMEMBERED)
  sealForAny(longest)
  t.equal(wasSealedForAny(longest), true)
  for (const text of [`${longest}x`, 'é'.repeat(LONGEST_REMEMBERED / 2 + 1)]) {
    t.equal(textSealedForAny(sealForAny(text)), text)
    t.equal(wasSealedForAny(text), false)
  }
})

t.test('a thousand others since → forgotten, unless it was sealed again', async t => {
  sealForAny('once')
  sealForAny('twice')
  for (let index = 0; index < 999; index++) sealForAny(`text ${index}`)
  t.equal(wasSealedForAny('once'), false)
  t.equal(wasSealedForAny('twice'), true)
  sealForAny('twice')
  for (let index = 0; index < 999; index++) sealForAny(`other ${index}`)
  t.equal(wasSealedForAny('twice'), true)
  sealForAny('one more')
  t.equal(wasSealedForAny('twice'), false)
})
