import type { Release } from '../../lib/release/release.js'
import type { JsonSchema } from '../../lib/release/json-schema.js'

/** One response schema of a route. */
export interface ResponseEntry {
  /** Such as `response 200` or `response 2xx, text/plain`. */
  readonly name: string
  /** Such as `200`, `2xx` or `default`. */
  readonly status: string
  /** Undefined where the schema is for any. */
  readonly mediaType: string | undefined
  /** As it was declared, with its annotations. */
  readonly schema: JsonSchema
  /** Set when Fastify compiles the route. */
  release: Release | undefined
}

/** The response schemas of a route by status code and media type, found as Fastify finds them. */
export class ResponseTable {
  readonly entries: ResponseEntry[] = []
  private readonly byStatus = new Map<string, ResponseEntry | Map<string, ResponseEntry>>()
  private readonly found = new Map<number, ResponseEntry | Map<string, ResponseEntry> | undefined>()

  /** @param status such as `200`, `2xx` or `default` */
  add (status: string, mediaType: string | undefined, schema: JsonSchema): ResponseEntry {
    const key = status.toLowerCase()
    const entry: ResponseEntry = { name: `response ${key}${mediaType === undefined ? '' : `, ${mediaType}`}`, status: key, mediaType, schema, release: undefined }
    this.entries.push(entry)
    if (mediaType === undefined) {
      this.byStatus.set(key, entry)
    } else {
      const byType = this.byStatus.get(key)
      if (byType instanceof Map) byType.set(mediaType.toLowerCase(), entry)
      else this.byStatus.set(key, new Map([[mediaType.toLowerCase(), entry]]))
    }
    return entry
  }

  /** The releases of all answers of status 2xx. */
  successes (): Release[] {
    return this.entries.flatMap(({ name, release }) => name.startsWith('response 2') && release !== undefined ? [release] : [])
  }

  /** @param contentType of the answer; `application/json` where the application set none */
  find (status: number, contentType: string | undefined): Release | undefined {
    if (!this.found.has(status)) {
      this.found.set(status, this.byStatus.get(String(status)) ?? this.byStatus.get(`${String(status)[0]}xx`) ?? this.byStatus.get('default'))
    }
    const found = this.found.get(status)
    if (!(found instanceof Map)) return found?.release
    const mediaType = (contentType ?? 'application/json').split(';', 1)[0]!.trim().toLowerCase()
    return (found.get(mediaType) ?? found.get('*/*'))?.release
  }
}
