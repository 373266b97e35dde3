/** What the bench uses of json-mask, which comes without types. */
declare module 'json-mask' {
  type Compiled = { readonly compiled: never }
  const mask: {
    compile (fields: string): Compiled
    filter (value: object, compiled: Compiled): object
  }
  export default mask
}
