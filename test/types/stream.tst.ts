import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { Type } from '@sinclair/typebox'
import Fastify from 'fastify'
import type { Keyhole, Records, RecordStream } from 'fastify-keyhole'
import { describe, expect, test } from 'tstyche'

interface Row { id: string }
declare const keyhole: Keyhole
declare const rows: AsyncGenerator<Row>

describe('request.keyhole.stream', () => {
  test('takes what can be iterated, and stands for a list of it', () => {
    expect(keyhole.stream(rows)).type.toBe<RecordStream<Row>>()
    expect(keyhole.stream([{ id: '1' }])).type.toBeAssignableTo<Row[]>()
    expect(keyhole.stream).type.not.toBeCallableWith(1)
    expect(keyhole.stream).type.not.toBeCallableWith({ id: '1' })
    expect<Row[]>().type.not.toBeAssignableTo<RecordStream<Row>>()
    expect<ReadonlySet<Row>>().type.toBeAssignableTo<Records<Row>>()
  })

  test('a type provider checks the records', () => {
    const app = Fastify().withTypeProvider<TypeBoxTypeProvider>()
    const schema = { response: { 200: Type.Array(Type.Object({ id: Type.String() })) } }
    app.get('/', { schema }, (request, reply) => {
      expect(reply.send).type.toBeCallableWith(request.keyhole.stream(rows))
      expect(reply.send).type.not.toBeCallableWith(request.keyhole.stream([{ id: 1 }]))
    })
  })
})
