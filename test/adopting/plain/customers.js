const Customer = {
  type: 'object',
  properties: {
    id: { type: 'string' },
    name: { type: 'string' },
    iban: { type: 'string' }
  }
}

const customers = new Map([
  ['1', { id: '1', name: 'Ada', iban: 'NL91ABNA0417164300' }],
  ['2', { id: '2', name: 'Grace', iban: 'DE89370400440532013000' }]
])

export async function customerRoutes (app) {
  app.get('/customers', {
    schema: { response: { 200: { type: 'array', items: Customer } } }
  }, async () => [...customers.values()])

  app.get('/customers/:id', {
    schema: { response: { 200: Customer } }
  }, async request => customers.get(request.params.id))

  app.patch('/customers/:id', {
    schema: { body: Customer, response: { 200: Customer } }
  }, async request => ({ ...customers.get(request.params.id), ...request.body }))
}
