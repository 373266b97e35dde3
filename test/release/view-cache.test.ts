import t from 'tap'
import { ViewCache } from '../../lib/release/view-cache.js'

t.test('a view → made once while it is among those that were asked for last', async t => {
  const cache = new ViewCache<{ readonly view: string }>()
  let made = 0
  const get = (view: string) => cache.get(view, () => { made++; return { view } })
  const first = get('a')
  t.equal(get('a'), first)
  for (let index = 0; index < 127; index++) get(String(index))
  t.equal(get('a'), first)
  t.equal(made, 128)
  get('one more')
  t.equal(get('a'), first, 'asked for a short while ago')
  t.equal(made, 129)
  get('0')
  t.equal(made, 130, 'the one that nobody had asked for the longest was made anew')
})
