/** What enforcing would change for a client of an observed route: names of fields, never a value. */
export interface ObservedEvent {
  /** As it was declared, such as `GET /customers/:id`. */
  readonly route: string
  /** The token's `client_id`. */
  readonly clientId: string
  /** Fields of answers that would be absent or masked, such as `banking.iban` or `items.*.name`; `(the whole value)` or `(error)` for all of a body. */
  readonly withheld: readonly string[]
  /**
   * What would not be accepted, or not reach the handler: `query.balance` for a query field that the token may not
   * read, `query.*` and `body.*` for what is not declared, `body` for one where the route declares none.
   */
  readonly refused: readonly string[]
  /** In how many requests since this was told last. */
  readonly times: number
}
