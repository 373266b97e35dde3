'use strict'

const { spawnSync } = require('node:child_process')
const { isDeepStrictEqual } = require('node:util')
const { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs')
const { join } = require('node:path')

const MAX_VALUES = 8
const MAX_LENGTH = 20_000

/*
 * node record.cjs FOLDER TARGET: runs the tests of fast-json-stringify that stand in a folder, one by one,
 * and writes what they build and write. In each of those runs it stands in the place of the package.
 */
if (process.env.RECORD_TO === undefined) recordAll(process.argv[2], process.argv[3])
else record(process.env.RECORD_OF, process.env.RECORD_TO)

function recordAll (folder, target) {
  const entries = new Map()
  for (const file of readdirSync(join(folder, 'test')).filter(name => name.endsWith('.test.js')).sort()) {
    const output = `${target}.part`
    spawnSync(process.execPath, ['--require', __filename, join(folder, 'test', file)], { env: { ...process.env, RECORD_OF: folder, RECORD_TO: output }, stdio: 'ignore' })
    for (const { schema, shared, values } of existsSync(output) ? JSON.parse(readFileSync(output, 'utf8')) : []) {
      const key = JSON.stringify([schema, shared])
      const entry = entries.get(key) ?? { from: file, schema, shared, values: new Map() }
      entries.set(key, entry)
      for (const value of values) entry.values.set(JSON.stringify(value), value)
    }
    rmSync(output, { force: true })
  }
  const lines = [...entries.values()].map(entry => JSON.stringify({ ...entry, values: [...entry.values.values()].slice(0, MAX_VALUES) }))
  writeFileSync(target, `[\n  ${lines.join(',\n  ')}\n]\n`)
}

function record (folder, output) {
  const index = require.resolve(folder.startsWith('/') ? folder : join(process.cwd(), folder))
  const build = require(index)
  const entries = []
  const recording = (schema, options) => {
    const text = json({ schema, shared: options?.schema })
    const entry = text !== undefined && { ...JSON.parse(text), values: [] }
    if (entry) entries.push(entry)
    const serialize = build(schema, options)
    return typeof serialize !== 'function'
      ? serialize
      : value => {
        const text = isPlain(value) ? json(value) : undefined
        if (entry && text !== undefined) entry.values.push(JSON.parse(text))
        return serialize(value)
      }
  }
  require.cache[index].exports = Object.assign(recording, build, { default: recording, build: recording })
  process.on('exit', () => writeFileSync(output, JSON.stringify(entries)))
}

/** What is neither too large nor without a text, which a circular schema is. */
function json (value) {
  try {
    const text = JSON.stringify(value)
    return text !== undefined && text.length <= MAX_LENGTH ? text : undefined
  } catch {
    return undefined
  }
}

function isPlain (value) {
  try {
    return json(value) !== undefined && isDeepStrictEqual(JSON.parse(json(value)), value)
  } catch {
    return false
  }
}
