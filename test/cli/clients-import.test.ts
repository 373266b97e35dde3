import { createWriteStream, writeFileSync } from 'node:fs'
import { readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { once } from 'node:events'
import t, { type Test } from 'tap'
import { hashSecret } from '../../lib/credentials/secret.js'
import { openStore } from '../../lib/store/open-store.js'
import { atTerminal, inProcess, keyhole, storeIn, type Ended } from './running.js'

async function setUp (t: Test, csv: string) {
  const url = await storeIn(t, {}, { 'clients.csv': csv })
  const folder = t.testdirName
  const file = `${folder}/clients.csv`
  const inStore = async <T>(use: (store: Awaited<ReturnType<typeof openStore>>) => Promise<T>) => {
    const store = await openStore(url)
    return await use(store).finally(() => store.close())
  }
  return {
    folder,
    file,
    words: ['clients', 'import', file, '--store', url],
    list: () => inStore(({ clients }) => clients.list()),
    find: (id: string) => inStore(({ credentials }) => credentials.find(id))
  }
}

/** What a command printed, without the file's name. */
function lines ({ out }: Ended, file: string): string[] {
  return out.replaceAll(file, 'FILE').trimEnd().split('\n')
}

const ALL = [
  '\uFEFFid,roles,claims,audiences,authMethod,jwks,federated,requireApiKey,grants,resources,tokenLifetime,dpopBound',
  'crm,salesperson;viewer,"{""name"":\n""CRM, Köln""}",https://a.example;b,,,,,client_credentials;urn:x,https://r.example/,60,true',
  '',
  'ci,robot,,,federated,,"{""issuer"":""https://ci.example"",""subject"":""repo:a""}",,,,,',
  'plain,viewer,,,,,,false,,,,',
  ''
].join('\r\n')

t.test('a file of clients → all of them as they are written; their credentials are printed', async t => {
  const { words, list, find } = await setUp(t, ALL)
  const { exit, out, err } = await inProcess(words)
  t.strictSame([exit, err], [0, ''])
  const [head, crm = '', ...others] = out.split('\r\n')
  t.equal(head, 'id,clientSecret,apiKey')
  const [, secret, apiKey] = crm.split(',')
  t.match(await find('crm'), { clientSecretHashes: [hashSecret(secret!)], apiKeyHashes: [hashSecret(apiKey!)] })
  t.match(others, ['ci,,', /^plain,khs_\S{48},$/, ''])
  t.match(await list(), [
    { id: 'ci', roles: ['robot'], authMethod: 'federated', federated: { issuer: 'https://ci.example', subject: 'repo:a' }, requireApiKey: false },
    { id: 'crm', roles: ['salesperson', 'viewer'], claims: { name: 'CRM, Köln' }, audiences: ['https://a.example', 'b'], grants: ['client_credentials', 'urn:x'], resources: ['https://r.example/'], tokenLifetime: 60, dpopBound: true },
    { id: 'plain', requireApiKey: false, dpopBound: false }
  ])
})

t.test('--out → the credentials in a new file of mode 0600, and nowhere else; --json → as data', async t => {
  const { words, folder, find } = await setUp(t, 'id,roles\na,viewer\nb,viewer\n')
  const out = `${folder}/credentials.csv`
  t.strictSame(await keyhole([...words, '--out', out]), { exit: 0, out: '2 clients were created.\n', err: '' })
  t.equal((await stat(out)).mode & 0o777, 0o600)
  const [, , b = ''] = (await readFile(out, 'utf8')).split('\r\n')
  t.match(await find('b'), { clientSecretHashes: [hashSecret(b.split(',')[1]!)] })
  t.match(await keyhole([...words, '--out', out]), { exit: 2, out: '', err: /credentials\.csv: there is such a file already\. Write another name for --out\./ })
  t.match(await keyhole([...words, '--out', `${folder}/none/x.csv`]), { exit: 2, err: /none\/x\.csv: ENOENT/ })
  await writeFile(`${folder}/clients.csv`, 'roles,id\nviewer,c\n')
  t.match(JSON.parse((await keyhole([...words, '--json'])).out), { created: 1, credentials: [{ id: 'c', clientSecret: /^khs_/, apiKey: /^khk_/ }] })
  await writeFile(`${folder}/clients.csv`, 'roles,id\nviewer,d\n')
  t.strictSame(JSON.parse((await keyhole([...words, '--json', '--out', `${folder}/d.csv`])).out), { created: 1 })
})

t.test('wrong lines → 1, each by line and column with what to write, and nothing is done', async t => {
  const { words, file, folder, list } = await setUp(t, ['id,roles,tokenLifetime,claims,dpopBound', 'good,viewer,,,', ' x,,soon,{secret,yes', '"y,z",viewer,60,"{""secret"":",maybe', 'good,viewer,,,', 'https://a|b,viewer,,,'].join('\n'))
  const ended = await keyhole([...words, '--out', `${folder}/out.csv`])
  t.strictSame([ended.exit, ended.err], [1, ''])
  t.notMatch(ended.out, 'secret')
  t.strictSame(lines(ended, file), [
    'FILE, line 3, claims: write JSON',
    'FILE, line 4, claims: write JSON',
    'FILE, line 5, id: write another: this one stands on line 2',
    'FILE, line 6, id: write no URL with | in it: so the subjects of trusted issuers look',
    'Nothing was done.'
  ])
  await writeFile(file, ['id,roles,tokenLifetime,requireApiKey', ' x,,soon,yes', 'a,r;r,0,false'].join('\n'))
  t.strictSame(lines(await keyhole(words), file), [
    'FILE, line 2, roles: write a list of at least one role, each once',
    'FILE, line 2, id: write 1 to 255 printable ASCII characters without space at the ends (RFC 6749 A.1)',
    'FILE, line 2, requireApiKey: write true or false',
    'FILE, line 2, tokenLifetime: write a whole number of seconds from 1 to 86400',
    'FILE, line 3, roles: write a list of at least one role, each once',
    'FILE, line 3, tokenLifetime: write a whole number of seconds from 1 to 86400',
    'Nothing was done.'
  ])
  t.match(JSON.parse((await keyhole([...words, '--json'])).out), { created: 0, faults: [{ line: 2, column: 'roles', message: /^write a list/ }, {}, {}, {}, {}, {}] })
  await writeFile(file, ['id,roles', ...Array.from({ length: 25 }, (_, index) => `a${index},`)].join('\n'))
  t.match(lines(await keyhole(words), file).slice(-3), [/line 21, roles/, 'and 5 more', 'Nothing was done.'])
  t.strictSame(await list(), [])
  t.notOk((await readdir(folder)).includes('out.csv'))
})

t.test('a file in another encoding than UTF-8 → 1, each cell that was not understood; nothing is done', async t => {
  const { words, file, list } = await setUp(t, '')
  await writeFile(file, Buffer.from('id,roles,claims\na,viewer,"{""name"":""Köln""}"\nb,Verkäufer,\n', 'latin1'))
  const ended = await keyhole(words)
  t.equal(ended.exit, 1)
  t.strictSame(lines(ended, file), [
    'FILE, line 2, claims: this is not UTF-8; save the file as that',
    'FILE, line 3, roles: this is not UTF-8; save the file as that',
    'Nothing was done.'
  ])
  t.strictSame(await list(), [])
})

t.test('a client that is there already, on the last line → 1, it is named, and none is created', async t => {
  const { words, file, folder, list } = await setUp(t, 'id,roles\n' + Array.from({ length: 700 }, (_, index) => `c${index},viewer\n`).join('') + 'crm,viewer\n')
  await keyhole(['clients', 'add', 'crm', '--role', 'viewer', ...words.slice(3)])
  const ended = await keyhole([...words, '--out', `${folder}/out.csv`])
  t.equal(ended.exit, 1)
  t.strictSame(lines(ended, file), ["FILE, line 702, id: There is a client 'crm' already. Choose another id, or delete that one first.", 'Nothing was done.'])
  t.strictSame((await list()).map(({ id }) => id), ['crm'])
  t.notOk((await readdir(folder)).includes('out.csv'), 'credentials that are worth nothing')
})

t.test('a file that is changed after it was checked → 2, and nothing is done', async t => {
  const { words, file, folder, list } = await setUp(t, '')
  for (const changed of ['id,roles\na,\n', 'id,roles\nother,viewer\n', 'id,roles\na,viewer\na,viewer\n', 'id,roles\na,viewer\n', 'id,roles\n']) {
    await writeFile(file, 'id,roles\na,viewer\nb,viewer\n')
    const reader = (shown: string) => { if (shown.includes('creating')) writeFileSync(file, changed) }
    t.match(await keyhole([...words, '--out', `${folder}/out.csv`], [], { isTTY: true, reader }), { exit: 2, out: '', err: /clients\.csv: it was changed while it was read\.\n$/ }, changed)
    t.strictSame(await list(), [])
    t.notOk((await readdir(folder)).includes('out.csv'))
  }
})

t.test('what is no such file → 2, and what to write', async t => {
  const { words, file } = await setUp(t, '')
  for (const [csv, message] of [
    ['id,role\na,b\n', /clients\.csv, line 1: unknown: role; missing: roles\. Write the names of columns, with commas between them: id, roles, and what is needed of claims, /],
    ['id;roles\na;b\n', /line 1: unknown: id;roles; missing: id, roles\. Write the names of columns, with commas between them/],
    ['', /line 1: missing: id, roles\./],
    ['id,roles,id\n', /line 1: twice: id\. Write/],
    ['id,roles\na,b\nsecret\n', /clients\.csv, line 3: it has not as many cells as the first line; write a comma for each empty cell, and a cell that has commas in quotes\.\n$/],
    ['id,roles\n"secret,b\n', /clients\.csv, line \d: a quoted cell begins, and does not end\.\n$/],
    ['id,roles\na,secret"b\n', /clients\.csv, line 2: a quote within a cell; /],
    ['id,roles\na,"secret"b\n', /clients\.csv, line 2: it is no CSV \(RFC 4180\); write each quote within a quoted cell twice\.\n$/],
    [`id,roles\n${'a'.repeat(2 * 1024 * 1024)},b\n`, /clients\.csv, line 2: it is longer than 1048576 bytes\.\n$/]
  ] as const) {
    await writeFile(file, csv)
    t.match(await keyhole(words), { exit: 2, out: '', err: message })
  }
  t.match(await keyhole(words.with(2, '/nowhere.csv')), { exit: 2, err: /^\/nowhere\.csv: ENOENT/ })
  t.match(await keyhole(words.with(2, '/tmp')), { exit: 2, err: /^\/tmp: EISDIR/ })
})

t.test('100,000 clients at a terminal → a bar, all of them, in bounded memory', async t => {
  const { words, file, folder, list } = await setUp(t, '')
  const csv = createWriteStream(file)
  csv.write('id,roles,claims\n')
  for (let index = 0; index < 100_000; index++) {
    if (!csv.write(`client-${index},salesperson;viewer,"{""name"":""Client ${index}""}"\n`)) await once(csv, 'drain')
  }
  csv.end()
  await once(csv, 'close')
  const { exit, out } = await atTerminal([...words, '--out', `${folder}/out.csv`], { env: { NODE_OPTIONS: '--max-old-space-size=160' } })
  t.equal(exit, 0, out.slice(-500))
  t.match(out, /checking \[/)
  t.match(out, /creating \[[^\]]+\] \d+%/)
  t.match(out, /100000 clients were created\./)
  t.equal((await list()).length, 100_000)
  t.equal((await readFile(`${folder}/out.csv`, 'utf8')).split('\r\n').length, 100_002)
})
