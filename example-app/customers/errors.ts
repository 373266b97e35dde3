import createError from '@fastify/error'

/** `expose`: the guard passes these messages on to the client. */

export class CustomerUnknownError extends createError('CUSTOMER_UNKNOWN', 'There is no such customer.', 404) {
  readonly expose = true
}

export class AgeRefusedError extends createError('CUSTOMER_AGE_REFUSED', 'A company has no age.', 400) {
  readonly expose = true
}

export class CustomersUnavailableError extends createError<[{ cause: unknown }]>('CUSTOMERS_UNAVAILABLE', 'The customers cannot be read or changed now.', 503) {
  readonly headers = { 'retry-after': '1' }
}
