import t from 'tap'
import { isPresentable, isPresentableInUnicode } from '../../lib/credentials/presentable.js'

const LONGEST = 'x'.repeat(512)

t.test('printable ASCII of 512 characters at most → presentable anywhere', t => {
  for (const text of ['crm', ' ~', 'ada@example.com', LONGEST]) t.ok(isPresentable(text) && isPresentableInUnicode(text), text)
  t.end()
})

t.test('text of any script → presentable to a system that writes in Unicode, and to no other', t => {
  for (const text of ['müller@example.com', '山田', 'می\u200cخواهم', '🗝️'.repeat(100), '🗝'.repeat(512)]) {
    t.notOk(isPresentable(text), text)
    t.ok(isPresentableInUnicode(text), text)
  }
  t.end()
})

t.test('nothing, control characters, lone surrogates, what is no character, and what is too long → presentable nowhere', t => {
  const nobodys = {
    absent: undefined,
    empty: '',
    NUL: 'crm\0',
    'a line break': 'crm\n',
    DEL: 'crm\x7f',
    'a control character beyond ASCII': 'crm\x85',
    'half a surrogate pair': 'crm\ud83d',
    'the other half': '\udddd\ufe0fcrm',
    'what is no character': 'crm\uffff',
    'what is no character, beyond the first plane': 'crm\u{1fffe}',
    'too long': `${LONGEST}x`,
    'too long in Unicode': '🗝'.repeat(513)
  }
  for (const [what, text] of Object.entries(nobodys)) {
    t.notOk(isPresentable(text), what)
    t.notOk(isPresentableInUnicode(text), what)
  }
  t.end()
})
