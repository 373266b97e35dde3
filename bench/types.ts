import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { shuffled, spread, type Spread } from './statistics.js'

const SCHEMAS = 40
const FIELDS = 25
const SETS = ['profile_claims', 'contact_claims', 'address_claims', 'banking_claims']

interface TypesResult { readonly sources: string, readonly seconds: Spread, readonly more: Spread }

/**
 * What 40 annotated schemas of 25 fields, with `Released` of each and a declared policy, add to the time that the
 * compiler takes for the same schemas without annotations.
 */
export async function measureTypes (rounds: number): Promise<TypesResult[]> {
  // Where the package and TypeBox are found.
  const folder = await mkdtemp(join(resolve('bench'), '.types-'))
  try {
    await writeFile(join(folder, 'plain.ts'), source(plain))
    await writeFile(join(folder, 'annotated.ts'), `${DECLARED}\n${source(annotated)}`)
    for (const name of NAMES) await writeFile(join(folder, `${name}.json`), JSON.stringify({ ...CONFIG, files: [`${name}.ts`] }))
    const runs: Record<typeof NAMES[number], number>[] = []
    for (let round = 0; round < rounds; round++) {
      const seconds = { plain: 0, annotated: 0 }
      for (const name of shuffled(NAMES)) seconds[name] = await compile(join(folder, `${name}.json`))
      runs.push(seconds)
    }
    const results = NAMES.map(sources => ({
      sources,
      seconds: spread(runs.map(run => run[sources])),
      more: spread(runs.map(run => run[sources] - run.plain))
    }))
    for (const { sources, seconds, more } of results) console.log(`${sources}: ${seconds.median.toFixed(2)} s, ${more.median.toFixed(2)} s more`)
    return results
  } finally {
    await rm(folder, { recursive: true })
  }
}

const NAMES = ['plain', 'annotated'] as const

const CONFIG = {
  compilerOptions: { strict: true, module: 'nodenext', target: 'es2022', noEmit: true, skipLibCheck: true, types: ['node'], moduleDetection: 'force', customConditions: ['keyhole-source'] }
}

/** Seconds. */
async function compile (project: string): Promise<number> {
  const before = performance.now()
  await promisify(execFile)(process.execPath, ['node_modules/typescript/bin/tsc', '-p', project])
  return (performance.now() - before) / 1000
}

const DECLARED = `declare module 'fastify-keyhole' {
  interface DeclaredPolicy { claimSets: ${SETS.map(set => `'${set}'`).join(' | ')} }
}`

type Field = (schema: string, number: number) => string

const plain: Field = schema => schema
const annotated: Field = (schema, number) => `claimSet(${number === 0 ? 'ANY_TOKEN' : `'${SETS[number % SETS.length]}'`}, ${schema})`

/** Both import the same, so that the difference is that of the schemas. */
function source (field: Field): string {
  const kinds = ['Type.String()', 'Type.Integer()', 'Type.Boolean()', 'Type.Optional(Type.Number())', 'Type.Array(Type.String())']
  const schemas = Array.from({ length: SCHEMAS }, (_, schema) => {
    const fields = Array.from({ length: FIELDS }, (_, number) => `  field_${schema}_${number}: ${field(kinds[number % kinds.length]!, number)}`)
    const seen = field === annotated ? `Released<typeof Schema${schema}, 'profile_claims' | 'banking_claims'>` : `Static<typeof Schema${schema}>`
    return `export const Schema${schema} = Type.Object({\n${fields.join(',\n')}\n})\nexport const see${schema} = (seen: ${seen}): unknown => seen.field_${schema}_0`
  })
  return `import { Type, type Static } from '@sinclair/typebox'
import { ANY_TOKEN, claimSet, type Released } from 'fastify-keyhole'

export const used: [typeof ANY_TOKEN, typeof claimSet, Static<ReturnType<typeof Type.String>>?, Released<ReturnType<typeof Type.String>, never>?] = [ANY_TOKEN, claimSet]
${schemas.join('\n')}
`
}
