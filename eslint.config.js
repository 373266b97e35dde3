import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

/** Who may import whom: the ground first, each floor only what stands below it. */
const floors = {
  policy: [],
  audit: [],
  keys: [],
  release: ['policy'],
  gate: ['release'],
  bearer: [],
  replay: [],
  dpop: ['access-token', 'replay'],
  'access-token': ['keys'],
  issuers: ['keys', 'access-token'],
  credentials: ['keys', 'issuers', 'access-token', 'replay'],
  oauth: ['policy', 'release', 'access-token', 'keys', 'issuers', 'credentials', 'audit', 'replay', 'dpop'],
  store: ['keys', 'credentials', 'policy', 'access-token', 'replay', 'dpop'],
  report: ['policy', 'release'],
  observe: ['release', 'gate'],
  openapi: ['policy', 'release'],
  testing: ['policy', 'release', 'access-token', 'keys', 'credentials', 'store', 'oauth', 'dpop'],
  cli: ['policy', 'release', 'report', 'keys', 'issuers', 'oauth', 'store']
}

/** The one file that knows @fastify/jwt, and the Fastify instances that it needs. */
const jwtFile = 'lib/access-token/jwt.ts'

/** The one file that puts somebody's application together, to look at it. */
const loadFile = 'lib/cli/load-app.ts'

const noFastify = [
  { group: ['fastify', '**/plugins/**'], message: 'lib knows no Fastify; adapters live in plugins/.', allowTypeImports: true },
  { group: ['@fastify/jwt'], message: `${jwtFile} alone knows it.` }
]

const importRule = (files, folder, more) => ({
  files: [files],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [
        ...more,
        { group: ['**/index.js'], message: 'Import the file itself, not an index.' },
        ...Object.keys(floors).filter(other => other !== folder && !floors[folder].includes(other))
          .map(other => ({ group: [`../${other}/*`, `../../${other}/*`], message: `lib/${folder} may not import lib/${other}.` }))
      ]
    }]
  }
})

const exampleRule = {
  files: ['example-app/**/*.ts'],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [{ group: ['**/lib/**', '**/plugins/**'], message: 'The example imports the package by its name, as applications do.' }]
    }]
  }
}

const importRules = [
  exampleRule,
  ...Object.keys(floors).map(folder => importRule(`lib/${folder}/**/*.ts`, folder, noFastify)),
  importRule(jwtFile, 'access-token', []),
  importRule(loadFile, 'cli', [])
]

export default [
  ...neostandard({ ts: true, ignores: [...resolveIgnoresFromGitignore(), 'test/types/**'] }),
  ...importRules
]
