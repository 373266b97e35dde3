import { access, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import t from 'tap'
import { documents } from './blocks.js'
import { ROOT } from './packed-project.js'

t.test('what a document links to, and each test that it names, is there', async t => {
  for (const document of await documents()) {
    const text = await readFile(join(ROOT, document), 'utf8')
    const linked = [...text.matchAll(/\]\((?!https?:)([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, path]) => join(dirname(document), path!))
    const named = [...text.matchAll(/`((?:test|bench|lib|example-app)\/[\w./-]+)`/g)].map(([, path]) => path!)
    for (const path of new Set([...linked, ...named])) await t.resolves(access(join(ROOT, path)), `${document}: ${path}`)
  }
})

t.test('a link to a part of a document → a heading of that document', async t => {
  for (const document of await documents()) {
    const text = await readFile(join(ROOT, document), 'utf8')
    for (const [, path, anchor] of text.matchAll(/\]\((?!https?:)([^)#\s]*)#([^)]+)\)/g)) {
      const target = await readFile(join(ROOT, path === '' ? document : join(dirname(document), path!)), 'utf8')
      const anchors = [...target.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading!.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'))
      t.ok(anchors.includes(anchor!), `${document}: ${path}#${anchor}`)
    }
  }
})
