import t from 'tap'
import { isDescription, typesOf, unknownKeywords } from '../../lib/release/keywords.js'

t.test('every keyword that we know → known', async t => {
  const known = [
    'required', 'minLength', 'maxLength', 'pattern', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf',
    'minItems', 'maxItems', 'uniqueItems', 'contains', 'minContains', 'maxContains', 'minProperties', 'maxProperties',
    'propertyNames', 'dependencies', 'dependentRequired', 'dependentSchemas', 'not', 'unevaluatedItems', 'unevaluatedProperties',
    'contentEncoding', 'contentMediaType',
    '$schema', '$comment', 'title', 'description', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly', 'externalDocs',
    'discriminator', 'xml', 'errorMessage',
    '$id', '$ref', 'definitions', '$defs', 'type', 'nullable', 'format', 'enum', 'const', 'default', 'claimSet',
    'properties', 'patternProperties', 'additionalProperties', 'items', 'additionalItems', 'prefixItems', 'allOf', 'anyOf', 'oneOf', 'if', 'then', 'else'
  ]
  t.strictSame(unknownKeywords(Object.fromEntries(known.map(keyword => [keyword, true]))), [])
})

t.test('a keyword that nobody thought of → unknown; x-… → known', async t => {
  t.strictSame(unknownKeywords({ type: 'string', 'x-internal': true, $dynamicRef: '#x', $anchor: 'x', claims: 'a', x: 1, constructor: 1 }), ['$dynamicRef', '$anchor', 'claims', 'x', 'constructor'])
})

t.test('isDescription', async t => {
  for (const keyword of ['$schema', '$comment', 'title', 'description', 'examples', 'example', 'deprecated', 'readOnly', 'writeOnly', 'externalDocs', 'discriminator', 'xml', 'errorMessage', 'x-y']) {
    t.equal(isDescription(keyword), true, keyword)
  }
  for (const keyword of ['type', 'required', 'minLength', 'x', 'default', '$id', 'format']) t.equal(isDescription(keyword), false, keyword)
})

t.test('typesOf', t => {
  t.test('those that are stated → no others', async t => {
    t.strictSame(typesOf({ type: 'string', properties: {} }), ['string'])
    t.strictSame(typesOf({ type: ['string', 'null'], items: {} }), ['string', 'null'])
  })
  for (const [type, keywords] of [
    ['object', ['properties', 'required', 'additionalProperties', 'patternProperties', 'maxProperties', 'minProperties', 'dependencies']],
    ['array', ['items', 'additionalItems', 'maxItems', 'minItems', 'uniqueItems', 'contains']],
    ['string', ['maxLength', 'minLength', 'pattern']],
    ['number', ['multipleOf', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum']]
  ] as const) {
    for (const keyword of keywords) {
      t.test(`${keyword} → ${type}`, async t => { t.strictSame(typesOf({ [keyword]: false }), [type]) })
    }
  }
  t.test('keywords of several types → all of them', async t => {
    t.strictSame(typesOf({ minimum: 1, items: {}, required: [], pattern: '' }), ['object', 'array', 'string', 'number'])
  })
  t.test('none of them → none', async t => {
    t.strictSame(typesOf({ title: 'x', format: 'date', enum: [1], not: {} }), [])
  })
  t.test('a boolean schema → none', async t => {
    t.strictSame([typesOf(true), typesOf(false)], [[], []])
  })
  t.end()
})
