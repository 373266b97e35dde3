/**
 * The code of something that was thrown, where it is one of Fastify's, its plugins' or Node's, such as
 * `FST_KEYHOLE_TOKEN_INVALID`: in others somebody may have put a value.
 */
export function errorCode (thrown: unknown): string | undefined {
  const code: unknown = typeof thrown === 'object' && thrown !== null && 'code' in thrown ? thrown.code : undefined
  return typeof code === 'string' && /^(?:FST|ERR)_[A-Z0-9_]{1,60}$/.test(code) ? code : undefined
}
