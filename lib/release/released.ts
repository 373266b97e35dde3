import type { Kind, OptionalKind, Static, TRecursive, TSchema, TTransform } from '@sinclair/typebox'
import type { ANY_TOKEN, Classified } from './annotation.js'
import type { ClaimSetName } from './declared-policy.js'

/**
 * The static type of what a token receives that may read these claim sets, by the annotations of a TypeBox schema:
 * `Released<typeof Customer, 'profile_claims' | 'address_claims'>`; with `never` what any token receives.
 * What stands behind a reference is `unknown` and may be absent, since only the application knows where it leads.
 */
export type Released<Schema extends TSchema, ClaimSets extends ClaimSetName> =
  View<Schema, ClaimSets | typeof ANY_TOKEN, never> extends infer Seen ? Seen extends Withheld ? EmptyOf<Schema> : Seen : never

/** Nothing of a schema is released. */
interface Withheld { readonly withheld: unique symbol }

type Nothing = Record<string, never>

type EmptyOf<Schema> = Schema extends { readonly type: 'object' } ? Nothing : Schema extends { readonly type: 'array' } ? [] : null

/** What is released of a schema, below an annotation of these sets. */
type View<Schema, Granted extends string, Above extends string> = Schema extends Classified<infer Sets, infer Masks>
  ? [Extract<Sets, Granted>] extends [never] ? ThroughMasks<Schema, Granted, Sets, SeenMasks<Masks, Granted>> : OwnView<Schema, Granted, Sets>
  : OwnView<Schema, Granted, Above>

/** The names of those masks of which a claim set is granted. */
type SeenMasks<Masks, Granted extends string> = {
  [Name in keyof Masks]: [Extract<Masks[Name] extends readonly (infer Set)[] ? Set : Masks[Name], Granted>] extends [never] ? never : Name
}[keyof Masks]

/** What is seen of a schema whose own claim sets are not granted. */
type ThroughMasks<Schema, Granted extends string, Sets extends string, Seen> = [Seen] extends [never] ? OwnView<Schema, Granted, Sets> : MaskedView<Schema, Seen>

/** What a mask gives fits the field's own schema. */
type MaskedView<Schema, Mask> = Mask extends 'null' ? null : Schema extends TSchema ? Static<Schema> : never

type OwnView<Schema, Granted extends string, Sets extends string> =
  Schema extends OfKind<'Object', { readonly properties: infer Properties }> ? ObjectView<Schema, Properties, Granted, Sets>
    : Schema extends OfKind<'Array', { readonly items: infer Items }> ? ListOf<View<Items, Granted, Sets>>
      : Schema extends OfKind<'Union', { readonly anyOf: infer Branches extends readonly unknown[] }> ? UnionView<Branches, Granted, Sets>
        : Schema extends OfKind<'Intersect', { readonly allOf: infer Parts extends readonly unknown[] }> ? IntersectView<Parts, Granted, Sets>
          : Schema extends OfKind<'Tuple', { readonly items?: infer Items extends readonly unknown[] }> ? TupleView<Items, Granted, Sets>
            : Schema extends OfKind<'Record', { readonly patternProperties: Record<string, infer Value> }> ? RecordOf<Schema, View<Value, Granted, Sets>>
              : Schema extends TRecursive<infer Inner> | TTransform<infer Inner, unknown> ? View<Inner, Granted, Sets>
                : Schema extends OfKind<Referring> ? unknown
                  : LeafView<Schema, Granted, Sets>

type OfKind<Name extends string, Members = unknown> = { readonly [Kind]: Name } & Members

type Referring = 'Ref' | 'This' | 'Import'

type LeafView<Schema, Granted extends string, Sets extends string> =
  [Extract<Sets, Granted>] extends [never] ? Withheld : Schema extends TSchema ? Static<Schema> : never

type ObjectView<Schema, Properties, Granted extends string, Sets extends string> =
  [keyof Properties] extends [never] ? LeafView<Schema, Granted, Sets> : Joined<Members<Properties, Granted, Sets>>

type Members<Properties, Granted extends string, Sets extends string> = {
  [Name in keyof Properties as IsOptional<Properties[Name]> extends true ? never : View<Properties[Name], Granted, Sets> extends Withheld ? never : Name]:
  View<Properties[Name], Granted, Sets>
} & {
  [Name in keyof Properties as IsOptional<Properties[Name]> extends true ? View<Properties[Name], Granted, Sets> extends Withheld ? never : Name : never]?:
  View<Properties[Name], Granted, Sets>
}

/** Members of one object, as one; an object without any is absent. */
type Joined<All> = [keyof All] extends [never] ? Withheld : { [Name in keyof All]: All[Name] }

type IsOptional<Schema> = Schema extends { readonly [OptionalKind]: 'Optional' } | OfKind<Referring> ? true : false

type ListOf<Item> = [Item] extends [Withheld] ? Withheld : Item[]

type RecordOf<Schema, Value> = [Value] extends [Withheld] ? Withheld : Schema extends TSchema ? { [Name in keyof Static<Schema>]: Value } : never

/** A branch that is withheld is `{}`, unless all are; a null without an annotation goes with the others. */
type UnionView<Branches extends readonly unknown[], Granted extends string, Sets extends string> =
  BranchView<Branches[number], Granted, Sets> extends infer Seen
    ? [Seen] extends [Withheld] ? Withheld : (Seen extends Withheld ? Nothing : Seen) | NullOf<Branches[number]>
    : never

type BranchView<Branch, Granted extends string, Sets extends string> =
  Branch extends OfKind<'Null'> ? Branch extends Classified<string> ? View<Branch, Granted, Sets> : never : View<Branch, Granted, Sets>

type NullOf<Branch> = Branch extends OfKind<'Null'> ? Branch extends Classified<string> ? never : null : never

type IntersectView<Parts extends readonly unknown[], Granted extends string, Sets extends string> =
  SeenParts<Parts, Granted, Sets> extends infer Seen extends readonly unknown[] ? Seen extends readonly [] ? Withheld : Intersection<Seen> : never

type SeenParts<Parts extends readonly unknown[], Granted extends string, Sets extends string> =
  Parts extends readonly [infer First, ...infer Rest]
    ? View<First, Granted, Sets> extends infer Seen ? [Seen] extends [Withheld] ? SeenParts<Rest, Granted, Sets> : [Seen, ...SeenParts<Rest, Granted, Sets>] : never
    : []

type Intersection<Parts extends readonly unknown[]> = Parts extends readonly [infer First, ...infer Rest] ? First & Intersection<Rest> : unknown

/** A tuple keeps the places of its items: whole, or absent. */
type TupleView<Items extends readonly unknown[], Granted extends string, Sets extends string> =
  { [Index in keyof Items]: View<Items[Index], Granted, Sets> } extends infer Seen extends readonly unknown[]
    ? Withheld extends Seen[number] ? Withheld : Seen
    : never
