import t from 'tap'
import { createRelease } from '../../lib/release/release.js'
import { ResponseTable } from '../../plugins/guard/response-table.js'

/** A table with these statuses and media types, each with a release of its own. */
function tableOf (...entries: [status: string, mediaType?: string][]) {
  const table = new ResponseTable()
  for (const [status, mediaType] of entries) table.add(status, mediaType, {}).release = createRelease({ type: 'null', claimSet: '*' })
  return {
    find: (status: number, contentType?: string) => {
      const found = table.find(status, contentType)
      return table.entries.find(({ release }) => release === found && found !== undefined)?.name
    }
  }
}

t.test('a status → its own schema, else that of its hundred, else the default', async t => {
  const { find } = tableOf(['200'], ['2XX'], ['404'], ['default'])
  for (const [status, name] of [[200, 'response 200'], [201, 'response 2xx'], [404, 'response 404'], [500, 'response default'], [302, 'response default']] as const) {
    t.equal(find(status), name)
    t.equal(find(status), name, 'and again')
  }
  t.equal(tableOf(['200']).find(201), undefined)
})

t.test('a media type → its own schema, else that of any; without one JSON is meant', async t => {
  const { find } = tableOf(['200', 'application/json'], ['200', 'Application/Problem+JSON'], ['4xx', '*/*'], ['5xx', 'text/json'])
  t.equal(find(200), 'response 200, application/json')
  t.equal(find(200, 'APPLICATION/JSON; charset=utf-8'), 'response 200, application/json')
  t.equal(find(200, 'application/problem+json'), 'response 200, Application/Problem+JSON')
  t.equal(find(200, 'application/other+json'), undefined)
  t.equal(find(404, 'application/other+json'), 'response 4xx, */*')
  t.equal(find(500), undefined)
})

t.test('a schema without media types → for any', async t => {
  t.equal(tableOf(['200']).find(200, 'application/other+json'), 'response 200')
})
