import t from 'tap'
import { csvTable, inMarkdown, markdownTable, plainTable, withoutEmptyColumns } from '../../lib/cli/tables.js'

t.test('a cell that a spreadsheet would take for a formula → text', async t => {
  const text = csvTable({ head: ['field'], rows: [['=cmd()'], ['+1'], ['-1'], ['@sum'], ['\tx'], ['a=b'], ['a,"b'], ['a\nb']] })
  t.equal(text, 'field\r\n\'=cmd()\r\n\'+1\r\n\'-1\r\n\'@sum\r\n\'\tx\r\na=b\r\n"a,""b"\r\n"a\nb"\r\n')
})

t.test('a name that would steer the terminal, or mean something in Markdown → shown, and does neither', async t => {
  t.equal(plainTable({ head: ['a', 'b'], rows: [['\u001b[31mred', 'x\ny'], ['\u202egnp', '']] }), 'a         b\n?[31mred  x?y\n?gnp\n')
  t.equal(inMarkdown('a | <b> [c](d) `e` \n @f'), 'a &#124; &#60;b&#62; &#91;c&#93;&#40;d&#41; &#96;e&#96; ? &#64;f')
  t.equal(markdownTable({ head: ['field'], rows: [['items.*.a_b'], ['plain'], ['ä*']] }), '| field |\n| --- |\n| `items.*.a_b` |\n| plain |\n| ä&#42; |\n')
})

t.test('columns in which nothing stands → left out', async t => {
  t.strictSame(withoutEmptyColumns({ head: ['a', 'b', 'c'], rows: [['1', '', ''], ['', '', '2']] }), { head: ['a', 'c'], rows: [['1', ''], ['', '2']] })
})
