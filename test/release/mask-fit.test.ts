import t from 'tap'
import type { JsonSchema } from '../../lib/release/json-schema.js'
import { brokenKeyword } from '../../lib/release/mask-fit.js'

const TEXT = { type: 'string' }
const NUMBER = { type: 'number' }

/** What a mask promises, what the field's schema asks, and the keyword that could be broken. */
type Case = readonly [promised: JsonSchema, field: JsonSchema, keyword?: string]

const cases = (title: string, all: readonly Case[], isNullable = false) => {
  t.test(title, async t => {
    for (const [promised, field, keyword] of all) t.equal(brokenKeyword(promised, field, isNullable), keyword, JSON.stringify([promised, field]))
  })
}

cases('keywords that ask nothing → kept', ['definitions', '$defs', '$id', 'claimSet', 'nullable', 'default', 'title', 'x-note'].map((keyword): Case => [TEXT, { ...TEXT, [keyword]: 'x' }]))

cases('keywords about values of another type → kept; about its own → not', [
  ...['minLength', 'maxLength', 'pattern', 'format', 'contentEncoding', 'contentMediaType'].flatMap((keyword): Case[] => [
    [{ type: 'integer' }, { type: ['string', 'integer'], [keyword]: 1 }], [TEXT, { ...TEXT, [keyword]: 1 }, keyword],
    [{ type: ['string', 'null'] }, { type: ['string', 'null'], [keyword]: 1 }, keyword]
  ]),
  ...['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'].flatMap((keyword): Case[] => [
    [TEXT, { type: ['string', 'number'], [keyword]: 1 }], [NUMBER, { ...NUMBER, [keyword]: 1 }, keyword], [{ type: 'integer' }, { ...NUMBER, [keyword]: 1 }, keyword]
  ])
])

cases('bounds → kept by the same and by narrower ones, not by wider ones', [
  ...(['minLength', 'minimum'] as const).flatMap((keyword): Case[] => {
    const of = (bound: number) => ({ type: keyword === 'minimum' ? 'number' : 'string', [keyword]: bound })
    return [[of(5), of(5)], [of(6), of(5)], [of(4), of(5), keyword]]
  }),
  ...(['maxLength', 'maximum'] as const).flatMap((keyword): Case[] => {
    const of = (bound: number) => ({ type: keyword === 'maximum' ? 'number' : 'string', [keyword]: bound })
    return [[of(5), of(5)], [of(4), of(5)], [of(6), of(5), keyword]]
  })
])

cases('values → kept where all that are promised are among those that are asked', [
  [{ ...TEXT, enum: ['a'] }, { ...TEXT, const: 'a' }],
  [{ ...TEXT, enum: ['a', 'b'] }, { ...TEXT, const: 'a' }, 'const'],
  [{ ...TEXT, const: 'a' }, { ...TEXT, enum: ['a', 'b'] }],
  [{ ...TEXT, const: 'a' }, { ...TEXT, enum: ['b'] }, 'enum'],
  [TEXT, { type: ['string', 'null'], enum: [null] }, 'enum'],
  [{ type: 'null' }, { type: ['string', 'null'], enum: [null] }]
])

cases('null, where it is a value of the field whatever its type → allowed; nothing else is', [
  [{ type: 'null' }, { type: 'integer', nullable: true }],
  [{ type: ['integer', 'null'] }, { type: 'integer', nullable: true }],
  [TEXT, { type: 'integer', nullable: true }, 'type']
], true)
