import { readFile } from 'node:fs/promises'
import { publish } from './chart.js'

/** Draws the results that there are, and writes their tables into docs/performance.md. */

for (const suite of ['guard', 'list', 'stream', 'token', 'scale']) {
  const file = await readFile(`bench/results/${suite}.json`, 'utf8').catch(() => undefined)
  if (file !== undefined) await publish(suite, JSON.parse(file).results)
}
