import Fastify from 'fastify'
import orders from './orders.js'

const app = Fastify()
app.register(orders)

export default app
