import type { FastifySchema } from 'fastify'
import { OptionInvalidError } from '../lib/errors.js'
import { ComponentIds } from '../lib/openapi/component-ids.js'
import { describeSchema, type Viewer } from '../lib/openapi/describe-schema.js'
import { describedRoute, isDeclaration, type DescribedRoute } from '../lib/openapi/described-routes.js'
import { withoutUnreferenced, type OpenapiDocument } from '../lib/openapi/unreferenced.js'
import type { PolicySnapshot } from '../lib/policy/snapshot.js'
import { isBareNull } from '../lib/release/annotation.js'
import { isSchema, type JsonSchema } from '../lib/release/json-schema.js'
import { viewOf, type View } from '../lib/release/visible.js'
import { annotatedOf } from './guard/schema-bucket.js'

export interface SwaggerTransformsOptions {
  /** The role as which the document is seen: without the routes, fields and values that it does not get. Default: all of it. */
  readonly role?: string
}

/** What @fastify/swagger takes to describe guarded routes; spread it into its options. */
export interface SwaggerTransforms {
  transform (described: Described): { schema: FastifySchema, url: string }
  transformObject (described: { readonly openapiObject: OpenapiDocument } | { readonly swaggerObject: object }): object
}

interface Described {
  readonly schema: FastifySchema
  readonly url: string
  readonly openapiObject?: { readonly components?: { readonly securitySchemes?: Readonly<Record<string, unknown>> } }
}

/**
 * Options for @fastify/swagger, so that its OpenAPI document says of guarded routes which scopes they take (`security`)
 * and which claim sets their fields belong to (`x-claim-set`); or so that it is the document of one role, without what
 * is withheld from it, the enums, examples, defaults and descriptions of that included.
 *
 * @throws {FST_KEYHOLE_OPTION_INVALID} for a wrong option; when the document is made, for a role that a policy does not
 *   have, and for a document of Swagger 2
 */
export function swaggerTransforms (options: SwaggerTransformsOptions = {}): SwaggerTransforms {
  const unknown = Object.keys(options).find(name => name !== 'role')
  if (unknown !== undefined) throw new OptionInvalidError(`${unknown}: swaggerTransforms has no such option; it has role.`)
  const { role } = options
  if (role !== undefined && typeof role !== 'string') throw new OptionInvalidError('role: write the name of a role of the policy, or leave it out for the whole document.')
  const ids = new ComponentIds()
  return {
    transform ({ schema, url, openapiObject }) {
      if (role !== undefined && isDeclaration(schema?.response)) return { schema: HIDDEN, url }
      const route = schema === undefined ? undefined : describedRoute(schema)
      if (route === undefined) return { schema, url }
      if (openapiObject === undefined) throw new OptionInvalidError('swaggerTransforms: guarded routes are described in OpenAPI 3. Give @fastify/swagger the option openapi.')
      return { schema: described(schema, url, route, new Reader(route, role), securitySchemes(openapiObject), ids), url }
    },
    transformObject: document => 'openapiObject' in document ? withoutUnreferenced(document.openapiObject) : document.swaggerObject
  }
}

const EVERYTHING: View = { granted: () => true, maskOf: () => undefined }

/** Who reads a document of a route: everybody, or one role. */
class Reader {
  readonly mayCall: boolean
  private readonly scopes: readonly string[] | undefined
  private readonly policy: PolicySnapshot

  constructor ({ policy, public: isPublic, scopes: taken }: DescribedRoute, role: string | undefined) {
    this.policy = policy.current
    const { roles } = this.policy.document
    if (role !== undefined && !Object.hasOwn(roles, role)) throw new OptionInvalidError(`role: the policy has no role ${role}; it has ${Object.keys(roles).join(', ')}.`)
    const scopes = role === undefined ? undefined : this.policy.scopesOfRoles([role])
    this.scopes = scopes
    this.mayCall = scopes === undefined || isPublic || taken === undefined || taken.some(scope => scopes.includes(scope))
  }

  /** As the reader sees what is read, written or asked by. */
  viewer (part: 'response' | 'body' | 'query'): Viewer {
    if (this.scopes === undefined) return { key: part, view: EVERYTHING }
    const reached = part === 'body' ? this.policy.writableBy(this.scopes) : this.policy.readableBy(this.scopes)
    const view = viewOf(reached)
    // Masks are for what is read; a query field without claim sets is about no protected data.
    return {
      key: [part, ...[...reached].sort()].join(' '),
      view: part === 'response' ? view : { granted: sets => (part === 'query' && sets.length === 0) || view.granted(sets), maskOf: () => undefined }
    }
  }
}

type Parts = FastifySchema & Record<string, unknown>

/** @fastify/swagger leaves such a route out. */
const HIDDEN: Parts = { hide: true }

function described (schema: FastifySchema, url: string, route: DescribedRoute, reader: Reader, schemes: readonly SecurityScheme[], ids: ComponentIds): FastifySchema {
  const { response, body, ...others } = schema as Parts
  if (!reader.mayCall) return HIDDEN
  const security = others['security'] ?? securityOf(route, schemes, url)
  if (route.public) return { ...schema, security } as FastifySchema
  const shared = route.shared()
  const seen = (part: 'response' | 'body' | 'query', bare: unknown) => {
    const annotated = isSchema(bare) ? annotatedOf(bare) : undefined
    return annotated === undefined || isBareNull(annotated) ? bare : describeSchema(annotated, shared, reader.viewer(part), ids)
  }
  const written: Parts = { ...others, security }
  if (isSchema(response)) {
    const responses = Object.entries(response).map(([status, held]) => [status, route.raw === undefined ? byMediaType(held as JsonSchema, bare => seen('response', bare) ?? {}) : held])
    written.response = Object.fromEntries(responses)
  }
  const bodySeen = isSchema(body) ? byMediaType(body, bare => seen('body', bare)) : undefined
  if (bodySeen !== undefined) written.body = bodySeen
  for (const part of ['querystring', 'query', 'params', 'headers']) {
    const partSeen = seen('query', others[part])
    if (partSeen === undefined) delete written[part]
    else written[part] = partSeen
  }
  return written
}

/** Describes a schema, or each of those that it holds by media type; undefined where nothing is left. */
function byMediaType (schema: JsonSchema, describe: (schema: unknown) => unknown): unknown {
  if (!isSchema(schema.content)) return describe(schema)
  const content = Object.entries(schema.content)
    .map(([mediaType, held]) => [mediaType, { ...held as object, schema: describe((held as { schema: unknown }).schema) }] as const)
    .filter(([, { schema }]) => schema !== undefined)
  return content.length === 0 ? undefined : { ...schema, content: Object.fromEntries(content) }
}

interface SecurityScheme {
  readonly name: string
  /** How it brings an access token: it says nothing of that, and takes scopes, or by this scheme of the Authorization header. */
  readonly by: 'scopes' | 'bearer' | 'dpop'
}

/** Those of the document's security schemes that bring an access token. */
function securitySchemes ({ components }: NonNullable<Described['openapiObject']>): SecurityScheme[] {
  return Object.entries(components?.securitySchemes ?? {}).flatMap(([name, described]): SecurityScheme[] => {
    const { type, scheme } = described as { readonly type?: unknown, readonly scheme?: unknown }
    if (type === 'oauth2' || type === 'openIdConnect') return [{ name, by: 'scopes' }]
    const by = (['bearer', 'dpop'] as const).find(known => type === 'http' && known === String(scheme).toLowerCase())
    return by === undefined ? [] : [{ name, by }]
  })
}

/** Any one of these will do. */
function securityOf ({ public: isPublic, scopes, boundTokens }: DescribedRoute, schemes: readonly SecurityScheme[], url: string): Record<string, string[]>[] {
  if (isPublic || schemes.length === 0) return []
  const named = (wanted: SecurityScheme['by']) => schemes.filter(({ by }) => by === wanted).map(({ name }) => name)
  const proven = boundTokens === 'refused' ? [] : named('dpop').map(name => ({ [name]: [] }))
  const scoped = named('scopes').flatMap(name => scopes === undefined ? [{ [name]: [] }] : scopes.map(scope => ({ [name]: [scope] })))
  if (boundTokens !== 'demanded') return [...scoped, ...named('bearer').map(name => ({ [name]: [] })), ...proven]
  const both = scoped.flatMap(token => proven.map(proof => ({ ...token, ...proof })))
  const security = both.length > 0 ? both : [...scoped, ...proven]
  if (security.length === 0) {
    throw new OptionInvalidError(`swaggerTransforms: ${url} takes only tokens that are bound to a key, and no security scheme of the document brings one. Add to components.securitySchemes: dpop: { type: 'http', scheme: 'DPoP' }.`)
  }
  return security
}
