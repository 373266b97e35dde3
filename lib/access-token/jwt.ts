import type { KeyObject } from 'node:crypto'
import Fastify from 'fastify'
import fastifyJwt, { type FastifyJWTOptions, type JWT } from '@fastify/jwt'
import type { SigningKey } from '../keys/key-ring.js'
import type { Algorithm, VerificationKey } from '../keys/key-source.js'

/** What is needed of a key to sign with it. */
export type SignerKey = Pick<SigningKey, 'kid' | 'alg' | 'privateKey' | 'publicKey'>

/** Claims in, compact JWS out: `typ` is `at+jwt`; `iat` and `exp` must be among the claims. */
type Sign = (claims: object) => string

/** Throws unless the token has the key's algorithm and a signature by the key; looks at no claim. */
export type CheckSignature = (token: string) => void

/** What signs with this key: a promise the first time, at once from then on. */
export const signerOf = oncePerKey(async ({ kid, alg, privateKey, publicKey }: SignerKey): Promise<Sign> => {
  const jwt = await jwtWith(alg, {
    secret: { private: pem(privateKey), public: pem(publicKey) },
    sign: { algorithm: alg, kid, header: { alg, typ: 'at+jwt' } }
  })
  return claims => jwt.sign(claims)
})

/** What checks signatures by this key: a promise the first time, at once from then on. */
export const signatureCheckOf = oncePerKey(async ({ alg, publicKey }: VerificationKey): Promise<CheckSignature> => {
  const jwt = await jwtWith(alg, { secret: { public: pem(publicKey) } })
  return token => { jwt.verify(token) }
})

/**
 * A Fastify instance of its own for each key: with a static key @fastify/jwt prepares signer and verifier once
 * and both are synchronous, and nothing of it is seen by the application. Claims are ours to check, and the cache
 * ours to keep: theirs follow their own clock.
 */
async function jwtWith (alg: Algorithm, options: FastifyJWTOptions): Promise<JWT> {
  const app = Fastify()
  await app.register(fastifyJwt, {
    ...options,
    verify: { algorithms: [alg], cache: false, ignoreExpiration: true, ignoreNotBefore: true }
  })
  await app.ready()
  return app.jwt
}

function pem (key: KeyObject): string {
  return key.export({ format: 'pem', type: key.type === 'private' ? 'pkcs8' : 'spki' }) as string
}

function oncePerKey<Key extends object, Use extends object> (prepare: (key: Key) => Promise<Use>): (key: Key) => Use | Promise<Use> {
  const uses = new WeakMap<Key, Use | Promise<Use>>()
  return key => {
    const known = uses.get(key)
    if (known !== undefined) return known
    const pending = prepare(key).then(use => {
      uses.set(key, use)
      return use
    })
    uses.set(key, pending)
    return pending
  }
}
