import { hash as argon2 } from '@node-rs/argon2'
import { hash as bcrypt } from '@node-rs/bcrypt'
import t from 'tap'
import { readHash } from '../../../lib/credentials/password-hash/read-hash.js'
import { hashPassword } from '../../../lib/credentials/password-hash/scrypt.js'

/** Of `right`, made by Python's hashlib and by libxcrypt. */
export const FOREIGN = {
  scrypt: '$scrypt$ln=4,r=8,p=1$MDEyMzQ1Njc4OWFiY2RlZg$g5SYSEJiVeM1NrG+3lo5hJF358C1G+xhhfqVxmfJREI',
  'PBKDF2 with SHA-512': '$pbkdf2-sha512$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$2fX/sMbcGYBXUwWR4i/FvTQL6K2ZRZAA85Gdm1P2INUyBSR9LdKGHYpJrdLVpxpkQOFdjAFDWgI8hJYGcs4E6A',
  'PBKDF2 with SHA-256': '$pbkdf2-sha256$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$yO5+EniegYJB3JzJstoZPhw0HZud1JKXXUafF2aXWtI',
  'PBKDF2 with SHA-1': '$pbkdf2-sha1$i=1000$MDEyMzQ1Njc4OWFiY2RlZg$2Jla2yzhLQyiW6UUH/dZinDb1zs',
  'PBKDF2 of Django': 'pbkdf2_sha256$1000$seasalt$iHC6/cBfRW358TuOpYSWuVaWMHnt2klolRj/YQ6OeTc=',
  bcrypt: '$2b$04$abcdefghijklmnopqrstuuFmEfrkTQnczNzw475xE2VhDrK1uwJiC',
  'bcrypt of PHP': '$2y$04$abcdefghijklmnopqrstuuFmEfrkTQnczNzw475xE2VhDrK1uwJiC'
}

t.test('a hash that somebody else made → this secret and no other; outdated', async t => {
  const own = { Argon2id: await argon2('right', { memoryCost: 64, timeCost: 1, parallelism: 1 }) }
  for (const [kind, text] of Object.entries({ ...FOREIGN, ...own })) {
    const hash = readHash(text)
    t.equal(await hash.verify('right'), true, kind)
    for (const wrong of ['wrong', '', 'Right', 'right ', 'righ']) t.equal(await hash.verify(wrong), false, `${kind}: ${JSON.stringify(wrong)}`)
    t.equal(hash.isOutdated, true, kind)
    t.equal(hash.text, text)
  }
})

t.test('a hash as is advised today → not outdated', async t => {
  const text = await hashPassword('right')
  t.match(text, /^\$scrypt\$ln=15,r=8,p=3\$[\w+/]{22}\$[\w+/]{43}$/)
  t.notSame(await hashPassword('right'), text, 'its salt is random')
  t.notOk(readHash(text).isOutdated)
  t.ok(await readHash(text).verify('right'))
  t.notOk(readHash(await argon2('right', { memoryCost: 19_456, timeCost: 2, parallelism: 1 })).isOutdated)
})

t.test('bcrypt → a secret longer than the 72 bytes that it looks at is wrong', async t => {
  const long = 'x'.repeat(72)
  const hash = readHash(await bcrypt(long, 4))
  t.ok(await hash.verify(long))
  t.notOk(await hash.verify(long + 'y'))
})

const SALT = 'MDEyMzQ1Njc4OWFiY2RlZg'
const HASH = 'g5SYSEJiVeM1NrG+3lo5hJF358C1G+xhhfqVxmfJREI'

t.test('a hash that costs too much → refused before any of it is spent, by name', async t => {
  const costly: Record<string, string> = {
    [`$scrypt$ln=18,r=8,p=1$${SALT}$${HASH}`]: 'scrypt with ln=18,r=8,p=1',
    [`$scrypt$ln=17,r=8,p=5$${SALT}$${HASH}`]: 'scrypt with ln=17,r=8,p=5',
    [`$scrypt$ln=999999999,r=1,p=1$${SALT}$${HASH}`]: 'scrypt with ln=999999999,r=1,p=1',
    [`$argon2id$v=19$m=131073,t=1,p=1$${SALT}$${HASH}`]: 'Argon2id with m=131073,t=1,p=1',
    [`$argon2id$v=19$m=131072,t=5,p=1$${SALT}$${HASH}`]: 'Argon2id with m=131072,t=5,p=1',
    [`$argon2id$v=19$m=65536,t=1,p=17$${SALT}$${HASH}`]: 'Argon2id with m=65536,t=1,p=17',
    [FOREIGN.bcrypt.replace('$04$', '$15$')]: 'bcrypt of cost 15',
    [`$pbkdf2-sha256$i=2000001$${SALT}$${HASH}`]: 'PBKDF2 with 2000001 iterations',
    [`pbkdf2_sha256$2000001$seasalt$${HASH}=`]: 'PBKDF2 with 2000001 iterations'
  }
  for (const [text, what] of Object.entries(costly)) t.throws(() => readHash(text), { message: `${what} costs more than is spent on one` })
})

t.test('what is no hash, or a malformed one → refused, and not quoted', async t => {
  const malformed = [
    '', 'secret', 'secret-that-was-never-hashed', '5f4dcc3b5aa765d61d8327deb882cf99', '$1$salt$hash', '{SSHA}xyz', `$argon2i$v=19$m=64,t=1,p=1$${SALT}$${HASH}`,
    `$scrypt$ln=4,r=8$${SALT}$${HASH}`, `$scrypt$ln=0,r=8,p=1$${SALT}$${HASH}`, `$scrypt$ln=4,r=8,p=0$${SALT}$${HASH}`, `$scrypt$ln=4,r=8,p=1$${SALT}`, `$scrypt$ln=4,r=8,p=1$${SALT}$AAAA`,
    `$scrypt$ln=4,r=8,p=1$${SALT}$${HASH}\n`, `$argon2id$m=64,t=1,p=1$${SALT}$${HASH}`, `$argon2id$v=16$m=64,t=1,p=1$${SALT}$${HASH}`, `$argon2id$v=19$m=64,t=0,p=1$${SALT}$${HASH}`,
    `$argon2id$v=19$m=64,t=1,p=0$${SALT}$${HASH}`, `$argon2id$v=19$m=7,t=1,p=1$${SALT}$${HASH}`, FOREIGN.bcrypt.slice(0, -1), FOREIGN.bcrypt.replace('$04$', '$03$'), FOREIGN.bcrypt.replace('$04$', '$32$'),
    FOREIGN.bcrypt.replace('$2b$', '$2x$'), `$pbkdf2-md5$i=1000$${SALT}$${HASH}`, `$pbkdf2-sha256$i=0$${SALT}$${HASH}`, `$pbkdf2-sha256$1000$${SALT}$${HASH}`, `$pbkdf2-toString$i=1000$${SALT}$${HASH}`,
    'pbkdf2_sha256$1000$seasalt$AAAA', 'pbkdf2_sha256$0$seasalt$' + HASH + '=', 'pbkdf2_sha512$1000$seasalt$' + HASH + '=', 'pbkdf2_sha256$x$seasalt$' + HASH
  ]
  for (const text of malformed) {
    const error = t.throws(() => readHash(text), { message: /^(it|its parameters|a parameter of it) (is|are) (of a kind that is not known|malformed|too short|missing)$/ }, text)
    t.ok(text === '' || !(error as Error).message.includes(text))
  }
})
