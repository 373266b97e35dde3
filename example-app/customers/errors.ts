import createError from '@fastify/error'

/** `expose`: the guard passes these messages on to the client. */

export class CustomerUnknownError extends createError('CUSTOMER_UNKNOWN', 'There is no such customer.', 404) {
  readonly expose = true
}

export class AgeRefusedError extends createError('CUSTOMER_AGE_REFUSED', 'A company has no age.', 400) {
  readonly expose = true
}
