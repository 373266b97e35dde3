import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import { closeGate, type GateKeeper } from '../../lib/gate/gate.js'

const TEXT = JSON.stringify({ text: 'x'.repeat(400) })
const HEADERS = { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'content-length': String(TEXT.length) }

/** One answer through a response that has no socket, with the gate closed and without. */
export function gateParts (): Record<string, () => unknown> {
  const request = new IncomingMessage(new Socket())
  const keeper: GateKeeper = { blocked (what) { throw new Error(`the gate held back: ${what}`) } }
  // As Fastify does it.
  const answer = (response: ServerResponse) => {
    response.writeHead(200, HEADERS)
    response.end(TEXT, null as never, null as never)
  }
  return {
    'response, no gate': () => { answer(new ServerResponse(request)) },
    'response, gate closed': () => {
      const response = new ServerResponse(request)
      const gate = closeGate(response, keeper)
      gate.seal(TEXT)
      answer(response)
    },
    'gate closed alone': () => closeGate(Object.create(FAKE), keeper)
  }
}

/** As many methods as a response has, none of which does anything. */
const nothing = () => {}
const FAKE = { writeHead: nothing, writeHeader: nothing, write: nothing, end: nothing, addTrailers: nothing, writeEarlyHints: nothing, flushHeaders: nothing }
