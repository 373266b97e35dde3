import { createSecretKey } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { asciiEmail, email, hash, initials, last4, nothing, year } from '../../lib/release/built-in-masks.js'
import type { Mask } from '../../lib/release/masks.js'
import { compileWhole } from '../../lib/release/release.js'

const KEY = createSecretKey(Buffer.alloc(32, 1))
const ALL: Readonly<Record<string, Mask>> = { last4, email, asciiEmail, year, initials, hash: hash(KEY), nothing }

/** What each mask gives where nothing is to be shown. */
const CONSTANT: Readonly<Record<string, unknown>> = {
  last4: '••••••••', email: '…', asciiEmail: '***@hidden.invalid', year: '••••', initials: '•', hash: '•'.repeat(43), nothing: null
}

const masked = (name: string, cases: readonly (readonly [value: unknown, shown: unknown])[]) => {
  for (const [value, shown] of cases) {
    t.test(`D52 ${name} of ${typeof value === 'string' ? JSON.stringify(value) : String(value)} → ${JSON.stringify(shown)}`, async t => {
      t.equal(ALL[name]!.mask(value), shown)
    })
  }
}

masked('last4', [
  ['NL91ABNA0417164300', '••••4300'], ['12345678', '••••5678'],
  ['1234567', CONSTANT.last4], ['12345', CONSTANT.last4], ['1234', CONSTANT.last4], ['123', CONSTANT.last4], ['', CONSTANT.last4],
  ['1234567é', '••••567é'], ['123456é', CONSTANT.last4],
  ['1234567e\u0301', CONSTANT.last4], ['abcde😀', CONSTANT.last4], ['abcdefg😀', '••••efg😀'], ['abcdef👩‍👧g', CONSTANT.last4], ['👩‍👧123abcd', '••••abcd'], ['👩‍👧12abcd', CONSTANT.last4],
  ['1234567🇳🇱', CONSTANT.last4], ['12345678\ud83d', CONSTANT.last4], ['\ude00xyz1234', '••••1234'],
  ['חשבון חשבון', '••••שבון'], ['12345678\u202e', CONSTANT.last4], ['12345678\n', CONSTANT.last4], ['12345 78', '••••5 78']
])
masked('email', [
  ['ada@example.com', 'a…@example.com'], ['ad@example.com', 'a…@example.com'], ['a@example.com', '…@example.com'],
  ['é.d@exämple.com', 'é…@exämple.com'], ['e\u0301a@example.com', '…@example.com'], ['😀a@example.com', '😀…@example.com'], ['\ud83da@example.com', '…@example.com'],
  ['@example.com', '…'], ['ada', '…'], ['ada@', '…'], ['a@b@c', '…'], ['ada@exa mple', '…'], ['ada @example.com', '…'], [`${'a'.repeat(250)}@b.c`, 'a…@b.c'], [`${'a'.repeat(251)}@b.c`, '…']
])
masked('asciiEmail', [
  ['ada@example.com', 'a***@example.com'], ['a@example.com', '***@example.com'], ['é.d@example.com', '***@example.com'], ["'a@Example.com", '***@Example.com'],
  ['ada@exämple.com', CONSTANT.asciiEmail], ['ada@localhost', CONSTANT.asciiEmail], ['ada@-a.com', CONSTANT.asciiEmail],
  ['ada lovelace@example.com', CONSTANT.asciiEmail], ['ada@example.com!', CONSTANT.asciiEmail], ['ada@example.museum', 'a***@example.museum'], ['ada@example.c', 'a***@example.c'],
  [`ab@${'a.'.repeat(124)}com`, CONSTANT.asciiEmail], [`ab@${'a.'.repeat(123)}com`, `a***@${'a.'.repeat(123)}com`]
])
masked('year', [
  ['1979-05-12', '1979'], ['1979-05-12T10:00:00Z', '1979'], ['1979-05-12 10:00', '1979'], [new Date('1979-05-12T23:59:59Z'), '1979'], [new Date(8.64e15), CONSTANT.year], [new Date(Number.NaN), CONSTANT.year],
  ['1979', CONSTANT.year], ['1979-05', CONSTANT.year], ['1979-05-123', CONSTANT.year], ['12.05.1979', CONSTANT.year], ['x1979-05-12', CONSTANT.year]
])
masked('initials', [
  ['Ada Lovelace', 'A. L.'], ['Ada Augusta King Lovelace', 'A. L.'], ['Ada', 'A.'], ['  Ada\t Lovelace ', 'A. L.'], ['J Smith', 'J. S.'],
  ['E\u0301mile Zola', 'É. Z.'], ['Ada 1st', 'A. 1.'], ['א ב', CONSTANT.initials], ['אבא גדול', 'א. ג.'],
  [new Date(Number.NaN), CONSTANT.initials], ['A', CONSTANT.initials], ['A B', CONSTANT.initials], ['A B C', CONSTANT.initials], ['', CONSTANT.initials], ['   ', CONSTANT.initials],
  ['😀 Ada', CONSTANT.initials], ['क्षमा', CONSTANT.initials], ['(Ada)', CONSTANT.initials], ['\ud83dda Ada', CONSTANT.initials], [`${'a'.repeat(998)} b`, 'a. b.'], [`${'a'.repeat(999)} b`, CONSTANT.initials]
])
t.test('D52 two million characters, however they are made → masked in time', async t => {
  for (const text of ['a' + '\u0301\u0323'.repeat(1e6), 'a '.repeat(1e6), '👩‍👧'.repeat(4e5), `${'a@'.repeat(1e6)}b`]) {
    for (const [name, { mask }] of Object.entries(ALL)) t.equal(typeof mask(text), name === 'nothing' ? 'object' : 'string')
  }
})

masked('hash', [[new Date(0), CONSTANT.hash]])
masked('nothing', [['x', null], [1, null]])

for (const [name, { mask }] of Object.entries(ALL)) {
  t.test(`D52 ${name} of what it is not for → the constant, and nobody is asked`, async t => {
    const asked = () => t.fail('was asked')
    const others: unknown[] = [0, 1234567, Number.NaN, true, false, 12345n, Symbol('secret'), () => 'secret', [], ['ada@example.com'], {}, { toString: asked, toJSON: asked, valueOf: asked }, new Map(), /secret/]
    for (const value of others) t.equal(mask(value), CONSTANT[name])
  })
}

t.test('D52 any text → what each mask promises, as long as any other by it, where it says so', async () => {
  const texts = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string(), fc.emailAddress(), fc.date({ noInvalidDate: true }).map(date => date.toISOString()))
  for (const { result, mask } of Object.values(ALL)) {
    const write = compileWhole({ anyOf: [result] }, {}, {})
    fc.assert(fc.property(texts, text => { write(mask(text)) }), { numRuns: 300 })
  }
})

t.test('D53 equal masks for different values, but for hash, which has equal ones for equal values alone', async t => {
  const { mask } = hash(KEY)
  t.match(mask('NL91ABNA0417164300'), /^[\w-]{43}$/)
  t.equal(mask('a'), mask('a'))
  t.not(mask('a'), mask('b'))
  t.not(mask('a'), hash(createSecretKey(Buffer.alloc(32, 2))).mask('a'), 'another key')
  t.equal(last4.mask('NL91ABNA0417164300'), last4.mask('DE00000000000004300'))
})

t.test('a text of ten million characters → masked in no time to speak of', async t => {
  const long = 'a'.repeat(10_000_000)
  t.strictSame(Object.values(ALL).map(({ mask }) => mask(long) !== long), Object.values(ALL).map(() => true))
})
