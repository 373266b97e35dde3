import t from 'tap'
import { checkedLimits, type LimitOptions } from '../../lib/oauth/limits.js'

t.test('limits → as written, with defaults; false → none', async t => {
  t.strictSame(checkedLimits(), { max: 10, window: 60 })
  t.strictSame(checkedLimits({}), { max: 10, window: 60 })
  t.strictSame(checkedLimits({ failures: { max: 5 } }), { max: 5, window: 60 })
  t.strictSame(checkedLimits({ failures: { window: 3600 } }), { max: 10, window: 3600 })
  t.equal(checkedLimits(false), undefined)
})

t.test('wrong ones → refused by name', async t => {
  const wrong: [unknown, RegExp][] = [
    [null, /^limits: write an object with failures, or limits: false\.$/],
    [true, /^limits: write an object/],
    [{ failure: {} }, /^limits\.failure: there is no such member; there is failures\.$/],
    [{ failures: 10 }, /^limits\.failures: write an object with max and window/],
    [{ failures: { maximum: 1 } }, /^limits\.failures\.maximum: there is no such member; there is max and window/],
    ...[0, -1, 1.5, NaN, Infinity, '10', null, 86_401].flatMap((value): [unknown, RegExp][] => [
      [{ failures: { max: value } }, /^limits\.failures\.max: write a whole number from 1 to 86,400/],
      [{ failures: { window: value } }, /^limits\.failures\.window: write a whole number/]
    ])
  ]
  for (const [options, message] of wrong) t.throws(() => checkedLimits(options as LimitOptions), { code: 'FST_KEYHOLE_OPTION_INVALID', message }, JSON.stringify(options))
})
