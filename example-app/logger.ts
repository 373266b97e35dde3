import type { FastifyRequest } from 'fastify'

/** Members that hold a secret, at any of the first four levels of what is logged. */
const SECRETS = ['authorization', 'cookie', 'x-api-key', 'client_secret', 'clientSecret', 'api_key', 'apiKey', 'access_token']

const WITHHELD = '[secret]'

/** Credentials of clients, and tokens, as they look. */
const CREDENTIAL = /kh[sk]_[\w-]{48}|eyJ[\w-]+\.[\w-]+\.[\w-]+/g

/** Structured logs for people and machines, in which no secret is written out. */
export const LOGGER = {
  redact: {
    paths: SECRETS.flatMap(name => ['', '*', '*.*', '*.*.*'].map(parents => `${parents}["${name}"]`)),
    censor: WITHHELD
  },
  hooks: {
    /** Wherever else a credential turns up, in a path or in the message of an error. */
    streamWrite: (line: string) => line.replace(CREDENTIAL, WITHHELD)
  },
  serializers: {
    /** Without headers and query: what strays into a URL by mistake stays out of the log. */
    req: ({ method, url, host, ip }: FastifyRequest) => ({ method, path: url.split('?', 1)[0], host, remoteAddress: ip })
  }
}
