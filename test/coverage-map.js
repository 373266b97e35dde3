import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** What coverage is counted of: the package. The example and the bench are run by their tests as a whole. */
const SOURCES = ['lib', 'plugins'].flatMap(folder => readdirSync(folder, { recursive: true, withFileTypes: true }))
  .filter(entry => entry.isFile() && entry.name.endsWith('.ts'))
  .map(({ parentPath, name }) => join(parentPath, name))

/** For every test the same: a line counts as covered whichever test runs it. */
export default () => SOURCES
