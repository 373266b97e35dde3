import { fileURLToPath } from 'node:url'
import t from 'tap'
import { readConfig } from '../../example-app/config.js'

t.test('empty environment → loopback, port 3000, data beside the application', async t => {
  t.strictSame(readConfig({ PATH: '/bin' }), {
    host: '127.0.0.1',
    port: 3000,
    dataDir: fileURLToPath(new URL('../../example-app/data', import.meta.url)),
    publicUrl: 'http://127.0.0.1:3000'
  })
})

t.test('everything set → taken', async t => {
  t.strictSame(readConfig({ HOST: '0.0.0.0', PORT: '8080', DATA_DIR: '/srv/data', PUBLIC_URL: 'https://api.example.com' }), {
    host: '0.0.0.0', port: 8080, dataDir: '/srv/data', publicUrl: 'https://api.example.com'
  })
  t.equal(readConfig({ DATABASE_URL: 'postgres://app:secret@db/app' }).databaseUrl, 'postgres://app:secret@db/app')
  t.equal(readConfig({ PORT: '8080' }).publicUrl, 'http://127.0.0.1:8080')
  t.equal(readConfig({ PORT: '0' }).port, 0)
  for (const url of ['http://localhost:8080', 'http://127.0.0.1', 'http://[::1]:80']) t.equal(readConfig({ PUBLIC_URL: url }).publicUrl, url)
})

t.test('wrong variables → an error that names each and its cure', async t => {
  for (const PORT of ['', '-1', '65536', '80.5', '0x50', '1e3', ' 80', 'http']) {
    t.throws(() => readConfig({ PORT }), { message: 'PORT: write a whole number from 0 (any free port) to 65535' }, PORT)
  }
  for (const PUBLIC_URL of ['', 'api.example.com', 'ftp://api.example.com', 'https://api.example.com/', 'https://api.example.com?x', 'https://me:secret@api.example.com', 'http://api.example.com', 'http://localhost.example.com', 'http://127.0.0.1.example.com']) {
    t.throws(() => readConfig({ PUBLIC_URL }), { message: /^PUBLIC_URL: write scheme and host that clients use/ }, PUBLIC_URL)
  }
  for (const DATABASE_URL of ['', 'mysql://app:secret@db/app', 'app.db']) {
    t.throws(() => readConfig({ DATABASE_URL }), { message: 'DATABASE_URL: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, or leave it out for files in DATA_DIR' }, DATABASE_URL)
  }
  t.throws(() => readConfig({ HOST: '', DATA_DIR: '', PORT: 'x' }), { message: /^HOST: .+\nPORT: .+\nDATA_DIR: .+$/ })
})
