import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from './packed-project.js'

/** A fenced block of a document. */
export interface Block {
  readonly language: string
  readonly text: string
  /** Where it begins. */
  readonly line: number
  /** Its file: from a first line such as `// server.js`, else made of its place. */
  readonly file: string
}

/** README.md and everything in docs/, by path. */
export async function documents (): Promise<string[]> {
  const docs = (await readdir(join(ROOT, 'docs'))).filter(name => name.endsWith('.md')).sort()
  return ['README.md', ...docs.map(name => `docs/${name}`)]
}

export async function blocksOf (document: string): Promise<Block[]> {
  const text = await readFile(join(ROOT, document), 'utf8')
  return [...text.matchAll(/^```(\w+)\n([^]*?)^```$/gm)].map(match => {
    const [, language = '', text = ''] = match
    const line = match.input.slice(0, match.index).split('\n').length
    return { language, text, line, file: text.match(/^\/\/ ([\w.-]+\.[jt]s)\n/)?.[1] ?? `line-${line}.${language}` }
  })
}

/** Whether it is a module of JavaScript or TypeScript: every one must run. */
export function isModule ({ language }: Block): boolean {
  return language === 'js' || language === 'ts'
}

/** Whether it is a module that goes on until it is stopped. */
export function isServer (block: Block): boolean {
  return isModule(block) && block.text.includes('.listen(') && !block.text.includes('.close()')
}
