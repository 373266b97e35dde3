import neostandard, { resolveIgnoresFromGitignore } from 'neostandard'

/** Who may import whom: the ground first, each floor only what stands below it. */
const floors = {
  policy: [],
  keys: [],
  release: ['policy'],
  credentials: [],
  'access-token': ['keys'],
  oauth: ['policy', 'release', 'access-token', 'keys', 'credentials'],
  store: ['keys', 'credentials', 'policy'],
  testing: ['policy', 'release', 'access-token', 'keys', 'credentials', 'store', 'oauth']
}

const importRules = Object.entries(floors).map(([folder, allowed]) => ({
  files: [`lib/${folder}/**/*.ts`],
  rules: {
    'no-restricted-imports': ['error', {
      patterns: [
        { group: ['fastify', '**/plugins/**'], message: 'lib knows no Fastify; adapters live in plugins/.', ...(folder === 'access-token' || folder === 'testing' ? { allowTypeImports: true } : { allowTypeImports: true }) },
        { group: ['**/index.js'], message: 'Import the file itself, not an index.' },
        ...Object.keys(floors).filter(other => other !== folder && !allowed.includes(other))
          .map(other => ({ group: [`../${other}/*`, `../../${other}/*`], message: `lib/${folder} may not import lib/${other}.` }))
      ]
    }]
  }
}))

export default [
  ...neostandard({ ts: true, ignores: [...resolveIgnoresFromGitignore(), 'test/types/**'] }),
  ...importRules
]
