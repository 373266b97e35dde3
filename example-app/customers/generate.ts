import type { Faker } from '@faker-js/faker'
import type { Company, Customer, Person } from './schema.js'

const SEED = 20_250_101

/** One in so many customers is a company. */
const COMPANIES = 4

/** Generates customers that look real and belong to nobody; the same ones on every machine. */
export async function generateCustomers (count: number): Promise<Customer[]> {
  const countries = await loadCountries()
  countries.forEach(({ faker }, index) => faker.seed(SEED + index))
  return Array.from({ length: count }, (_, index) => {
    const country = countries[index % countries.length]!
    const number = index + 1
    return number % COMPANIES === 0 ? company(country, number) : person(country, number)
  })
}

interface Country {
  readonly name: string
  readonly code: string
  readonly faker: Faker
}

// Loaded here and not above: only the very first start of the application has a use for it.
async function loadCountries (): Promise<Country[]> {
  const [de, es, fr, it, nl] = await Promise.all([
    import('@faker-js/faker/locale/de'),
    import('@faker-js/faker/locale/es'),
    import('@faker-js/faker/locale/fr'),
    import('@faker-js/faker/locale/it'),
    import('@faker-js/faker/locale/nl')
  ])
  return [
    { name: 'Germany', code: 'DE', faker: de.faker },
    { name: 'Spain', code: 'ES', faker: es.faker },
    { name: 'France', code: 'FR', faker: fr.faker },
    { name: 'Italy', code: 'IT', faker: it.faker },
    { name: 'Netherlands', code: 'NL', faker: nl.faker }
  ]
}

function person (country: Country, number: number): Person {
  const { faker } = country
  const firstName = faker.person.firstName()
  const lastName = faker.person.lastName()
  return {
    id: customerId(number),
    type: 'person',
    name: `${firstName} ${lastName}`,
    email: emailAddress(`${firstName} ${lastName}`, number),
    age: faker.number.int({ min: 18, max: 97 }),
    address: address(country),
    banking: banking(country)
  }
}

function company (country: Country, number: number): Company {
  const name = country.faker.company.name()
  return {
    id: customerId(number),
    type: 'company',
    name,
    email: emailAddress(`office ${name}`, number),
    address: address(country),
    banking: banking(country)
  }
}

function customerId (number: number): string {
  return `c-${String(number).padStart(4, '0')}`
}

/** example.com belongs to nobody (RFC 2606 3); the number keeps the address unique. */
function emailAddress (words: string, number: number): string {
  const ascii = words.normalize('NFKD').replace(/[^\w\s.-]/g, '').toLowerCase()
  return `${`${ascii} ${number}`.replace(/[\s._-]+/g, '.')}@example.com`
}

function address ({ name, faker }: Country): Customer['address'] {
  return {
    street: faker.location.streetAddress(),
    city: faker.location.city(),
    region: faker.location.state(),
    postalCode: faker.location.zipCode(),
    country: name
  }
}

function banking (country: Country): Customer['banking'] {
  const { code, faker } = country
  const kinds = faker.helpers.arrayElement([['checking'], ['checking', 'savings'], ['checking', 'savings', 'deposit']] as const)
  const accounts = kinds.map(kind => ({
    kind,
    iban: faker.finance.iban({ countryCode: code }),
    balance: faker.number.float({ min: kind === 'checking' ? -2000 : 0, max: 60_000, fractionDigits: 2 })
  }))
  return {
    iban: accounts[0]!.iban,
    bic: faker.string.alpha({ length: 4, casing: 'upper' }) + code + faker.string.alphanumeric({ length: 2, casing: 'upper' }),
    currency: 'EUR',
    balance: Math.round(accounts.reduce((sum, { balance }) => sum + balance * 100, 0)) / 100,
    accounts
  }
}
